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
    // −log2(e) / (2σ²)
    c: f32,
}

@group(0) @binding(0) var<uniform> slice: Slice;
@group(0) @binding(1) var<storage, read> targets: array<vec2<f32>>;
@group(0) @binding(2) var<storage, read> sources: array<vec2<f32>>;
// (sum, its rounding error so far) for each target.
@group(0) @binding(3) var<storage, read_write> sums: array<vec2<f32>>;
// What the coordinates lost when they were rounded to f32; used by `gauss_sum_split` alone.
@group(0) @binding(4) var<storage, read> targets_low: array<vec2<f32>>;
@group(0) @binding(5) var<storage, read> sources_low: array<vec2<f32>>;

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

@compute @workgroup_size(WORKGROUP)
fn gauss_sum(
    @builtin(workgroup_id) group_id: vec3<u32>,
    @builtin(local_invocation_index) lane: u32,
) {
    let group = group_id.x;
    let x0 = targets[target_index(group, lane, 0u)];
    let x1 = targets[target_index(group, lane, 1u)];
    let x2 = targets[target_index(group, lane, 2u)];
    let x3 = targets[target_index(group, lane, 3u)];
    let x4 = targets[target_index(group, lane, 4u)];
    let x5 = targets[target_index(group, lane, 5u)];
    let x6 = targets[target_index(group, lane, 6u)];
    let x7 = targets[target_index(group, lane, 7u)];
    let ax = vec4<f32>(x0.x, x1.x, x2.x, x3.x);
    let ay = vec4<f32>(x0.y, x1.y, x2.y, x3.y);
    let bx = vec4<f32>(x4.x, x5.x, x6.x, x7.x);
    let by = vec4<f32>(x4.y, x5.y, x6.y, x7.y);

    let c = slice.c;
    var result: Sums;
    var start = slice.first_source;
    while start < slice.end_source {
        let end = chunk_end(start);
        while start < end {
            let count = min(TILE, end - start);
            for (var k = lane; k < count; k += WORKGROUP) {
                tile[k] = sources[start + k];
            }
            workgroupBarrier();
            var a = vec4<f32>(0.0);
            var b = vec4<f32>(0.0);
            for (var j = 0u; j < count; j++) {
                let y = tile[j];
                let adx = ax - y.x;
                let ady = ay - y.y;
                let bdx = bx - y.x;
                let bdy = by - y.y;
                a += exp2(c * (adx * adx + ady * ady));
                b += exp2(c * (bdx * bdx + bdy * bdy));
            }
            workgroupBarrier();
            result = add(result, a, b);
            start += count;
        }
    }
    store_all(group, lane, result);
}

// As `gauss_sum`, with every coordinate given as high + low: for data that f32 cannot hold and a
// sigma small enough to show it. Near pairs, the ones that matter, have an exact high difference.
@compute @workgroup_size(WORKGROUP)
fn gauss_sum_split(
    @builtin(workgroup_id) group_id: vec3<u32>,
    @builtin(local_invocation_index) lane: u32,
) {
    let group = group_id.x;
    let i0 = target_index(group, lane, 0u);
    let i1 = target_index(group, lane, 1u);
    let i2 = target_index(group, lane, 2u);
    let i3 = target_index(group, lane, 3u);
    let i4 = target_index(group, lane, 4u);
    let i5 = target_index(group, lane, 5u);
    let i6 = target_index(group, lane, 6u);
    let i7 = target_index(group, lane, 7u);
    let ax = vec4<f32>(targets[i0].x, targets[i1].x, targets[i2].x, targets[i3].x);
    let ay = vec4<f32>(targets[i0].y, targets[i1].y, targets[i2].y, targets[i3].y);
    let bx = vec4<f32>(targets[i4].x, targets[i5].x, targets[i6].x, targets[i7].x);
    let by = vec4<f32>(targets[i4].y, targets[i5].y, targets[i6].y, targets[i7].y);
    let axl = vec4<f32>(targets_low[i0].x, targets_low[i1].x, targets_low[i2].x, targets_low[i3].x);
    let ayl = vec4<f32>(targets_low[i0].y, targets_low[i1].y, targets_low[i2].y, targets_low[i3].y);
    let bxl = vec4<f32>(targets_low[i4].x, targets_low[i5].x, targets_low[i6].x, targets_low[i7].x);
    let byl = vec4<f32>(targets_low[i4].y, targets_low[i5].y, targets_low[i6].y, targets_low[i7].y);

    let c = slice.c;
    var result: Sums;
    var start = slice.first_source;
    while start < slice.end_source {
        let end = chunk_end(start);
        while start < end {
            let count = min(TILE, end - start);
            for (var k = lane; k < count; k += WORKGROUP) {
                tile[k] = sources[start + k];
                tile_low[k] = sources_low[start + k];
            }
            workgroupBarrier();
            var a = vec4<f32>(0.0);
            var b = vec4<f32>(0.0);
            for (var j = 0u; j < count; j++) {
                let y = tile[j];
                let yl = tile_low[j];
                let adx = opaque(ax - y.x) + (axl - yl.x);
                let ady = opaque(ay - y.y) + (ayl - yl.y);
                let bdx = opaque(bx - y.x) + (bxl - yl.x);
                let bdy = opaque(by - y.y) + (byl - yl.y);
                a += exp2(c * (adx * adx + ady * ady));
                b += exp2(c * (bdx * bdx + bdy * bdy));
            }
            workgroupBarrier();
            result = add(result, a, b);
            start += count;
        }
    }
    store_all(group, lane, result);
}
