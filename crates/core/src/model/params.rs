//! All settings of the user, as plain data: what is computed, from what, and how it is shown.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::selection::SharedRows;

use super::{
    AxisScaling, Chunk, ColorBy, Count, Dim, Distribution, EngineChoice, Normalisation, Projection,
    Reading, Sigma, Tolerance, ViewParams,
};

/// Where the weights of the sources come from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Weights {
    /// A column of the sources' file, by name or by number from 1.
    Column(String),
    /// An NPY file of one number for each row of the sources' file.
    File(PathBuf),
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

/// Rows of the targets that alone are taken.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct OnlyRows {
    /// Which: by row of the targets' file, or by number of a generated target.
    pub rows: SharedRows,
    /// Whether they are all targets.
    pub targets: bool,
    /// Whether they are all sources.
    pub sources: bool,
}

/// What is computed, from what, and how it is shown.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Params {
    /// Where the points come from.
    pub input: Input,
    /// How files are read, where the user does not leave it to the program.
    pub reading: Reading,
    /// Number of coordinates of a point; `None` is as many as the columns named, or as the file has, or 2
    /// for generated points.
    pub dim: Option<Dim>,
    /// The weights of the sources of a file; `None` is 1 for each.
    pub weights: Option<Weights>,
    /// How generated points are distributed.
    pub distribution: Distribution,
    /// The seed of everything random.
    pub seed: u64,
    /// Number of targets; `None` is 3000 generated points, or all rows of a file.
    pub n: Option<Count>,
    /// Number of sources; `None` likewise.
    pub m: Option<Count>,
    /// The rows of the targets that alone are taken as targets, as sources, or as both; `None` takes all.
    pub only: Option<OnlyRows>,
    /// Whether sources that coincide become one that weighs as much.
    pub merge_duplicates: bool,
    /// In which units points are summed; the picture stays in those of the data.
    pub axis_scaling: AxisScaling,
    /// The kernel's standard deviation; `None` is 0.3 for generated points, and Scott's rule for
    /// those of a file.
    pub sigma: Option<Sigma>,
    /// What f is divided by.
    pub normalisation: Normalisation,
    /// How the field is computed.
    pub engine: EngineChoice,
    /// How many sources are processed before f is updated.
    pub chunk: Chunk,
    /// The error that the engine `fast` may have.
    pub tolerance: Tolerance,
    /// Where in the plane points of three or more coordinates are drawn.
    pub projection: Projection,
    /// What the colours of the dots show.
    pub color_by: ColorBy,
    /// How the field is shown.
    pub view: ViewParams,
}

impl Params {
    /// Number of points of a generated cloud unless the user says otherwise.
    pub const DEFAULT_COUNT: usize = 3000;

    /// Number of coordinates of a point; `None` where only the file tells.
    pub fn dim(&self) -> Option<Dim> {
        let implied = match &self.input {
            Input::Generated => Some(Dim::PLANE),
            Input::Files { columns, .. } => Dim::new(columns.len()).ok(),
        };
        self.dim.or(implied)
    }

    /// Whether a row of the targets is the same point as in `other`, whichever rows and columns are taken:
    /// both read the same files in the same way, or generate the same cloud.
    pub fn has_rows_of(&self, other: &Self) -> bool {
        match (&self.input, &other.input) {
            (Input::Generated, Input::Generated) => {
                self.distribution == other.distribution
                    && self.seed == other.seed
                    && self.dim() == other.dim()
            }
            (Input::Files { targets, .. }, Input::Files { targets: others, .. }) => {
                let rows = |reading: &Reading| Reading { log: Vec::new(), ..reading.clone() };
                targets == others && rows(&self.reading) == rows(&other.reading)
            }
            _ => false,
        }
    }

    /// Whether colours depend on how many values lie below another: on their ranks.
    pub fn needs_ranks(&self) -> bool {
        self.color_by == ColorBy::Rank || self.view.needs_ranks()
    }

    /// The projection, as far as points of this many coordinates have one.
    fn shown_projection(&self) -> Projection {
        self.dim().map_or(self.projection, |dim| self.projection.within(dim.get()))
    }

    /// The first stage that has to be done again when `old` turns into `self`.
    ///
    /// The worker may go back further where f is missing, was stopped or is a draft.
    pub fn stage_since(&self, old: &Self) -> Stage {
        let Self {
            input,
            reading,
            dim: _,
            weights,
            distribution,
            seed,
            n,
            m,
            only,
            merge_duplicates,
            axis_scaling,
            sigma,
            normalisation,
            engine,
            chunk,
            tolerance,
            projection: _,
            color_by,
            view,
        } = self;
        let generated = *input == Input::Generated;
        // Files ignore the distribution; a subset of them is drawn by the seed.
        let points = *input != old.input
            || (!generated && *reading != old.reading)
            || self.dim() != old.dim()
            || *weights != old.weights
            || *n != old.n
            || *m != old.m
            || *seed != old.seed
            || *only != old.only
            || *merge_duplicates != old.merge_duplicates
            || *axis_scaling != old.axis_scaling
            || (generated && *distribution != old.distribution);
        if points {
            Stage::Points
        } else if *sigma != old.sigma
            || *normalisation != old.normalisation
            || *engine != old.engine
            || *chunk != old.chunk
            || *tolerance != old.tolerance
        {
            Stage::Field
        } else if self.shown_projection() != old.shown_projection()
            || view.log_axes != old.view.log_axes
        {
            Stage::Places
        } else if *color_by != old.color_by || view.ranges() != old.view.ranges() {
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
            reading: Reading::default(),
            dim: None,
            weights: None,
            distribution: Distribution::default(),
            seed: 1,
            n: None,
            m: None,
            only: None,
            merge_duplicates: false,
            axis_scaling: AxisScaling::default(),
            sigma: None,
            normalisation: Normalisation::default(),
            engine: EngineChoice::default(),
            chunk: Chunk::default(),
            tolerance: Tolerance::default(),
            projection: Projection::default(),
            color_by: ColorBy::default(),
            view: ViewParams::default(),
        }
    }
}

/// Which results a change of the params makes invalid; a later stage includes the earlier ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// Nothing changes.
    Nothing,
    /// Colours, size and opacity of points.
    View,
    /// What the colours show, its range and histogram, and the order of the dots.
    Range,
    /// Where in the plane the targets are drawn.
    Places,
    /// f itself.
    Field,
    /// The points.
    Points,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{ColorMap, DrawOrder, Masses, Scaling};

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
            ("contours", |p| p.view.contours = Some(Masses::default()), Stage::View),
            ("aspect", |p| p.view.equal_aspect = false, Stage::View),
            ("dots", |p| p.view.dots = false, Stage::View),
            ("raster", |p| p.view.raster = true, Stage::View),
            ("raster's opacity", |p| p.view.raster_opacity = 0.5, Stage::View),
            ("marginals", |p| p.view.marginals = true, Stage::View),
            ("scaling", |p| p.view.scaling = Scaling::Log, Stage::Range),
            ("clip range", |p| p.view.clip = Some([1.0, 2.0]), Stage::Range),
            ("percentiles", |p| p.view.percentile = Some([1.0, 99.0]), Stage::Range),
            ("logarithmic axes", |p| p.view.log_axes = [true, false], Stage::Places),
            ("reversed colours", |p| p.view.reversed = true, Stage::View),
            ("order of dots", |p| p.view.order = DrawOrder::Dense, Stage::Range),
            ("rank", |p| p.color_by = ColorBy::Rank, Stage::Range),
            ("column", |p| p.color_by = ColorBy::Column("a".into()), Stage::Range),
            ("axes that are not there", |p| p.projection = Projection::Principal, Stage::Nothing),
            ("sigma", |p| p.sigma = Some(Sigma::DEFAULT), Stage::Field),
            ("normalisation", |p| p.normalisation = Normalisation::Mean, Stage::Field),
            ("engine", |p| p.engine = EngineChoice::Naive, Stage::Field),
            ("chunk", |p| p.chunk = Chunk::Of(7), Stage::Field),
            ("tolerance", |p| p.tolerance = Tolerance::new(1e-3).expect("legal"), Stage::Field),
            ("n", |p| p.n = Some(Count::new(5).expect("legal")), Stage::Points),
            ("m", |p| p.m = Some(Count::new(5).expect("legal")), Stage::Points),
            ("seed", |p| p.seed = 2, Stage::Points),
            ("merging", |p| p.merge_duplicates = true, Stage::Points),
            ("whitening", |p| p.axis_scaling = AxisScaling::Full, Stage::Points),
            ("distribution", |p| p.distribution = Distribution::Ring, Stage::Points),
            ("dim", |p| p.dim = Dim::new(3).ok(), Stage::Points),
            ("the default dim, said aloud", |p| p.dim = Some(Dim::PLANE), Stage::Nothing),
            ("weights", |p| p.weights = Some(Weights::Column("w".into())), Stage::Points),
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

    #[test]
    fn other_axes_move_the_dots_and_nothing_else() {
        let old = Params { dim: Dim::new(3).ok(), ..Params::default() };
        for projection in [Projection::Principal, Projection::Axes([2, 0])] {
            assert_eq!(with(&old, |p| p.projection = projection).stage_since(&old), Stage::Places);
        }
        let plane = Params::default();
        let swapped = with(&plane, |p| p.projection = Projection::Axes([1, 0]));
        assert_eq!(swapped.stage_since(&plane), Stage::Places);
        let none = with(&old, |p| p.projection = Projection::Axes([0, 3]));
        assert_eq!(none.stage_since(&old), Stage::Nothing);
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
        assert!(serde_json::from_str::<Params>(r#"{"dim": 65}"#).is_err());
        let params = Params {
            chunk: Chunk::Of(7),
            n: Some(Count::new(9).expect("legal")),
            dim: Dim::new(3).ok(),
            weights: Some(Weights::File("w.npy".into())),
            merge_duplicates: true,
            axis_scaling: AxisScaling::Axes,
            ..Params::default()
        };
        let text = serde_json::to_string(&params).expect("JSON");
        assert_eq!(serde_json::from_str::<Params>(&text).expect("the same"), params);
    }

    #[test]
    fn what_an_older_file_does_not_know_is_as_it_was() {
        let old = serde_json::from_str::<Params>(r#"{"seed": 7, "sigma": 0.5}"#).expect("legal");
        assert!(!old.merge_duplicates && old.axis_scaling == AxisScaling::None);
        assert!(serde_json::from_str::<Params>(r#"{"axis_scaling": "half"}"#).is_err());
    }

    #[test]
    fn the_columns_say_how_many_coordinates_unless_the_user_does() {
        let dim = |columns: &[&str], dim| {
            let columns = columns.iter().map(|&c| c.to_owned()).collect();
            let input = Input::Files { targets: "p.csv".into(), sources: None, columns };
            Params { input, dim, ..Params::default() }.dim().map(Dim::get)
        };
        assert_eq!(Params::default().dim(), Some(Dim::PLANE));
        assert_eq!((dim(&["a"], None), dim(&["a", "b", "c"], None)), (Some(1), Some(3)));
        assert_eq!(dim(&[], Dim::new(7).ok()), Some(7));
        assert_eq!(dim(&["a"], Some(Dim::PLANE)), Some(2));
        // Only the file tells.
        assert_eq!(dim(&[], None), None);
    }

    #[test]
    fn a_chunk_is_never_longer_than_there_are_sources() {
        assert_eq!(Chunk::Auto.resolve(10), 10);
        assert_eq!(Chunk::Auto.resolve(100_000), Chunk::AUTO);
        assert_eq!(Chunk::Of(7).resolve(10), 7);
        assert_eq!(Chunk::Of(70).resolve(10), 10);
    }
}
