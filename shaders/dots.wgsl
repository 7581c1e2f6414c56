// Puts the values of targets into the order in which their dots are drawn.
//
// Dispatched by src/gpu/dots.rs.

const WORKGROUP: u32 = 64u;

struct Work {
    n: u32,
    padding_0: u32,
    padding_1: u32,
    padding_2: u32,
}

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
