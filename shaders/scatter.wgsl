// Draws each target as a round dot, coloured by its field value.
//
// Places and values come as instance data, the values straight from the buffer that the reduction
// wrote.
// The view's centre is split into high + low, so that a deep zoom does not jitter.
//
// Nothing branches on a uniform: Mesa's software rasteriser compiles such a shader anew for each value
// of it, and keeps them all.
//
// Carried out by src/gpu/scatter.rs.

struct View {
    // Centre of the picture in centred data coordinates, as high + low.
    center: vec2<f32>,
    center_low: vec2<f32>,
    // Clip-space units per data unit.
    clip_per_data: vec2<f32>,
    // Clip-space units per pixel.
    clip_per_pixel: vec2<f32>,
    // Radius of a dot in pixels.
    radius: f32,
    opacity: f32,
    // Values that get the first and the last colour.
    low: f32,
    high: f32,
    // 1 for a logarithmic scale, else 0.
    logarithmic: u32,
    // 1 when a dot is drawn at the height of its value, else 0.
    height_is_value: u32,
    // How much of the rim's colour the edge of a dot takes, 0 to 1.
    rim: f32,
    // Brightness of the rim: 1 on dark backgrounds, 0 on light ones.
    rim_light: f32,
    // Colour of values too small for the range, and of those not known.
    below: vec4<f32>,
}

// Whether the target's format turns linear colours into sRGB by itself.
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
    let linear_place = (f - view.low) / (view.high - view.low);
    let log_place = (log2(f) - log2(view.low)) / (log2(view.high) - log2(view.low));
    // A field of one value has the colour in the middle.
    let t = select(0.5, select(linear_place, log_place, logarithmic), view.high > view.low);
    let place = clamp(t, 0.0, 1.0) * 255.0;
    let index = min(u32(place), 254u);
    let first = textureLoad(lut, vec2<u32>(index, 0u), 0);
    let second = textureLoad(lut, vec2<u32>(index + 1u, 0u), 0);
    let color = mix(first, second, place - f32(index));
    return select(color, view.below, logarithmic & (f <= 0.0));
}

@vertex
fn vertex(
    @builtin(vertex_index) corner: u32,
    @location(0) place: vec2<f32>,
    @location(1) f: f32,
) -> Dot {
    // The equilateral triangle around the dot, with one pixel of margin for the soft edge: half the
    // vertices of a square.
    let angle = 2.0943951 * f32(corner);
    let offset = vec2<f32>(sin(angle), cos(angle)) * (2.0 * (view.radius + 1.0));
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
    let coverage = clamp(view.radius + 0.5 - length(dot.offset), 0.0, 1.0);
    let alpha = coverage * view.opacity * dot.color.a;
    if alpha <= 0.0 {
        discard;
    }
    // A faint rim keeps dots apart from each other and from a background of their own colour.
    let edge = clamp(length(dot.offset) - (view.radius - 1.0), 0.0, 1.0);
    var rgb = mix(dot.color.rgb, vec3<f32>(view.rim_light), view.rim * edge);
    if linear_target {
        rgb = linear_from_srgb(rgb);
    }
    return vec4<f32>(rgb * alpha, alpha);
}
