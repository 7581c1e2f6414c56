// Turns sums into a field (`scale_sums`), and finds its range (`find_range`) and its histogram
// (`count`).
//
// The range is found with integer atomics: each f32 is mapped to a u32 key with the same order.
// Minima are stored as maxima of inverted keys, so that a buffer of zeros is the right start for
// all of them.
//
// Nothing branches on a uniform alone: see scatter.wgsl.
//
// Dispatched by src/gpu/field.rs.

const WORKGROUP: u32 = 64u;
const BINS: u32 = 128u;

struct Work {
    n: u32,
    // What is spread over the bins: the value (0), its logarithm (1), its square root with its sign (2),
    // asinh(sharpness · value) (3).
    curve: u32,
    // Lower end of the first bin and upper end of the last.
    low: f32,
    high: f32,
    // f = max(scale · (sum + error), floor)
    scale: f32,
    // 0 where no weight is negative, which removes what rounding leaves below 0; else the lowest
    // f32.
    floor: f32,
    sharpness: f32,
    padding: u32,
}

struct Range {
    max_key: atomic<u32>,
    inverted_min_key: atomic<u32>,
    inverted_min_positive_key: atomic<u32>,
    // Number of values that are zero, most of them because they underflow in f32.
    zeros: atomic<u32>,
    // Numbers of values below `low`, and above `high`.
    below: atomic<u32>,
    above: atomic<u32>,
    padding_0: u32,
    padding_1: u32,
    bins: array<atomic<u32>, BINS>,
}

@group(0) @binding(0) var<uniform> work: Work;
@group(0) @binding(1) var<storage, read> sums: array<vec2<f32>>;
@group(0) @binding(2) var<storage, read_write> field: array<f32>;
@group(0) @binding(3) var<storage, read_write> range: Range;

var<workgroup> local_bins: array<atomic<u32>, BINS>;

// Scales the sums to f.
@compute @workgroup_size(WORKGROUP)
fn scale_sums(
    @builtin(global_invocation_id) id: vec3<u32>,
    @builtin(num_workgroups) groups: vec3<u32>,
) {
    for (var i = id.x; i < work.n; i += groups.x * WORKGROUP) {
        field[i] = max(work.scale * (sums[i].x + sums[i].y), work.floor);
    }
}

// The key of f, in the same order as f: the bits of a float, with the sign bit inverted for
// positive numbers and all bits for negative ones.
fn key(f: f32) -> u32 {
    let bits = bitcast<u32>(f);
    return bits ^ select(0x80000000u, 0xffffffffu, (bits & 0x80000000u) != 0u);
}

@compute @workgroup_size(WORKGROUP)
fn find_range(
    @builtin(global_invocation_id) id: vec3<u32>,
    @builtin(num_workgroups) groups: vec3<u32>,
) {
    var max_key = 0u;
    var inverted_min = 0u;
    var inverted_min_positive = 0u;
    var zeros = 0u;
    for (var i = id.x; i < work.n; i += groups.x * WORKGROUP) {
        let key = key(field[i]);
        max_key = max(max_key, key);
        inverted_min = max(inverted_min, ~key);
        // Zero of either sign.
        if key == 0x80000000u || key == 0x7fffffffu {
            zeros++;
        } else if key > 0x80000000u {
            inverted_min_positive = max(inverted_min_positive, ~key);
        }
    }
    if id.x < work.n {
        atomicMax(&range.max_key, max_key);
        atomicMax(&range.inverted_min_key, inverted_min);
        atomicMax(&range.inverted_min_positive_key, inverted_min_positive);
        atomicAdd(&range.zeros, zeros);
    }
}

// What is spread over the bins: as `along` in scatter.wgsl.
fn along(f: f32) -> f32 {
    let size = abs(f);
    let x = min(work.sharpness * size, 1e9);
    let asinh_of = sign(f) * log(x + sqrt(x * x + 1.0));
    let straight = select(f, log2(max(f, 1e-37)), work.curve == 1u);
    let rooted = select(straight, sign(f) * sqrt(size), work.curve == 2u);
    return select(rooted, asinh_of, work.curve == 3u);
}

// The place of f on the colour scale, 0 at `low` and 1 at `high`.
fn position(f: f32) -> f32 {
    let low = along(work.low);
    let t = (along(f) - low) / (along(work.high) - low);
    return select(0.5, t, work.high > work.low);
}

@compute @workgroup_size(WORKGROUP)
fn count(
    @builtin(global_invocation_id) id: vec3<u32>,
    @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) lane: u32,
) {
    for (var k = lane; k < BINS; k += WORKGROUP) {
        atomicStore(&local_bins[k], 0u);
    }
    workgroupBarrier();
    for (var i = id.x; i < work.n; i += groups.x * WORKGROUP) {
        let f = field[i];
        if f < work.low {
            atomicAdd(&range.below, 1u);
        } else if f > work.high {
            atomicAdd(&range.above, 1u);
        } else {
            let bin = u32(clamp(position(f), 0.0, 1.0) * f32(BINS));
            atomicAdd(&local_bins[min(bin, BINS - 1u)], 1u);
        }
    }
    workgroupBarrier();
    for (var k = lane; k < BINS; k += WORKGROUP) {
        let counted = atomicLoad(&local_bins[k]);
        if counted > 0u {
            atomicAdd(&range.bins[k], counted);
        }
    }
}
