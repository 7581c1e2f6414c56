//! Computes the small pictures of a [`Filmstrip`], while nothing else is requested.

use std::sync::Arc;

use rayon::prelude::*;

use super::Worker;
use crate::{
    color::{Quantiles, lut},
    engine::{EngineError, Problem, Progress, go_on_if},
    figure::ViewBox,
    gpu::{ColorTable, Dots, Field, Places, engine},
    model::{DrawOrder, Points, Sigma, Tolerance},
    sampling::shuffled,
    scheduler::Machine,
    session::{
        Notice, NoticeKind,
        filmstrip::{FilmSpec, Filmstrip, Share, Still},
        picture::PictureError,
    },
};

/// Why a picture was not made.
enum Unmade {
    /// Something else is requested.
    Stopped,
    Failed(Notice),
}

impl<E: Into<PictureError>> From<E> for Unmade {
    fn from(err: E) -> Self {
        Self::Failed(err.into().into())
    }
}

/// The cloud as the pictures show it.
struct Shot<'a> {
    spec: &'a FilmSpec,
    /// The targets in view, in the order in which their dots are drawn.
    seen: Vec<usize>,
    /// The sources in random order; none where all are summed.
    order: Vec<u32>,
    colors: ColorTable,
}

/// Pictures under way.
struct FilmRun<'a> {
    worker: &'a mut Worker,
    /// The number of the newest request when they were begun.
    number: u64,
}

/// Makes the pictures, one by one, until something else is requested.
pub(super) fn film(worker: &mut Worker, spec: &FilmSpec) -> Result<(), Notice> {
    let number = worker.shared.lock().requests.newest();
    let mut run = FilmRun { worker, number };
    let mut strip = Filmstrip { number: spec.number, ..Filmstrip::default() };
    let made = run.shoot(spec, &mut strip);
    strip.stopped = made.is_err();
    run.publish(&strip);
    match made {
        Ok(()) | Err(Unmade::Stopped) => Ok(()),
        Err(Unmade::Failed(notice)) => {
            // What fails is not tried again and again.
            strip.stopped = false;
            run.publish(&strip);
            Err(notice)
        }
    }
}

impl FilmRun<'_> {
    fn shoot(&mut self, spec: &FilmSpec, strip: &mut Filmstrip) -> Result<(), Unmade> {
        let shown = &spec.scene.shown;
        let inside = |[low, high]: [f64; 2], value: f64| (low..=high).contains(&value);
        let is_seen = |i: &usize| {
            let [x, y] = shown.place(*i);
            shown.space().is_some()
                || (inside(spec.view.x, x) && (shown.is_line() || inside(spec.view.y, y)))
        };
        // In the order of drawing, as far as that does not go by f.
        let seen = if spec.look.order == DrawOrder::File {
            (0..shown.n()).filter(is_seen).collect()
        } else {
            let order = shuffled(shown.n(), spec.scene.params.seed);
            order.into_iter().map(|i| i as usize).filter(is_seen).collect()
        };
        let quantiles = spec.scale.quantiles.as_ref().map(Quantiles::table);
        let lut = lut(spec.look.color_map, spec.look.reversed);
        let colors = ColorTable::new(&self.worker.gpu, &lut, quantiles.as_ref())?;
        let mut shot = Shot { spec, seen, order: Vec::new(), colors };
        for sigma in &spec.sigmas {
            let still = self.still(&mut shot, *sigma)?;
            strip.stills.push(still);
            self.publish(strip);
        }
        Ok(())
    }

    /// Makes one picture.
    fn still(&mut self, shot: &mut Shot<'_>, sigma: Sigma) -> Result<Still, Unmade> {
        let scene = &shot.spec.scene;
        let points = &scene.prepared.points;
        let device = self.worker.gpu.can_sum().is_ok();
        let device = device.then(|| self.worker.gpu.adapter().kind);
        let size = [shot.seen.len(), points.m(), points.dim()];
        let machine = Machine::here(device);
        let share = Share::of(size, sigma, points.bounds().extent(), &machine);
        let Share { targets, sources, .. } = share;
        let step = shot.seen.len().div_ceil(targets.max(1)).max(1);
        let mut taken: Vec<usize> = shot.seen.iter().copied().step_by(step).collect();
        let mut values = if taken.is_empty() {
            Vec::new()
        } else {
            let mut part = points.with_targets(taken.iter().copied());
            if sources < points.m() {
                if shot.order.is_empty() {
                    shot.order = shuffled(points.m(), scene.params.seed);
                }
                part = part.with_part(shot.order[..sources].iter().map(|j| *j as usize));
            }
            let normalisation = scene.params.normalisation;
            let weight = points.sources().total_weight();
            let factor = scene.prepared.factor(normalisation, weight, sigma);
            let by = factor * points.m() as f64 / sources as f64;
            let sums = self.sum(&part, sigma, share)?;
            sums.into_iter().map(|f| (by * f) as f32).collect::<Vec<f32>>()
        };
        if shot.spec.look.order.goes_by_value() {
            let mut dots: Vec<(usize, f32)> = taken.into_iter().zip(values).collect();
            dots.sort_by(|(_, a), (_, b)| a.total_cmp(b));
            if shot.spec.look.order == DrawOrder::Sparse {
                dots.reverse();
            }
            (taken, values) = dots.into_iter().unzip();
        }
        let rgba = self.draw(shot, &taken, values)?;
        Ok(Still {
            sigma,
            rgba: rgba.into(),
            size: shot.spec.size,
            targets: [taken.len(), shot.seen.len()],
            sources: [sources, points.m()],
        })
    }

    /// The sums of one picture, unless something else is requested.
    fn sum(&mut self, points: &Points, sigma: Sigma, share: Share) -> Result<Vec<f64>, Unmade> {
        let gpu = self.worker.gpu.clone();
        let tolerance = Tolerance::new(Tolerance::MAX).unwrap_or(Tolerance::DEFAULT);
        let Some(engine) = engine(share.engine, Some(&gpu), tolerance) else {
            return Err(Unmade::Stopped);
        };
        let problem = Problem { points, sigma, chunk: points.m() };
        let summed = engine.sum(&problem, &mut |_: Progress| {
            self.worker.serve_jobs(false);
            go_on_if(self.worker.shared.wants_film(self.number))
        });
        // An engine may end without having asked.
        if !self.worker.shared.wants_film(self.number) {
            return Err(Unmade::Stopped);
        }
        match summed {
            Ok(sums) => Ok(sums),
            Err(EngineError::Stopped) => Err(Unmade::Stopped),
            Err(err) => {
                let text = format!("no small pictures: {err}");
                Err(Unmade::Failed(Notice { kind: NoticeKind::Failed, text }))
            }
        }
    }

    /// The dots of the targets `taken`, whose values these are.
    fn draw(&self, shot: &Shot<'_>, taken: &[usize], values: Vec<f32>) -> Result<Vec<u8>, Unmade> {
        let FilmSpec { scene, view, size, radius, dark, look, scale, .. } = shot.spec;
        let [width, height] = *size;
        if values.is_empty() {
            return Ok(vec![0; 4 * width as usize * height as usize]);
        }
        let shown = &scene.shown;
        let gpu = &self.worker.gpu;
        let places = if let Some(places) = shown.unit_places(taken.par_iter().copied()) {
            Places::in_space(gpu, &places, None)?
        } else {
            let places = shown.centred_places(taken.par_iter().copied());
            Places::new(gpu, places.as_flattened(), shown.is_line(), None)?
        };
        let field = Field::from_values(&self.worker.gpu, &Arc::from(values))?;
        let view = if shown.is_line() {
            let [low, high] = [scale.low.min(0.0), scale.high.max(0.0)].map(f64::from);
            let margin = 0.04 * (high - low).max(f64::MIN_POSITIVE);
            ViewBox { x: view.x, y: [low - margin, high + margin] }
        } else {
            *view
        };
        let size = [width as f32, height as f32];
        let mut view = shown.scatter_view(&view, size, *radius, look.opacity, scale, *dark);
        view.space = shot.spec.space.draw(shown, size.map(f64::from), look.equal_aspect);
        let dots = Dots::new(&self.worker.gpu, &places, &field, &field)?;
        Ok(self.worker.gpu.picture(&dots, &shot.colors, &view)?)
    }

    fn publish(&self, strip: &Filmstrip) {
        let strip = Arc::new(strip.clone());
        self.worker.shared.update(|inner| inner.state.filmstrip = Some(strip));
    }
}
