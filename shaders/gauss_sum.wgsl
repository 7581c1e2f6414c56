// sums[i] += Σ_j exp2(c·‖x_i − y_j‖²), for the targets and the sources of one slice.
//
// Each invocation owns eight targets, held as two vec4s per coordinate, so that every source read
// from the tile serves eight pairs. A workgroup stages the sources through `tile`, chunk by chunk;
// the sum over one tile is added to the running sum with its rounding error kept (Neumaier), so
// that neither a million sources nor a chunk of one costs digits.
//
// Twin of the double loop in src/engine/naive.rs; carried out by src/gpu/gauss_sum.rs.
// Control flow is uniform in a workgroup: targets beyond the end are clamped, never skipped.

const WORKGROUP: u32 = 64u;
const TILE: u32 = 256u;
const TARGETS: u32 = 8u;

// How exactly a term is computed; fixed when the pipeline is made.
//   USUAL     single exactness
//   SPLIT     every coordinate given as high + low: for data that f32 cannot hold and a sigma small
//             enough to show it; near pairs, the ones that matter, have an exact high difference
//   EXTENDED  as SPLIT, with the exponent in twice the digits: for fields that consist of far pairs
//             alone, whose exponents are large, and whose rounding errors are those of the terms
override exactness: u32 = 0u;
const USUAL: u32 = 0u;
const SPLIT: u32 = 1u;
const EXTENDED: u32 = 2u;

struct Slice {
    first_target: u32,
    end_target: u32,
    first_source: u32,
    end_source: u32,
    // Sources between two updates of the sum; boundaries are counted from source 0.
    chunk: u32,
    // 1 when the sums start from zero, else 0.
    fresh: u32,
    // Always 0, which no compiler knows: see `opaque`.
    zero: u32,
    // −log2(e) / (2σ²), rounded, and as a head of 12 bits + tail.
    c: f32,
    c_head: f32,
    c_tail: f32,
    // 1 when the low parts are real, 0 when the high parts stand in for them.
    low_scale: f32,
    // Added to every exponent in EXTENDED, for fields that f32 cannot hold unshifted.
    shift: f32,
    // Where the low parts of the targets and of the sources begin in their buffers.
    targets_low: u32,
    sources_low: u32,
}

@group(0) @binding(0) var<uniform> slice: Slice;
// All coordinates rounded to f32; behind them, where that matters, what the rounding dropped. One
// buffer for both, because some devices bind no more than four.
@group(0) @binding(1) var<storage, read> targets: array<vec2<f32>>;
@group(0) @binding(2) var<storage, read> sources: array<vec2<f32>>;
// (sum, its rounding error so far) for each target.
@group(0) @binding(3) var<storage, read_write> sums: array<vec2<f32>>;

var<workgroup> tile: array<vec2<f32>, TILE>;
var<workgroup> tile_low: array<vec2<f32>, TILE>;

// Eight running sums with their errors.
struct Sums {
    a: vec4<f32>,
    b: vec4<f32>,
    a_error: vec4<f32>,
    b_error: vec4<f32>,
}

// The same number, but a compiler that reorders sums cannot see through it.
fn opaque(v: vec4<f32>) -> vec4<f32> {
    return bitcast<vec4<f32>>(bitcast<vec4<u32>>(v) ^ vec4<u32>(slice.zero));
}

// The rounding error of sum + term, where `total` is their rounded sum (Knuth).
fn rounding(sum: vec4<f32>, term: vec4<f32>, total: vec4<f32>) -> vec4<f32> {
    let term_seen = opaque(total - sum);
    let sum_seen = opaque(total - term_seen);
    return (sum - sum_seen) + (term - term_seen);
}

fn add(sums_before: Sums, a: vec4<f32>, b: vec4<f32>) -> Sums {
    var after = sums_before;
    after.a = opaque(sums_before.a + a);
    after.b = opaque(sums_before.b + b);
    after.a_error += rounding(sums_before.a, a, after.a);
    after.b_error += rounding(sums_before.b, b, after.b);
    return after;
}

// The k-th target of this invocation, clamped to the slice.
fn target_index(group: u32, lane: u32, k: u32) -> u32 {
    let i = slice.first_target + (group * TARGETS + k) * WORKGROUP + lane;
    return min(i, slice.end_target - 1u);
}

// The index just behind the chunk that holds source `start`, or behind the slice.
fn chunk_end(start: u32) -> u32 {
    return min((start / slice.chunk + 1u) * slice.chunk, slice.end_source);
}

fn store(group: u32, lane: u32, k: u32, sum: f32, error: f32) {
    let i = slice.first_target + (group * TARGETS + k) * WORKGROUP + lane;
    if i < slice.end_target {
        let before = select(sums[i], vec2<f32>(0.0), slice.fresh == 1u);
        // Neumaier once more, for the few slices that a target sees.
        let total = before.x + sum;
        let seen = bitcast<f32>(bitcast<u32>(total - before.x) ^ slice.zero);
        let rest = (before.x - bitcast<f32>(bitcast<u32>(total - seen) ^ slice.zero)) + (sum - seen);
        sums[i] = vec2<f32>(total, before.y + error + rest);
    }
}

fn store_all(group: u32, lane: u32, result: Sums) {
    store(group, lane, 0u, result.a.x, result.a_error.x);
    store(group, lane, 1u, result.a.y, result.a_error.y);
    store(group, lane, 2u, result.a.z, result.a_error.z);
    store(group, lane, 3u, result.a.w, result.a_error.w);
    store(group, lane, 4u, result.b.x, result.b_error.x);
    store(group, lane, 5u, result.b.y, result.b_error.y);
    store(group, lane, 6u, result.b.z, result.b_error.z);
    store(group, lane, 7u, result.b.w, result.b_error.w);
}

// Eight targets, coordinate by coordinate.
struct Targets {
    ax: vec4<f32>,
    ay: vec4<f32>,
    bx: vec4<f32>,
    by: vec4<f32>,
}

fn arrange(p: array<vec2<f32>, 8>) -> Targets {
    return Targets(
        vec4<f32>(p[0].x, p[1].x, p[2].x, p[3].x),
        vec4<f32>(p[0].y, p[1].y, p[2].y, p[3].y),
        vec4<f32>(p[4].x, p[5].x, p[6].x, p[7].x),
        vec4<f32>(p[4].y, p[5].y, p[6].y, p[7].y),
    );
}

fn load_targets(group: u32, lane: u32) -> Targets {
    return arrange(array<vec2<f32>, 8>(
        targets[target_index(group, lane, 0u)],
        targets[target_index(group, lane, 1u)],
        targets[target_index(group, lane, 2u)],
        targets[target_index(group, lane, 3u)],
        targets[target_index(group, lane, 4u)],
        targets[target_index(group, lane, 5u)],
        targets[target_index(group, lane, 6u)],
        targets[target_index(group, lane, 7u)],
    ));
}

fn load_targets_low(group: u32, lane: u32) -> Targets {
    if exactness == USUAL {
        return Targets();
    }
    let scale = slice.low_scale;
    return arrange(array<vec2<f32>, 8>(
        scale * targets[slice.targets_low + target_index(group, lane, 0u)],
        scale * targets[slice.targets_low + target_index(group, lane, 1u)],
        scale * targets[slice.targets_low + target_index(group, lane, 2u)],
        scale * targets[slice.targets_low + target_index(group, lane, 3u)],
        scale * targets[slice.targets_low + target_index(group, lane, 4u)],
        scale * targets[slice.targets_low + target_index(group, lane, 5u)],
        scale * targets[slice.targets_low + target_index(group, lane, 6u)],
        scale * targets[slice.targets_low + target_index(group, lane, 7u)],
    ));
}

// The first 12 bits: the product of two such numbers is exact.
fn head(v: vec4<f32>) -> vec4<f32> {
    return bitcast<vec4<f32>>(bitcast<vec4<u32>>(v) & vec4<u32>(0xfffff000u));
}

// exp2(c·(dx² + dy²) + shift) with the exponent in twice the digits (Dekker 1971).
fn precise_term(
    x: vec4<f32>,
    x_low: vec4<f32>,
    y: vec4<f32>,
    y_low: vec4<f32>,
    u: f32,
    u_low: f32,
    v: f32,
    v_low: f32,
) -> vec4<f32> {
    let dx = opaque(x - u);
    let dy = opaque(y - v);
    let dx_low = rounding(x, vec4<f32>(-u), dx) + (x_low - u_low);
    let dy_low = rounding(y, vec4<f32>(-v), dy) + (y_low - v_low);
    let dx_head = head(dx);
    let dy_head = head(dy);
    let xx = dx_head * dx_head;
    let yy = dy_head * dy_head;
    let squared = opaque(xx + yy);
    let squared_low = rounding(xx, yy, squared)
        + ((dx - dx_head) * (dx + dx_head) + (dy - dy_head) * (dy + dy_head))
        + 2.0 * (dx * dx_low + dy * dy_low);
    let squared_head = head(squared);
    let rest = (squared - squared_head) + squared_low;
    let large = slice.c_head * squared_head;
    let small = slice.c_head * rest + slice.c_tail * (squared_head + rest);
    let exponent = opaque(large + small);
    let exponent_low = rounding(large, small, exponent);
    let shift = vec4<f32>(slice.shift);
    let shifted = opaque(exponent + shift);
    let shifted_low = rounding(exponent, shift, shifted) + exponent_low;
    return exp2(shifted) * (1.0 + 0.6931472 * shifted_low);
}

// The terms of four targets and one source.
fn terms(
    x: vec4<f32>,
    x_low: vec4<f32>,
    y: vec4<f32>,
    y_low: vec4<f32>,
    source: vec2<f32>,
    source_low: vec2<f32>,
) -> vec4<f32> {
    if exactness == EXTENDED {
        return precise_term(
            x, x_low, y, y_low, source.x, source_low.x, source.y, source_low.y,
        );
    }
    var dx = x - source.x;
    var dy = y - source.y;
    if exactness == SPLIT {
        dx = opaque(dx) + (x_low - source_low.x);
        dy = opaque(dy) + (y_low - source_low.y);
    }
    return exp2(slice.c * (dx * dx + dy * dy));
}

@compute @workgroup_size(WORKGROUP)
fn gauss_sum(
    @builtin(workgroup_id) group_id: vec3<u32>,
    @builtin(local_invocation_index) lane: u32,
) {
    let group = group_id.x;
    let x = load_targets(group, lane);
    let low = load_targets_low(group, lane);
    var result: Sums;
    var start = slice.first_source;
    while start < slice.end_source {
        let end = chunk_end(start);
        while start < end {
            let count = min(TILE, end - start);
            for (var k = lane; k < count; k += WORKGROUP) {
                tile[k] = sources[start + k];
                if exactness != USUAL {
                    tile_low[k] = slice.low_scale * sources[slice.sources_low + start + k];
                }
            }
            workgroupBarrier();
            var a = vec4<f32>(0.0);
            var b = vec4<f32>(0.0);
            for (var j = 0u; j < count; j++) {
                let source = tile[j];
                var source_low = vec2<f32>(0.0);
                if exactness != USUAL {
                    source_low = tile_low[j];
                }
                a += terms(x.ax, low.ax, x.ay, low.ay, source, source_low);
                b += terms(x.bx, low.bx, x.by, low.by, source, source_low);
            }
            workgroupBarrier();
            result = add(result, a, b);
            start += count;
        }
    }
    store_all(group, lane, result);
}
