//! Pictures of a scene: dots drawn offscreen by the device, axes and text by the figure layer.

use std::fmt::Write;

use crate::{
    color::Quantiles,
    engine::{EngineError, Unobserved},
    escape::escaped_path,
    figure::{self, FigureError, FigureSpec, ViewBox},
    gpu::{ColorTable, Gpu, GpuError},
    model::{DrawOrder, Input, Normalisation, Params, ViewParams},
    numbers::{format_number, format_si},
    plane::{Contour, Contours, LevelError},
    session::{ContourEffort, Scene, contours::outlines, contours_of},
};

/// Why there is no picture.
#[derive(Debug, thiserror::Error)]
pub enum PictureError {
    /// The device failed.
    #[error(transparent)]
    Gpu(#[from] GpuError),
    /// The figure could not be made.
    #[error(transparent)]
    Figure(#[from] FigureError),
    /// The image could not be encoded.
    #[error("the image could not be encoded: {0}")]
    Encode(#[from] png::EncodingError),
    /// The contours could not be computed.
    #[error("the contours could not be computed: {0}")]
    Contours(EngineError),
    /// The image could not be decoded.
    #[error("the image could not be decoded: {0}")]
    Decode(#[from] png::DecodingError),
}

/// A PNG file's bytes as RGBA with its width and height.
///
/// # Errors
/// When the bytes are not such a file.
pub fn decode(bytes: &[u8]) -> Result<(Vec<u8>, [u32; 2]), PictureError> {
    let mut decoder = png::Decoder::new(std::io::Cursor::new(bytes));
    decoder.set_transformations(
        png::Transformations::normalize_to_color8() | png::Transformations::ALPHA,
    );
    let mut reader = decoder.read_info()?;
    let bytes = reader.output_buffer_size().unwrap_or(0);
    let mut rgba = Vec::new();
    if rgba.try_reserve_exact(bytes).is_err() {
        let png::Info { width, height, .. } = *reader.info();
        let mebibytes = (bytes as u64) >> 20;
        return Err(FigureError::NoMemory { width, height, mebibytes }.into());
    }
    rgba.resize(bytes, 0);
    let info = reader.next_frame(&mut rgba)?;
    rgba.truncate(info.buffer_size());
    Ok((rgba, [info.width, info.height]))
}

/// An RGBA image as a PNG file's bytes.
///
/// # Errors
/// When the size is not that of the image.
pub fn encode(rgba: &[u8], size: [u32; 2]) -> Result<Vec<u8>, PictureError> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, size[0], size[1]);
    encoder.set_color(png::ColorType::Rgba);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.write_header()?.write_image_data(rgba)?;
    Ok(bytes)
}

/// Which picture to make of a scene.
#[derive(Clone, Debug, PartialEq)]
pub struct PictureSpec {
    /// Width and height in logical pixels.
    pub size: [u32; 2],
    /// Device pixels per logical pixel.
    pub scale: f32,
    /// Light on dark, or dark on light.
    pub dark: bool,
    /// What part of the plane to show; `None` is [`Scene::most`].
    pub view: Option<ViewBox>,
    /// Colours, dots and scaling.
    pub look: ViewParams,
}

/// What was computed, in one line: `σ = 0.3`, and the kernel when it is not plain.
pub fn title(scene: &Scene) -> String {
    let formula = match scene.params.normalisation {
        Normalisation::Sum => "Gaussian kernel sum",
        Normalisation::Mean => "Mean Gaussian kernel",
        Normalisation::Density => "Gaussian kernel density",
    };
    let unit = if scene.prepared.whitening.is_some() { " standard deviations" } else { "" };
    format!("{formula}, σ = {}{unit}", format_number(scene.sigma().get(), 4))
}

/// What it was computed from, in one line; at the home view with how many targets that leaves out.
pub fn subtitle(scene: &Scene, at_home: bool) -> String {
    let Scene { params, prepared, completeness, stats, .. } = scene;
    let origin = match &params.input {
        Input::Generated => format!("{}, seed {}", params.distribution.label(), params.seed),
        Input::Files { targets, sources, .. } => {
            let name = |path: &std::path::Path| {
                escaped_path(path.file_name().map_or(path, std::path::Path::new))
            };
            match sources {
                Some(sources) if sources != targets => {
                    format!("{} against {}", name(targets), name(sources))
                }
                _ => name(targets),
            }
        }
    };
    let points = &prepared.points;
    let count = |n: usize| format_number(n as f64, 12);
    let mut line = format!(
        "{origin}  ·  {} targets × {} sources  ·  {}",
        count(points.n()),
        count(points.m()),
        stats.engine
    );
    if *completeness < 1.0 {
        let percent = 100.0 * completeness;
        let _ = write!(line, "  ·  preview, {percent:.0} % of the sources");
    }
    if at_home && scene.shown.outside() > 0 {
        let _ = write!(line, "  ·  {} targets lie outside", count(scene.shown.outside()));
    }
    line
}

/// The contours that a picture of `scene` shows, if it is to show any, or why there are none.
fn lines_of(
    scene: &Scene,
    look: &ViewParams,
) -> Result<Option<Result<Contours, String>>, PictureError> {
    let Some(masses) = look.contours else { return Ok(None) };
    let (prepared, sigma, effort) = (&scene.prepared, scene.sigma(), ContourEffort::FULL);
    match contours_of(prepared, &scene.shown, sigma, masses, effort, &mut Unobserved) {
        Ok(found) => Ok(Some(Ok(found))),
        Err(LevelError::Engine(err)) => Err(PictureError::Contours(err)),
        Err(err) => Ok(Some(Err(err.to_string()))),
    }
}

/// What the contours of a picture enclose, to go after its subtitle.
fn contours_told(found: &Contours, dim: usize) -> String {
    let percent = |contour: &Contour| format_number(100.0 * contour.level.mass.get(), 4);
    let masses: Vec<String> = found.contours.iter().map(percent).collect();
    let of = if dim > 2 { " of the marginal" } else { "" };
    format!("  ·  contours around {} % of the mass{of}", masses.join(", "))
}

/// The categories that colours show, if they show any.
fn legend(scene: &Scene, dark: bool) -> Vec<([u8; 4], String)> {
    scene.colored.categories.as_ref().map_or_else(Vec::new, |categories| {
        categories.entries(dark).into_iter().map(|entry| (entry.color, entry.text)).collect()
    })
}

/// In which order dots are drawn, to go after a picture's subtitle.
fn order_told(order: DrawOrder) -> &'static str {
    match order {
        DrawOrder::Random => "  ·  dots in random order",
        DrawOrder::File => "  ·  dots in the order of the file",
        DrawOrder::Dense => "  ·  dense dots on top",
        DrawOrder::Sparse => "  ·  sparse dots on top",
    }
}

/// Draws `scene` as a PNG file's bytes.
///
/// # Errors
/// When the device fails or the picture is too large.
pub fn draw(gpu: &Gpu, scene: &Scene, spec: &PictureSpec) -> Result<Vec<u8>, PictureError> {
    let PictureSpec { size, scale, dark, view, look } = spec;
    let colors = scene.lut(look);
    let values = scene.scale(look);
    let [x_label, y_label] = scene.labels();
    let lines = lines_of(scene, look)?;
    let told = match &lines {
        None => String::new(),
        Some(Ok(found)) => contours_told(found, scene.prepared.points.dim()),
        Some(Err(reason)) => format!("  ·  no contours: {reason}"),
    };
    let lines = lines.and_then(Result::ok);
    let figure = FigureSpec {
        size: *size,
        scale: *scale,
        dark: *dark,
        title: title(scene),
        subtitle: subtitle(scene, view.is_none()) + &told + order_told(look.order),
        x_label,
        y_label,
        view: view.unwrap_or_else(|| scene.most()),
        equal_aspect: scene.has_equal_aspect(look),
        bar: true,
        lut: colors,
        scale_of_values: values.clone(),
        value_label: scene.value_label(),
        legend: legend(scene, *dark),
        outlines: lines.map_or_else(Vec::new, |found| outlines(&found, *dark)),
    };
    let layout = figure::layout(&figure);
    figure::check_size(layout.size)?;
    let size = [layout.plot.width as f32, layout.plot.height as f32];
    let radius = 0.5 * look.point_size * scale;
    let shown = &scene.shown;
    let dots = shown.scatter_view(&layout.view, size, radius, look.opacity, &values, *dark);
    let quantiles = values.quantiles.as_ref().map(Quantiles::table);
    let colors = ColorTable::new(gpu, &colors, quantiles.as_ref())?;
    let dots = gpu.picture(&scene.dots, &colors, &dots)?;
    let speed = format_si(scene.stats.pairs_per_second, "pairs/s");
    let description = format!(
        "{}; {}; {} on {}, {speed}",
        figure.title,
        figure.subtitle,
        scene.stats.engine,
        gpu.adapter().title()
    );
    let sigma = Some(scene.sigma());
    let parameters = Params { sigma, view: *look, ..scene.params.clone() };
    let parameters = serde_json::to_string(&parameters).unwrap_or_default();
    let metadata = [
        ("Software", format!("sigmascope {}", env!("CARGO_PKG_VERSION"))),
        ("Title", figure.title.clone()),
        ("Description", description),
        ("Comment", parameters),
    ];
    Ok(figure::png(&figure, &layout, &dots, &metadata)?)
}
