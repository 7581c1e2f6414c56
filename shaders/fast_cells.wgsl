// The sum over near pairs: sums[i] += Σ_j w_j exp2(c·‖x_i − y_j‖²), where j runs over the leaves of
// a k-d tree of sources that are within reach of the block of targets that contains x_i.
//
// A workgroup is a block of 64 targets. All its invocations walk the tree in preorder and skip
// subtrees out of the block's reach. A dispatch visits a range of nodes, so short that no
// invocation has more loop iterations than every driver allows.
//
// Coordinates are sums of two f32, high + low; the high difference of near points is exact. The sum
// over a leaf of 32 sources is added to the running sum with its rounding error kept (Neumaier
// 1974).
//
// Twin of crates/core/src/engine/fast/kd_tree.rs; dispatched by src/gpu/fast_cells.rs.

// Targets in a block.
const BLOCK: u32 = 64u;
// Quads (groups of four sources) in a leaf.
const LEAF: u32 = 8u;

override dim: u32 = 2u;

struct Walk {
    // Blocks of this dispatch: first … end − 1.
    first: u32,
    end: u32,
    // Number of targets.
    targets: u32,
    // Nodes of this dispatch: node … end_node − 1.
    node: u32,
    end_node: u32,
    // Number of nodes of the tree; in the buffer, the boxes of the blocks follow them.
    nodes: u32,
    // Number of quads of sources.
    fours: u32,
    // 1 when the sums start from zero, else 0.
    fresh: u32,
    // Always 0, which the compiler cannot know: see `opaque`.
    zero: u32,
    // −log2(e) / (2σ²)
    c: f32,
    // The square of the distance beyond which pairs are left out.
    reach: f32,
    padding: u32,
}

@group(0) @binding(0) var<uniform> work: Walk;
// Two vec4s for each node or box: the lowest corner and, for a node, the index of the node after
// its subtree; the highest corner and, for a node, the index of its first quad of sources.
@group(0) @binding(1) var<storage, read> tree: array<vec4<u32>>;
// For each target: the high parts, the low parts, and its index in `sums`.
@group(0) @binding(2) var<storage, read> targets: array<u32>;
// For each quad: the high parts of the first coordinates, of the second ones, …; then the low
// parts; then the weights.
@group(0) @binding(3) var<storage, read> sources: array<vec4<f32>>;
// (sum, its rounding error so far) for each target.
@group(0) @binding(4) var<storage, read_write> sums: array<vec2<f32>>;

struct Box {
    low: vec3<f32>,
    high: vec3<f32>,
}

// Returns v, hidden from compilers that reorder additions (as fast-math does), which would remove
// the rounding errors computed below.
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
    // Depends on the lane as far as the compiler knows: see scatter.wgsl on branches.
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
