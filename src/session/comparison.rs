//! The comparison: times and errors of several engines on the points of one scene.
//!
//! The worker takes one engine after the other, those that are done soonest first, and publishes a
//! new [`Comparison`] whenever something is known. One that was published never changes. It ends when
//! all are done, when its owner stops it, or when another field is requested; what was measured until
//! then stays.

use std::sync::{Arc, Weak};

use super::Scene;
use crate::{
    engine::{EngineId, Instructions, Place, Problem, broadcast_bytes},
    model::{Chunk, EngineChoice, Points, Sigma},
};

/// What engines took for the same points, as far as it is known.
#[derive(Clone, Debug)]
pub struct Comparison {
    /// Number of targets.
    pub n: usize,
    /// Number of sources.
    pub m: usize,
    /// Number of coordinates of a point.
    pub dim: usize,
    /// The kernel's standard deviation.
    pub sigma: Sigma,
    /// Sources in an array of the engine that makes arrays of a chunk of them.
    pub chunk: usize,
    /// Sources between two updates of f, for the other engines.
    usual_chunk: usize,
    /// Number of random targets at which errors are measured.
    pub sample: usize,
    /// One for each chosen engine, in the order of [`comparable`].
    pub rows: Vec<Row>,
    /// How it ended; `None` while it is under way.
    pub end: Option<End>,
    /// Which points: told apart, not kept.
    points: Weak<Points>,
}

/// One engine of a comparison.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// Which.
    pub engine: EngineId,
    /// The device or the threads that it runs on.
    pub place: String,
    /// The most bytes that it takes at once, beyond the points.
    pub bytes: u64,
    /// How far it is.
    pub progress: Progress,
}

/// How far an engine of a comparison is.
#[derive(Clone, Debug, PartialEq)]
pub enum Progress {
    /// Its turn has not come.
    Waiting,
    /// It runs; the fraction done of its first run, then 1.
    Running(f32),
    /// It was measured.
    Timed(Timing),
    /// It cannot do it; why.
    Refused(String),
    /// The comparison ended before it.
    NotRun,
}

/// What was measured of an engine.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Timing {
    /// The median of its runs.
    pub seconds: f64,
    /// The shortest of them.
    pub shortest: f64,
    /// The longest of them.
    pub longest: f64,
    /// How many there were.
    pub runs: usize,
    /// Pairs of a target and a source, per second, in the median run.
    pub pairs_per_second: f64,
    /// Largest |f − exact| / max(exact, 10⁻³·max exact) on the sample; infinite where f is no number.
    pub error: f64,
}

/// How a comparison ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// Every engine had its turn.
    Done,
    /// Its owner stopped it.
    Stopped,
    /// Other points, another σ or another engine were requested.
    Superseded,
}

impl Comparison {
    /// A comparison of `engines` that has not begun.
    pub(super) fn new(scene: &Scene, engines: &[EngineId], sample: usize) -> Self {
        let points = &scene.prepared.points;
        let row =
            |engine| Row { engine, place: String::new(), bytes: 0, progress: Progress::Waiting };
        let chosen = comparable().filter(|engine| engines.contains(engine));
        Self {
            n: points.n(),
            m: points.m(),
            dim: points.dim(),
            sigma: scene.sigma(),
            chunk: chunk_for(scene.params.chunk, points.m()),
            usual_chunk: scene.params.chunk.resolve(points.m()),
            sample,
            rows: chosen.map(row).collect(),
            end: None,
            points: Arc::downgrade(points),
        }
    }

    /// The problem that it measures with an engine; `points` are those of its scene.
    pub(super) fn problem<'a>(&self, points: &'a Points, engine: EngineId) -> Problem<'a> {
        let chunk = if engine == EngineId::Chunked { self.chunk } else { self.usual_chunk };
        Problem { points, sigma: self.sigma, chunk }
    }

    /// Whether it is about what the scene shows: the same points with the same σ and chunk.
    pub fn is_of(&self, scene: &Scene) -> bool {
        let points = &scene.prepared.points;
        self.points.ptr_eq(&Arc::downgrade(points))
            && self.sigma == scene.sigma()
            && self.chunk == chunk_for(scene.params.chunk, points.m())
    }

    /// The bytes of all pairs at once, as one N×M array of f64.
    pub fn matrix_bytes(&self) -> u128 {
        broadcast_bytes(self.n, self.m)
    }

    /// The rows in the order in which they run: engines that go through all pairs on one thread may
    /// take hours, and come last.
    pub(super) fn order(&self) -> Vec<usize> {
        let mut order: Vec<usize> = (0..self.rows.len()).collect();
        order.sort_by_key(|k| is_on_one_thread(self.rows[*k].engine));
        order
    }

    /// Ends it, with what is there.
    pub(super) fn finish(&mut self, end: End) {
        self.end = Some(end);
        for row in &mut self.rows {
            if matches!(row.progress, Progress::Waiting | Progress::Running(_)) {
                row.progress = Progress::NotRun;
            }
        }
    }
}

/// The chunk of `m` sources, for the engine that makes arrays of it. Of few sources the usual one is all of them, and
/// that engine would be the one that makes the whole matrix: a chunk of an eighth takes an eighth of
/// its memory.
pub fn chunk_for(chunk: Chunk, m: usize) -> usize {
    match chunk {
        Chunk::Auto => m.div_ceil(8).clamp(1, Chunk::AUTO),
        Chunk::Of(_) => chunk.resolve(m),
    }
}

impl Timing {
    /// The median run of some, with the shortest and the longest: `None` of none. `pairs` are those
    /// of a target and a source in each.
    pub(super) fn of(seconds: &[f64], pairs: f64, error: f64) -> Option<Self> {
        let mut seconds = seconds.to_vec();
        seconds.sort_by(f64::total_cmp);
        let (shortest, longest) = (*seconds.first()?, *seconds.last()?);
        let runs = seconds.len();
        let median = f64::midpoint(seconds[(runs - 1) / 2], seconds[runs / 2]);
        let pairs_per_second = pairs / median;
        Some(Self { seconds: median, shortest, longest, runs, pairs_per_second, error })
    }

    /// Half the difference between the longest and the shortest run, as a part of the median.
    pub fn spread(&self) -> f64 {
        0.5 * (self.longest - self.shortest) / self.seconds
    }
}

/// The engines that can be compared: all but the choice between them.
pub fn comparable() -> impl Iterator<Item = EngineId> {
    EngineChoice::ALL.iter().copied().filter_map(EngineId::named)
}

fn is_on_one_thread(engine: EngineId) -> bool {
    match engine {
        EngineId::Naive | EngineId::Broadcast | EngineId::Chunked => true,
        EngineId::Simd | EngineId::Fast | EngineId::Gpu => false,
    }
}

/// What an engine runs on, in a few words; `place` is where it did, `None` before it ran.
pub(super) fn place(engine: EngineId, place: Option<Place>, adapter: &str) -> String {
    if place == Some(Place::Device) {
        return adapter.to_owned();
    }
    match engine {
        EngineId::Gpu => adapter.to_owned(),
        EngineId::Naive | EngineId::Broadcast | EngineId::Chunked => "1 thread".to_owned(),
        EngineId::Simd | EngineId::Fast => {
            let threads = match rayon::current_num_threads() {
                1 => "1 thread".to_owned(),
                threads => format!("{threads} threads"),
            };
            match Instructions::chosen() {
                Ok(set) => format!("{threads}, {}", set.label()),
                Err(_) => threads,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[expect(clippy::float_cmp, reason = "halves of whole numbers")]
    fn the_median_is_between_the_shortest_and_the_longest() {
        assert_eq!(Timing::of(&[], 1.0, 0.0), None);
        let of = |seconds: &[f64]| Timing::of(seconds, 12.0, 0.0).expect("runs");
        let three = of(&[4.0, 1.0, 2.0]);
        assert_eq!((three.seconds, three.shortest, three.longest, three.runs), (2.0, 1.0, 4.0, 3));
        assert_eq!((three.pairs_per_second, three.spread()), (6.0, 0.75));
        let two = of(&[4.0, 2.0]);
        assert_eq!((two.seconds, two.spread()), (3.0, 1.0 / 3.0));
        assert_eq!(of(&[5.0]).spread(), 0.0);
    }

    #[test]
    fn an_automatic_chunk_is_a_part_of_the_sources() {
        for (m, chunk) in [(1, 1), (8, 1), (3000, 375), (1_000_000, Chunk::AUTO)] {
            assert_eq!(chunk_for(Chunk::Auto, m), chunk);
        }
        assert_eq!([10, 100].map(|m| chunk_for(Chunk::Of(50), m)), [10, 50]);
    }
}
