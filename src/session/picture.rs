//! Pictures of a scene: dots drawn offscreen by the device, axes and text by the figure layer.

use std::{fmt::Write, sync::Arc};

use super::{
    ContourEffort, Curve, Density, DensityWish, Page, PageStyle, PictureFormat, Scene,
    SpacePicture, captions,
    captions::{
        contours_told, images_told, limits_told, order_told, selected_told, subtitle, title,
    },
    contours::outlines,
    contours_of,
    density::density_of,
    plot_content::{Filling, Under, blank, colors_of_f, join},
    space_picture, value_label,
};
use crate::{
    color::Scale,
    engine::{EngineError, Unobserved},
    figure::{
        self, FigureError, FigureSpec, Layout, Marginal, Outline, Palette, PlotContent, SplitLine,
        ViewBox,
    },
    gpu::{Gpu, GpuError, SpaceDraw},
    io::carrier::DOCUMENT,
    model::ViewParams,
    numbers::format_si,
    plane::{Contours, LevelError},
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
    /// The page it is drawn on.
    pub page: Page,
    /// What part of the plane to show; `None` is [`Scene::most`].
    pub view: Option<ViewBox>,
    /// From where targets in space are looked at.
    pub space: SpacePicture,
    /// Colours, dots and scaling.
    pub look: ViewParams,
    /// A bit for each target, as in [`TargetMarks`](super::TargetMarks): whether it is selected; `None` where
    /// nothing is.
    pub marks: Option<Arc<[u32]>>,
    /// What is shown on one side of a line instead.
    pub split: Option<PictureSplit>,
}

/// Another scene on one side of a line down the plot; it has the same points.
#[derive(Clone)]
pub struct PictureSplit {
    /// The kept field, A.
    pub kept: Arc<Scene>,
    /// Where the line is, as a part of the plot's width.
    pub at: f32,
    /// Whether A is on the right.
    pub swapped: bool,
    /// What both sides are called, A first.
    pub names: [String; 2],
    /// Whether they have a plot each on screen.
    pub of_two_plots: bool,
}

impl PictureSplit {
    /// The first column of the plot that is right of the line.
    fn column(&self, layout: &Layout) -> u32 {
        let width = layout.plot.width;
        (f64::from(self.at).clamp(0.0, 1.0) * f64::from(width)).round() as u32
    }

    /// The line and the names of its sides.
    fn line(&self) -> SplitLine {
        let [a, b] = self.names.clone();
        let names = if self.swapped { [b, a] } else { [a, b] };
        SplitLine { at: f64::from(self.at), names }
    }
}

impl std::fmt::Debug for PictureSplit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { kept, at, swapped, names, .. } = self;
        write!(f, "PictureSplit({}, {at}, {swapped}, {names:?})", kept.version)
    }
}

impl PartialEq for PictureSplit {
    fn eq(&self, other: &Self) -> bool {
        let parts = |split: &Self| (split.at.to_bits(), split.swapped, split.names.clone());
        Arc::ptr_eq(&self.kept, &other.kept) && parts(self) == parts(other)
    }
}

/// A picture as the bytes of a file.
#[derive(Clone, Debug, PartialEq)]
pub struct DrawnPicture {
    /// The bytes.
    pub bytes: Vec<u8>,
    /// What was decided for the user, a sentence each.
    pub told: Vec<String>,
}

/// The most dots that are shapes, in the formats that keep shapes.
pub const MOST_SHAPES: usize = 20_000;

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

/// The categories that colours show, if they show any.
fn legend(scene: &Scene, dark: bool) -> Vec<([u8; 4], String)> {
    scene.colored.categories.as_ref().map_or_else(Vec::new, |categories| {
        categories.entries(dark).into_iter().map(|entry| (entry.color, entry.text)).collect()
    })
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

/// What the page says of itself instead of what the scene says.
fn apply_style(figure: &mut FigureSpec, style: &PageStyle) {
    let given = |text: &Option<String>, place: &mut String| {
        if let Some(text) = text {
            place.clone_from(text);
        }
    };
    given(&style.title, &mut figure.title);
    given(&style.x_label, &mut figure.x_label);
    given(&style.y_label, &mut figure.y_label);
    if !style.has_title {
        figure.title.clear();
    }
    if !style.has_bar {
        figure.legend.clear();
    }
}

/// A picture that is laid out, and what its parts need to be drawn.
struct Composed {
    figure: FigureSpec,
    layout: Layout,
    /// How it is shown.
    look: ViewParams,
    /// Where values are on the scale of the colours.
    values: Scale,
    in_space: Option<SpaceDraw>,
    /// The rasters below the dots: of the scene, and of the one on the other side.
    under: [Option<Under>; 2],
    metadata: Vec<(&'static str, String)>,
    told: Vec<String>,
}

/// Lays out a picture; `document` is what it is drawn again from.
fn compose(
    gpu: &Gpu,
    scene: &Scene,
    spec: &PictureSpec,
    document: Option<&str>,
) -> Result<Composed, PictureError> {
    let PictureSpec { page, view, space, look, marks, split } = spec;
    let Page { size, scale, dark, style } = page;
    // What is drawn in the plane alone is left out in space, and that is said.
    let left_out = scene.shown.space().and_then(|_| space_picture::left_out(look));
    let look = &space_picture::look_in(scene, look);
    let colors = scene.lut(look);
    let values = match split {
        Some(split) => scene.scale_with(&split.kept, look),
        None => scene.scale(look),
    };
    let [x_label, y_label] = scene.labels();
    let lines = lines_of(scene, look)?;
    let contours = match &lines {
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
    let mut plain = FigureSpec {
        size: *size,
        scale: *scale,
        dark: *dark,
        transparent: style.transparent,
        style: style.of_figure(),
        title: title(scene, split.as_ref()),
        subtitle: String::new(),
        x_label,
        y_label,
        view: view.unwrap_or_else(|| scene.most()),
        logarithmic: scene.shown.logarithmic(),
        equal_aspect: scene.has_equal_aspect(look),
        bar: style.has_bar,
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
        split: split.as_ref().map(PictureSplit::line),
    };
    let is_in_space = space_picture::lay_out(scene, space, &mut plain);
    let seen_from = std::mem::take(&mut plain.subtitle);
    let mut rest = contours + order_told(scene, look);
    rest.push_str(&limits_told(scene, look));
    rest.push_str(&selected_told(scene, marks.as_deref(), look));
    rest.push_str(&seen_from);
    rest.push_str(&left_out.unwrap_or_default());
    let heading = style.title.clone().unwrap_or_else(|| plain.title.clone());
    apply_style(&mut plain, style);
    // In print it stands in the caption.
    let hides_subtitle = style.print || !style.has_title;

    let density_in = |layout: &Layout, scene: &Scene| {
        let [width, height] = [layout.plot.width, layout.plot.height];
        let size = raster_size([width, height]);
        let size = [size[0], if is_line { 1 } else { size[1] }];
        let (raster, marginals) = (look.raster, has_strips);
        let wish = DensityWish { view: layout.view, size, raster, marginals };
        density_of(scene, &wish, &mut Unobserved).map_err(PictureError::Density)
    };
    let tells_outside = view.is_none() && !is_in_space;
    let mut outside = if is_in_space && view.is_none() { scene.shown.outside() } else { 0 };
    let mut density: Option<(figure::Rect, Density)> = None;
    let (mut figure, mut layout, mut caption);
    // What is said above the plot may take a line from it, and what is said depends on the plot.
    let mut turn = 0;
    loop {
        figure = plain.clone();
        figure.subtitle = subtitle(scene, outside) + &rest;
        if let Some((_, density)) = &density {
            show_density(&mut figure, scene, density);
            if let Some(Ok(raster)) = &density.raster
                && scene.prepared.points.dim() > 2
                && !look.dots
            {
                // Nothing else has colours.
                figure.scale_of_values = raster.scale(scene, &values, look);
                figure.value_label =
                    format!("marginal of {}", value_label(scene.params.normalisation));
            }
        }
        caption = figure.subtitle.clone();
        if hides_subtitle {
            figure.subtitle.clear();
        }
        layout = figure::layout(&figure);
        let found = if tells_outside { captions::outside(scene, &layout.view) } else { outside };
        let wants_density = (look.raster || has_strips)
            && density.as_ref().is_none_or(|(plot, _)| *plot != layout.plot);
        turn += 1;
        if (found == outside && !wants_density) || turn > 4 {
            break;
        }
        outside = found;
        if wants_density {
            density = Some((layout.plot, density_in(&layout, scene)?));
        }
    }
    let under_of = |density: &Density, scene: &Scene| {
        let raster = density.raster.as_ref()?.as_ref().ok()?;
        let scale = raster.scale(scene, &values, look);
        Some((raster.pixels(&scale, &colors_of_f(look), *dark), raster.grid.size))
    };
    let in_space =
        is_in_space.then(|| space_picture::draw_box(scene, space, look, &mut figure, &layout));
    let other = match split {
        Some(PictureSplit { kept, .. }) if look.raster => {
            under_of(&density_in(&layout, kept)?, kept)
        }
        _ => None,
    };
    let under = [density.as_ref().and_then(|(_, density)| under_of(density, scene)), other];
    let mut told = layout.told.clone();
    if style.print && style.has_title {
        told.push(format!("left out below the title, for a caption: {caption}"));
    }
    if split.as_ref().is_some_and(|split| split.of_two_plots) {
        told.push(
            "two plots side by side are saved as one: A on the left, B on the right".to_owned(),
        );
    }
    if under[0].as_ref().is_some_and(|(_, size)| size[0] < layout.plot.width as usize) {
        told.push("the raster of f has fewer values than the picture has pixels".to_owned());
    }
    let speed = format_si(scene.stats.pairs_per_second, "pairs/s");
    let description = format!(
        "{}; {}; {} on {}, {speed}",
        heading,
        caption,
        scene.stats.engine,
        gpu.adapter().title()
    );
    let mut metadata = vec![
        ("Software", format!("sigmascope {}", env!("CARGO_PKG_VERSION"))),
        ("Title", heading),
        ("Description", description),
    ];
    metadata.extend(document.map(|json| (DOCUMENT, json.to_owned())));
    let in_space = in_space.flatten();
    Ok(Composed { figure, layout, look: *look, values, in_space, under, metadata, told })
}

impl Composed {
    fn filling<'a>(&'a self, spec: &'a PictureSpec) -> Filling<'a> {
        let Self { figure, layout, look, values, in_space, .. } = self;
        Filling { spec, look, layout, lut: &figure.lut, values, in_space: *in_space }
    }

    /// What the plot holds, of both scenes where there are two.
    fn content(
        &self,
        gpu: &Gpu,
        scene: &Scene,
        spec: &PictureSpec,
    ) -> Result<PlotContent, PictureError> {
        let (filling, layout) = (self.filling(spec), &self.layout);
        let content = filling.fill(gpu, scene, self.under[0].as_ref())?;
        let Some(split) = &spec.split else { return Ok(content) };
        let kept = filling.fill(gpu, &split.kept, self.under[1].as_ref())?;
        let [left, right] = if split.swapped { [content, kept] } else { [kept, content] };
        Ok(join(left, right, [layout.plot.width, split.column(layout)]))
    }
}

/// A picture of `scene` as RGBA with its width and height, and what was decided for the user.
///
/// # Errors
/// When the device fails or the picture is too large.
pub fn pixels(
    gpu: &Gpu,
    scene: &Scene,
    spec: &PictureSpec,
) -> Result<(Vec<u8>, [u32; 2], Vec<String>), PictureError> {
    let composed = compose(gpu, scene, spec, None)?;
    let Composed { figure, layout, told, .. } = &composed;
    figure::check_size(layout.size)?;
    let image = image_of(composed.content(gpu, scene, spec)?, layout)?;
    Ok((figure::pixels(figure, layout, &image)?, layout.size, told.clone()))
}

/// The pixels of the plot, where it has no shapes.
fn image_of(content: PlotContent, layout: &Layout) -> Result<Vec<u8>, PictureError> {
    content.image.map_or_else(|| blank([layout.plot.width, layout.plot.height]), Ok)
}

/// Draws `scene` as the bytes of a file, which holds `document`.
///
/// # Errors
/// When the device fails or the picture is too large.
pub fn draw(
    gpu: &Gpu,
    scene: &Scene,
    spec: &PictureSpec,
    document: Option<&str>,
) -> Result<DrawnPicture, PictureError> {
    let composed = compose(gpu, scene, spec, document)?;
    figure::check_size(composed.layout.size)?;
    let content = composed.content(gpu, scene, spec)?;
    let Composed { figure, layout, look, metadata, .. } = &composed;
    let mut told = composed.told.clone();
    if spec.page.style.format.has_shapes() {
        let n = scene.prepared.points.n();
        let dots = (look.dots && !composed.filling(spec).keeps_shapes(scene)).then_some(n);
        told.extend(images_told(layout, &content, dots));
    }
    let bytes = match spec.page.style.format {
        PictureFormat::Png => figure::png(figure, layout, &image_of(content, layout)?, metadata)?,
        PictureFormat::Svg => figure::svg_file(figure, layout, &content, metadata)?,
        PictureFormat::Pdf => figure::pdf(figure, layout, &content, metadata)?,
    };
    Ok(DrawnPicture { bytes, told })
}

/// A picture in memory that is not encoded yet: a frame of an animation.
pub(super) struct Frame {
    pub(super) figure: FigureSpec,
    pub(super) layout: Layout,
    /// Premultiplied RGBA, row by row from the top.
    pub(super) pixels: Vec<u8>,
    /// What a PNG file says of it.
    pub(super) metadata: Vec<(&'static str, String)>,
    /// What was decided for the user, a sentence each.
    pub(super) told: Vec<String>,
}

/// Draws `scene` as [`draw`] does, and leaves the pixels as they are.
pub(super) fn draw_frame(
    gpu: &Gpu,
    scene: &Scene,
    spec: &PictureSpec,
    document: Option<&str>,
) -> Result<Frame, PictureError> {
    let composed = compose(gpu, scene, spec, document)?;
    figure::check_size(composed.layout.size)?;
    let image = image_of(composed.content(gpu, scene, spec)?, &composed.layout)?;
    let Composed { figure, layout, metadata, told, .. } = composed;
    let pixels = figure::premultiplied(&figure, &layout, &image)?;
    Ok(Frame { figure, layout, pixels, metadata, told })
}

/// Draws `scene` into a PNG file, strip by strip, however large it is; `go_on` is told which part is done, and says
/// whether to go on. Returns what was decided for the user.
///
/// # Errors
/// When the device fails, the picture is too large even for that, it cannot be written, or `go_on` says no.
pub fn draw_in_strips(
    gpu: &Gpu,
    scene: &Scene,
    spec: &PictureSpec,
    document: Option<&str>,
    file: impl std::io::Write,
    go_on: impl FnMut(f64) -> bool,
) -> Result<Vec<String>, PictureError> {
    let composed = compose(gpu, scene, spec, document)?;
    let filling = composed.filling(spec);
    let Composed { figure, layout, under, metadata, told, .. } = &composed;
    let strips = filling.strips(gpu, scene, under[0].as_ref())?;
    let other = match &spec.split {
        Some(split) => Some((split, filling.strips(gpu, &split.kept, under[1].as_ref())?)),
        None => None,
    };
    let rows = |rows: std::ops::Range<u32>| -> Result<Vec<u8>, PictureError> {
        let Some((split, kept)) = &other else { return strips.rows(rows) };
        let image = |image| PlotContent { image: Some(image), dots: Vec::new() };
        let [now, kept] = [image(strips.rows(rows.clone())?), image(kept.rows(rows)?)];
        let [left, right] = if split.swapped { [now, kept] } else { [kept, now] };
        let joined = join(left, right, [layout.plot.width, split.column(layout)]);
        Ok(joined.image.unwrap_or_default())
    };
    figure::write_png(figure, layout, metadata, file, rows, go_on)?;
    Ok(told.clone())
}

/// Whether a picture of so many pixels is drawn in strips.
pub(super) fn needs_strips([width, height]: [u32; 2], format: PictureFormat) -> bool {
    const WHOLE: u64 = 1 << 25;
    format == PictureFormat::Png && u64::from(width) * u64::from(height) > WHOLE
}

/// How many values a raster has for a plot of so many pixels: no more than fit well into memory.
fn raster_size([width, height]: [u32; 2]) -> [usize; 2] {
    const MOST: f64 = 3e7;
    let pixels = f64::from(width) * f64::from(height);
    let part = (MOST / pixels.max(1.0)).sqrt().min(1.0);
    [width, height].map(|side| ((f64::from(side) * part) as usize).max(1))
}
