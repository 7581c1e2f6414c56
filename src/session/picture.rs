//! Pictures of a scene: dots drawn offscreen by the device, axes and text by the figure layer.

use std::{fmt::Write, sync::Arc};

use crate::{
    color::{Quantiles, lut},
    engine::{EngineError, Unobserved},
    escape::escaped_path,
    figure::{self, FigureError, FigureSpec, Marginal, Outline, Palette, ViewBox},
    gpu::{ColorTable, Gpu, GpuError},
    model::{DrawOrder, Input, Normalisation, ViewParams},
    numbers::{format_number, format_si},
    plane::{Contour, Contours, LevelError},
    session::{
        ContourEffort, Curve, Density, DensityWish, NEUTRAL_DOT, Scene, SpacePicture,
        contours::outlines, contours_of, density::density_of, space_picture, value_label,
    },
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
    /// The estimate between the dots could not be computed.
    #[error("the raster could not be computed: {0}")]
    Density(EngineError),
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
    /// From where targets in space are looked at.
    pub space: SpacePicture,
    /// Colours, dots and scaling.
    pub look: ViewParams,
    /// A bit for each target, as in [`TargetMarks`](super::TargetMarks): whether it is selected; `None` where
    /// nothing is.
    pub marks: Option<Arc<[u32]>>,
}

/// What was computed, in one line: `σ = 0.3`, and the kernel when it is not plain.
pub fn title(scene: &Scene) -> String {
    let formula = match scene.params.normalisation {
        Normalisation::Sum => "Gaussian kernel sum",
        Normalisation::Mean => "Mean Gaussian kernel",
        Normalisation::Density => "Gaussian kernel density",
    };
    let logarithmic = scene.prepared.drawn.targets().logarithmic();
    let unit = match scene.prepared.whitening {
        Some(_) => " standard deviations",
        None if logarithmic.iter().all(|is| *is) => " decades",
        None => "",
    };
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
        let of = if scene.shown.space().is_some() { " of the box" } else { "" };
        let _ = write!(line, "  ·  {} targets lie outside{of}", count(scene.shown.outside()));
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
fn order_told(scene: &Scene, look: &ViewParams) -> &'static str {
    // On a raster all have one colour, and in space the nearest is seen.
    if !look.dots || (look.raster && !scene.shown.is_line()) || scene.shown.space().is_some() {
        return "";
    }
    match look.order {
        DrawOrder::Random => "  ·  dots in random order",
        DrawOrder::File => "  ·  dots in the order of the file",
        DrawOrder::Dense => "  ·  dense dots on top",
        DrawOrder::Sparse => "  ·  sparse dots on top",
    }
}

/// How many targets are selected, to go after a picture's subtitle.
fn selected_told(scene: &Scene, marks: Option<&[u32]>, look: &ViewParams) -> String {
    let Some(marks) = marks.filter(|_| look.dots) else { return String::new() };
    let selected: u64 = marks.iter().map(|word| u64::from(word.count_ones())).sum();
    let count = |n: u64| format_number(n as f64, 12);
    let rest = if look.hides_rest { "hidden" } else { "grey" };
    let n = scene.prepared.points.n() as u64;
    format!("  ·  {} of {} selected, the rest {rest}", count(selected), count(n))
}

/// The colours of f, whatever those of the dots are.
fn colors_of_f(look: &ViewParams) -> [[u8; 4]; 256] {
    lut(look.color_map, look.reversed)
}

/// Adds what was computed of the estimate between the dots, but for its pixels, and says what it is.
fn show_density(figure: &mut FigureSpec, scene: &Scene, density: &Density) {
    if let Some(note) = density.note(scene.prepared.points.dim()) {
        let mut letters = note.chars();
        let first = letters.next().map(|first| first.to_lowercase().to_string());
        let _ = write!(figure.subtitle, "  ·  {}{}", first.unwrap_or_default(), letters.as_str());
    }
    let points = |curve: &Curve| -> Vec<[f64; 2]> {
        curve.points().map(|(along, f)| [along, f64::from(f)]).collect()
    };
    if let Some(Ok(curve)) = &density.curve {
        let color = Palette::of(figure.dark).title;
        let lines = vec![points(curve)];
        figure.outlines.push(Outline { label: String::new(), color, lines });
    }
    if let Some(marginals) = &density.marginals {
        let found = |k: usize| marginals[k].as_ref().map_or_else(|_| Vec::new(), points);
        figure.marginals = Some([0, 1].map(|k| Marginal(found(k))));
        figure.subtitle.push_str("  ·  densities along both axes");
    }
}

/// A picture without anything.
fn blank([width, height]: [u32; 2]) -> Result<Vec<u8>, PictureError> {
    let bytes = 4 * width as usize * height as usize;
    let mut picture = Vec::new();
    if picture.try_reserve_exact(bytes).is_err() {
        let mebibytes = (bytes as u64) >> 20;
        return Err(FigureError::NoMemory { width, height, mebibytes }.into());
    }
    picture.resize(bytes, 0);
    Ok(picture)
}

/// Draws opaque pixels of another size under a picture with premultiplied alpha.
fn lay_under(
    picture: &mut [u8],
    [width, height]: [u32; 2],
    pixels: &[u8],
    [columns, rows]: [usize; 2],
    opacity: f32,
) {
    let [width, height] = [width, height].map(|side| side as usize);
    for (y, line) in picture.chunks_exact_mut(4 * width).enumerate() {
        let row = y * rows / height;
        for (x, over) in line.chunks_exact_mut(4).enumerate() {
            let start = 4 * (row * columns + x * columns / width);
            let Some(under) = pixels.get(start..start + 3) else { continue };
            let left = opacity * (1.0 - f32::from(over[3]) / 255.0);
            for (over, under) in over.iter_mut().zip(under) {
                *over = (f32::from(*over) + left * f32::from(*under)).round().min(255.0) as u8;
            }
            over[3] = (f32::from(over[3]) + 255.0 * left).round().min(255.0) as u8;
        }
    }
}

/// Draws `scene` as a PNG file's bytes.
///
/// # Errors
/// When the device fails or the picture is too large.
pub fn draw(gpu: &Gpu, scene: &Scene, spec: &PictureSpec) -> Result<Vec<u8>, PictureError> {
    let PictureSpec { size, scale, dark, view, space, look, marks } = spec;
    // What is drawn in the plane alone is left out in space, and that is said.
    let left_out = scene.shown.space().and_then(|_| space_picture::left_out(look));
    let look = &space_picture::look_in(scene, look);
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
    let is_line = scene.shown.is_line();
    let has_strips = look.marginals && !is_line;
    // Over a raster dots have no colours: the bar is that of f.
    let only_f = look.raster && !is_line && scene.colored.by.column().is_some();
    let bar_scale = if only_f { scene.field_scale(look) } else { values.clone() };
    let mut figure = FigureSpec {
        size: *size,
        scale: *scale,
        dark: *dark,
        title: title(scene),
        subtitle: subtitle(scene, view.is_none())
            + &told
            + order_told(scene, look)
            + &selected_told(scene, marks.as_deref(), look),
        x_label,
        y_label,
        view: view.unwrap_or_else(|| scene.most()),
        logarithmic: scene.shown.logarithmic(),
        equal_aspect: scene.has_equal_aspect(look),
        bar: true,
        lut: if only_f { colors_of_f(look) } else { colors },
        scale_of_values: bar_scale,
        value_label: if only_f {
            value_label(scene.params.normalisation).to_owned()
        } else {
            scene.value_label()
        },
        legend: if only_f { Vec::new() } else { legend(scene, *dark) },
        outlines: lines.map_or_else(Vec::new, |found| outlines(&found, *dark)),
        marginals: has_strips.then(Default::default),
        space: None,
    };
    let in_space = space_picture::lay_out(scene, space, &mut figure);
    if let Some(left_out) = left_out {
        figure.subtitle.push_str(&left_out);
    }
    let mut layout = figure::layout(&figure);
    figure::check_size(layout.size)?;
    let [width, height] = [layout.plot.width, layout.plot.height];
    let mut under = None;
    if look.raster || has_strips {
        let size = [width as usize, if is_line { 1 } else { height as usize }];
        let wish =
            DensityWish { view: layout.view, size, raster: look.raster, marginals: has_strips };
        let density = density_of(scene, &wish, &mut Unobserved).map_err(PictureError::Density)?;
        show_density(&mut figure, scene, &density);
        if let Some(Ok(raster)) = &density.raster {
            let scale = raster.scale(scene, &values, look);
            under = Some((raster.pixels(&scale, &colors_of_f(look), *dark), raster.grid.size));
            if scene.prepared.points.dim() > 2 && !look.dots {
                // Nothing else has colours.
                figure.scale_of_values = scale;
                figure.value_label =
                    format!("marginal of {}", value_label(scene.params.normalisation));
            }
        }
        // Only texts and the bar's numbers may have changed.
        layout = figure::layout(&figure);
    }
    let [width, height] = [layout.plot.width, layout.plot.height];
    let in_space =
        in_space.then(|| space_picture::draw_box(scene, space, look, &mut figure, &layout));
    let mut picture = if look.dots {
        let radius = 0.5 * look.point_size * scale;
        let (shown, size) = (&scene.shown, [width as f32, height as f32]);
        let mut dots = shown.scatter_view(&layout.view, size, radius, look.opacity, &values, *dark);
        dots.rimmed = under.is_some();
        dots.hides_rest = look.hides_rest;
        dots.space = in_space.flatten();
        let colors = if under.is_some() {
            ColorTable::new(gpu, &[NEUTRAL_DOT; 256], None)?
        } else {
            let quantiles = values.quantiles.as_ref().map(Quantiles::table);
            ColorTable::new(gpu, &figure.lut, quantiles.as_ref())?
        };
        let mut drawn = scene.dots(gpu)?;
        if let Some(marks) = marks {
            drawn = drawn.marked(gpu, &scene.places, marks)?;
        }
        gpu.picture(&drawn, &colors, &dots)?
    } else {
        blank([width, height])?
    };
    if let Some((pixels, size)) = &under {
        lay_under(&mut picture, [width, height], pixels, *size, look.raster_opacity);
    }
    let dots = picture;
    let speed = format_si(scene.stats.pairs_per_second, "pairs/s");
    let description = format!(
        "{}; {}; {} on {}, {speed}",
        figure.title,
        figure.subtitle,
        scene.stats.engine,
        gpu.adapter().title()
    );
    let metadata = [
        ("Software", format!("sigmascope {}", env!("CARGO_PKG_VERSION"))),
        ("Title", figure.title.clone()),
        ("Description", description),
    ];
    Ok(figure::png(&figure, &layout, &dots, &metadata)?)
}
