// sums[i] += Σ_j w_j exp2(c·‖x_i − y_j‖²) over the leaves of a tree of sources that are within reach of
// the block of targets that x_i is in.
//
// A workgroup is a block of 64 targets; all its invocations walk the tree together, each node before
// what is below it, and skip what is out of the block's reach. A dispatch walks a part of the tree, so
// short that no invocation has more iterations than any driver takes.
//
// Coordinates are the sum of two f32: near ones have an exact first difference. The sum of a leaf of
// 32 sources is added to the running one with its rounding error kept (Neumaier).
//
// Twin of src/engine/fast/cells.rs; carried out by src/gpu/fast_cells.rs.

// Targets of a block.
const BLOCK: u32 = 64u;
// Fours of sources of a leaf.
const LEAF: u32 = 8u;

override dim: u32 = 2u;

struct Walk {
    // Blocks of this dispatch, and the first that is none of them.
    first: u32,
    end: u32,
    // Number of targets.
    targets: u32,
    // Nodes of this dispatch, and the first that is none of them.
    node: u32,
    end_node: u32,
    // Nodes of the tree; the boxes of the blocks lie behind them.
    nodes: u32,
    // Fours of sources.
    fours: u32,
    // 1 when the sums start from zero, else 0.
    fresh: u32,
    // Always 0, which no compiler knows: see `opaque`.
    zero: u32,
    // −log2(e) / (2σ²)
    c: f32,
    // The square of the distance beyond which nothing counts.
    reach: f32,
    padding: u32,
}

@group(0) @binding(0) var<uniform> work: Walk;
// Two of each node or box. The lowest corner and the node behind all that is below; the highest corner
// and the first four of its sources.
@group(0) @binding(1) var<storage, read> tree: array<vec4<u32>>;
// Of each target: high parts, low parts, and its number.
@group(0) @binding(2) var<storage, read> targets: array<u32>;
// Of each four: the high parts of their first coordinates, of their second ones, …; the low parts; the
// weights.
@group(0) @binding(3) var<storage, read> sources: array<vec4<f32>>;
// (sum, its rounding error so far) for each target.
@group(0) @binding(4) var<storage, read_write> sums: array<vec2<f32>>;

struct Box {
    low: vec3<f32>,
    high: vec3<f32>,
}

// The same number, but a compiler that reorders sums cannot see through it.
fn opaque(v: f32) -> f32 {
    return bitcast<f32>(bitcast<u32>(v) ^ work.zero);
}

fn box_at(k: u32) -> Box {
    return Box(bitcast<vec3<f32>>(tree[2u * k].xyz), bitcast<vec3<f32>>(tree[2u * k + 1u].xyz));
}

fn target_part(at: u32, k: u32) -> f32 {
    return bitcast<f32>(targets[at + k]);
}

@compute @workgroup_size(BLOCK)
fn cells(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) lane: u32,
) {
    let block = work.first + (group.z * groups.y + group.y) * groups.x + group.x;
    let i = block * BLOCK + lane;
    if block >= work.end || i >= work.targets {
        return;
    }
    let here = box_at(work.nodes + block);
    let stride = 2u * dim + 1u;
    let at = i * stride;
    var x = vec3<f32>(target_part(at, 0u), 0.0, 0.0);
    var x_low = vec3<f32>(target_part(at, dim), 0.0, 0.0);
    if dim > 1u {
        x.y = target_part(at, 1u);
        x_low.y = target_part(at, dim + 1u);
    }
    if dim > 2u {
        x.z = target_part(at, 2u);
        x_low.z = target_part(at, dim + 2u);
    }
    let number = targets[at + 2u * dim];
    let before = select(sums[number], vec2<f32>(), work.fresh == 1u);
    var sum = before.x;
    var error = before.y;
    // Which no compiler knows to be the same for all: see scatter.wgsl on branches.
    var node = work.node + (work.zero & lane);
    while node < work.end_node {
        let there = box_at(node);
        let gap = max(max(there.low - here.high, here.low - there.high), vec3<f32>());
        let next = tree[2u * node].w;
        if dot(gap, gap) > work.reach {
            node = next;
            continue;
        }
        node++;
        if node < next {
            continue;
        }
        let first = tree[2u * node - 1u].w;
        let end = min(first + LEAF, work.fours);
        var terms = vec4<f32>();
        for (var four = first; four < end; four++) {
            let y = four * stride;
            let d_0 = (x.x - sources[y]) + (x_low.x - sources[y + dim]);
            var squared = d_0 * d_0;
            if dim > 1u {
                let d_1 = (x.y - sources[y + 1u]) + (x_low.y - sources[y + dim + 1u]);
                squared += d_1 * d_1;
            }
            if dim > 2u {
                let d_2 = (x.z - sources[y + 2u]) + (x_low.z - sources[y + dim + 2u]);
                squared += d_2 * d_2;
            }
            terms += sources[y + 2u * dim] * exp2(work.c * squared);
        }
        let leaf = (terms.x + terms.y) + (terms.z + terms.w);
        let total = opaque(sum + leaf);
        let leaf_seen = opaque(total - sum);
        error += (sum - opaque(total - leaf_seen)) + (leaf - leaf_seen);
        sum = total;
    }
    sums[number] = vec2<f32>(sum, error);
}
