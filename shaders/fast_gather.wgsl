// Gathers f at each target: the sum of the w^d nodes of a convolved grid around it, weighted with
// the window that also spread the sources.
//
// A target's place on each axis is a fixed-point number of 64 bits. The spacing of the grid is a
// power of two, so the upper bits are the cell and the 32 bits below them the place within the
// cell; only that is rounded, when it is converted to f32.
//
// Nothing branches on a uniform alone: see scatter.wgsl.
//
// Twin of crates/core/src/engine/fast/interpolate.rs; dispatched by src/gpu/fast.rs with the data
// in src/gpu/fast_gather.rs.

const WORKGROUP: u32 = 64u;

override dim: u32 = 2u;
// Nodes of the window on each axis, 4, 8 or 12, and terms of its polynomials.
override width: u32 = 8u;
override terms: u32 = 9u;

struct Gather {
    // Number of the grid's first cell on each axis, counted from the origin.
    first_cell: vec4<i32>,
    // For each axis: log₂ of the number of cells in a block, and the index in `moved` of the first
    // block; `UNMOVED` where no gaps are compressed.
    block_bits: vec4<u32>,
    moved_at: vec4<u32>,
    // Targets of this dispatch: first … end − 1.
    first: u32,
    end: u32,
    // Stride in `grid` from one node to the next on the second and on the third axis.
    stride_1: u32,
    stride_2: u32,
    // Bits by which the upper half of a place is shifted right to give the cell.
    shift: u32,
    // f = max(scale · sum, floor).
    scale: f32,
    floor: f32,
    padding: u32,
}

const UNMOVED: u32 = 0xffffffffu;
const POLYNOMIALS: u32 = 36u;

struct Window {
    // Coefficients: term by term from the constant on, for four nodes in each vec4.
    polynomials: array<vec4<f32>, POLYNOMIALS>,
}

@group(0) @binding(0) var<uniform> work: Gather;
@group(0) @binding(1) var<uniform> window: Window;
// For each target: its place on each axis, upper half first, then its index in `field`.
@group(0) @binding(2) var<storage, read> places: array<u32>;
@group(0) @binding(3) var<storage, read> moved: array<i32>;
@group(0) @binding(4) var<storage, read> grid: array<f32>;
@group(0) @binding(5) var<storage, read_write> field: array<f32>;

// The weights of all nodes of the window on one axis.
struct Weights {
    a: vec4<f32>,
    b: vec4<f32>,
    c: vec4<f32>,
}

// Index of the grid node of a place's cell on an axis, after gaps are compressed.
fn cell(axis: u32, upper: u32) -> u32 {
    let number = (bitcast<i32>(upper) >> min(work.shift, 31u)) - work.first_cell[axis];
    let table = work.moved_at[axis];
    let dense = table == UNMOVED;
    let by = moved[select(table + (u32(number) >> work.block_bits[axis]), 0u, dense)];
    return u32(number + select(by, 0, dense));
}

// The place within the cell, −½ … ½.
fn fraction(upper: u32, lower: u32) -> f32 {
    let mixed = (upper << ((32u - work.shift) & 31u)) | (lower >> (work.shift & 31u));
    // For a cell wider than 2⁶³ units of the fixed-point numbers.
    let wide = bitcast<u32>(bitcast<i32>(upper) >> min(max(work.shift, 32u) - 32u, 31u));
    let bits = select(select(mixed, lower, work.shift == 0u), wide, work.shift >= 32u);
    return f32(bitcast<i32>(bits ^ 0x80000000u)) * 2.3283064e-10;
}

// The weights of the q-th four nodes on an axis, for a place t within the cell.
fn weights(t: f32, q: u32) -> vec4<f32> {
    let fours = width / 4u;
    var sum = window.polynomials[(terms - 1u) * fours + q];
    for (var p = terms - 1u; p > 0u; p--) {
        sum = sum * t + window.polynomials[(p - 1u) * fours + q];
    }
    // Rounding may make them slightly negative near the window's ends.
    return max(sum, vec4<f32>());
}

fn four(at: u32) -> vec4<f32> {
    return vec4<f32>(grid[at], grid[at + 1u], grid[at + 2u], grid[at + 3u]);
}

fn line(at: u32, x: Weights) -> f32 {
    var sum = dot(x.a, four(at));
    if width > 4u {
        sum += dot(x.b, four(at + 4u));
    }
    if width > 8u {
        sum += dot(x.c, four(at + 8u));
    }
    return sum;
}

fn plane(start: u32, x: Weights, y: f32) -> f32 {
    let stride = work.stride_1;
    var sum = 0.0;
    for (var q = 0u; q < width / 4u; q++) {
        let w = weights(y, q);
        let at = start + 4u * q * stride;
        sum += (w.x * line(at, x) + w.y * line(at + stride, x))
            + (w.z * line(at + 2u * stride, x) + w.w * line(at + 3u * stride, x));
    }
    return sum;
}

fn space(start: u32, x: Weights, y: f32, z: f32) -> f32 {
    var sum = 0.0;
    for (var q = 0u; q < width / 4u; q++) {
        let w = weights(z, q);
        for (var k = 0u; k < 4u; k++) {
            sum += w[k] * plane(start + (4u * q + k) * work.stride_2, x, y);
        }
    }
    return sum;
}

@compute @workgroup_size(WORKGROUP)
fn gather(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) lane: u32,
) {
    let number = (group.z * groups.y + group.y) * groups.x + group.x;
    let i = work.first + number * WORKGROUP + lane;
    if i >= work.end {
        return;
    }
    let at = i * (2u * dim + 1u);
    var start = cell(0u, places[at]);
    let t = fraction(places[at], places[at + 1u]);
    var x = Weights(weights(t, 0u), vec4<f32>(), vec4<f32>());
    if width > 4u {
        x.b = weights(t, 1u);
    }
    if width > 8u {
        x.c = weights(t, 2u);
    }
    var y = 0.0;
    var z = 0.0;
    if dim > 1u {
        start += cell(1u, places[at + 2u]) * work.stride_1;
        y = fraction(places[at + 2u], places[at + 3u]);
    }
    if dim > 2u {
        start += cell(2u, places[at + 4u]) * work.stride_2;
        z = fraction(places[at + 4u], places[at + 5u]);
    }
    var f = 0.0;
    if dim == 1u {
        f = line(start, x);
    } else if dim == 2u {
        f = plane(start, x, y);
    } else {
        f = space(start, x, y, z);
    }
    field[places[at + 2u * dim]] = max(work.scale * f, work.floor);
}
