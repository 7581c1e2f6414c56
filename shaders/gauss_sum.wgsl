// The exact sum: out[i] += Σ_j w_j exp2(c·‖x_i − y_j‖²), for the targets i and the sources j of one
// slice.
//
// Each invocation computes one target, or `quads` quads of targets (a quad is four consecutive
// ones), so that a source read from workgroup memory serves them all. Sources are stored in groups
// of four, coordinate by coordinate: one vec4 holds the k-th coordinate of a group. A workgroup
// stages groups through `tile`. Terms are added up in runs of eight groups, so short that equal
// terms, whose roundings all have one sign, lose no digits; the sum over a tile is added to the
// running sum with its rounding error kept (Neumaier 1974), so that neither a million sources nor a
// chunk of one costs digits.
//
// If `unrolled`, a tile is always full, padded with sources that add nothing. Otherwise it ends
// with the chunk.
//
// `add_groups`, which adds the terms of a run, and `add_group`, which it calls, stand in files of
// their own, one of each of which is compiled with this one and with gauss_slice.wgsl: a driver
// takes long over code that it then leaves out.
//
//   gauss_sum_looped.wgsl     a loop over the groups of a run, or
//   gauss_sum_unrolled.wgsl   the eight groups of a run one after the other, and
//   gauss_sum_few.wgsl        up to four coordinates
//   gauss_sum_blocks.wgsl     more coordinates, four at once
//   gauss_sum_wide.wgsl       more coordinates, one at a time for eight sources
//   gauss_sum_extended.wgsl   any number of coordinates, in extended precision
//
// Where a slice has few targets, its sources are split into parts, one for each y of the dispatch;
// each part writes sums of its own, and gauss_combine.wgsl adds them up.
//
// If `listed`, targets and sources are sorted so that neighbours are together, and a workgroup
// looks at those blocks of sources alone that are listed for it (src/gpu/sum_lists.rs): the near
// ones first, then, where one of its targets is low, the others whose terms are not zero. Its sums
// go to a place of their own, too.
//
// Twin of the double loop in crates/core/src/engine/naive.rs; dispatched by src/gpu/gauss_sum.rs.
// Control flow is uniform in a workgroup: targets beyond the end are clamped, never skipped.

// Sources in a group.
const GROUP: u32 = 4u;
// Groups in a run, whose terms are added up before that sum is added to the tile's.
const RUN: u32 = 8u;
// Groups in a block of sources, where they are listed.
const BLOCK: u32 = 16u;

// Number of coordinates of a point.
override dim: u32 = 2u;
// Number of stored coordinates: `dim` up to four, else the next multiple of four, padded with
// zeros.
override coordinates: u32 = 2u;
// Whether sources have weights; otherwise every weight is 1.
override weighted: bool = false;
// Invocations in a workgroup, and quads of targets in an invocation: 1, 2 or 4, or 0 where it has
// one target.
override lanes: u32 = 64u;
override quads: u32 = 2u;
// Groups in a tile, a multiple of RUN if `unrolled`, and vec4s that a tile takes.
override tile_groups: u32 = 64u;
override tile_size: u32 = 128u;
// Whether tiles are full and runs unrolled.
override unrolled: bool = false;
// Whether more than four coordinates are summed four at once.
override by_blocks: bool = false;
// Whether a workgroup takes the blocks of sources that are listed for it.
override listed: bool = false;

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
// If `listed`: four numbers for each item (a workgroup's work): its block of targets, and where in
// here its blocks of sources begin, where the near ones end, and where the others end. Behind them
// those blocks; the first item of each block of targets; the index of each sorted target.
@group(0) @binding(4) var<storage, read> lists: array<u32>;

// The staged groups: high parts, then low parts unless USUAL, then weights if `weighted`.
var<workgroup> tile: array<vec4<f32>, tile_size>;
// Whether one of the workgroup's targets needs more than what is near.
var<workgroup> is_low: atomic<u32>;

// Up to four coordinates of four points: high[k] holds the k-th coordinate of each.
struct Block {
    high: array<vec4<f32>, 4>,
    low: array<vec4<f32>, 4>,
}

// Index of the q-th quad of targets of this invocation, clamped to the slice; `first` is the
// workgroup's first target.
fn quad_index(first: u32, lane: u32, q: u32) -> u32 {
    return min(first / 4u + q * lanes + lane, (slice.end_target - 1u) / 4u);
}

// Coordinates of one target, up to four; `start` is 0 for high parts, `targets_low` for low ones.
fn one_target(start: u32, i: u32) -> vec4<f32> {
    if dim == 2u {
        let pair = targets[start + i / 2u];
        return vec4<f32>(select(pair.xy, pair.zw, (i & 1u) == 1u), 0.0, 0.0);
    }
    let at = start + i / 4u;
    var x = vec4<f32>(targets[at][i % 4u], 0.0, 0.0, 0.0);
    if coordinates > 1u {
        x.y = targets[at + slice.target_quads][i % 4u];
        x.z = targets[at + 2u * slice.target_quads][i % 4u];
    }
    if coordinates > 3u {
        x.w = targets[at + 3u * slice.target_quads][i % 4u];
    }
    return x;
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

// exp2(c·squared).
fn term(squared: vec4<f32>) -> vec4<f32> {
    return exp2(slice.c * squared);
}

// The terms of four targets and the four sources of a group, added up.
fn group_terms(a: vec4<f32>, b: vec4<f32>, c: vec4<f32>, d: vec4<f32>, w: vec4<f32>) -> vec4<f32> {
    if weighted {
        return (w.x * term(a) + w.y * term(b)) + (w.z * term(c) + w.w * term(d));
    }
    // Added in pairs, which is exact where all four are equal.
    return (term(a) + term(b)) + (term(c) + term(d));
}

// The end of the chunk that contains the source `start`, at most `end`.
fn chunk_end(start: u32, end: u32) -> u32 {
    return min((start / slice.chunk + 1u) * slice.chunk, end);
}

// The group of sources that becomes the group g of the tile, whose first is `first`; if `listed`,
// `first` is where the blocks of the tile are listed.
fn group_of(first: u32, g: u32) -> u32 {
    if listed {
        return BLOCK * lists[first + g / BLOCK] + g % BLOCK;
    }
    return first + g;
}

// Which sources of a group are to be summed: of `start` … `end` − 1. Those of the group g of the
// tile that are beyond its `count` groups are not.
fn inside(group: u32, g: u32, count: u32, start: u32, end: u32) -> vec4<bool> {
    let j = GROUP * group + vec4<u32>(0u, 1u, 2u, 3u);
    return (j >= vec4<u32>(start)) & (j < vec4<u32>(end)) & vec4<bool>(g < count);
}

// Copies `count` groups into the tile; sources that are not in start … end − 1 get the weight zero,
// or without weights a place so far away that their terms are zero. If `unrolled`, so does what is
// left of the tile.
fn stage(lane: u32, first: u32, count: u32, start: u32, end: u32) {
    let staged = select(count, tile_groups, unrolled && !listed);
    for (var k = lane; k < staged * coordinates; k += lanes) {
        let g = k / coordinates;
        let group = group_of(first, min(g, count - 1u));
        let at = group * coordinates + k % coordinates;
        var value = sources[at];
        if !weighted && k % coordinates == 0u {
            value = select(vec4<f32>(slice.far), value, inside(group, g, count, start, end));
        }
        tile[k] = value;
        if exactness != USUAL {
            tile[tile_groups * coordinates + k] = slice.low_scale * sources[slice.sources_low + at];
        }
    }
    if weighted {
        var before = tile_groups * coordinates;
        if exactness != USUAL {
            before *= 2u;
        }
        for (var g = lane; g < staged; g += lanes) {
            let group = group_of(first, min(g, count - 1u));
            let w = sources[slice.weights + group];
            tile[before + g] = select(vec4<f32>(0.0), w, inside(group, g, count, start, end));
        }
    }
}

// The sums of an invocation's quads; of a single target in a.x.
struct Sums {
    a: vec4<f32>,
    b: vec4<f32>,
    c: vec4<f32>,
    d: vec4<f32>,
}

// The coordinates of an invocation's quads; of a single target in `a`, the same in all four. More
// than four coordinates that stay in registers: blocks of four, those of the first quad before
// those of the second.
struct Targets {
    a: Block,
    b: Block,
    c: Block,
    d: Block,
}

fn weights_of(g: u32) -> vec4<f32> {
    if weighted {
        return tile_weights(g);
    }
    return vec4<f32>(1.0);
}

// Whether the coordinates of all quads stay in registers, beyond four of them.
fn holds_blocks() -> bool {
    return by_blocks && exactness != EXTENDED && coordinates * quads <= 16u;
}

// Writes the sum of target i, whose place in the workgroup is `local`.
fn store(item: u32, local: u32, i: u32, sum: f32, error: f32) {
    if i >= slice.end_target {
        return;
    }
    if listed {
        out[item * slice.out_stride + local] = vec2<f32>(sum, error);
        return;
    }
    let at = item * slice.out_stride + i - slice.out_first;
    // Sums of parts start from zero; `combine` adds the earlier sums.
    let nothing = (slice.fresh == 1u) | (slice.parts > 1u);
    let before = select(out[at], vec2<f32>(0.0), nothing);
    // The slice's sum is added to the earlier one as the tiles' are (Neumaier).
    let total = before.x + sum;
    let seen = bitcast<f32>(bitcast<u32>(total - before.x) ^ slice.zero);
    let rest = (before.x - bitcast<f32>(bitcast<u32>(total - seen) ^ slice.zero)) + (sum - seen);
    out[at] = vec2<f32>(total, before.y + error + rest);
}

fn store_quad(first: u32, lane: u32, q: u32, item: u32, sum: Pair) {
    let local = 4u * (q * lanes + lane);
    let i = first + local;
    store(item, local, i, sum.high.x, sum.low.x);
    store(item, local + 1u, i + 1u, sum.high.y, sum.low.y);
    store(item, local + 2u, i + 2u, sum.high.z, sum.low.z);
    store(item, local + 3u, i + 3u, sum.high.w, sum.low.w);
}

// Whether the sum of some target of this invocation is below `enough`.
fn has_low(a: Pair, b: Pair, c: Pair, d: Pair) -> bool {
    let enough = vec4<f32>(slice.enough);
    if quads == 0u {
        return abs(a.high.x) < slice.enough;
    }
    var low = any(abs(a.high) < enough);
    if quads > 1u {
        low |= any(abs(b.high) < enough);
    }
    if quads > 2u {
        low |= any(abs(c.high) < enough) | any(abs(d.high) < enough);
    }
    return low;
}

@compute @workgroup_size(lanes)
fn gauss_sum(
    @builtin(workgroup_id) group_id: vec3<u32>,
    @builtin(local_invocation_index) lane: u32,
) {
    let per_group = select(4u * quads, 1u, quads == 0u) * lanes;
    var first = slice.first_target + group_id.x * per_group;
    // Where the sums go: the part, or the item within the slice.
    var place = group_id.y;
    // Of the sources, or of what is listed: what is looked at now, and where all ends.
    var start = slice.first_source + group_id.y * slice.part_length;
    var stop = min(start + slice.part_length, slice.end_source);
    var all = stop;
    if listed {
        let item = 4u * (slice.first_item + group_id.x);
        first = lists[item] * per_group;
        place = group_id.x;
        start = lists[item + 1u];
        stop = lists[item + 2u];
        all = lists[item + 3u];
    }
    let quad_0 = quad_index(first, lane, 0u);
    let quad_1 = quad_index(first, lane, 1u);
    let quads_at = vec2<u32>(quad_0, quad_1);
    var x: Targets;
    if quads == 0u {
        let i = min(first + lane, slice.end_target - 1u);
        let high = one_target(0u, i);
        x.a.high[0] = vec4<f32>(high.x);
        x.a.high[1] = vec4<f32>(high.y);
        x.a.high[2] = vec4<f32>(high.z);
        x.a.high[3] = vec4<f32>(high.w);
    } else if dim <= 4u {
        x.a = target_block(quad_0, 0u);
        if quads > 1u {
            x.b = target_block(quad_1, 0u);
        }
        if quads > 2u {
            x.c = target_block(quad_index(first, lane, 2u), 0u);
            x.d = target_block(quad_index(first, lane, 3u), 0u);
        }
    } else if holds_blocks() {
        x.a = target_block(quad_0, 0u);
        x.b = target_block(quad_0, 4u);
        if quads > 1u {
            x.c = target_block(quad_1, 0u);
            x.d = target_block(quad_1, 4u);
        } else {
            if coordinates > 8u {
                x.c = target_block(quad_0, 8u);
            }
            if coordinates > 12u {
                x.d = target_block(quad_0, 12u);
            }
        }
    }
    var sum_0: Pair;
    var sum_1: Pair;
    var sum_2: Pair;
    var sum_3: Pair;
    while start < all {
        if listed && start >= stop {
            // All that is near has been summed. Is that too little for some target?
            workgroupBarrier();
            if lane == 0u {
                atomicStore(&is_low, 0u);
            }
            workgroupBarrier();
            if has_low(sum_0, sum_1, sum_2, sum_3) {
                atomicStore(&is_low, 1u);
            }
            workgroupBarrier();
            if atomicLoad(&is_low) == 0u {
                break;
            }
            stop = all;
        }
        var tile_first = start;
        var tile_start = 0u;
        var tile_end = slice.end_source;
        var count = 0u;
        if listed {
            let blocks = min(tile_groups / BLOCK, stop - start);
            count = BLOCK * blocks;
            start += blocks;
        } else {
            tile_first = start / GROUP;
            tile_start = start;
            tile_end = min(GROUP * (tile_first + tile_groups), stop);
            if !unrolled {
                tile_end = chunk_end(start, tile_end);
            }
            count = (tile_end - 1u) / GROUP + 1u - tile_first;
            start = tile_end;
        }
        stage(lane, tile_first, count, tile_start, tile_end);
        workgroupBarrier();
        var tile_sum = Sums();
        // The loop over a full tile has a constant end, but where few blocks are listed.
        let groups = select(count, tile_groups, unrolled && !listed);
        for (var g = 0u; g < groups; g += RUN) {
            let run = add_groups(Sums(), x, quads_at, g, min(g + RUN, groups));
            tile_sum.a += run.a;
            tile_sum.b += run.b;
            tile_sum.c += run.c;
            tile_sum.d += run.d;
        }
        workgroupBarrier();
        sum_0 = add(sum_0, tile_sum.a);
        if quads > 1u {
            sum_1 = add(sum_1, tile_sum.b);
        }
        if quads > 2u {
            sum_2 = add(sum_2, tile_sum.c);
            sum_3 = add(sum_3, tile_sum.d);
        }
    }
    if quads == 0u {
        store(place, lane, first + lane, sum_0.high.x, sum_0.low.x);
        return;
    }
    store_quad(first, lane, 0u, place, sum_0);
    if quads > 1u {
        store_quad(first, lane, 1u, place, sum_1);
    }
    if quads > 2u {
        store_quad(first, lane, 2u, place, sum_2);
        store_quad(first, lane, 3u, place, sum_3);
    }
}
