// Draws each target as a round dot, coloured by its field value.
//
// Places and values are vertex buffers, with eight dots an instance. The view's centre is split into high + low, so that a deep zoom does not jitter.
//
// Nothing branches on a uniform: Mesa's software rasteriser compiles such a shader again for each
// value of the uniform, and keeps every version.
//
// Recorded by src/gpu/scatter.rs.

struct View {
    // Centre of the picture, in data coordinates relative to the points' centre, as high + low.
    center: vec2<f32>,
    center_low: vec2<f32>,
    // Clip-space units per data unit.
    clip_per_data: vec2<f32>,
    // Clip-space units per pixel.
    clip_per_pixel: vec2<f32>,
    // Radius of a dot in pixels.
    radius: f32,
    opacity: f32,
    // Place on the colour scale, 0 … 1, of a value or of what its curve makes of it:
    // middle + (value − low) · per_range. For a constant field per_range is 0 and middle ½.
    low: f32,
    per_range: f32,
    middle: f32,
    // What is spread over the colours: the value (0), its logarithm to base 2 (1), its square root with
    // its sign (2), asinh(sharpness · value) (3); of an equalised scale see `equalised`.
    curve: u32,
    // 1 when a dot is drawn at the height of its value, else 0.
    height_is_value: u32,
    // How much white is mixed into the edge of a dot, 0 to 1.
    rim: f32,
    // Colour of values that have none: NaN, and those ≤ 0 on a logarithmic scale.
    below: vec4<f32>,
    // Colour of dots that are not marked where some are.
    rest: vec4<f32>,
    sharpness: f32,
    // Which dots are drawn: all (0), those that are not marked (1), those that are (2), none (3).
    drawn: u32,
    padding_0: u32,
    padding_1: u32,
}

// Stands for the value of a dot that is not marked, as in dots.wgsl.
const UNMARKED: f32 = -3.40282347e38;

// Whether the render target's format converts linear colours to sRGB.
override linear_target: bool = false;
// Whether what is spread over the colours is the part of all values that lies below.
override equalised: bool = false;

@group(0) @binding(0) var<uniform> view: View;
@group(0) @binding(1) var lut: texture_2d<f32>;
// The values below which 0, 1/1024, … 1 of all lie.
@group(0) @binding(2) var quantiles: texture_2d<f32>;

struct Dot {
    @builtin(position) position: vec4<f32>,
    // Offset from the dot's centre, in pixels.
    @location(0) offset: vec2<f32>,
    @location(1) @interpolate(flat) color: vec4<f32>,
}

// The part of all values that lies below f, 0 … 1: as `Quantiles::fraction`.
fn part_below(f: f32) -> f32 {
    // How many of the quantiles are smaller.
    var above = 0u;
    for (var step = 1024u; step > 0u; step /= 2u) {
        let next = above + step - 1u;
        let quantile = textureLoad(quantiles, vec2<u32>(min(next, 1024u), 0u), 0).x;
        above += select(0u, step, (next <= 1024u) & (quantile < f));
    }
    let high = textureLoad(quantiles, vec2<u32>(min(above, 1024u), 0u), 0).x;
    let low = textureLoad(quantiles, vec2<u32>(max(above, 1u) - 1u, 0u), 0).x;
    let part = select(1.0, (f - low) / (high - low), high > low);
    let place = (f32(max(above, 1u) - 1u) + clamp(part, 0.0, 1.0)) / 1024.0;
    return select(select(place, 1.0, above > 1024u), 0.0, above == 0u);
}

// What is spread over the colours: as `Scale` in src/color/scale.rs.
fn along(f: f32) -> f32 {
    if equalised {
        return part_below(f);
    }
    let size = abs(f);
    let root = sign(f) * sqrt(size);
    let x = min(view.sharpness * size, 1e9);
    let asinh_of = sign(f) * log(x + sqrt(x * x + 1.0));
    let straight = select(f, log2(f), view.curve == 1u);
    return select(select(straight, root, view.curve == 2u), asinh_of, view.curve == 3u);
}

fn color_of(f: f32) -> vec4<f32> {
    let t = view.middle + (along(f) - view.low) * view.per_range;
    let place = clamp(t, 0.0, 1.0) * 255.0;
    let index = min(u32(place), 254u);
    let first = textureLoad(lut, vec2<u32>(index, 0u), 0);
    let second = textureLoad(lut, vec2<u32>(index + 1u, 0u), 0);
    let color = mix(first, second, place - f32(index));
    let is_nan = (bitcast<u32>(f) & 0x7fffffffu) > 0x7f800000u;
    return select(color, view.below, is_nan | ((view.curve == 1u) & (f <= 0.0)));
}

// A pack of eight dots: their places, two in each vector, their values of f, and the values that their
// colours show.
struct Pack {
    @location(0) places_0: vec4<f32>,
    @location(1) places_1: vec4<f32>,
    @location(2) places_2: vec4<f32>,
    @location(3) places_3: vec4<f32>,
    @location(4) values_0: vec4<f32>,
    @location(5) values_1: vec4<f32>,
    @location(6) shown_0: vec4<f32>,
    @location(7) shown_1: vec4<f32>,
}

// Number k of eight.
fn one_of(first: vec4<f32>, second: vec4<f32>, k: u32) -> f32 {
    let four = select(first, second, (k & 4u) != 0u);
    let two = select(four.xy, four.zw, (k & 2u) != 0u);
    return select(two.x, two.y, (k & 1u) != 0u);
}

@vertex
fn vertex(@builtin(vertex_index) vertex: u32, pack: Pack) -> Dot {
    let k = vertex / 3u;
    let corner = vertex % 3u;
    let early = select(pack.places_0, pack.places_1, (k & 2u) != 0u);
    let late = select(pack.places_2, pack.places_3, (k & 2u) != 0u);
    let two_places = select(early, late, (k & 4u) != 0u);
    let place_of = select(two_places.xy, two_places.zw, (k & 1u) != 0u);
    let f = one_of(pack.values_0, pack.values_1, k);
    // The equilateral triangle around the dot and its soft edge: half as many vertices as a square.
    let side = f32(corner == 1u) - f32(corner == 2u);
    let corner_of_one = vec2<f32>(1.7320508 * side, select(-1.0, 2.0, corner == 0u));
    let offset = (view.radius + 0.5) * corner_of_one;
    let position = vec2<f32>(place_of.x, select(place_of.y, f, view.height_is_value == 1u));
    let center = ((position - view.center) - view.center_low) * view.clip_per_data;
    let shown = one_of(pack.shown_0, pack.shown_1, k);
    let is_rest = shown <= UNMARKED;
    let is_drawn = (view.drawn == select(2u, 1u, is_rest)) | (view.drawn == 0u);
    let place = vec4<f32>(center + offset * view.clip_per_pixel, 0.0, 1.0);
    var dot: Dot;
    // Outside of the picture are those that are not drawn.
    dot.position = select(vec4<f32>(2.0, 2.0, 0.0, 1.0), place, is_drawn);
    dot.offset = offset;
    dot.color = select(color_of(shown), view.rest, is_rest);
    return dot;
}

fn linear_from_srgb(srgb: vec3<f32>) -> vec3<f32> {
    let low = srgb / 12.92;
    let high = pow((srgb + 0.055) / 1.055, vec3<f32>(2.4));
    return select(high, low, srgb <= vec3<f32>(0.04045));
}

@fragment
fn fragment(dot: Dot) -> @location(0) vec4<f32> {
    let distance = length(dot.offset);
    let alpha = clamp(view.radius + 0.5 - distance, 0.0, 1.0) * view.opacity * dot.color.a;
    // A faint rim keeps dots apart from each other and from a background of their own colour.
    let edge = clamp(distance - (view.radius - 1.0), 0.0, 1.0);
    var rgb = mix(dot.color.rgb, vec3<f32>(1.0), view.rim * edge);
    if linear_target {
        rgb = linear_from_srgb(rgb);
    }
    return vec4<f32>(rgb * alpha, alpha);
}
