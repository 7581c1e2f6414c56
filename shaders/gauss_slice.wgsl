// What the kernel of the exact sum (gauss_sum.wgsl) and the addition of its parts
// (gauss_combine.wgsl) share: the parameters of a slice, and sums that keep their rounding errors.

struct Slice {
    first_target: u32,
    end_target: u32,
    first_source: u32,
    end_source: u32,
    // Sources between two updates of the sum; chunks are counted from source 0.
    chunk: u32,
    // 1 when the sums start from zero, else 0.
    fresh: u32,
    // Always 0, which the compiler cannot know: see `opaque`.
    zero: u32,
    // −log2(e) / (2σ²) rounded to f32, and as the sum of a head of 12 bits and a tail.
    c: f32,
    c_head: f32,
    c_tail: f32,
    // 1 where low parts are stored; else 0, which multiplies whatever is read in their place.
    low_scale: f32,
    // Added to every exponent in EXTENDED, for fields below the range of f32.
    shift: f32,
    // A coordinate so far from all points that the term underflows to zero.
    far: f32,
    // Number of quads of all targets: the stride from one coordinate to the next, in vec4s.
    target_quads: u32,
    // Index, in vec4s, of the first low part in `targets` and in `sources`, and of the first weight
    // in `sources`.
    targets_low: u32,
    sources_low: u32,
    weights: u32,
    // Number of sources in a part, and number of parts.
    part_length: u32,
    parts: u32,
    // The sum of target i in a part is out[part · out_stride + i − out_first].
    out_first: u32,
    out_stride: u32,
    // If `listed`: the slice's first item, indices in `lists` of the first item of each block of
    // targets and of the targets' order, and the value from which on a target needs no more than
    // what is near.
    first_item: u32,
    items_at: u32,
    order_at: u32,
    enough: f32,
}

@group(0) @binding(0) var<uniform> slice: Slice;

// A number for each of four targets, as the sum high + low of two f32.
struct Pair {
    high: vec4<f32>,
    low: vec4<f32>,
}

// Returns v, hidden from compilers that reorder additions (as fast-math does), which would remove
// the rounding errors computed below.
fn opaque(v: vec4<f32>) -> vec4<f32> {
    return bitcast<vec4<f32>>(bitcast<vec4<u32>>(v) ^ vec4<u32>(slice.zero));
}

// The rounding error of sum + term, where `total` is their rounded sum (Knuth).
fn rounding(sum: vec4<f32>, term: vec4<f32>, total: vec4<f32>) -> vec4<f32> {
    let term_seen = opaque(total - sum);
    let sum_seen = opaque(total - term_seen);
    return (sum - sum_seen) + (term - term_seen);
}

fn add(sum: Pair, term: vec4<f32>) -> Pair {
    let total = opaque(sum.high + term);
    return Pair(total, sum.low + rounding(sum.high, term, total));
}
