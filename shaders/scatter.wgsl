// Draws each target as a round dot, coloured by its field value.
//
// In space the dots are opaque, and a depth buffer decides which one is seen: `vertex_space`.
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

// Place k of eight, two in each vector.
fn place_of_one(
    first: vec4<f32>,
    second: vec4<f32>,
    third: vec4<f32>,
    fourth: vec4<f32>,
    k: u32,
) -> vec2<f32> {
    let early = select(first, second, (k & 2u) != 0u);
    let late = select(third, fourth, (k & 2u) != 0u);
    let two = select(early, late, (k & 4u) != 0u);
    return select(two.xy, two.zw, (k & 1u) != 0u);
}

@vertex
fn vertex(@builtin(vertex_index) vertex: u32, pack: Pack) -> Dot {
    let k = vertex / 3u;
    let corner = vertex % 3u;
    let place_of = place_of_one(pack.places_0, pack.places_1, pack.places_2, pack.places_3, k);
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

// How a camera sees the dots in space.
struct Space {
    // The rows of the matrix from places to clip space.
    x: vec4<f32>,
    y: vec4<f32>,
    z: vec4<f32>,
    w: vec4<f32>,
    // Along which direction of the places a slab hides what lies outside of it, and its ends there.
    slab: vec3<f32>,
    slab_low: f32,
    slab_high: f32,
    // The w at which dots have the radius of the view: nearer ones are larger.
    distance: f32,
    padding_0: u32,
    padding_1: u32,
}

@group(0) @binding(3) var<uniform> space: Space;

// How much smaller or larger than the view's a radius may become, and what those of dots that are not
// marked are multiplied by.
const SMALLEST: f32 = 0.4;
const LARGEST: f32 = 4.0;
const REST_SIZE: f32 = 0.7;
// Half the diagonal of a pixel: a smaller dot may cover the middle of none.
const LEAST_RADIUS: f32 = 0.71;
// Beyond every place: those that have none.
const NOWHERE: f32 = 1e29;

// Eight dots in space: their places, two x and y in each vector, what their colours show, and their z.
struct PackInSpace {
    @location(0) places_0: vec4<f32>,
    @location(1) places_1: vec4<f32>,
    @location(2) places_2: vec4<f32>,
    @location(3) places_3: vec4<f32>,
    @location(6) shown_0: vec4<f32>,
    @location(7) shown_1: vec4<f32>,
    @location(8) thirds_0: vec4<f32>,
    @location(9) thirds_1: vec4<f32>,
}

struct DotInSpace {
    @builtin(position) position: vec4<f32>,
    @location(0) offset: vec2<f32>,
    @location(1) @interpolate(flat) color: vec4<f32>,
    @location(2) @interpolate(flat) radius: f32,
}

@vertex
fn vertex_space(@builtin(vertex_index) vertex: u32, pack: PackInSpace) -> DotInSpace {
    let k = vertex / 3u;
    let corner = vertex % 3u;
    let place_of = place_of_one(pack.places_0, pack.places_1, pack.places_2, pack.places_3, k);
    let place = vec4<f32>(place_of, one_of(pack.thirds_0, pack.thirds_1, k), 1.0);
    let shown = one_of(pack.shown_0, pack.shown_1, k);
    let is_rest = shown <= UNMARKED;
    let is_chosen = (view.drawn == select(2u, 1u, is_rest)) | (view.drawn == 0u);
    let along_slab = dot(space.slab, place.xyz);
    let is_inside = (along_slab >= space.slab_low) & (along_slab <= space.slab_high);
    let is_drawn = is_chosen & is_inside & (place.x < NOWHERE);
    let center = vec4<f32>(
        dot(space.x, place), dot(space.y, place), dot(space.z, place), dot(space.w, place)
    );
    let nearness = clamp(space.distance / max(center.w, 1e-9), SMALLEST, LARGEST);
    let size = view.radius * nearness * select(1.0, REST_SIZE, is_rest);
    let side = f32(corner == 1u) - f32(corner == 2u);
    let corner_of_one = vec2<f32>(1.7320508 * side, select(-1.0, 2.0, corner == 0u));
    var drawn: DotInSpace;
    drawn.radius = max(size, LEAST_RADIUS);
    drawn.offset = drawn.radius * corner_of_one;
    let moved = vec4<f32>(drawn.offset * view.clip_per_pixel * center.w, 0.0, 0.0);
    // Before the near plane are those that are not drawn.
    drawn.position = select(vec4<f32>(0.0, 0.0, -1.0, 1.0), center + moved, is_drawn);
    drawn.color = select(color_of(shown), view.rest, is_rest);
    return drawn;
}

@fragment
fn fragment_space(dot: DotInSpace) -> @location(0) vec4<f32> {
    let distance = length(dot.offset);
    if distance > dot.radius {
        discard;
    }
    let edge = clamp(distance - (dot.radius - 1.0), 0.0, 1.0);
    var rgb = mix(dot.color.rgb, vec3<f32>(1.0), view.rim * edge);
    if linear_target {
        rgb = linear_from_srgb(rgb);
    }
    return vec4<f32>(rgb, 1.0);
}
