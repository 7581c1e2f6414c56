// Draws each target as a round dot, coloured by its field value.
//
// Places and values are vertex buffers, with eight dots an instance; the values are the buffer that
// the sum wrote. The view's centre is split into high + low, so that a deep zoom does not jitter.
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
    // Place on the colour scale, 0 … 1, of a value or of its logarithm to base 2:
    // middle + (value − low) · per_range. For a constant field per_range is 0 and middle ½.
    low: f32,
    per_range: f32,
    middle: f32,
    // 1 for a logarithmic scale, else 0.
    logarithmic: u32,
    // 1 when a dot is drawn at the height of its value, else 0.
    height_is_value: u32,
    // How much white is mixed into the edge of a dot, 0 to 1.
    rim: f32,
    // Colour of values ≤ 0 on a logarithmic scale.
    below: vec4<f32>,
}

// Whether the render target's format converts linear colours to sRGB.
override linear_target: bool = false;

@group(0) @binding(0) var<uniform> view: View;
@group(0) @binding(1) var lut: texture_2d<f32>;

struct Dot {
    @builtin(position) position: vec4<f32>,
    // Offset from the dot's centre, in pixels.
    @location(0) offset: vec2<f32>,
    @location(1) @interpolate(flat) color: vec4<f32>,
}

fn color_of(f: f32) -> vec4<f32> {
    let logarithmic = view.logarithmic == 1u;
    let value = select(f, log2(f), logarithmic);
    let t = view.middle + (value - view.low) * view.per_range;
    let place = clamp(t, 0.0, 1.0) * 255.0;
    let index = min(u32(place), 254u);
    let first = textureLoad(lut, vec2<u32>(index, 0u), 0);
    let second = textureLoad(lut, vec2<u32>(index + 1u, 0u), 0);
    let color = mix(first, second, place - f32(index));
    return select(color, view.below, logarithmic & (f <= 0.0));
}

// A pack of eight dots: their places, two in each vector, and their values.
struct Pack {
    @location(0) places_0: vec4<f32>,
    @location(1) places_1: vec4<f32>,
    @location(2) places_2: vec4<f32>,
    @location(3) places_3: vec4<f32>,
    @location(4) values_0: vec4<f32>,
    @location(5) values_1: vec4<f32>,
}

@vertex
fn vertex(@builtin(vertex_index) vertex: u32, pack: Pack) -> Dot {
    let k = vertex / 3u;
    let corner = vertex % 3u;
    let early = select(pack.places_0, pack.places_1, (k & 2u) != 0u);
    let late = select(pack.places_2, pack.places_3, (k & 2u) != 0u);
    let two_places = select(early, late, (k & 4u) != 0u);
    let place = select(two_places.xy, two_places.zw, (k & 1u) != 0u);
    let four_values = select(pack.values_0, pack.values_1, (k & 4u) != 0u);
    let two_values = select(four_values.xy, four_values.zw, (k & 2u) != 0u);
    let f = select(two_values.x, two_values.y, (k & 1u) != 0u);
    // The equilateral triangle around the dot and its soft edge: half as many vertices as a square.
    let side = f32(corner == 1u) - f32(corner == 2u);
    let corner_of_one = vec2<f32>(1.7320508 * side, select(-1.0, 2.0, corner == 0u));
    let offset = (view.radius + 0.5) * corner_of_one;
    let position = vec2<f32>(place.x, select(place.y, f, view.height_is_value == 1u));
    let center = ((position - view.center) - view.center_low) * view.clip_per_data;
    var dot: Dot;
    dot.position = vec4<f32>(center + offset * view.clip_per_pixel, 0.0, 1.0);
    dot.offset = offset;
    dot.color = color_of(f);
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
