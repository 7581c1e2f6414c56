// A part of gauss_sum.wgsl: coordinates and exponents as pairs of f32, for fields without near pairs.

// Groups that `add_group` adds.
const AT_ONCE: u32 = 1u;

// `Squares` as pairs of f32.
struct PreciseSquares {
    a: Pair,
    b: Pair,
    c: Pair,
    d: Pair,
}

// v rounded toward zero to 12 bits: the product of two such numbers is exact in f32.
fn head(v: vec4<f32>) -> vec4<f32> {
    return bitcast<vec4<f32>>(bitcast<vec4<u32>>(v) & vec4<u32>(0xfffff000u));
}

// Adds (x − y)² to a sum of squares, as pairs of f32 (Dekker 1971).
fn add_precise_square(
    sum: Pair,
    x: vec4<f32>,
    x_low: vec4<f32>,
    y: f32,
    y_low: f32,
) -> Pair {
    let d = opaque(x - y);
    let d_low = rounding(x, vec4<f32>(-y), d) + (x_low - y_low);
    let d_head = head(d);
    var total = add(sum, d_head * d_head);
    total.low += (d - d_head) * (d + d_head) + 2.0 * d * d_low;
    return total;
}

fn add_precise_squares(before: Pair, x: Block, y: vec4<f32>, y_low: vec4<f32>) -> Pair {
    var squared = add_precise_square(before, x.high[0], x.low[0], y.x, y_low.x);
    if coordinates > 1u {
        squared = add_precise_square(squared, x.high[1], x.low[1], y.y, y_low.y);
    }
    if coordinates > 2u {
        squared = add_precise_square(squared, x.high[2], x.low[2], y.z, y_low.z);
    }
    if coordinates > 3u {
        squared = add_precise_square(squared, x.high[3], x.low[3], y.w, y_low.w);
    }
    return squared;
}

fn add_all_precise_squares(before: PreciseSquares, x: Block, y: Block) -> PreciseSquares {
    return PreciseSquares(
        add_precise_squares(before.a, x, point(y.high, 0u), point(y.low, 0u)),
        add_precise_squares(before.b, x, point(y.high, 1u), point(y.low, 1u)),
        add_precise_squares(before.c, x, point(y.high, 2u), point(y.low, 2u)),
        add_precise_squares(before.d, x, point(y.high, 3u), point(y.low, 3u)),
    );
}

// w·exp2(c·squared + shift), with the exponent as a pair of f32.
fn precise_term(squared: Pair, w: f32) -> vec4<f32> {
    let squared_head = head(squared.high);
    let rest = (squared.high - squared_head) + squared.low;
    let large = slice.c_head * squared_head;
    let small = slice.c_head * rest + slice.c_tail * (squared_head + rest);
    let exponent = opaque(large + small);
    let exponent_low = rounding(large, small, exponent);
    let shift = vec4<f32>(slice.shift);
    let shifted = opaque(exponent + shift);
    let shifted_low = rounding(exponent, shift, shifted) + exponent_low;
    let term = w * (exp2(shifted) * (1.0 + 0.6931472 * shifted_low));
    // Zero where the exponent is so low that the rounding error may be NaN, and where the weight is
    // zero, as the shift may make the term infinite.
    let nothing = slice.c * squared.high < vec4<f32>(-1e4);
    return select(term, vec4<f32>(0.0), nothing | vec4<bool>(w == 0.0));
}

// Adds a group's terms to the sum over its run.
fn add_precise_terms(run: vec4<f32>, squares: PreciseSquares, w: vec4<f32>) -> vec4<f32> {
    return run + ((precise_term(squares.a, w.x) + precise_term(squares.b, w.y))
        + (precise_term(squares.c, w.z) + precise_term(squares.d, w.w)));
}

// Adds the terms of the group g in extended precision, for up to four coordinates.
fn add_precise_group(before: Sums, x: Targets, g: u32) -> Sums {
    var run = before;
    let w = weights_of(g);
    let y = tile_block(g, 0u);
    // A loop over the sources: unrolled, the code would be four times as long.
    for (var s = 0u; s < GROUP; s++) {
        let high = point(y.high, s);
        let low = point(y.low, s);
        run.a += precise_term(add_precise_squares(Pair(), x.a, high, low), w[s]);
        if quads > 1u {
            run.b += precise_term(add_precise_squares(Pair(), x.b, high, low), w[s]);
        }
        if quads > 2u {
            run.c += precise_term(add_precise_squares(Pair(), x.c, high, low), w[s]);
            run.d += precise_term(add_precise_squares(Pair(), x.d, high, low), w[s]);
        }
    }
    return run;
}

// The terms of a quad and of the group g in extended precision, in more than four coordinates.
fn wide_precise_terms(quad: u32, g: u32) -> vec4<f32> {
    var squares: PreciseSquares;
    for (var k = 0u; k < coordinates; k += 4u) {
        squares = add_all_precise_squares(squares, target_block(quad, k), tile_block(g, k));
    }
    return add_precise_terms(vec4<f32>(), squares, weights_of(g));
}

// Adds the terms of the group g.
fn add_group(before: Sums, x: Targets, quads_at: vec2<u32>, g: u32, end: u32) -> Sums {
    if dim <= 4u {
        return add_precise_group(before, x, g);
    }
    var run = before;
    run.a += wide_precise_terms(quads_at.x, g);
    return run;
}
