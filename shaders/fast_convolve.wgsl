// One convolution pass: out(n) = Σ_{|t| ≤ T} c_|t| · in(n + t) along one axis of a grid, zero
// outside it.
//
// Each invocation computes a quad (four consecutive nodes along the axis), in `across` for four
// columns, so that sixteen products share four loads. With high = c(m), c(m+1), … and low = c(m−4),
// c(m−3), …, where m = 4(b − g) for the quad b that is read and the quad g that is written:
//
//              v0      v1      v2      v3
//   sum 0    high.x  high.y  high.z  high.w
//   sum 1    low.w   high.x  high.y  high.z
//   sum 2    low.z   low.w   high.x  high.y
//   sum 3    low.y   low.z   low.w   high.x
//
// Twin of crates/core/src/engine/fast/passes.rs; dispatched by src/gpu/fast.rs with the plans in
// src/gpu/fast_convolve.rs.

const WORKGROUP: u32 = 64u;

struct Pass {
    // Items (invocations) of this dispatch: first … end − 1.
    first: u32,
    end: u32,
    // vec4s from one node to the next along the axis; in `along`, vec4s in a row.
    stride: u32,
    // Number of nodes along the axis.
    count: u32,
    // Quads of nodes that are read on either side.
    reach: u32,
    padding_0: u32,
    padding_1: u32,
    padding_2: u32,
}

@group(0) @binding(0) var<uniform> work: Pass;
// c_|t| for t = −4(reach + 1) … 4(reach + 1) − 1, zero where |t| > T.
@group(0) @binding(1) var<storage, read> taps: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read> grid: array<vec4<f32>>;
@group(0) @binding(3) var<storage, read_write> convolved: array<vec4<f32>>;

// Index of an invocation's item, in a dispatch of any shape.
fn item(group: vec3<u32>, groups: vec3<u32>, lane: u32) -> u32 {
    return work.first + ((group.z * groups.y + group.y) * groups.x + group.x) * WORKGROUP + lane;
}

// The node n of four columns, or zero beyond the last node.
fn node(base: u32, n: u32) -> vec4<f32> {
    let inside = n < work.count;
    return select(vec4<f32>(), grid[base + min(n, work.count - 1u) * work.stride], inside);
}

// The pass along any axis but the first, for four adjacent columns.
@compute @workgroup_size(WORKGROUP)
fn across(
    @builtin(workgroup_id) group_id: vec3<u32>,
    @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) lane: u32,
) {
    let id = item(group_id, groups, lane);
    if id >= work.end {
        return;
    }
    let fours = (work.count + 3u) / 4u;
    let column = id % work.stride;
    let rest = id / work.stride;
    let four = rest % fours;
    let base = rest / fours * work.count * work.stride + column;
    let begin = four - min(four, work.reach);
    let last = min(four + work.reach, fours - 1u);
    // c₀ is in taps[reach + 1].
    let middle = work.reach + 1u - four;
    var sum_0 = vec4<f32>();
    var sum_1 = vec4<f32>();
    var sum_2 = vec4<f32>();
    var sum_3 = vec4<f32>();
    var low = taps[middle + begin - 1u];
    for (var b = begin; b <= last; b++) {
        let high = taps[middle + b];
        let v_0 = node(base, 4u * b);
        let v_1 = node(base, 4u * b + 1u);
        let v_2 = node(base, 4u * b + 2u);
        let v_3 = node(base, 4u * b + 3u);
        sum_0 += (v_0 * high.x + v_1 * high.y) + (v_2 * high.z + v_3 * high.w);
        sum_1 += (v_0 * low.w + v_1 * high.x) + (v_2 * high.y + v_3 * high.z);
        sum_2 += (v_0 * low.z + v_1 * low.w) + (v_2 * high.x + v_3 * high.y);
        sum_3 += (v_0 * low.y + v_1 * low.z) + (v_2 * low.w + v_3 * high.x);
        low = high;
    }
    let n = 4u * four;
    let at = base + n * work.stride;
    convolved[at] = sum_0;
    if n + 1u < work.count {
        convolved[at + work.stride] = sum_1;
    }
    if n + 2u < work.count {
        convolved[at + 2u * work.stride] = sum_2;
    }
    if n + 3u < work.count {
        convolved[at + 3u * work.stride] = sum_3;
    }
}

// The pass along the first axis, whose nodes are contiguous, in rows padded to whole vec4s.
@compute @workgroup_size(WORKGROUP)
fn along(
    @builtin(workgroup_id) group_id: vec3<u32>,
    @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) lane: u32,
) {
    let id = item(group_id, groups, lane);
    if id >= work.end {
        return;
    }
    let four = id % work.stride;
    let base = id - four;
    let begin = four - min(four, work.reach);
    let last = min(four + work.reach, work.stride - 1u);
    let middle = work.reach + 1u - four;
    var sum = vec4<f32>();
    var low = taps[middle + begin - 1u];
    for (var b = begin; b <= last; b++) {
        let high = taps[middle + b];
        let v = grid[base + b];
        sum += vec4<f32>(
            dot(v, high),
            dot(v, vec4<f32>(low.w, high.xyz)),
            dot(v, vec4<f32>(low.zw, high.xy)),
            dot(v, vec4<f32>(low.yzw, high.x)),
        );
        low = high;
    }
    convolved[id] = sum;
}
