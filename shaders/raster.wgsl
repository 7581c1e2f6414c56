// Draws a picture of the field, coloured already, at the place that it has in the plot.
//
// Recorded by src/gpu/raster.rs.

struct Place {
    // The picture's pixel at the corner of the window, and the picture's pixels a pixel of the window.
    origin: vec2<f32>,
    per_pixel: vec2<f32>,
    opacity: f32,
    padding_0: u32,
    padding_1: u32,
    padding_2: u32,
}

// Whether the render target's format converts linear colours to sRGB.
override linear_target: bool = false;
// Whether colours are taken between the picture's pixels: where those are larger than the window's.
override smooth_between: bool = false;

@group(0) @binding(0) var<uniform> place: Place;
@group(0) @binding(1) var picture: texture_2d<f32>;

// One triangle that covers the viewport.
@vertex
fn vertex(@builtin(vertex_index) corner: u32) -> @builtin(position) vec4<f32> {
    let unit = vec2<f32>(f32((corner << 1u) & 2u), f32(corner & 2u));
    return vec4<f32>(unit * 2.0 - 1.0, 0.0, 1.0);
}

fn color_at(pixel: vec2<i32>, size: vec2<i32>) -> vec3<f32> {
    return textureLoad(picture, clamp(pixel, vec2<i32>(0), size - 1), 0).rgb;
}

fn linear_from_srgb(srgb: vec3<f32>) -> vec3<f32> {
    let low = srgb / 12.92;
    let high = pow((srgb + 0.055) / 1.055, vec3<f32>(2.4));
    return select(high, low, srgb <= vec3<f32>(0.04045));
}

@fragment
fn fragment(@builtin(position) position: vec4<f32>) -> @location(0) vec4<f32> {
    let size = vec2<i32>(textureDimensions(picture));
    let at = place.origin + position.xy * place.per_pixel;
    var rgb = vec3<f32>(0.0);
    if smooth_between {
        let low = floor(at - 0.5);
        let part = at - 0.5 - low;
        let first = vec2<i32>(low);
        let below = mix(color_at(first, size), color_at(first + vec2<i32>(1, 0), size), part.x);
        let next = first + vec2<i32>(0, 1);
        let above = mix(color_at(next, size), color_at(next + vec2<i32>(1, 0), size), part.x);
        rgb = mix(below, above, part.y);
    } else {
        rgb = color_at(vec2<i32>(floor(at)), size);
    }
    if linear_target {
        rgb = linear_from_srgb(rgb);
    }
    let is_inside = all(at >= vec2<f32>(0.0)) & all(at < vec2<f32>(size));
    let alpha = select(0.0, place.opacity, is_inside);
    return vec4<f32>(rgb * alpha, alpha);
}
