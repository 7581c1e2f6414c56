// The exact sum: out[i] += Σ_j w_j exp2(c·‖x_i − y_j‖²), for the targets i and the sources j of one
// slice.
//
// Each invocation computes `quads` quads of targets (a quad is four consecutive ones), so that a
// source read from workgroup memory serves them all. Sources are stored in groups of four,
// coordinate by coordinate: one vec4 holds the k-th coordinate of a group. A workgroup stages
// groups through `tile`, chunk by chunk. Terms are added up in runs of eight groups, so short that
// equal terms, whose roundings all have one sign, lose no digits; the sum over a tile is added to
// the running sum with its rounding error kept (Neumaier 1974), so that neither a million sources
// nor a chunk of one costs digits.
//
// Up to four blocks (of up to four coordinates of a quad) stay in an invocation's registers; where
// there are more, the targets' coordinates are read again for every group of sources.
//
// Where a slice has few targets, its sources are split into parts, one for each y of the dispatch;
// each part writes sums of its own, and `combine` adds them up.
//
// Twin of the double loop in crates/core/src/engine/naive.rs; dispatched by src/gpu/gauss_sum.rs.
// Control flow is uniform in a workgroup: targets beyond the end are clamped, never skipped.

// Sources in a group.
const GROUP: u32 = 4u;
// Groups in a run, whose terms are added up before that sum is added to the tile's.
const RUN: u32 = 8u;
// Invocations in a workgroup of `combine`.
const WORKGROUP: u32 = 64u;

// Number of coordinates of a point.
override dim: u32 = 2u;
// Number of stored coordinates: `dim` up to four, else the next multiple of four, padded with
// zeros.
override coordinates: u32 = 2u;
// Whether sources have weights; otherwise every weight is 1.
override weighted: bool = false;
// Invocations in a workgroup, and quads of targets in an invocation: 1, 2 or 4.
override lanes: u32 = 64u;
override quads: u32 = 2u;
// Blocks of four coordinates in a point, and whether those of an invocation's targets stay in
// registers: quads · blocks ≤ 4.
override blocks: u32 = 1u;
override held: bool = true;
// Groups in a tile, and vec4s that a tile takes.
override tile_groups: u32 = 64u;
override tile_size: u32 = 128u;

// Precision of a term.
//   USUAL     single precision
//   SPLIT     every coordinate is the sum of two f32, high + low: for data that f32 cannot hold and
//             a sigma small enough to show it; the high difference of near pairs is exact
//   EXTENDED  as SPLIT, with the exponent as a pair of f32: for fields without near pairs, whose
//             exponents are so large that rounding them would show
override exactness: u32 = 0u;
const USUAL: u32 = 0u;
const SPLIT: u32 = 1u;
const EXTENDED: u32 = 2u;

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
}

@group(0) @binding(0) var<uniform> slice: Slice;
// All coordinates rounded to f32 (high parts); behind them, where needed, what the rounding dropped
// (low parts). With two coordinates, those of a target are adjacent, as drawing needs them; else
// all first coordinates come first, then all second ones. One buffer for both parts, because some
// devices bind no more than four.
@group(0) @binding(1) var<storage, read> targets: array<vec4<f32>>;
// High parts, group by group and coordinate by coordinate; behind them the low parts, then the
// weights.
@group(0) @binding(2) var<storage, read> sources: array<vec4<f32>>;
// (sum, its rounding error so far) for each target, or for each part and each target of the slice.
@group(0) @binding(3) var<storage, read_write> out: array<vec2<f32>>;
// In `combine`: the pairs that the parts wrote.
@group(0) @binding(1) var<storage, read> partial: array<vec2<f32>>;

// The staged groups: high parts, then low parts unless USUAL, then weights if `weighted`.
var<workgroup> tile: array<vec4<f32>, tile_size>;

// Up to four coordinates of four points: high[k] holds the k-th coordinate of each.
struct Block {
    high: array<vec4<f32>, 4>,
    low: array<vec4<f32>, 4>,
}

// Squared distances of four targets to the four sources of a group: `a` to the first, … `d` to the
// fourth.
struct Squares {
    a: vec4<f32>,
    b: vec4<f32>,
    c: vec4<f32>,
    d: vec4<f32>,
}

// A number for each of four targets, as the sum high + low of two f32.
struct Pair {
    high: vec4<f32>,
    low: vec4<f32>,
}

// `Squares` as pairs of f32.
struct PreciseSquares {
    a: Pair,
    b: Pair,
    c: Pair,
    d: Pair,
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

// v rounded toward zero to 12 bits: the product of two such numbers is exact in f32.
fn head(v: vec4<f32>) -> vec4<f32> {
    return bitcast<vec4<f32>>(bitcast<vec4<u32>>(v) & vec4<u32>(0xfffff000u));
}

// Index of the q-th quad of targets of this invocation, clamped to the slice.
fn quad_index(group: u32, lane: u32, q: u32) -> u32 {
    let quad = slice.first_target / 4u + (group * quads + q) * lanes + lane;
    return min(quad, (slice.end_target - 1u) / 4u);
}

// Coordinates k to k + 3 of a quad of targets; `start` is 0 for high parts, `targets_low` for low
// ones.
fn target_coordinates(start: u32, quad: u32, k: u32) -> array<vec4<f32>, 4> {
    if dim == 2u {
        let p = targets[start + 2u * quad];
        let q = targets[start + 2u * quad + 1u];
        return array<vec4<f32>, 4>(
            vec4<f32>(p.xz, q.xz), vec4<f32>(p.yw, q.yw), vec4<f32>(), vec4<f32>(),
        );
    }
    let at = start + k * slice.target_quads + quad;
    var x: array<vec4<f32>, 4>;
    x[0] = targets[at];
    if coordinates > 1u {
        x[1] = targets[at + slice.target_quads];
        x[2] = targets[at + 2u * slice.target_quads];
    }
    if coordinates > 3u {
        x[3] = targets[at + 3u * slice.target_quads];
    }
    return x;
}

fn target_block(quad: u32, k: u32) -> Block {
    var block: Block;
    block.high = target_coordinates(0u, quad, k);
    if exactness != USUAL {
        let low = target_coordinates(slice.targets_low, quad, k);
        block.low[0] = slice.low_scale * low[0];
        block.low[1] = slice.low_scale * low[1];
        block.low[2] = slice.low_scale * low[2];
        block.low[3] = slice.low_scale * low[3];
    }
    return block;
}

fn tile_coordinates(at: u32) -> array<vec4<f32>, 4> {
    var y: array<vec4<f32>, 4>;
    y[0] = tile[at];
    if coordinates > 1u {
        y[1] = tile[at + 1u];
    }
    if coordinates > 2u {
        y[2] = tile[at + 2u];
    }
    if coordinates > 3u {
        y[3] = tile[at + 3u];
    }
    return y;
}

// Coordinates k to k + 3 of the group g of the tile.
fn tile_block(g: u32, k: u32) -> Block {
    var block: Block;
    block.high = tile_coordinates(g * coordinates + k);
    if exactness != USUAL {
        block.low = tile_coordinates((tile_groups + g) * coordinates + k);
    }
    return block;
}

// The weights of the group g of the tile.
fn tile_weights(g: u32) -> vec4<f32> {
    var before = tile_groups * coordinates;
    if exactness != USUAL {
        before *= 2u;
    }
    return tile[before + g];
}

fn difference(x: vec4<f32>, x_low: vec4<f32>, y: f32, y_low: f32) -> vec4<f32> {
    if exactness == SPLIT {
        return opaque(x - y) + (x_low - y_low);
    }
    return x - y;
}

// Squared distances of four targets to one source, over up to four coordinates.
fn square(x: Block, y: vec4<f32>, y_low: vec4<f32>) -> vec4<f32> {
    let d0 = difference(x.high[0], x.low[0], y.x, y_low.x);
    var squared = d0 * d0;
    if coordinates > 1u {
        let d1 = difference(x.high[1], x.low[1], y.y, y_low.y);
        squared += d1 * d1;
    }
    if coordinates > 2u {
        let d2 = difference(x.high[2], x.low[2], y.z, y_low.z);
        squared += d2 * d2;
    }
    if coordinates > 3u {
        let d3 = difference(x.high[3], x.low[3], y.w, y_low.w);
        squared += d3 * d3;
    }
    return squared;
}

// The s-th point of a block.
fn point(p: array<vec4<f32>, 4>, s: u32) -> vec4<f32> {
    return vec4<f32>(p[0][s], p[1][s], p[2][s], p[3][s]);
}

fn add_squares(before: Squares, x: Block, y: Block) -> Squares {
    return Squares(
        before.a + square(x, point(y.high, 0u), point(y.low, 0u)),
        before.b + square(x, point(y.high, 1u), point(y.low, 1u)),
        before.c + square(x, point(y.high, 2u), point(y.low, 2u)),
        before.d + square(x, point(y.high, 3u), point(y.low, 3u)),
    );
}

// Adds a group's terms to the sum over its run.
fn add_terms(run: vec4<f32>, squares: Squares, w: vec4<f32>) -> vec4<f32> {
    let a = exp2(slice.c * squares.a);
    let b = exp2(slice.c * squares.b);
    let c = exp2(slice.c * squares.c);
    let d = exp2(slice.c * squares.d);
    if weighted {
        return run + ((w.x * a + w.y * b) + (w.z * c + w.w * d));
    }
    // Added in pairs, which is exact where all four are equal.
    return run + ((a + b) + (c + d));
}

// Adds (x − y)² to a sum of squares, as pairs of f32 (Dekker 1971).
fn add_precise_square(
    sum: Pair,
    x: vec4<f32>,
    x_low: vec4<f32>,
    y: f32,
    y_low: f32,
) -> Pair {
    let d = opaque(x - y);
    let d_low = rounding(x, vec4<f32>(-y), d) + (x_low - y_low);
    let d_head = head(d);
    var total = add(sum, d_head * d_head);
    total.low += (d - d_head) * (d + d_head) + 2.0 * d * d_low;
    return total;
}

fn add_precise_squares(before: Pair, x: Block, y: vec4<f32>, y_low: vec4<f32>) -> Pair {
    var squared = add_precise_square(before, x.high[0], x.low[0], y.x, y_low.x);
    if coordinates > 1u {
        squared = add_precise_square(squared, x.high[1], x.low[1], y.y, y_low.y);
    }
    if coordinates > 2u {
        squared = add_precise_square(squared, x.high[2], x.low[2], y.z, y_low.z);
    }
    if coordinates > 3u {
        squared = add_precise_square(squared, x.high[3], x.low[3], y.w, y_low.w);
    }
    return squared;
}

fn add_all_precise_squares(before: PreciseSquares, x: Block, y: Block) -> PreciseSquares {
    return PreciseSquares(
        add_precise_squares(before.a, x, point(y.high, 0u), point(y.low, 0u)),
        add_precise_squares(before.b, x, point(y.high, 1u), point(y.low, 1u)),
        add_precise_squares(before.c, x, point(y.high, 2u), point(y.low, 2u)),
        add_precise_squares(before.d, x, point(y.high, 3u), point(y.low, 3u)),
    );
}

// w·exp2(c·squared + shift), with the exponent as a pair of f32.
fn precise_term(squared: Pair, w: f32) -> vec4<f32> {
    let squared_head = head(squared.high);
    let rest = (squared.high - squared_head) + squared.low;
    let large = slice.c_head * squared_head;
    let small = slice.c_head * rest + slice.c_tail * (squared_head + rest);
    let exponent = opaque(large + small);
    let exponent_low = rounding(large, small, exponent);
    let shift = vec4<f32>(slice.shift);
    let shifted = opaque(exponent + shift);
    let shifted_low = rounding(exponent, shift, shifted) + exponent_low;
    let term = w * (exp2(shifted) * (1.0 + 0.6931472 * shifted_low));
    // Zero where the exponent is so low that the rounding error may be NaN, and where the weight is
    // zero, as the shift may make the term infinite.
    let nothing = slice.c * squared.high < vec4<f32>(-1e4);
    return select(term, vec4<f32>(0.0), nothing | vec4<bool>(w == 0.0));
}

// Adds a group's terms to the sum over its run.
fn add_precise_terms(run: vec4<f32>, squares: PreciseSquares, w: vec4<f32>) -> vec4<f32> {
    return run + ((precise_term(squares.a, w.x) + precise_term(squares.b, w.y))
        + (precise_term(squares.c, w.z) + precise_term(squares.d, w.w)));
}

// The end of the chunk that contains the source `start`, at most `end`.
fn chunk_end(start: u32, end: u32) -> u32 {
    return min((start / slice.chunk + 1u) * slice.chunk, end);
}

// Copies `count` groups from `first` on into the tile; sources that are not in start … end − 1 get
// the weight zero, or without weights a place so far away that their terms are zero.
fn stage(lane: u32, first: u32, count: u32, start: u32, end: u32) {
    let size = count * coordinates;
    for (var k = lane; k < size; k += lanes) {
        var value = sources[first * coordinates + k];
        if !weighted && k % coordinates == 0u {
            let j = GROUP * (first + k / coordinates) + vec4<u32>(0u, 1u, 2u, 3u);
            let inside = (j >= vec4<u32>(start)) & (j < vec4<u32>(end));
            value = select(vec4<f32>(slice.far), value, inside);
        }
        tile[k] = value;
        if exactness != USUAL {
            tile[tile_groups * coordinates + k] =
                slice.low_scale * sources[slice.sources_low + first * coordinates + k];
        }
    }
    if weighted {
        var before = tile_groups * coordinates;
        if exactness != USUAL {
            before *= 2u;
        }
        for (var g = lane; g < count; g += lanes) {
            let j = GROUP * (first + g) + vec4<u32>(0u, 1u, 2u, 3u);
            let inside = (j >= vec4<u32>(start)) & (j < vec4<u32>(end));
            let w = sources[slice.weights + first + g];
            tile[before + g] = select(vec4<f32>(0.0), w, inside);
        }
    }
}

fn store(part: u32, i: u32, sum: f32, error: f32) {
    if i < slice.end_target {
        let at = part * slice.out_stride + i - slice.out_first;
        // Sums of parts start from zero; `combine` adds the earlier sums.
        let nothing = (slice.fresh == 1u) | (slice.parts > 1u);
        let before = select(out[at], vec2<f32>(0.0), nothing);
        // The slice's sum is added to the earlier one as the tiles' are (Neumaier).
        let total = before.x + sum;
        let seen = bitcast<f32>(bitcast<u32>(total - before.x) ^ slice.zero);
        let rest = (before.x - bitcast<f32>(bitcast<u32>(total - seen) ^ slice.zero)) + (sum - seen);
        out[at] = vec2<f32>(total, before.y + error + rest);
    }
}

fn store_quad(group: u32, lane: u32, q: u32, part: u32, sum: Pair) {
    let i = slice.first_target + 4u * ((group * quads + q) * lanes + lane);
    store(part, i, sum.high.x, sum.low.x);
    store(part, i + 1u, sum.high.y, sum.low.y);
    store(part, i + 2u, sum.high.z, sum.low.z);
    store(part, i + 3u, sum.high.w, sum.low.w);
}

@compute @workgroup_size(lanes)
fn gauss_sum(
    @builtin(workgroup_id) group_id: vec3<u32>,
    @builtin(local_invocation_index) lane: u32,
) {
    let group = group_id.x;
    let part = group_id.y;
    let quad_0 = quad_index(group, lane, 0u);
    let quad_1 = quad_index(group, lane, 1u);
    let quad_2 = quad_index(group, lane, 2u);
    let quad_3 = quad_index(group, lane, 3u);
    // If `held`: all blocks of the first quad, then those of the second, and so on.
    var x_0: Block;
    var x_1: Block;
    var x_2: Block;
    var x_3: Block;
    if held {
        x_0 = target_block(quad_0, 0u);
        if blocks > 1u {
            x_1 = target_block(quad_0, 4u);
        } else if quads > 1u {
            x_1 = target_block(quad_1, 0u);
        }
        if blocks > 2u {
            x_2 = target_block(quad_0, 8u);
        } else if quads > 1u && blocks > 1u {
            x_2 = target_block(quad_1, 0u);
            x_3 = target_block(quad_1, 4u);
        } else if quads > 2u {
            x_2 = target_block(quad_2, 0u);
            x_3 = target_block(quad_3, 0u);
        }
        if blocks > 3u {
            x_3 = target_block(quad_0, 12u);
        }
    }
    var sum_0: Pair;
    var sum_1: Pair;
    var sum_2: Pair;
    var sum_3: Pair;
    var start = slice.first_source + part * slice.part_length;
    let part_end = min(start + slice.part_length, slice.end_source);
    while start < part_end {
        let end = chunk_end(start, part_end);
        while start < end {
            let first = start / GROUP;
            let tile_end = min(end, GROUP * (first + tile_groups));
            let count = (tile_end - 1u) / GROUP + 1u - first;
            stage(lane, first, count, start, tile_end);
            workgroupBarrier();
            var tile_0 = vec4<f32>();
            var tile_1 = vec4<f32>();
            var tile_2 = vec4<f32>();
            var tile_3 = vec4<f32>();
            var g = 0u;
            while g < count {
                let run_end = min(g + RUN, count);
                var run_0 = vec4<f32>();
                var run_1 = vec4<f32>();
                var run_2 = vec4<f32>();
                var run_3 = vec4<f32>();
                for (; g < run_end; g++) {
                    var w = vec4<f32>(1.0);
                    if weighted {
                        w = tile_weights(g);
                    }
                    if exactness == EXTENDED && held && blocks == 1u {
                        // A loop over the sources: unrolled, the code would be four times as long.
                        let y = tile_block(g, 0u);
                        for (var s = 0u; s < GROUP; s++) {
                            let high = point(y.high, s);
                            let low = point(y.low, s);
                            run_0 += precise_term(add_precise_squares(Pair(), x_0, high, low), w[s]);
                            if quads > 1u {
                                run_1 += precise_term(add_precise_squares(Pair(), x_1, high, low), w[s]);
                            }
                            if quads > 2u {
                                run_2 += precise_term(add_precise_squares(Pair(), x_2, high, low), w[s]);
                                run_3 += precise_term(add_precise_squares(Pair(), x_3, high, low), w[s]);
                            }
                        }
                    } else if exactness == EXTENDED {
                        var precise_0: PreciseSquares;
                        var precise_1: PreciseSquares;
                        var precise_2: PreciseSquares;
                        var precise_3: PreciseSquares;
                        for (var k = 0u; k < coordinates; k += 4u) {
                            let y = tile_block(g, k);
                            precise_0 = add_all_precise_squares(precise_0, target_block(quad_0, k), y);
                            if quads > 1u {
                                precise_1 = add_all_precise_squares(precise_1, target_block(quad_1, k), y);
                            }
                            if quads > 2u {
                                precise_2 = add_all_precise_squares(precise_2, target_block(quad_2, k), y);
                                precise_3 = add_all_precise_squares(precise_3, target_block(quad_3, k), y);
                            }
                        }
                        run_0 = add_precise_terms(run_0, precise_0, w);
                        if quads > 1u {
                            run_1 = add_precise_terms(run_1, precise_1, w);
                        }
                        if quads > 2u {
                            run_2 = add_precise_terms(run_2, precise_2, w);
                            run_3 = add_precise_terms(run_3, precise_3, w);
                        }
                    } else {
                        var squares_0: Squares;
                        var squares_1: Squares;
                        var squares_2: Squares;
                        var squares_3: Squares;
                        if held {
                            let y = tile_block(g, 0u);
                            squares_0 = add_squares(squares_0, x_0, y);
                            if blocks > 1u {
                                let z = tile_block(g, 4u);
                                squares_0 = add_squares(squares_0, x_1, z);
                                if quads > 1u {
                                    squares_1 = add_squares(squares_1, x_2, y);
                                    squares_1 = add_squares(squares_1, x_3, z);
                                }
                            } else if quads > 1u {
                                squares_1 = add_squares(squares_1, x_1, y);
                            }
                            if blocks > 2u {
                                squares_0 = add_squares(squares_0, x_2, tile_block(g, 8u));
                            } else if quads > 2u {
                                squares_2 = add_squares(squares_2, x_2, y);
                                squares_3 = add_squares(squares_3, x_3, y);
                            }
                            if blocks > 3u {
                                squares_0 = add_squares(squares_0, x_3, tile_block(g, 12u));
                            }
                        } else {
                            for (var k = 0u; k < coordinates; k += 4u) {
                                let y = tile_block(g, k);
                                squares_0 = add_squares(squares_0, target_block(quad_0, k), y);
                                if quads > 1u {
                                    squares_1 = add_squares(squares_1, target_block(quad_1, k), y);
                                }
                                if quads > 2u {
                                    squares_2 = add_squares(squares_2, target_block(quad_2, k), y);
                                    squares_3 = add_squares(squares_3, target_block(quad_3, k), y);
                                }
                            }
                        }
                        run_0 = add_terms(run_0, squares_0, w);
                        if quads > 1u {
                            run_1 = add_terms(run_1, squares_1, w);
                        }
                        if quads > 2u {
                            run_2 = add_terms(run_2, squares_2, w);
                            run_3 = add_terms(run_3, squares_3, w);
                        }
                    }
                }
                tile_0 += run_0;
                tile_1 += run_1;
                tile_2 += run_2;
                tile_3 += run_3;
            }
            workgroupBarrier();
            sum_0 = add(sum_0, tile_0);
            sum_1 = add(sum_1, tile_1);
            sum_2 = add(sum_2, tile_2);
            sum_3 = add(sum_3, tile_3);
            start = tile_end;
        }
    }
    store_quad(group, lane, 0u, part, sum_0);
    if quads > 1u {
        store_quad(group, lane, 1u, part, sum_1);
    }
    if quads > 2u {
        store_quad(group, lane, 2u, part, sum_2);
        store_quad(group, lane, 3u, part, sum_3);
    }
}

// Adds the sums of all parts to the earlier sums.
@compute @workgroup_size(WORKGROUP)
fn combine(@builtin(global_invocation_id) id: vec3<u32>) {
    let i = slice.first_target + id.x;
    if i >= slice.end_target {
        return;
    }
    let before = select(out[i], vec2<f32>(0.0), slice.fresh == 1u);
    var sum = Pair(vec4<f32>(before.x), vec4<f32>(before.y));
    // Starts from a zero that the compiler cannot know: see scatter.wgsl on branches.
    for (var part = slice.zero & id.x; part < slice.parts; part++) {
        let term = partial[part * slice.out_stride + id.x];
        sum = add(sum, vec4<f32>(term.x));
        sum.low += term.y;
    }
    out[i] = vec2<f32>(sum.high.x, sum.low.x);
}
