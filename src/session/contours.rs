//! Contours of the estimate on screen, and how they are computed for it.

use std::sync::{Arc, Weak};

use super::{Prepared, Scene, Session, Shown, session_state::SessionState};
use crate::{
    engine::{EngineError, Fast, Observer},
    figure::{Outline, Palette},
    memory::spare_memory,
    model::{Mass, Masses, Sigma},
    numbers::{format_number, format_si},
    plane::{ContourSpec, Contours, LevelError, LiveContours, PlaneSources, contours},
};

/// How exactly contours are computed: see [`ContourSpec`].
#[derive(Clone, Copy, Debug)]
pub struct ContourEffort {
    /// Draws from the estimate by which levels are found.
    pub draws: usize,
    /// Distance of nodes in σ.
    pub step: f64,
    /// The most nodes at which f is computed.
    pub nodes: usize,
}

impl ContourEffort {
    /// For a window while σ moves: on one grid over all sources, without draws.
    pub const MOVING: Self = Self { draws: 1, step: 0.25, nodes: 100_000 };
    /// For a window: levels within 0.7 % of the mass, twenty times as many draws are within 0.16 %.
    pub const LIVE: Self = Self { draws: 50_000, step: 0.2, nodes: 300_000 };
    /// For a picture or a file: levels within 0.16 % of the mass where it was measured.
    pub const FULL: Self = Self { draws: 1_000_000, step: 0.1, nodes: 4_000_000 };

    /// What is wanted of the contours around `masses`.
    fn spec(self, sigma: Sigma, masses: &[Mass]) -> ContourSpec<'_> {
        let Self { draws, step, nodes } = self;
        ContourSpec { sigma, masses, draws, step, nodes }
    }
}

/// Contours of an estimate, or why there are none.
#[derive(Clone, Debug)]
pub struct ShownContours {
    /// Where the points are drawn: told apart, not kept.
    shown: Weak<Shown>,
    /// The kernel's standard deviation.
    pub sigma: Sigma,
    /// The parts of the mass that they enclose.
    pub masses: Masses,
    /// Whether they are less exact than they can be: while something moves.
    pub draft: bool,
    /// The lines, in the units of the plot's axes.
    pub found: Result<Contours, String>,
}

impl ShownContours {
    /// Whether they are of the points of `scene`, where it draws them; σ may be another one.
    pub fn are_of(&self, scene: &Scene) -> bool {
        self.shown.ptr_eq(&Arc::downgrade(&scene.shown))
    }

    /// Whether they are those of `scene` at this σ.
    pub(super) fn are_current(&self, scene: &Scene, sigma: Sigma, masses: Masses) -> bool {
        self.are_of(scene) && self.sigma == sigma && self.masses == masses
    }

    /// That there are none of `scene` at this σ, for this reason.
    pub(super) fn failed(scene: &Scene, sigma: Sigma, masses: Masses, reason: String) -> Self {
        let shown = Arc::downgrade(&scene.shown);
        Self { shown, sigma, masses, draft: false, found: Err(reason) }
    }
}

/// Computes contours; it keeps what does not depend on σ.
#[derive(Debug, Default)]
pub(super) struct ContourMaker {
    shown: Weak<Shown>,
    kept: Option<Result<Kept, String>>,
}

/// Sources of a plane, and the same as contours of a moving σ take them.
#[derive(Debug)]
struct Kept {
    sources: PlaneSources,
    live: LiveContours,
}

impl ContourMaker {
    /// Computes the contours of `scene` at this σ, coarser where `draft`; `None` where `observer` ended the work.
    pub(super) fn compute(
        &mut self,
        scene: &Scene,
        sigma: Sigma,
        masses: Masses,
        draft: bool,
        observer: &mut dyn Observer,
    ) -> Option<ShownContours> {
        if !self.shown.ptr_eq(&Arc::downgrade(&scene.shown)) {
            *self = Self { shown: Arc::downgrade(&scene.shown), kept: None };
        }
        let (prepared, shown) = (&scene.prepared, &scene.shown);
        let make = || {
            check_memory(prepared.points.m())?;
            let kept = || {
                let sources = shown.plane_sources(prepared.whitening.as_deref())?;
                let live = LiveContours::new(&sources)?;
                Ok::<_, LevelError>(Kept { sources, live })
            };
            kept().map_err(|err| err.to_string())
        };
        let kept = match self.kept.get_or_insert_with(make) {
            Ok(kept) => kept,
            Err(reason) => {
                return Some(ShownContours::failed(scene, sigma, masses, reason.clone()));
            }
        };
        let mut found = |draft: bool| {
            let effort = if draft { ContourEffort::MOVING } else { ContourEffort::LIVE };
            let list = masses.to_vec();
            let spec = effort.spec(sigma, &list);
            if draft {
                return kept.live.contours(&spec, observer);
            }
            contours(&kept.sources, &spec, &Fast::default(), observer).map(Some)
        };
        // Where one grid over all sources is too coarse, all at once.
        let (draft, found) = match if draft { found(true) } else { Ok(None) } {
            Ok(None) => (false, found(false)),
            found => (true, found),
        };
        let found = match found {
            Err(LevelError::Engine(EngineError::Stopped)) | Ok(None) => return None,
            Ok(Some(found)) => Ok(found),
            Err(err) => Err(err.to_string()),
        };
        let shown = Weak::clone(&self.shown);
        Some(ShownContours { shown, sigma, masses, draft, found })
    }
}

/// Refuses so many sources that their contours take more memory than there is to spare.
fn check_memory(m: usize) -> Result<(), String> {
    /// Bytes for each source, measured: places twice, their order, and a grid.
    const PER_SOURCE: u64 = 130;
    let needed = PER_SOURCE * m as u64;
    match spare_memory() {
        Some(spare) if needed > spare / 2 => Err(format!(
            "contours would take {} of memory, and {} are free",
            format_si(needed as f64, "B"),
            format_si(spare as f64, "B")
        )),
        _ => Ok(()),
    }
}

/// The contours around `masses` of the estimate of `prepared` sources in the plane of `shown`.
///
/// # Errors
/// When there is no plane, weights are negative or all zero, or f cannot be computed.
pub fn contours_of(
    prepared: &Prepared,
    shown: &Shown,
    sigma: Sigma,
    masses: Masses,
    effort: ContourEffort,
    observer: &mut dyn Observer,
) -> Result<Contours, LevelError> {
    let sources = shown.plane_sources(prepared.whitening.as_deref())?;
    let masses = masses.to_vec();
    contours(&sources, &effort.spec(sigma, &masses), &Fast::default(), observer)
}

/// The lines of `found` as a figure shows them over its dots, with the mass as label.
pub(super) fn outlines(found: &Contours, dark: bool) -> Vec<Outline> {
    let color = Palette::of(dark).title;
    found
        .contours
        .iter()
        .map(|contour| Outline {
            label: mass_label(contour.level.mass.get()),
            color,
            lines: contour.lines.iter().map(|line| line.points.clone()).collect(),
        })
        .collect()
}

/// A part of the mass in words: `50 %`.
pub fn mass_label(mass: f64) -> String {
    format!("{} %", format_number(100.0 * mass, 4))
}

/// Asks for contours: see [`Session::contours`].
#[derive(Clone, Copy)]
pub struct ContourControl<'a>(pub(super) &'a Session);

impl ContourControl<'_> {
    /// Asks from now on for contours around these parts of the mass, or for none.
    pub fn want(self, masses: Option<Masses>) {
        let shared = &self.0.shared;
        if shared.lock().wants_contours != masses {
            shared.tell_worker(|state: &mut SessionState| state.wants_contours = masses);
        }
    }
}
