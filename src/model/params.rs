//! Everything the user can want, as plain data: [`Params`] is the whole truth.
//!
//! Limits live here and nowhere else: a slider, a flag and a file all go through [`Sigma::new`],
//! [`Count::new`] and [`Chunk::of`].

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::{ColorMap, Distribution, EngineChoice, Normalisation, Scaling};

/// A value outside the range that makes sense.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("{what} is {found}: expected {expected}")]
pub struct OutOfRange {
    /// The parameter's name.
    pub what: &'static str,
    /// What was given.
    pub found: String,
    /// The legal range in words.
    pub expected: String,
}

/// σ: the standard deviation of the kernel, in the units of the data.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(try_from = "f64", into = "f64")]
pub struct Sigma(f64);

impl Sigma {
    /// The smallest σ: its square and its inverse square still fit in single precision.
    pub const MIN: f64 = 1e-12;
    /// The largest σ.
    pub const MAX: f64 = 1e12;

    /// Takes a σ in [`Self::MIN`] … [`Self::MAX`].
    ///
    /// # Errors
    /// When the value is not a number or outside that range.
    pub fn new(value: f64) -> Result<Self, OutOfRange> {
        if (Self::MIN..=Self::MAX).contains(&value) {
            Ok(Self(value))
        } else {
            Err(OutOfRange {
                what: "sigma",
                found: value.to_string(),
                expected: format!("a number from {:e} to {:e}", Self::MIN, Self::MAX),
            })
        }
    }

    /// The value, in the units of the data.
    pub fn get(self) -> f64 {
        self.0
    }
}

impl TryFrom<f64> for Sigma {
    type Error = OutOfRange;

    fn try_from(value: f64) -> Result<Self, OutOfRange> {
        Self::new(value)
    }
}

impl From<Sigma> for f64 {
    fn from(sigma: Sigma) -> Self {
        sigma.0
    }
}

/// A number of points, N or M.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "usize", into = "usize")]
pub struct Count(usize);

impl Count {
    /// The most points a cloud may have.
    pub const MAX: usize = 100_000_000;

    /// Takes a count from 1 to [`Self::MAX`].
    ///
    /// # Errors
    /// When the count is outside that range.
    pub fn new(value: usize) -> Result<Self, OutOfRange> {
        if (1..=Self::MAX).contains(&value) {
            Ok(Self(value))
        } else {
            Err(OutOfRange {
                what: "number of points",
                found: value.to_string(),
                expected: format!("a whole number from 1 to {}", Self::MAX),
            })
        }
    }

    /// The count.
    pub fn get(self) -> usize {
        self.0
    }
}

impl TryFrom<usize> for Count {
    type Error = OutOfRange;

    fn try_from(value: usize) -> Result<Self, OutOfRange> {
        Self::new(value)
    }
}

impl From<Count> for usize {
    fn from(count: Count) -> Self {
        count.0
    }
}

/// How many sources are processed before f is updated once.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Option<usize>", into = "Option<usize>")]
pub enum Chunk {
    /// The program picks.
    #[default]
    Auto,
    /// This many; more than there are sources means all of them.
    Of(usize),
}

impl Chunk {
    /// The chunk that `auto` stands for: long enough that updating f costs nothing beside the sum.
    pub const AUTO: usize = 8192;

    /// Takes a chunk of at least one source.
    ///
    /// # Errors
    /// When `sources` is zero.
    pub fn of(sources: usize) -> Result<Self, OutOfRange> {
        if sources == 0 {
            return Err(OutOfRange {
                what: "chunk",
                found: "0".to_owned(),
                expected: "a whole number from 1, or 'auto'".to_owned(),
            });
        }
        Ok(Self::Of(sources))
    }

    /// The number of sources a chunk has when there are `m`.
    pub fn resolve(self, m: usize) -> usize {
        let wanted = match self {
            Self::Auto => Self::AUTO,
            Self::Of(sources) => sources,
        };
        wanted.clamp(1, m.max(1))
    }
}

impl TryFrom<Option<usize>> for Chunk {
    type Error = OutOfRange;

    fn try_from(value: Option<usize>) -> Result<Self, OutOfRange> {
        value.map_or(Ok(Self::Auto), Self::of)
    }
}

impl From<Chunk> for Option<usize> {
    fn from(chunk: Chunk) -> Self {
        match chunk {
            Chunk::Auto => None,
            Chunk::Of(sources) => Some(sources),
        }
    }
}

impl Normalisation {
    /// What a sum over sources of total weight `weight` is multiplied by.
    ///
    /// The density's factor is that of the d-dimensional normal, (2πσ²)^{−d/2}.
    pub fn factor(self, weight: f64, dim: usize, sigma: Sigma) -> f64 {
        match self {
            Self::Sum => 1.0,
            Self::Mean => 1.0 / weight,
            Self::Density => {
                let volume = (std::f64::consts::TAU.sqrt() * sigma.get()).powi(dim as i32);
                1.0 / (weight * volume)
            }
        }
    }
}

/// Where the points come from.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub enum Input {
    /// Both clouds are drawn from [`Params::distribution`], independently of each other.
    #[default]
    Generated,
    /// They are read from files.
    Files {
        /// The file of the targets.
        targets: PathBuf,
        /// The file of the sources; without one the targets are the sources too.
        sources: Option<PathBuf>,
        /// The columns to use, by name or by number from 1; empty lets the loader choose.
        columns: Vec<String>,
    },
}

/// What is computed, from what, and how it is shown.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Params {
    /// Where the points come from.
    pub input: Input,
    /// How generated points are distributed.
    pub distribution: Distribution,
    /// The seed of everything random.
    pub seed: u64,
    /// Number of targets; `None` is 3000 generated points, or all rows of a file.
    pub n: Option<Count>,
    /// Number of sources; `None` likewise.
    pub m: Option<Count>,
    /// The kernel's standard deviation.
    pub sigma: Sigma,
    /// What f is divided by.
    pub normalisation: Normalisation,
    /// How the field is computed.
    pub engine: EngineChoice,
    /// How many sources are processed before f is updated.
    pub chunk: Chunk,
    /// How the field is shown.
    pub view: ViewParams,
}

/// How the field is shown; changing it recomputes nothing.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ViewParams {
    /// Which colours values turn into.
    pub color_map: ColorMap,
    /// How values are spread over the colours.
    pub scaling: Scaling,
    /// Diameter of a point, in logical pixels.
    pub point_size: f32,
    /// Opacity of a point, 0 to 1.
    pub opacity: f32,
    /// Values that get the first and the last colour; `None` is the range of f.
    pub clip: Option<[f32; 2]>,
    /// Whether one unit is as long on both axes.
    pub equal_aspect: bool,
}

impl Params {
    /// Number of points of a generated cloud unless the user says otherwise.
    pub const DEFAULT_COUNT: usize = 3000;
    /// Number of coordinates of a point.
    pub const DIM: usize = 2;
    /// σ unless the user says otherwise.
    pub const DEFAULT_SIGMA: f64 = 0.3;

    /// The first stage that has to be done again when `old` turns into `self`.
    ///
    /// This is the only place that decides what to redo.
    pub fn stage_since(&self, old: &Self) -> Stage {
        let Self { input, distribution, seed, n, m, sigma, normalisation, engine, chunk, view } =
            self;
        let generated = *input == Input::Generated;
        // Files ignore the distribution; a subset of them is drawn by the seed.
        let points = *input != old.input
            || *n != old.n
            || *m != old.m
            || *seed != old.seed
            || (generated && *distribution != old.distribution);
        if points {
            Stage::Points
        } else if *sigma != old.sigma
            || *normalisation != old.normalisation
            || *engine != old.engine
            || *chunk != old.chunk
        {
            Stage::Field
        } else if view.scaling != old.view.scaling || view.clip != old.view.clip {
            Stage::Range
        } else if *view != old.view {
            Stage::View
        } else {
            Stage::Nothing
        }
    }
}

impl Default for Params {
    fn default() -> Self {
        Self {
            input: Input::default(),
            distribution: Distribution::default(),
            seed: 1,
            n: None,
            m: None,
            sigma: Sigma(Self::DEFAULT_SIGMA),
            normalisation: Normalisation::default(),
            engine: EngineChoice::default(),
            chunk: Chunk::default(),
            view: ViewParams::default(),
        }
    }
}

impl ViewParams {
    /// The smallest and the largest diameter of a point, in logical pixels.
    pub const POINT_SIZES: [f32; 2] = [0.5, 40.0];
    /// The lowest and the highest opacity.
    pub const OPACITIES: [f32; 2] = [0.01, 1.0];

    /// Whether the values set for the first and the last colour fit the scaling.
    pub fn clip_is_legal(&self) -> bool {
        self.clip
            .is_none_or(|[low, high]| low < high && (self.scaling == Scaling::Linear || low > 0.0))
    }
}

impl Default for ViewParams {
    fn default() -> Self {
        Self {
            color_map: ColorMap::default(),
            scaling: Scaling::default(),
            point_size: 5.0,
            opacity: 0.9,
            clip: None,
            equal_aspect: true,
        }
    }
}

/// How far back a change reaches; later stages include the earlier ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// Nothing changes.
    Nothing,
    /// Colours, size and opacity of points.
    View,
    /// The range and histogram of f.
    Range,
    /// f itself.
    Field,
    /// The points.
    Points,
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `params` with one thing changed.
    fn with(params: &Params, change: impl FnOnce(&mut Params)) -> Params {
        let mut changed = params.clone();
        change(&mut changed);
        changed
    }

    type Change = fn(&mut Params);

    #[test]
    fn each_change_reaches_back_as_far_as_it_must_and_no_further() {
        let cases: &[(&str, Change, Stage)] = &[
            ("nothing", |_| (), Stage::Nothing),
            ("colours", |p| p.view.color_map = ColorMap::Greys, Stage::View),
            ("point size", |p| p.view.point_size = 9.0, Stage::View),
            ("opacity", |p| p.view.opacity = 0.5, Stage::View),
            ("aspect", |p| p.view.equal_aspect = false, Stage::View),
            ("scaling", |p| p.view.scaling = Scaling::Log, Stage::Range),
            ("clip range", |p| p.view.clip = Some([1.0, 2.0]), Stage::Range),
            ("sigma", |p| p.sigma = Sigma(0.4), Stage::Field),
            ("normalisation", |p| p.normalisation = Normalisation::Mean, Stage::Field),
            ("engine", |p| p.engine = EngineChoice::Naive, Stage::Field),
            ("chunk", |p| p.chunk = Chunk::Of(7), Stage::Field),
            ("n", |p| p.n = Some(Count(5)), Stage::Points),
            ("m", |p| p.m = Some(Count(5)), Stage::Points),
            ("seed", |p| p.seed = 2, Stage::Points),
            ("distribution", |p| p.distribution = Distribution::Ring, Stage::Points),
            ("input", |p| p.input = file("p.csv"), Stage::Points),
        ];
        let old = Params::default();
        for (what, change, stage) in cases {
            let new = with(&old, change);
            assert_eq!(new.stage_since(&old), *stage, "{what}");
            assert_eq!(old.stage_since(&new), *stage, "{what}, and back");
            // The furthest reach of several changes counts.
            let more = with(&new, |p| p.view.opacity = 0.25);
            assert_eq!(more.stage_since(&old), (*stage).max(Stage::View), "{what} and opacity");
        }
    }

    fn file(name: &str) -> Input {
        Input::Files { targets: name.into(), sources: None, columns: Vec::new() }
    }

    #[test]
    fn a_file_does_not_care_for_the_distribution() {
        let old = Params { input: file("p.csv"), ..Params::default() };
        let new = with(&old, |p| p.distribution = Distribution::Moons);
        assert_eq!(new.stage_since(&old), Stage::Nothing);
        let columns = vec!["a".to_owned(), "b".to_owned()];
        let input = Input::Files { targets: "p.csv".into(), sources: None, columns };
        assert_eq!(with(&old, |p| p.input = input).stage_since(&old), Stage::Points);
    }

    #[test]
    fn limits_hold_for_values_from_files_too() {
        for bad in [0.0, -1.0, 1e-30, 1e30, f64::NAN, f64::INFINITY] {
            assert!(Sigma::new(bad).is_err(), "{bad}");
        }
        assert!(Count::new(0).is_err() && Count::new(Count::MAX + 1).is_err());
        assert!(Chunk::of(0).is_err());
        assert!(serde_json::from_str::<Params>(r#"{"sigma": -1.0}"#).is_err());
        assert!(serde_json::from_str::<Params>(r#"{"n": 0}"#).is_err());
        assert!(serde_json::from_str::<Params>(r#"{"chunk": 0}"#).is_err());
        let params = Params { chunk: Chunk::Of(7), n: Some(Count(9)), ..Params::default() };
        let text = serde_json::to_string(&params).expect("JSON");
        assert_eq!(serde_json::from_str::<Params>(&text).expect("the same"), params);
    }

    #[test]
    fn a_chunk_is_never_longer_than_there_are_sources() {
        assert_eq!(Chunk::Auto.resolve(10), 10);
        assert_eq!(Chunk::Auto.resolve(100_000), Chunk::AUTO);
        assert_eq!(Chunk::Of(7).resolve(10), 7);
        assert_eq!(Chunk::Of(70).resolve(10), 10);
    }

    #[test]
    #[expect(clippy::float_cmp, reason = "powers of two divide exactly")]
    fn a_density_integrates_to_one() {
        let sigma = Sigma(0.5);
        let factor = Normalisation::Density.factor(4.0, 2, sigma);
        // Four kernels, each with the integral 2πσ².
        assert!((factor * 4.0 * std::f64::consts::TAU * 0.25 - 1.0).abs() < 1e-15);
        assert_eq!(Normalisation::Mean.factor(4.0, 2, sigma), 0.25);
        assert_eq!(Normalisation::Sum.factor(4.0, 2, sigma), 1.0);
    }
}
