//! The estimate between the targets: f at every pixel of a view, its curve over one coordinate, and the
//! density along each axis, and how they are computed for what is on screen.

use std::sync::{Arc, Weak};

use super::{
    Curve, Prepared, Raster, Scene, Session, Shown, raster::range_of, session_state::SessionState,
};
use crate::{
    engine::{EngineError, Observer},
    figure::ViewBox,
    memory::spare_memory,
    model::{Normalisation, Sigma},
    numbers::{format_number, format_si},
    plane::{LineSums, PictureSpec, PlaneSums, RasterGrid},
};

/// What is wanted of the estimate, and for which view.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct DensityWish {
    /// The part of the plane.
    pub view: ViewBox,
    /// Its pixels, across and up.
    pub size: [usize; 2],
    /// f at every pixel; of one coordinate its curve.
    pub raster: bool,
    /// The density along each axis.
    pub marginals: bool,
}

/// Something that was computed, or why it could not be.
pub type Found<T> = Result<T, String>;

/// The estimate as it was computed for a view.
#[derive(Clone, Debug)]
pub struct Density {
    /// Where the points are drawn: told apart, not kept.
    shown: Weak<Shown>,
    /// The kernel's standard deviation.
    pub sigma: Sigma,
    normalisation: Normalisation,
    /// What was wanted.
    pub wish: DensityWish,
    /// Whether it is coarser or less exact than it can be: while something moves.
    pub draft: bool,
    /// f at every pixel, where it was wanted of two and more coordinates.
    pub raster: Option<Found<Arc<Raster>>>,
    /// f over the only coordinate, where it was wanted.
    pub curve: Option<Found<Curve>>,
    /// The densities along both axes, where they were wanted.
    pub marginals: Option<[Found<Curve>; 2]>,
}

impl Density {
    /// Whether it is of the points of `scene`, where it draws them; σ and view may be others.
    pub fn is_of(&self, scene: &Scene) -> bool {
        self.shown.ptr_eq(&Arc::downgrade(&scene.shown))
            && self.normalisation == scene.params.normalisation
    }

    /// Whether it is that of `scene` at this σ for `wish`.
    pub(super) fn is_current(&self, scene: &Scene, sigma: Sigma, wish: &DensityWish) -> bool {
        self.is_of(scene) && self.sigma == sigma && self.wish == *wish
    }

    /// That there is none of `scene` at this σ for `wish`, for this reason.
    pub(super) fn failed(scene: &Scene, sigma: Sigma, wish: &DensityWish, reason: &str) -> Self {
        let is_line = scene.shown.is_line();
        Self {
            shown: Arc::downgrade(&scene.shown),
            sigma,
            normalisation: scene.params.normalisation,
            wish: *wish,
            draft: false,
            raster: (wish.raster && !is_line).then(|| Err(reason.to_owned())),
            curve: (wish.raster && is_line).then(|| Err(reason.to_owned())),
            marginals: wish.marginals.then(|| [(); 2].map(|()| Err(reason.to_owned()))),
        }
    }

    /// Whether some of it is a mean over pixels.
    pub fn is_mean(&self) -> bool {
        let raster = self.raster.as_ref().and_then(|raster| raster.as_ref().ok());
        let curve = self.curve.as_ref().and_then(|curve| curve.as_ref().ok());
        raster.is_some_and(|raster| raster.mean) || curve.is_some_and(|curve| curve.mean)
    }

    /// What a user should know of the raster or the curve; `dim` is the number of coordinates.
    pub fn note(&self, dim: usize) -> Option<String> {
        let failed = self.raster.as_ref().and_then(|raster| raster.as_ref().err());
        let failed = failed.or_else(|| self.curve.as_ref()?.as_ref().err());
        if let Some(reason) = failed {
            return Some(format!("No raster: {reason}"));
        }
        let what = match (&self.raster, &self.curve) {
            (Some(Ok(raster)), _) if dim > 2 => {
                let [low, _, high] = raster.range.map(|f| format_number(f64::from(f), 4));
                format!(
                    "Raster of the marginal on these axes, on a scale of its own from {low} to {high}"
                )
            }
            (Some(_), _) => "Raster of f".to_owned(),
            (_, Some(_)) => "Curve of f".to_owned(),
            (None, None) => return None,
        };
        let of = if dim == 1 { "steps" } else { "pixels" };
        let mean = self.is_mean().then(|| format!("; means over {of}, σ is below one"));
        let draft = if self.draft { "; coarse while it moves" } else { "" };
        Some(format!("{what}{}{draft}", mean.unwrap_or_default()))
    }
}

/// Computes densities; it keeps what does not depend on σ and on the view.
#[derive(Debug, Default)]
pub(super) struct DensityMaker {
    shown: Weak<Shown>,
    plane: Option<Found<PlaneSums>>,
    lines: [Option<Found<LineSums>>; 2],
}

/// Pixels of a raster at most: more of the view share one.
const MOST_PIXELS: usize = 8 << 20;
/// A draft is made so coarse that it takes no longer than this, in seconds, if it can be.
const DRAFT_SECONDS: f64 = 0.02;
/// What takes no longer than this, in seconds, is computed in full at once.
const SHORT: f64 = 0.02;

impl DensityMaker {
    /// Computes what is wanted of `scene` at this σ, coarse where `draft` and it would take long otherwise; `None` where
    /// `observer` ended the work.
    pub(super) fn compute(
        &mut self,
        scene: &Scene,
        sigma: Sigma,
        wish: &DensityWish,
        draft: bool,
        observer: &mut dyn Observer,
    ) -> Option<Density> {
        if !self.shown.ptr_eq(&Arc::downgrade(&scene.shown)) {
            *self = Self { shown: Arc::downgrade(&scene.shown), ..Self::default() };
        }
        let (shown, normalisation) = (&scene.shown, scene.params.normalisation);
        if shown.is_warped() {
            let reason =
                "an axis is only drawn logarithmically; take linear axes, or sum in logarithms";
            return Some(Density::failed(scene, sigma, wish, reason));
        }
        let mut density = Density {
            shown: Arc::downgrade(shown),
            sigma,
            normalisation,
            wish: *wish,
            draft: false,
            raster: None,
            curve: None,
            marginals: None,
        };
        let prepared = &scene.prepared;
        let full = PictureSpec { sigma, normalisation, draft: false };
        if shown.is_line() {
            if wish.raster {
                let curve = self.curve(prepared, shown, wish, 0, &full, observer);
                density.curve = Some(finished(curve)?);
            }
            return Some(density);
        }
        if wish.raster {
            let raster = self.raster(prepared, shown, wish, &full, draft, observer);
            density.raster = Some(match finished(raster)? {
                Ok((raster, draft)) => {
                    density.draft = draft;
                    Ok(Arc::new(raster))
                }
                Err(reason) => Err(reason),
            });
        }
        if wish.marginals {
            let across = self.curve(prepared, shown, wish, 0, &full, observer);
            let up = self.curve(prepared, shown, wish, 1, &full, observer);
            density.marginals = Some([finished(across)?, finished(up)?]);
        }
        Some(density)
    }

    fn raster(
        &mut self,
        prepared: &Prepared,
        shown: &Shown,
        wish: &DensityWish,
        full: &PictureSpec,
        draft: bool,
        observer: &mut dyn Observer,
    ) -> Result<(Raster, bool), Failed> {
        let make = || {
            check_memory(prepared.points.m())?;
            let sources = shown.plane_sources(prepared.whitening.as_deref());
            PlaneSums::new(&sources.map_err(|err| err.to_string())?).map_err(|err| err.to_string())
        };
        let sums = self.plane.get_or_insert_with(make);
        let sums = sums.as_mut().map_err(|reason| Failed::Because(reason.clone()))?;
        let ViewBox { x, y } = wish.view;
        let by = |factor: usize| {
            let size = wish.size.map(|side| side.div_ceil(factor).max(1));
            RasterGrid { x, y, size }
        };
        let wanted = wish.size.iter().product::<usize>();
        let least = (wanted as f64 / MOST_PIXELS as f64).sqrt().ceil().max(1.0) as usize;
        let (mut grid, mut spec) = (by(least), *full);
        let draft = draft && sums.seconds(&grid, full) > SHORT;
        if draft {
            spec.draft = true;
            let quick = [1, 2, 4].into_iter().map(|k| by(k * least));
            let quick = quick.map(|grid| (sums.seconds(&grid, &spec), grid));
            let mut quick: Vec<(f64, RasterGrid)> = quick.collect();
            let fine = quick.iter().position(|(seconds, _)| *seconds <= DRAFT_SECONDS);
            grid = quick.swap_remove(fine.unwrap_or(quick.len() - 1)).1;
        }
        let picture = sums.picture(&grid, &spec, observer)?;
        let range = range_of(&picture.values);
        Ok((Raster { values: picture.values, grid, mean: picture.mean, range }, draft))
    }

    fn curve(
        &mut self,
        prepared: &Prepared,
        shown: &Shown,
        wish: &DensityWish,
        axis: usize,
        spec: &PictureSpec,
        observer: &mut dyn Observer,
    ) -> Result<Curve, Failed> {
        let make = || {
            check_memory(prepared.points.m())?;
            let (places, unit) = shown.axis_sources(axis, prepared.whitening.as_deref());
            LineSums::new(&places, unit).map_err(|err| err.to_string())
        };
        let sums = self.lines[axis].get_or_insert_with(make);
        let sums = sums.as_mut().map_err(|reason| Failed::Because(reason.clone()))?;
        let ends = [wish.view.x, wish.view.y][axis];
        let picture = sums.curve(ends, wish.size[axis].max(1), spec, observer)?;
        Ok(Curve { values: picture.values, ends, mean: picture.mean })
    }
}

/// Why something was not computed.
enum Failed {
    Stopped,
    Because(String),
}

impl From<EngineError> for Failed {
    fn from(err: EngineError) -> Self {
        match err {
            EngineError::Stopped => Self::Stopped,
            err => Self::Because(err.to_string()),
        }
    }
}

/// What came of it, unless it was stopped.
fn finished<T>(result: Result<T, Failed>) -> Option<Found<T>> {
    match result {
        Ok(found) => Some(Ok(found)),
        Err(Failed::Because(reason)) => Some(Err(reason)),
        Err(Failed::Stopped) => None,
    }
}

/// Refuses so many sources that their raster takes more memory than there is to spare.
fn check_memory(m: usize) -> Result<(), String> {
    /// Bytes for each source: places, their order, and a grid.
    const PER_SOURCE: u64 = 80;
    let needed = PER_SOURCE * m as u64;
    match spare_memory() {
        Some(spare) if needed > spare / 2 => Err(format!(
            "it would take {} of memory, and {} are free",
            format_si(needed as f64, "B"),
            format_si(spare as f64, "B")
        )),
        _ => Ok(()),
    }
}

/// Asks for the estimate at pixels: see [`Session::density`].
#[derive(Clone, Copy)]
pub struct DensityControl<'a>(pub(super) &'a Session);

impl DensityControl<'_> {
    /// Asks from now on for this, or for nothing.
    pub fn want(self, wish: Option<DensityWish>) {
        let shared = &self.0.shared;
        if shared.lock().wants_density != wish {
            shared.tell_worker(|state: &mut SessionState| {
                state.wants_density = wish;
                if wish.is_none() {
                    state.state.density = None;
                }
            });
        }
    }
}

/// The estimate of `scene` for `wish`, in full.
///
/// # Errors
/// When the sum was stopped.
pub(super) fn density_of(
    scene: &Scene,
    wish: &DensityWish,
    observer: &mut dyn Observer,
) -> Result<Density, EngineError> {
    let made = DensityMaker::default().compute(scene, scene.sigma(), wish, false, observer);
    made.ok_or(EngineError::Stopped)
}
