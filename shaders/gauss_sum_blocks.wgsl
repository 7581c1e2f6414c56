// A part of gauss_sum.wgsl: squared distances of one or two quads to four sources, over four
// coordinates at once. Up to sixteen coordinates of the targets stay in registers.

// Groups that `add_group` adds.
const AT_ONCE: u32 = 1u;

fn add_block_squares(before: Sums, x: Block, y: Block) -> Sums {
    return Sums(
        before.a + square(x, point(y.high, 0u), point(y.low, 0u)),
        before.b + square(x, point(y.high, 1u), point(y.low, 1u)),
        before.c + square(x, point(y.high, 2u), point(y.low, 2u)),
        before.d + square(x, point(y.high, 3u), point(y.low, 3u)),
    );
}

// Adds the terms of one or two quads and of the group g, four coordinates at once.
fn add_group(before: Sums, x: Targets, quads_at: vec2<u32>, g: u32, end: u32) -> Sums {
    var first: Sums;
    var second: Sums;
    if holds_blocks() {
        let y = tile_block(g, 0u);
        let z = tile_block(g, 4u);
        first = add_block_squares(add_block_squares(first, x.a, y), x.b, z);
        if quads > 1u {
            second = add_block_squares(add_block_squares(second, x.c, y), x.d, z);
        } else {
            if coordinates > 8u {
                first = add_block_squares(first, x.c, tile_block(g, 8u));
            }
            if coordinates > 12u {
                first = add_block_squares(first, x.d, tile_block(g, 12u));
            }
        }
    } else {
        for (var k = 0u; k < coordinates; k += 4u) {
            let y = tile_block(g, k);
            first = add_block_squares(first, target_block(quads_at.x, k), y);
            if quads > 1u {
                second = add_block_squares(second, target_block(quads_at.y, k), y);
            }
        }
    }
    let w = weights_of(g);
    var run = before;
    run.a += group_terms(first.a, first.b, first.c, first.d, w);
    if quads > 1u {
        run.b += group_terms(second.a, second.b, second.c, second.d, w);
    }
    return run;
}
