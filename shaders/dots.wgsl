// Puts the values of targets into the order in which their dots are drawn, and marks some of the dots.
//
// Dispatched by src/gpu/dots.rs.

const WORKGROUP: u32 = 64u;

struct Work {
    n: u32,
    // 0 where dots are drawn in the order of their targets.
    has_order: u32,
    padding_0: u32,
    padding_1: u32,
}

// Stands for the value of a dot that is not marked: the lowest finite number, as in scatter.wgsl.
const UNMARKED: f32 = -3.40282347e38;

@group(0) @binding(0) var<uniform> work: Work;
// The target that each dot is, in the order of drawing.
@group(0) @binding(1) var<storage, read> order: array<u32>;
@group(0) @binding(2) var<storage, read> values: array<f32>;
@group(0) @binding(3) var<storage, read_write> arranged: array<f32>;

@compute @workgroup_size(WORKGROUP)
fn arrange(
    @builtin(global_invocation_id) id: vec3<u32>,
    @builtin(num_workgroups) groups: vec3<u32>,
) {
    for (var i = id.x; i < work.n; i += groups.x * WORKGROUP) {
        arranged[i] = values[order[i]];
    }
}

// A bit for each target: whether it is marked.
@group(0) @binding(4) var<storage, read> marks: array<u32>;

// Here `values` are in the order of drawing.
@compute @workgroup_size(WORKGROUP)
fn mark(
    @builtin(global_invocation_id) id: vec3<u32>,
    @builtin(num_workgroups) groups: vec3<u32>,
) {
    for (var i = id.x; i < work.n; i += groups.x * WORKGROUP) {
        let target_of = select(i, order[i], work.has_order == 1u);
        let is_marked = ((marks[target_of / 32u] >> (target_of % 32u)) & 1u) == 1u;
        arranged[i] = select(UNMARKED, values[i], is_marked);
    }
}
