// Adds up what the workgroups of an exact sum wrote: the sums of the parts of the sources, or of what
// is listed for a block of targets. Compiled with gauss_slice.wgsl; the kernel is gauss_sum.wgsl.

// Invocations in a workgroup.
const WORKGROUP: u32 = 64u;

// The pairs (sum, its rounding error) that the parts, or the items, wrote.
@group(0) @binding(1) var<storage, read> partial: array<vec2<f32>>;
// The same for each target, all added up.
@group(0) @binding(3) var<storage, read_write> out: array<vec2<f32>>;
// As in gauss_sum.wgsl.
@group(0) @binding(4) var<storage, read> lists: array<u32>;

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

// Adds the sums of all items of a target's block, and writes them to the target's own place.
@compute @workgroup_size(WORKGROUP)
fn combine_listed(@builtin(global_invocation_id) id: vec3<u32>) {
    let i = slice.first_target + id.x;
    if i >= slice.end_target {
        return;
    }
    let block = slice.items_at + i / slice.out_stride;
    var sum = Pair(vec4<f32>(), vec4<f32>());
    let end = lists[block + 1u] - slice.first_item;
    for (var item = lists[block] - slice.first_item; item < end; item++) {
        let term = partial[item * slice.out_stride + i % slice.out_stride];
        sum = add(sum, vec4<f32>(term.x));
        sum.low += term.y;
    }
    out[lists[slice.order_at + i]] = vec2<f32>(sum.high.x, sum.low.x);
}
