// A part of gauss_sum.wgsl: squared distances of a quad to eight sources, accumulated coordinate by
// coordinate, so that a coordinate of a quad is read once for eight sources.

// Groups that `add_group` adds.
const AT_ONCE: u32 = 2u;

// The terms of a quad and of two groups, g and g + 1, in more than four coordinates; the second
// group counts only if `both`.
fn wide_terms(quad: u32, g: u32, both: bool) -> vec4<f32> {
    var a = vec4<f32>();
    var b = vec4<f32>();
    var c = vec4<f32>();
    var d = vec4<f32>();
    var e = vec4<f32>();
    var f = vec4<f32>();
    var h = vec4<f32>();
    var i = vec4<f32>();
    let last = select(g, g + 1u, both);
    var at = quad;
    for (var k = 0u; k < coordinates; k++) {
        let x = targets[at];
        let y = tile[g * coordinates + k];
        let z = tile[last * coordinates + k];
        var x_low = vec4<f32>();
        var y_low = vec4<f32>();
        var z_low = vec4<f32>();
        if exactness != USUAL {
            x_low = slice.low_scale * targets[slice.targets_low + at];
            y_low = tile[(tile_groups + g) * coordinates + k];
            z_low = tile[(tile_groups + last) * coordinates + k];
        }
        let da = difference(x, x_low, y.x, y_low.x);
        let db = difference(x, x_low, y.y, y_low.y);
        let dc = difference(x, x_low, y.z, y_low.z);
        let dd = difference(x, x_low, y.w, y_low.w);
        let de = difference(x, x_low, z.x, z_low.x);
        let df = difference(x, x_low, z.y, z_low.y);
        let dh = difference(x, x_low, z.z, z_low.z);
        let di = difference(x, x_low, z.w, z_low.w);
        a += da * da;
        b += db * db;
        c += dc * dc;
        d += dd * dd;
        e += de * de;
        f += df * df;
        h += dh * dh;
        i += di * di;
        at += slice.target_quads;
    }
    let second = group_terms(e, f, h, i, weights_of(last));
    return group_terms(a, b, c, d, weights_of(g)) + select(vec4<f32>(), second, both);
}

// Adds the terms of a quad, of the group g and, before `end`, of the next one.
fn add_group(before: Sums, x: Targets, quads_at: vec2<u32>, g: u32, end: u32) -> Sums {
    var run = before;
    run.a += wide_terms(quads_at.x, g, unrolled || g + 1u < end);
    return run;
}
