// Fills the plot's background with one colour.
//
// Recorded by src/gpu/backdrop.rs.

// The colour in the render target's colour space, 0 to 1; fixed when the pipeline is made.
override red: f32 = 0.0;
override green: f32 = 0.0;
override blue: f32 = 0.0;

// One triangle that covers the viewport.
@vertex
fn vertex(@builtin(vertex_index) corner: u32) -> @builtin(position) vec4<f32> {
    let unit = vec2<f32>(f32((corner << 1u) & 2u), f32(corner & 2u));
    return vec4<f32>(unit * 2.0 - 1.0, 0.0, 1.0);
}

@fragment
fn fragment() -> @location(0) vec4<f32> {
    return vec4<f32>(red, green, blue, 1.0);
}
