// Copies the layer, a texture of the drawn dots, onto the plot, pixel by pixel.
//
// Recorded by src/gpu/layer.rs.

struct Place {
    // The window's pixel that shows the layer's first pixel.
    corner: vec2<f32>,
    // How much of the layer is seen, 0 to 1: dots in space are drawn opaque.
    opacity: f32,
    padding: f32,
}

@group(0) @binding(0) var<uniform> place: Place;
@group(0) @binding(1) var picture: texture_2d<f32>;

// One triangle that covers the viewport.
@vertex
fn vertex(@builtin(vertex_index) corner: u32) -> @builtin(position) vec4<f32> {
    let unit = vec2<f32>(f32((corner << 1u) & 2u), f32(corner & 2u));
    return vec4<f32>(unit * 2.0 - 1.0, 0.0, 1.0);
}

@fragment
fn fragment(@builtin(position) position: vec4<f32>) -> @location(0) vec4<f32> {
    let size = vec2<i32>(textureDimensions(picture));
    let pixel = clamp(vec2<i32>(position.xy - place.corner), vec2<i32>(0), size - 1);
    return textureLoad(picture, pixel, 0) * place.opacity;
}
