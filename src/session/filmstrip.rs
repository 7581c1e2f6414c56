//! The filmstrip: small pictures of one cloud at several σ, in the same colours.
//!
//! Each is computed on as much of the cloud as takes [`SECONDS`]: an even part of the targets that are
//! in view, for a small picture shows no more dots, and all sources or, of very many, a random part.

use std::sync::Arc;

use super::{Scene, SpaceViewport};
use crate::{
    color::Scale,
    engine::EngineId,
    figure::ViewBox,
    model::{Sigma, ViewParams},
    scheduler::{Machine, choose, fast_seconds, gpu_seconds, simd_seconds},
};

/// The most dots in a picture: enough that a small picture looks like the plot; more take longer.
const DOTS: usize = 6000;
/// Seconds that the sum for one picture should take at most. With more, the filmstrip lags behind;
/// with less, pictures of large clouds are made from fewer sources.
pub(super) const SECONDS: f64 = 0.25;

/// Which pictures to make.
#[derive(Clone)]
pub struct FilmSpec {
    /// Tells the pictures of this request from those of another.
    pub number: u64,
    /// Of which cloud.
    pub scene: Arc<Scene>,
    /// At which σ.
    pub sigmas: Vec<Sigma>,
    /// What part of the plane they show, as high as it is wide on the picture's terms; where f is up,
    /// the height is that of the colour scale.
    pub view: ViewBox,
    /// From where they look at targets in space.
    pub space: SpaceViewport,
    /// Width and height of each, in pixels.
    pub size: [u32; 2],
    /// Radius of a dot in pixels.
    pub radius: f32,
    /// Light on dark, or dark on light.
    pub dark: bool,
    /// Colours and opacity.
    pub look: ViewParams,
    /// What the colours mean, in all of them.
    pub scale: Scale,
}

/// The pictures of a request, as far as they are made.
#[derive(Clone, Debug, Default)]
pub struct Filmstrip {
    /// The number of the request.
    pub number: u64,
    /// In the order of the request.
    pub stills: Vec<Still>,
    /// Whether no more of them will come, for something else was requested.
    pub stopped: bool,
}

/// One of the pictures.
#[derive(Clone, Debug)]
pub struct Still {
    /// The kernel's standard deviation.
    pub sigma: Sigma,
    /// Premultiplied RGBA, row by row from the top.
    pub rgba: Arc<[u8]>,
    /// Width and height.
    pub size: [u32; 2],
    /// Number of targets drawn, of those in view.
    pub targets: [usize; 2],
    /// Number of sources summed, of all.
    pub sources: [usize; 2],
}

/// How much of a cloud a picture is computed on, and by what.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Share {
    pub(super) targets: usize,
    pub(super) sources: usize,
    pub(super) engine: EngineId,
}

impl Share {
    /// The share of `n` targets in view, `m` sources and `dim` coordinates that takes no longer than
    /// it may. `sigma` and `extent`, the longest side of the points' box, are in the same units.
    pub(super) fn of(
        [n, m, dim]: [usize; 3],
        sigma: Sigma,
        extent: f64,
        machine: &Machine,
    ) -> Self {
        // Every second, every third, …: the widest step that leaves no fewer than there is room for.
        let targets = n.div_ceil(n.div_ceil(DOTS).max(1));
        let size = [targets, m, dim];
        let exact = choose(size, machine).engine;
        let seconds = match gpu_seconds(size, machine) {
            Some(seconds) if exact == EngineId::Gpu => seconds,
            _ => simd_seconds(size, machine),
        };
        if seconds <= SECONDS {
            return Self { targets, sources: m, engine: exact };
        }
        let fast = fast_seconds(size, sigma.get(), extent, machine);
        if fast.is_some_and(|fast| fast <= SECONDS) {
            return Self { targets, sources: m, engine: EngineId::Fast };
        }
        let sources = (m as f64 * SECONDS / seconds) as usize;
        Self { targets, sources: sources.clamp(1, m), engine: exact }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::Instructions;

    #[test]
    fn a_picture_of_any_cloud_is_soon_there() {
        let cpu = Machine {
            threads: 2,
            instructions: Instructions::Avx512,
            device: None,
            must_open: false,
        };
        let share = |n, m, dim| Share::of([n, m, dim], Sigma::DEFAULT, 10.0, &cpu);
        let all = Share { targets: 3000, sources: 3000, engine: EngineId::Simd };
        assert_eq!(share(3000, 3000, 2), all);
        assert_eq!(share(6001, 10, 2).targets, 3001);
        for n in [DOTS - 1, DOTS, DOTS + 1, 100_000, 1_000_000] {
            let targets = share(n, 10, 2).targets;
            assert!((DOTS / 2..=DOTS).contains(&targets), "{targets} of {n}");
        }
        for (m, dim) in [(1_000_000, 2), (1_000_000, 64), (100_000_000, 4)] {
            let Share { targets, sources, engine } = share(1_000_000, m, dim);
            let size = [targets, sources, dim];
            let seconds = match engine {
                EngineId::Fast => fast_seconds(size, 0.3, 10.0, &cpu).expect("few axes"),
                _ => simd_seconds(size, &cpu),
            };
            assert!(seconds <= 1.01 * SECONDS, "{seconds} s for {size:?}");
            assert!(sources > 1000, "{sources} of {m}");
        }
    }
}
