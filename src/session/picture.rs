//! Pictures of a scene: dots drawn offscreen by the device, axes and text by the figure layer.

use std::{
    fmt::Write,
    sync::Arc,
    time::{Duration, Instant},
};

use super::{
    ContourEffort, Curve, Density, DensityWish, Page, PageStyle, PictureFormat, Scene,
    SpacePicture, captions,
    captions::{
        contours_told, images_told, limits_told, order_told, selected_told, subtitle, title,
    },
    contours::outlines,
    contours_of,
    density::density_of,
    panel_scenes::{self, DrawnPanel, PanelWish},
    picture_split::PictureSplit,
    plot_content::{Filling, Under, blank, colors_of_f, join},
    space_picture, value_label,
};
use crate::{
    color::Scale,
    engine::{EngineError, Unobserved},
    figure::{
        self, FigureError, FigureSpec, Layout, Marginal, Outline, Palette, PlotContent, TextLine,
        ViewBox,
    },
    gpu::{Gpu, GpuError, SpaceDraw},
    io::carrier::DOCUMENT,
    model::{Sigma, ViewParams},
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
    /// The fields of the strip could not be computed.
    #[error("the strip could not be computed: {0}")]
    Panels(EngineError),
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
    /// The σ of a row of panels below the plot.
    pub film: Vec<Sigma>,
}

/// A picture as the bytes of a file.
#[derive(Clone, Debug, PartialEq)]
pub struct DrawnPicture {
    /// The bytes.
    pub bytes: Vec<u8>,
    /// What was decided for the user, a sentence each.
    pub told: Vec<String>,
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
    let given = |text: &Option<String>, place: &mut TextLine| {
        if let Some(text) = text {
            *place = TextLine::from_markup(text);
        }
    };
    given(&style.title, &mut figure.title);
    given(&style.x_label, &mut figure.x_label);
    given(&style.y_label, &mut figure.y_label);
    if !style.has_title {
        figure.title = TextLine::default();
    }
    if !style.has_bar || !style.has_legend {
        figure.bar &= figure.legend.is_empty();
        figure.legend.clear();
    }
    if style.paper {
        let ink = Palette::LIGHT.title;
        for outline in &mut figure.outlines {
            outline.color = ink;
        }
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
    /// The panels, once their fields are summed.
    panels: Vec<DrawnPanel>,
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
    let PictureSpec { page, view, space, look, marks, split, .. } = spec;
    let film = panel_scenes::sigmas(scene, spec);
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
        title: title(scene, split.as_ref()).into(),
        subtitle: String::new(),
        x_label: x_label.into(),
        y_label: y_label.into(),
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
        panels: panel_scenes::specs(scene, film),
    };
    let is_in_space = space_picture::lay_out(scene, space, &mut plain);
    let seen_from = std::mem::take(&mut plain.subtitle);
    let mut rest = contours + order_told(scene, look);
    rest.push_str(&limits_told(scene, look));
    rest.push_str(&selected_told(scene, marks.as_deref(), look));
    rest.push_str(&seen_from);
    rest.push_str(&left_out.unwrap_or_default());
    let heading = style.title.clone().unwrap_or_else(|| plain.title.plain());
    apply_style(&mut plain, style);

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
        if !style.has_subtitle() {
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
    if style.print && style.has_title && style.subtitle.is_none() {
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
    if film.len() < spec.film.len() {
        told.push("the strip is left out beside a difference".to_owned());
    }
    let (look, panels) = (*look, Vec::new());
    Ok(Composed { figure, layout, look, values, in_space, under, panels, metadata, told })
}

impl Composed {
    fn filling<'a>(&'a self, spec: &'a PictureSpec) -> Filling<'a> {
        let Self { figure, layout, look, values, in_space, .. } = self;
        Filling { spec, look, layout, lut: &figure.lut, values, in_space: *in_space }
    }

    /// What fills a panel.
    fn filling_of<'a>(&'a self, spec: &'a PictureSpec, panel: &'a DrawnPanel) -> Filling<'a> {
        let DrawnPanel { scene, layout, look, lut, values, .. } = panel;
        let size = [layout.plot.width, layout.plot.height].map(f64::from);
        let in_space = self.in_space.and_then(|_| spec.space.draw(scene, size, look));
        Filling { look, layout, lut, values, in_space, ..self.filling(spec) }
    }
}

impl Composed {
    /// Sums the fields of the panels; `go_on` is told which part is done, and says whether to go on.
    fn sum_panels(
        &mut self,
        gpu: &Gpu,
        scene: &Scene,
        spec: &PictureSpec,
        go_on: &mut dyn FnMut(f64) -> bool,
    ) -> Result<(), PictureError> {
        let Self { layout, look, values, .. } = &*self;
        let wish = PanelWish { layout, look, values, dark: spec.page.dark };
        panel_scenes::draw(gpu, scene, &wish, panel_scenes::sigmas(scene, spec), go_on)
            .map(|panels| self.panels = panels)
    }

    /// What fills the plot.
    fn fill(
        &self,
        gpu: &Gpu,
        scene: &Scene,
        spec: &PictureSpec,
    ) -> Result<PlotContent, PictureError> {
        figure::check_size(self.layout.size)?;
        let (filling, Self { layout, under, .. }) = (self.filling(spec), self);
        let mut content = filling.fill(gpu, scene, under[0].as_ref())?;
        if let Some(split) = &spec.split {
            let kept = filling.fill(gpu, &split.kept, under[1].as_ref())?;
            let [left, right] = if split.swapped { [content, kept] } else { [kept, content] };
            content = join(left, right, [layout.plot.width, split.column(layout)]);
        }
        for panel in &self.panels {
            let filling = self.filling_of(spec, panel);
            content.panels.push(filling.fill(gpu, &panel.scene, panel.under.as_ref())?);
        }
        Ok(content)
    }
}

/// The pixels of a picture, RGBA row by row from the top, with its width and height, and what was decided for the user.
pub type PixelPicture = (Vec<u8>, [u32; 2], Vec<String>);

/// A picture of `scene` as RGBA.
///
/// # Errors
/// When the device fails or the picture is too large.
pub fn pixels(gpu: &Gpu, scene: &Scene, spec: &PictureSpec) -> Result<PixelPicture, PictureError> {
    let mut composed = compose(gpu, scene, spec, None)?;
    composed.sum_panels(gpu, scene, spec, &mut |_| true)?;
    composed.into_pixels(gpu, scene, spec)
}

/// The same for a look at it: a strip that takes long stays empty, which is told.
///
/// # Errors
/// As [`pixels`].
pub fn preview(gpu: &Gpu, scene: &Scene, spec: &PictureSpec) -> Result<PixelPicture, PictureError> {
    const SOON: Duration = Duration::from_millis(700);
    let mut composed = compose(gpu, scene, spec, None)?;
    let started = Instant::now();
    match composed.sum_panels(gpu, scene, spec, &mut |_| started.elapsed() < SOON) {
        Err(PictureError::Figure(FigureError::Stopped)) => {
            composed.told.push("the strip takes too long for a preview".to_owned());
        }
        summed => summed?,
    }
    composed.into_pixels(gpu, scene, spec)
}

/// The images of the plot and of the panels, which have no shapes.
fn images_of(
    mut content: PlotContent,
    layout: &Layout,
) -> Result<(Vec<u8>, Vec<Vec<u8>>), PictureError> {
    let image = |content: PlotContent, at: figure::Rect| {
        content.image.map_or_else(|| blank([at.width, at.height]), Ok)
    };
    let panels = std::mem::take(&mut content.panels).into_iter().zip(&layout.panels);
    let panels = panels.map(|(content, panel)| image(content, panel.rect));
    let panels = panels.collect::<Result<Vec<_>, _>>()?;
    Ok((image(content, layout.plot)?, panels))
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
    draw_watched(gpu, scene, spec, document, &mut |_| true)
}

/// The same; `go_on` is told which part of the sums for its strip is done, and says whether to go on.
///
/// # Errors
/// As [`draw`], or when `go_on` says no.
pub fn draw_watched(
    gpu: &Gpu,
    scene: &Scene,
    spec: &PictureSpec,
    document: Option<&str>,
    go_on: &mut dyn FnMut(f64) -> bool,
) -> Result<DrawnPicture, PictureError> {
    let mut composed = compose(gpu, scene, spec, document)?;
    composed.sum_panels(gpu, scene, spec, go_on)?;
    composed.encode(gpu, scene, spec)
}

impl Composed {
    /// The bytes of the file.
    fn encode(
        self,
        gpu: &Gpu,
        scene: &Scene,
        spec: &PictureSpec,
    ) -> Result<DrawnPicture, PictureError> {
        let content = self.fill(gpu, scene, spec)?;
        let filling = self.filling(spec);
        let Self { figure, layout, look, metadata, .. } = &self;
        let mut told = self.told.clone();
        if spec.page.style.format.has_shapes() {
            let n = scene.prepared.points.n();
            let dots = (look.dots && !filling.keeps_shapes(scene)).then_some(n);
            told.extend(images_told(layout, &content, dots));
        }
        let bytes = match spec.page.style.format {
            PictureFormat::Png => {
                let (image, panels) = images_of(content, layout)?;
                figure::png_with_panels(figure, layout, &image, &panels, metadata)?
            }
            PictureFormat::Svg => figure::svg_file(figure, layout, &content, metadata)?,
            PictureFormat::Pdf => figure::pdf(figure, layout, &content, metadata)?,
        };
        Ok(DrawnPicture { bytes, told })
    }

    /// Its pixels.
    fn into_pixels(
        self,
        gpu: &Gpu,
        scene: &Scene,
        spec: &PictureSpec,
    ) -> Result<PixelPicture, PictureError> {
        let content = self.fill(gpu, scene, spec)?;
        let Self { figure, layout, told, .. } = self;
        let (image, panels) = images_of(content, &layout)?;
        Ok((figure::pixels(&figure, &layout, &image, &panels)?, layout.size, told))
    }
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
    let mut composed = compose(gpu, scene, spec, document)?;
    composed.sum_panels(gpu, scene, spec, &mut |_| true)?;
    let (image, panels) = images_of(composed.fill(gpu, scene, spec)?, &composed.layout)?;
    let Composed { figure, layout, metadata, told, .. } = composed;
    let pixels = figure::premultiplied(&figure, &layout, &image, &panels)?;
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
    mut go_on: impl FnMut(f64) -> bool,
) -> Result<Vec<String>, PictureError> {
    let mut composed = compose(gpu, scene, spec, document)?;
    composed.sum_panels(gpu, scene, spec, &mut go_on)?;
    let filling = composed.filling(spec);
    let Composed { figure, layout, under, metadata, told, .. } = &composed;
    let strips = filling.strips(gpu, scene, under[0].as_ref())?;
    let other = match &spec.split {
        Some(split) => Some((split, filling.strips(gpu, &split.kept, under[1].as_ref())?)),
        None => None,
    };
    let panels = composed.panels.iter().map(|panel| {
        composed.filling_of(spec, panel).strips(gpu, &panel.scene, panel.under.as_ref())
    });
    let panels = panels.collect::<Result<Vec<_>, _>>()?;
    let rows = |plot: usize, rows: std::ops::Range<u32>| -> Result<Vec<u8>, PictureError> {
        if let Some(panel) = plot.checked_sub(1).and_then(|k| panels.get(k)) {
            return panel.rows(rows);
        }
        let Some((split, kept)) = &other else { return strips.rows(rows) };
        let image = |image| PlotContent { image: Some(image), ..PlotContent::default() };
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
pub(super) fn raster_size([width, height]: [u32; 2]) -> [usize; 2] {
    const MOST: f64 = 3e7;
    let pixels = f64::from(width) * f64::from(height);
    let part = (MOST / pixels.max(1.0)).sqrt().min(1.0);
    [width, height].map(|side| ((f64::from(side) * part) as usize).max(1))
}
