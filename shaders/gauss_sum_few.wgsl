// A part of gauss_sum.wgsl: the terms of up to four coordinates.

// Groups that `add_group` adds.
const AT_ONCE: u32 = 1u;

fn quad_terms(x: Block, y: Block, w: vec4<f32>) -> vec4<f32> {
    return group_terms(
        square(x, point(y.high, 0u), point(y.low, 0u)),
        square(x, point(y.high, 1u), point(y.low, 1u)),
        square(x, point(y.high, 2u), point(y.low, 2u)),
        square(x, point(y.high, 3u), point(y.low, 3u)),
        w,
    );
}

// The terms of one target and the four sources of the group g, added up.
fn single_terms(x: Block, g: u32) -> f32 {
    let y = tile_block(g, 0u);
    let d0 = x.high[0] - y.high[0];
    var squared = d0 * d0;
    if coordinates > 1u {
        let d1 = x.high[1] - y.high[1];
        squared += d1 * d1;
    }
    if coordinates > 2u {
        let d2 = x.high[2] - y.high[2];
        squared += d2 * d2;
    }
    if coordinates > 3u {
        let d3 = x.high[3] - y.high[3];
        squared += d3 * d3;
    }
    var terms = term(squared);
    if weighted {
        terms *= tile_weights(g);
    }
    return (terms.x + terms.y) + (terms.z + terms.w);
}

// Adds the terms of the group g of the tile, for up to four coordinates.
fn add_group(before: Sums, x: Targets, quads_at: vec2<u32>, g: u32, end: u32) -> Sums {
    var run = before;
    if quads == 0u {
        run.a.x += single_terms(x.a, g);
        return run;
    }
    let w = weights_of(g);
    let y = tile_block(g, 0u);
    run.a += quad_terms(x.a, y, w);
    if quads > 1u {
        run.b += quad_terms(x.b, y, w);
    }
    if quads > 2u {
        run.c += quad_terms(x.c, y, w);
        run.d += quad_terms(x.d, y, w);
    }
    return run;
}
