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
@group(0) @binding(2) var between: sampler;

// One triangle that covers the viewport.
@vertex
fn vertex(@builtin(vertex_index) corner: u32) -> @builtin(position) vec4<f32> {
    let unit = vec2<f32>(f32((corner << 1u) & 2u), f32(corner & 2u));
    return vec4<f32>(unit * 2.0 - 1.0, 0.0, 1.0);
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
        // A software adapter has a quicker way for this than for four texels and what lies between.
        rgb = textureSampleLevel(picture, between, at / vec2<f32>(size), 0.0).rgb;
    } else {
        rgb = textureLoad(picture, clamp(vec2<i32>(floor(at)), vec2<i32>(0), size - 1), 0).rgb;
    }
    if linear_target {
        rgb = linear_from_srgb(rgb);
    }
    let is_inside = all(at >= vec2<f32>(0.0)) & all(at < vec2<f32>(size));
    let alpha = select(0.0, place.opacity, is_inside);
    return vec4<f32>(rgb * alpha, alpha);
}
