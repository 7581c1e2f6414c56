//! The same points at other σ, for the panels of a picture.

use std::sync::{Arc, OnceLock};

use super::{
    DensityWish, Scene,
    density::density_of,
    picture::{PictureError, PictureSpec, raster_size},
    plot_content::{MOST_SHAPES, Under, colors_of_f},
};
use crate::{
    color::Scale,
    engine::{EngineError, Problem, Progress, Unobserved, go_on_if},
    figure::{FigureError, Layout, PanelSpec},
    gpu::{Field, Gpu, engine},
    model::{ColorBy, Params, Sigma, ViewParams},
    numbers::format_number,
};

/// The σ of a strip around one of them, as multiples of it.
const LADDER: [f64; 5] = [0.25, 0.5, 1.0, 2.0, 4.0];
/// The most panels that a picture may have.
pub const MOST_PANELS: usize = 12;

/// The σ of a strip around `middle`.
pub fn ladder(middle: Sigma) -> [Sigma; LADDER.len()] {
    LADDER.map(|times| {
        // The present one has all its digits.
        let digits = format!("{:.5e}", middle.get() * times).parse::<f64>().unwrap_or_default();
        let other = Sigma::new(digits.clamp(Sigma::MIN, Sigma::MAX)).ok();
        other.filter(|_| (times - 1.0).abs() > 0.1).unwrap_or(middle)
    })
}

/// What stands above the panels of a picture of `scene`.
pub(super) fn specs(scene: &Scene, sigmas: &[Sigma]) -> Vec<PanelSpec> {
    let spec = |sigma: &Sigma| PanelSpec {
        name: format!("σ = {}", format_number(sigma.get(), 4)),
        is_present: *sigma == scene.sigma(),
    };
    sigmas.iter().map(spec).collect()
}

impl Scene {
    /// The same points at another σ, summed by the same engine. It takes as long as a sum: not for the window's
    /// thread.
    ///
    /// # Errors
    /// When the engine or the device fails.
    fn at_sigma(
        &self,
        gpu: &Gpu,
        sigma: Sigma,
        go_on: &mut dyn FnMut(f64) -> bool,
    ) -> Result<Self, PictureError> {
        if sigma == self.sigma() {
            return Ok(self.clone());
        }
        let Self { params, prepared, .. } = self;
        let points = &prepared.points;
        let engine = engine(self.stats.engine, Some(gpu), params.tolerance);
        let engine = engine.ok_or(FigureError::Stopped)?;
        let problem = Problem { points, sigma, chunk: params.chunk.resolve(points.m()) };
        let mut observer = |progress: Progress| go_on_if(go_on(progress.fraction));
        let sums = engine.sum(&problem, &mut observer).map_err(|err| match err {
            EngineError::Stopped => FigureError::Stopped.into(),
            err => PictureError::Panels(err),
        })?;
        let weight = points.sources().total_weight();
        let factor = prepared.factor(params.normalisation, weight, sigma);
        let values: Arc<[f32]> = sums.into_iter().map(|f| (factor * f) as f32).collect();
        let field = Field::from_values(gpu, &values)?;
        let mut colored = self.colored.clone();
        if matches!(colored.by, ColorBy::Field | ColorBy::Rank) {
            (colored.values, colored.difference) = (field.clone(), None);
        }
        Ok(Self {
            params: Params { sigma: Some(sigma), ..params.clone() },
            field,
            colored,
            dots: Arc::new(OnceLock::new()),
            histogram: None,
            ..self.clone()
        })
    }
}

/// A panel of a picture, ready to be drawn.
pub(super) struct DrawnPanel {
    pub scene: Scene,
    /// As if the panel were the plot.
    pub layout: Layout,
    pub look: ViewParams,
    /// Its colours, which show f, and where its values are on their scale.
    pub lut: [[u8; 4]; 256],
    pub values: Scale,
    pub under: Option<Under>,
}

/// What the panels have of their picture.
pub(super) struct PanelWish<'a> {
    pub layout: &'a Layout,
    pub look: &'a ViewParams,
    /// Where the values of the plot are on the scale of its colours.
    pub values: &'a Scale,
    pub dark: bool,
}

/// The panels of a picture of `scene`, as far as the layout has room for them; `go_on` is told which part is done, and
/// says whether to go on.
///
/// # Errors
/// When a sum fails, or `go_on` says no.
pub(super) fn draw(
    gpu: &Gpu,
    scene: &Scene,
    wish: &PanelWish<'_>,
    sigmas: &[Sigma],
    go_on: &mut dyn FnMut(f64) -> bool,
) -> Result<Vec<DrawnPanel>, PictureError> {
    let PanelWish { layout: whole, look, values, dark } = *wish;
    // They show f, whatever the colours of the plot show.
    let shows_f = scene.colored.by == ColorBy::Field;
    let of_f = if shows_f { scene.clone() } else { scene.colored_by_field() };
    let values = if shows_f { values.clone() } else { scene.field_scale(look) };
    let lut = colors_of_f(look);
    let count = sigmas.len() as f64;
    let mut drawn = Vec::new();
    for (k, (sigma, panel)) in sigmas.iter().zip(&whole.panels).enumerate() {
        let layout = whole.of_panel(panel);
        let mut part = |part: f64| go_on((k as f64 + part) / count);
        let scene = of_f.at_sigma(gpu, *sigma, &mut part)?;
        let under = if look.raster { raster(&scene, &layout, look, &values, dark)? } else { None };
        // Smaller than in the plot, but not as small as to be lost.
        let part = f64::from(layout.plot.width) / f64::from(whole.plot.width.max(1));
        let [least, _] = ViewParams::POINT_SIZES;
        let point_size = (look.point_size * part.sqrt() as f32).max(least);
        let look = ViewParams { point_size, ..*look };
        drawn.push(DrawnPanel { scene, layout, look, lut, values: values.clone(), under });
    }
    Ok(drawn)
}

/// The raster of f in a panel, if there is one.
fn raster(
    scene: &Scene,
    layout: &Layout,
    look: &ViewParams,
    values: &Scale,
    dark: bool,
) -> Result<Option<Under>, PictureError> {
    let [width, height] = raster_size([layout.plot.width, layout.plot.height]);
    let size = [width, if scene.shown.is_line() { 1 } else { height }];
    let wish = DensityWish { view: layout.view, size, raster: true, marginals: false };
    let density = density_of(scene, &wish, &mut Unobserved).map_err(PictureError::Density)?;
    let Some(Ok(raster)) = &density.raster else { return Ok(None) };
    let scale = raster.scale(scene, values, look);
    Ok(Some((raster.pixels(&scale, &colors_of_f(look), dark), raster.grid.size)))
}

/// The σ of the panels of a picture; none beside a difference, for nothing else has its colours.
pub(super) fn sigmas<'a>(scene: &Scene, spec: &'a PictureSpec) -> &'a [Sigma] {
    if scene.colored.difference.is_some() { &[] } else { &spec.film }
}

/// Whether the dots of a picture are shapes: all of them together must be few enough.
pub(super) fn keeps_shapes(spec: &PictureSpec, look: &ViewParams, n: usize) -> bool {
    let dots = n.saturating_mul(1 + spec.film.len());
    look.dots && spec.page.style.format.has_shapes() && dots <= MOST_SHAPES
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[expect(clippy::float_cmp, reason = "few digits, as they are read")]
    fn a_strip_goes_from_a_quarter_to_four_times() {
        let sigma = |sigma| Sigma::new(sigma).expect("legal");
        assert_eq!(ladder(sigma(0.3)).map(Sigma::get), [0.075, 0.15, 0.3, 0.6, 1.2]);
        assert!(ladder(sigma(Sigma::MIN)).is_sorted() && ladder(sigma(Sigma::MAX)).is_sorted());
        let odd = sigma(1.0 / 3.0);
        assert_eq!(ladder(odd)[2], odd);
    }
}
