//! From [`Params`] to points: reads or samples both clouds and takes the requested subsets.

use std::{
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use super::{
    Prepared, TargetRows,
    budget::{self, Shortage},
    target_rows::PickedRows,
};
use crate::{
    criteria::CriteriaError,
    engine::{Observer, Progress, Stretch, go_on_if},
    escape::{escaped, escaped_path},
    io::{LoadError, LoadOptions, LoadReport, Loaded, RowSet, load},
    model::{
        AxisScaling, Cloud, Count, Dim, Input, OnlyRows, OutOfRange, Params, Points, Reading,
        Weights,
    },
    numbers::{format_number, format_si},
    sampling::{Role, sample, subset},
};

/// Why there are no points.
#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    /// A newer request made this one pointless.
    #[error("preparing the points was stopped")]
    Stopped,
    /// A file could not be used.
    #[error(transparent)]
    Load(LoadError),
    /// Nothing says which columns of one file answer to those of the other.
    #[error(
        "{} has {} columns of numbers and {} has {}: expected as many in both; say which to use \
         with --columns",
        escaped_path(&targets.path),
        targets.columns_available.len(),
        escaped_path(&sources.path),
        sources.columns_available.len()
    )]
    Unlike {
        /// What was read of the targets.
        targets: Box<LoadReport>,
        /// What was read of the sources.
        sources: Box<LoadReport>,
    },
    /// The targets' file lacks a column that the sources take.
    #[error(
        "{}: there is no column '{}', which the sources in {} use: expected {available}; say \
         which to use with --columns",
        escaped_path(targets),
        escaped(column),
        escaped_path(sources)
    )]
    NoSuchColumn {
        /// The targets' file.
        targets: PathBuf,
        /// The sources' file.
        sources: PathBuf,
        /// The column's name.
        column: String,
        /// The columns that are there.
        available: String,
    },
    /// Generated points have no such column to colour by.
    #[error(
        "there is no column '{wanted}' to colour by: generated points have the coordinates {available}; \
         name one of them, f, or rank"
    )]
    NoColumn {
        /// The name, escaped.
        wanted: String,
        /// The names that there are, escaped.
        available: String,
    },
    /// None of the rows that alone were to be taken is there.
    #[error("none of the rows that alone are to be taken is there: take all rows again")]
    NothingLeft,
    /// The machine has not the memory for so many.
    #[error(
        "{} targets and {} sources need about {} of memory, and {} are free: try {} targets and {} \
         sources",
        count(*n), count(*m), bytes(shortage.needed), bytes(shortage.spare),
        count(shortage.fitting[0]), count(shortage.fitting[1])
    )]
    NoMemory {
        /// Number of targets.
        n: usize,
        /// Number of sources.
        m: usize,
        /// What is missing.
        shortage: Shortage,
    },
    /// Reading or sampling broke down.
    #[error("an internal error stopped {}: {reason}; it is no fault of yours", doing(input))]
    Internal {
        /// Where the points were to come from.
        input: Input,
        /// What the panic said.
        reason: String,
    },
    /// The axes cannot be brought to standard deviations.
    #[error("the axes cannot be scaled: {}; take the units of the data", no_scale(.0))]
    Scaling(CriteriaError),
    /// The clouds do not make a problem.
    #[error(transparent)]
    OutOfRange(#[from] OutOfRange),
}

fn count(points: usize) -> String {
    format_number(points as f64, 12)
}

fn no_scale(err: &CriteriaError) -> String {
    match err {
        CriteriaError::Degenerate { why, .. } => why.clone(),
        err => err.to_string(),
    }
}

fn doing(input: &Input) -> String {
    match input {
        Input::Generated => "sampling".to_owned(),
        Input::Files { targets, sources: None, .. } => format!("reading {}", escaped_path(targets)),
        Input::Files { targets, sources: Some(sources), .. } => {
            format!("reading {} and {}", escaped_path(targets), escaped_path(sources))
        }
    }
}

fn bytes(bytes: u64) -> String {
    format_si(bytes as f64, "B")
}

/// Refuses more points than the machine has memory for.
fn check_memory(n: usize, m: usize, dim: usize, params: &Params) -> Result<(), SourceError> {
    // A cloud in standard deviations is kept beside the one in the units of the data.
    let dim = if params.axis_scaling == AxisScaling::None { dim } else { dim + dim.div_ceil(3) };
    budget::check(n, m, dim).map_err(|shortage| SourceError::NoMemory { n, m, shortage })
}

impl From<LoadError> for SourceError {
    fn from(err: LoadError) -> Self {
        match err {
            LoadError::Cancelled => Self::Stopped,
            err => Self::Load(err),
        }
    }
}

/// Prepares points, and keeps what it read last: another N needs no second reading. Clones share
/// that.
#[derive(Clone, Debug, Default)]
pub struct Source {
    read: Option<Read>,
}

#[derive(Clone, Debug)]
struct Read {
    requested: Requested,
    targets: Arc<Cloud>,
    sources: Arc<Cloud>,
    /// The rows of the file of each, and how they were read.
    rows: [Arc<RowSet>; 2],
    options: LoadOptions,
    reports: Vec<LoadReport>,
}

/// All that decides what is read.
#[derive(Clone, Debug, PartialEq)]
struct Requested {
    input: Input,
    reading: Reading,
    dim: Option<Dim>,
    weights: Option<Weights>,
}

impl Requested {
    fn of(params: &Params) -> Self {
        let Params { input, reading, weights, .. } = params.clone();
        Self { input, reading, dim: params.dim(), weights }
    }
}

impl Source {
    /// The most bytes of memory for the points of one file; a file with more is refused.
    const BYTE_BUDGET: u64 = 16 << 30;

    /// Reads or samples what `params` ask for. `observer` is told the fraction done.
    ///
    /// # Errors
    /// When a file makes no sense, the clouds do not fit each other, or it was stopped.
    ///
    /// # Panics
    /// Never: what is chosen from was read just before.
    pub fn prepare(
        &mut self,
        params: &Params,
        observer: &mut dyn Observer,
    ) -> Result<Prepared, SourceError> {
        match &params.input {
            Input::Generated => generate(params, observer),
            Input::Files { targets, sources, columns } => {
                let requested = Requested::of(params);
                if self.read.as_ref().is_none_or(|read| read.requested != requested) {
                    self.read = None;
                    let options = LoadOptions {
                        columns: columns.clone(),
                        dim: requested.dim.map(Dim::get),
                        reading: requested.reading.clone(),
                        weights: requested.weights.clone(),
                        byte_budget: Self::BYTE_BUDGET,
                    };
                    let Clouds { targets, sources, rows, reports } =
                        read_files(targets, sources.as_deref(), &options, observer)?;
                    self.read = Some(Read { requested, targets, sources, rows, options, reports });
                }
                let read = self.read.as_ref().expect("it was read just now");
                choose(read, params)
            }
        }
    }

    /// Forgets what was read, so that the next call reads the files again.
    pub fn forget(&mut self) {
        self.read = None;
    }
}

fn generate(params: &Params, observer: &mut dyn Observer) -> Result<Prepared, SourceError> {
    let Params { distribution, seed, n, m, .. } = *params;
    let [n, m] = [n, m].map(|count| count.map_or(Params::DEFAULT_COUNT, Count::get));
    let dim = params.dim().unwrap_or(Dim::PLANE).get();
    check_memory(n, m, dim, params)?;
    let draw = |role, observer: &mut dyn Observer| {
        let count = if role == Role::Targets { n } else { m };
        sample(distribution, count, dim, seed, role, observer)
    };
    // The larger cloud on this thread, whose observer is asked, and the other one on another.
    let mut roles = [Role::Targets, Role::Sources];
    if m > n {
        roles.reverse();
    }
    let is_stopped = AtomicBool::new(false);
    let mut other = None;
    let cloud = rayon::in_place_scope(|scope| {
        scope.spawn(|_| {
            let mut follow = |_: Progress| go_on_if(!is_stopped.load(Ordering::Relaxed));
            other = draw(roles[1], &mut follow);
        });
        let cloud = draw(roles[0], observer);
        is_stopped.store(cloud.is_none(), Ordering::Relaxed);
        cloud
    });
    let (cloud, other) = cloud.zip(other).ok_or(SourceError::Stopped)?;
    let (targets, sources) = if m > n { (other, cloud) } else { (cloud, other) };
    let Some(only) = &params.only else {
        return Prepared::new(Points::new(targets, sources)?, Vec::new(), None, None, params);
    };
    let picked: Vec<usize> =
        (0..targets.len()).filter(|target| only.rows.0.contains(*target as u64)).collect();
    let part = not_empty(&picked, || targets.select(picked.iter().copied()))?;
    let sources = if only.sources { part.clone() } else { sources };
    let is_part = only.targets;
    let targets = if is_part { part } else { targets };
    let mut prepared =
        Prepared::new(Points::new(targets, sources)?, Vec::new(), None, None, params)?;
    if is_part {
        prepared.picked = Some(picked.iter().map(|target| *target as u32).collect());
    }
    Ok(prepared)
}

/// Makes a part of a cloud, of which there has to be something.
fn not_empty<T>(picked: &[usize], make: impl FnOnce() -> T) -> Result<T, SourceError> {
    if picked.is_empty() { Err(SourceError::NothingLeft) } else { Ok(make()) }
}

/// Targets and sources from files.
struct Clouds {
    targets: Arc<Cloud>,
    sources: Arc<Cloud>,
    /// The rows of the file of each.
    rows: [Arc<RowSet>; 2],
    /// What was read of each file, that of the targets first.
    reports: Vec<LoadReport>,
}

impl Clouds {
    fn of_two(targets: Loaded, sources: Loaded) -> Self {
        Self {
            targets: Arc::new(targets.cloud),
            sources: Arc::new(sources.cloud),
            rows: [targets.rows, sources.rows].map(Arc::new),
            reports: vec![targets.report, sources.report],
        }
    }
}

/// Targets, sources, and what was read of each file.
fn read_files(
    targets: &Path,
    sources: Option<&Path>,
    options: &LoadOptions,
    observer: &mut dyn Observer,
) -> Result<Clouds, SourceError> {
    let Some(sources) = sources else {
        let both = load(targets, options, observer)?;
        let (cloud, rows) = (Arc::new(both.cloud), Arc::new(both.rows));
        return Ok(Clouds {
            targets: Arc::clone(&cloud),
            sources: cloud,
            rows: [Arc::clone(&rows), rows],
            reports: vec![both.report],
        });
    };
    if matches!(options.weights, Some(Weights::Column(_))) && options.columns.is_empty() {
        return read_alike(targets, sources, options, observer);
    }
    let unweighted = LoadOptions { weights: None, ..options.clone() };
    let first = load(targets, &unweighted, &mut Stretch { observer, start: 0.0, length: 0.5 })?;
    // The sources have as many coordinates as the targets turned out to have.
    let options = LoadOptions { dim: Some(first.cloud.dim()), ..alone(options) };
    let second = load(sources, &options, &mut Stretch { observer, start: 0.5, length: 0.5 })?;
    check_alike(&options.columns, &first.report, &second.report)?;
    Ok(Clouds::of_two(first, second))
}

/// The options without the files that follow that of the targets.
fn alone(options: &LoadOptions) -> LoadOptions {
    let mut options = options.clone();
    options.reading.more.clear();
    options
}

/// The same where the loader chooses the columns and one of them may hold weights: the targets take
/// the columns of those names that the sources take, so that no weight is mistaken for a coordinate.
fn read_alike(
    targets: &Path,
    sources: &Path,
    options: &LoadOptions,
    observer: &mut dyn Observer,
) -> Result<Clouds, SourceError> {
    let of_sources = alone(options);
    let mut first_half = Stretch { observer, start: 0.0, length: 0.5 };
    let second = load(sources, &of_sources, &mut first_half)?;
    let columns = second.report.columns_used.clone();
    let options = LoadOptions { columns, weights: None, ..options.clone() };
    let mut second_half = Stretch { observer, start: 0.5, length: 0.5 };
    let first = load(targets, &options, &mut second_half).map_err(|err| match err {
        LoadError::UnknownColumn { path, column, available, .. } => {
            let (targets, sources) = (path, sources.to_owned());
            SourceError::NoSuchColumn { targets, sources, column, available }
        }
        err => err.into(),
    })?;
    Ok(Clouds::of_two(first, second))
}

/// Refuses two files of which the loader had to guess different columns.
fn check_alike(
    columns: &[String],
    targets: &LoadReport,
    sources: &LoadReport,
) -> Result<(), SourceError> {
    let same_names = targets.columns_used == sources.columns_used && targets.named_columns;
    let same_width = targets.columns_available.len() == sources.columns_available.len();
    if !columns.is_empty() || same_names || same_width {
        return Ok(());
    }
    let (targets, sources) = (Box::new(targets.clone()), Box::new(sources.clone()));
    Err(SourceError::Unlike { targets, sources })
}

/// The subsets that `params` want of what was read.
fn choose(read: &Read, params: &Params) -> Result<Prepared, SourceError> {
    let only = params.only.as_ref();
    // The points among those of the targets' file that alone are taken, if so.
    let points_of = |wanted: fn(&OnlyRows) -> bool| {
        let only = only.filter(|only| wanted(only))?;
        let rows = &read.rows[0];
        let of_rows = (0..rows.rows()).filter(|row| rows.is_kept(*row)).enumerate();
        let kept = of_rows.filter(|(_, row)| only.rows.0.contains(*row));
        Some(kept.map(|(point, _)| point).collect::<Vec<usize>>())
    };
    let only_targets = points_of(|only| only.targets);
    let only_sources = points_of(|only| only.sources);
    // Sources that are such rows come from the targets' file.
    let which = usize::from(only_sources.is_none());
    let all_sources = [&read.targets, &read.sources][which];
    let available = [(&read.targets, &only_targets), (all_sources, &only_sources)];
    let available = available.map(|(cloud, only)| only.as_ref().map_or(cloud.len(), Vec::len));
    if available.contains(&0) {
        return Err(SourceError::NothingLeft);
    }
    let kept = |of: usize, count: Option<Count>| count.map_or(of, |count| count.get().min(of));
    let (n, m) = (kept(available[0], params.n), kept(available[1], params.m));
    check_memory(n, m, read.targets.dim(), params)?;
    // Numbers among the points of a file of those that are taken, rising; none where all are.
    let picked = |only: Option<Vec<usize>>, of: usize, keep: usize, role| match only {
        Some(only) if keep == of => Some(only),
        Some(only) => {
            Some(subset(of, keep, params.seed, role).into_iter().map(|k| only[k]).collect())
        }
        None => (keep < of).then(|| subset(of, keep, params.seed, role)),
    };
    let part = |cloud: &Cloud, picked: Option<&[usize]>| match picked {
        None => cloud.clone(),
        Some(picked) => cloud.select(picked.iter().copied()),
    };
    let picked_targets = picked(only_targets, available[0], n, Role::Targets);
    let picked_targets = picked_targets.as_deref();
    // Weights are those of sources.
    let targets = part(&read.targets, picked_targets).without_weights();
    let picked_sources = picked(only_sources, available[1], m, Role::Sources);
    let picked_sources = picked_sources.as_deref();
    let sources = part(all_sources, picked_sources);
    let points = Points::new(targets, sources)?;
    let of_targets = PickedRows::new(Arc::clone(&read.rows[0]), picked_targets);
    let of_sources = PickedRows::new(Arc::clone(&read.rows[which]), picked_sources);
    let rows = [of_targets.clone(), of_sources];
    let reports = read.reports.clone();
    let mut prepared = Prepared::new(points, reports, Some(rows), Some(available), params)?;
    let (path, options) = (&read.reports[0].path, read.options.clone());
    prepared.target_rows = Some(TargetRows::new(path, options, of_targets));
    Ok(prepared)
}
