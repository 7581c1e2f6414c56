// f at each target: the w^d nodes of a convolved grid around it, weighed with the window that spread the
// sources.
//
// A target's place is a whole number of 64 bits on each axis. The upper ones are its cell, whatever the
// spacing of the grid, a power of two; the 32 below are where it is in the cell: nothing is rounded
// before that place becomes a single-precision number of its own.
//
// Nothing branches on a uniform alone: see scatter.wgsl.
//
// Twin of src/engine/fast/interpolate.rs; carried out by src/gpu/fast_gather.rs.

const WORKGROUP: u32 = 64u;

override dim: u32 = 2u;
// Nodes across, 4, 8 or 12, and terms of the polynomials.
override width: u32 = 8u;
override terms: u32 = 9u;

struct Gather {
    // The first cell of each axis.
    first_cell: vec4<i32>,
    // Cells of a block of each axis, as a power of two, and where in `moved` it is said how far each
    // block's cells are moved; `UNMOVED` where none are.
    block_bits: vec4<u32>,
    moved_at: vec4<u32>,
    // Targets of this dispatch, and the first that is none of them.
    first: u32,
    end: u32,
    // Numbers from one node to the next on the second and the third axis.
    stride_1: u32,
    stride_2: u32,
    // By how much the upper half of a place must be shifted to the right to leave the cell.
    shift: u32,
    // f = scale · (sum), and no less than `floor`.
    scale: f32,
    floor: f32,
    padding: u32,
}

const UNMOVED: u32 = 0xffffffffu;
const POLYNOMIALS: u32 = 36u;

struct Window {
    // Of each term, four nodes at a time.
    polynomials: array<vec4<f32>, POLYNOMIALS>,
}

@group(0) @binding(0) var<uniform> work: Gather;
@group(0) @binding(1) var<uniform> window: Window;
// Of each target: its place on each axis, the upper half before the lower one, and its number.
@group(0) @binding(2) var<storage, read> places: array<u32>;
@group(0) @binding(3) var<storage, read> moved: array<i32>;
@group(0) @binding(4) var<storage, read> grid: array<f32>;
@group(0) @binding(5) var<storage, read_write> field: array<f32>;

// The weights of all nodes of an axis.
struct Weights {
    a: vec4<f32>,
    b: vec4<f32>,
    c: vec4<f32>,
}

// The cell, among those that are kept.
fn cell(axis: u32, upper: u32) -> u32 {
    let number = (bitcast<i32>(upper) >> min(work.shift, 31u)) - work.first_cell[axis];
    let table = work.moved_at[axis];
    let dense = table == UNMOVED;
    let by = moved[select(table + (u32(number) >> work.block_bits[axis]), 0u, dense)];
    return u32(number + select(by, 0, dense));
}

// The place in the cell, −½ … ½.
fn fraction(upper: u32, lower: u32) -> f32 {
    let mixed = (upper << ((32u - work.shift) & 31u)) | (lower >> (work.shift & 31u));
    // Where the cell is larger than all that the numbers hold.
    let wide = bitcast<u32>(bitcast<i32>(upper) >> min(max(work.shift, 32u) - 32u, 31u));
    let bits = select(select(mixed, lower, work.shift == 0u), wide, work.shift >= 32u);
    return f32(bitcast<i32>(bits ^ 0x80000000u)) * 2.3283064e-10;
}

// The weights of the q-th four nodes, for a place t in the cell.
fn weights(t: f32, q: u32) -> vec4<f32> {
    let fours = width / 4u;
    var sum = window.polynomials[(terms - 1u) * fours + q];
    for (var p = terms - 1u; p > 0u; p--) {
        sum = sum * t + window.polynomials[(p - 1u) * fours + q];
    }
    // Rounding may leave a little less than nothing at the ends.
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
