//! `sigmascope select`: the best σ by each criterion and rule, the criteria's curves over σ, and
//! warnings about what can mislead.

use std::{path::PathBuf, str::FromStr};

use clap::{
    Args,
    builder::{PossibleValuesParser, TypedValueParser},
};
use serde::Serialize;

use super::{
    Failure, ProblemOptions,
    engines::{EngineRequest, OpenedEngine},
    options::{check_output, parse_count},
    read_facts::ReadFacts,
    say, say_json,
    select_plot::plot,
    sigma::parse_sigma,
    tell,
    told::shortages,
};
use crate::{
    criteria::{
        ByEngine, CriteriaError, Criterion, Grid, SelectRequest, Selection, Summing, Warning,
        WarningKind, Which, Without, select,
    },
    engine::Unobserved,
    escape::{escaped, escaped_path},
    io::LoadReport,
    model::{Count, EngineChoice, Params, Points, Sigma},
    numbers::format_number,
    session::{
        Prepared, Source,
        files::{Output, Replace},
    },
};

/// Flags of `select`.
#[derive(Args, Clone, Debug)]
pub struct Select {
    /// File of the targets, whatever its format; several of the same columns are one cloud; - is
    /// standard input [default: generated points]
    #[arg(value_name = "FILE")]
    files: Vec<PathBuf>,
    /// What to choose by, separated by commas: leave-one-out log-likelihood (loo), log-likelihood of
    /// targets that are other points than the sources (heldout), least-squares cross-validation
    /// (lscv), the rules of Scott and Silverman (scott, silverman), median pairwise distance
    /// (median), mean distance to the k-th neighbour with k = ⌈√n⌉ (knn), Sheather and Jones's
    /// rule (sj) and Botev's improved one (isj), both for each axis, or all of these (all)
    #[arg(long, value_name = "NAME,…", value_delimiter = ',', default_value = "all",
          value_parser = criteria(), hide_possible_values = true, help_heading = "Choosing σ")]
    criterion: Vec<Wanted>,
    /// First and last σ of the curves [default: three decades around what suits the points]
    #[arg(long, value_name = "A:B", value_parser = parse_range, conflicts_with = "at",
          help_heading = "Choosing σ")]
    range: Option<Range>,
    /// The σ of the curves, separated by commas; the best of these is taken
    #[arg(long, value_name = "S1,S2,…", value_delimiter = ',', value_parser = parse_sigma,
          help_heading = "Choosing σ")]
    at: Vec<Sigma>,
    /// Most points at which densities are looked at, drawn at random; all sources make the density
    /// [default: what takes a few seconds: all up to 1,000,000 in up to 3 coordinates, else all up to
    /// some 10,000]
    #[arg(long, value_name = "K", value_parser = parse_count, help_heading = "Choosing σ")]
    max_points: Option<Count>,
    /// Print what was found as an array of JSON objects
    #[arg(long, help_heading = "Output")]
    json: bool,
    /// SVG file to draw the curves in, σ on a logarithmic axis, their best σ and those of the rules
    /// marked
    #[arg(long, value_name = "FILE", help_heading = "Output")]
    plot: Option<PathBuf>,
    /// Replace that file if it is there
    #[arg(long, requires = "plot", help_heading = "Output")]
    force: bool,
    #[command(flatten)]
    problem: ProblemOptions,
}

/// One name of `--criterion`.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Wanted {
    All,
    One(Criterion),
}

impl Wanted {
    fn named(name: &str) -> Self {
        if name == "all" {
            return Self::All;
        }
        Criterion::from_str(name).map(Self::One).expect("the parser lets only these names through")
    }
}

fn criteria() -> impl TypedValueParser<Value = Wanted> {
    let names = Criterion::NAMES.into_iter().chain(["all"]);
    PossibleValuesParser::new(names).map(|name| Wanted::named(&name))
}

/// The value of `--range`: the first and the last σ.
#[derive(Clone, Copy, Debug)]
struct Range([f64; 2]);

fn parse_range(text: &str) -> Result<Range, String> {
    let ends = text.split_once(':').map(|(low, high)| (parse_sigma(low), parse_sigma(high)));
    match ends {
        Some((Ok(low), Ok(high))) if low < high => Ok(Range([low.get(), high.get()])),
        _ => Err(format!(
            "expected two numbers from {:e} to {:e}, A:B, with A below B",
            Sigma::MIN,
            Sigma::MAX
        )),
    }
}

/// What one criterion found. The fields' names are the keys in the JSON, which scripts rely on.
#[derive(Clone, Debug, Serialize)]
struct Report {
    criterion: &'static str,
    /// The axis that σ is for, if a rule for single axes was applied to points of several.
    axis: Option<String>,
    sigma: f64,
    /// Pairs of σ and value in rising order of σ; empty for a rule.
    curve: Vec<[f64; 2]>,
    /// The standard error of each value: 0 where all points were looked at.
    standard_errors: Vec<f64>,
    points_used: usize,
    points_total: usize,
    /// The best σ of a log-likelihood without far points and without the sparsest; empty for others.
    without: Vec<Part>,
    warnings: Vec<Note>,
    /// Where σ comes from: the criterion's name.
    sigma_rule: &'static str,
    #[serde(flatten)]
    read: ReadFacts,
    /// Every sentence that was told.
    notes: Vec<String>,
}

#[derive(Clone, Debug, Serialize)]
struct Note {
    kind: &'static str,
    text: String,
    remedy: String,
}

/// The best σ when some points do not count.
#[derive(Clone, Debug, Serialize)]
struct Part {
    /// `far`, or `sparsest`.
    which: &'static str,
    /// The share of all points that are left out, where they are the sparsest.
    share: Option<f64>,
    /// How many points are left out.
    points: usize,
    sigma: f64,
}

impl Part {
    fn of(without: &Without) -> Self {
        let Without { which, count: points, sigma } = *without;
        match which {
            Which::Far => Self { which: "far", share: None, points, sigma },
            Which::Sparsest(share) => Self { which: "sparsest", share: Some(share), points, sigma },
        }
    }
}

impl Select {
    /// Runs the command.
    ///
    /// # Errors
    /// When the input makes no sense, a criterion that was named gives no σ, or writing fails.
    pub fn run(&self) -> Result<(), Failure> {
        self.problem.check_for_choosing().map_err(Failure::bad_input)?;
        let params = self.problem.params(&self.files);
        let params = params.map_err(Failure::bad_input)?;
        // The place to write to is tried before the long work.
        let replace = if self.force { Replace::Yes } else { Replace::No };
        let output = match &self.plot {
            None => None,
            Some(path) if path.extension().is_some_and(|e| e.eq_ignore_ascii_case("svg")) => {
                check_output(&params, path).map_err(Failure::bad_input)?;
                Some(Output::open(path, replace)?)
            }
            Some(path) => {
                return Err(Failure::bad_input(format!(
                    "--plot {}: expected a name that ends in .svg",
                    escaped_path(path)
                )));
            }
        };
        let prepared = Source::default().prepare(&params, &mut Unobserved)?;
        let mut notes: Vec<String> = prepared.reports.iter().map(LoadReport::summary).collect();
        notes.extend(shortages(&params, &prepared));
        notes.extend(cautions(&prepared));
        for note in &notes {
            tell(note);
        }
        let points = &prepared.points;
        let (selections, without) = self.selections(&params, &prepared)?;
        notes.extend(without);
        if let Some(output) = output {
            output.finish(plot(&selections, points).as_bytes())?;
        }
        if self.json {
            notes.extend(warnings_of(&selections));
            let read = ReadFacts::of(&prepared);
            let reports = selections.iter().filter_map(|one| report(one, &read, &notes));
            return say_json(&reports.collect::<Vec<Report>>());
        }
        for line in text(&selections) {
            say(&line)?;
        }
        Ok(())
    }

    /// What the criteria say, and what was told of those that say nothing.
    fn selections(
        &self,
        params: &Params,
        prepared: &Prepared,
    ) -> Result<(Vec<Selection>, Vec<String>), Failure> {
        let points = &*prepared.points;
        let mut criteria = Vec::new();
        for wanted in &self.criterion {
            let more = match wanted {
                Wanted::All => &Criterion::ALL[..],
                Wanted::One(criterion) => std::slice::from_ref(criterion),
            };
            let missing = |criterion: &&Criterion| !criteria.contains(*criterion);
            let new: Vec<Criterion> = more.iter().filter(missing).copied().collect();
            criteria.extend(new);
        }
        let request = SelectRequest {
            points,
            criteria: &criteria,
            grid: match self.range {
                Some(Range(ends)) => Grid::Range(ends),
                None if !self.at.is_empty() => {
                    Grid::At(self.at.iter().map(|sigma| sigma.get()).collect())
                }
                None => Grid::Automatic,
            },
            max_points: self.max_points.map(Count::get),
            seed: params.seed,
        };
        let found =
            self.with_sums(params, points, |summing| select(&request, summing, &mut Unobserved))?;
        let mut found = found.map_err(failure)?;
        prepared.undo_merge(&mut found);
        let (mut kept, mut notes) = (Vec::new(), Vec::new());
        for selection in found {
            let name = selection.criterion.name();
            let was_named = self.criterion.contains(&Wanted::One(selection.criterion));
            match &selection.sigma {
                Err(err) if was_named => {
                    return Err(Failure::bad_input(format!("--criterion {name}: {err}")));
                }
                Err(err) => {
                    let note = format!("note: without {name}: {err}");
                    // The same of another axis says nothing new.
                    if !notes.contains(&note) {
                        tell(&note);
                        notes.push(note);
                    }
                }
                Ok(_) => kept.push(selection),
            }
        }
        if kept.is_empty() {
            return Err(Failure::bad_input("no criterion gives a σ for these points"));
        }
        Ok((kept, notes))
    }

    /// Calls `work` with the way to sum that the flags name: automatic, or by one engine.
    fn with_sums<T>(
        &self,
        params: &Params,
        points: &Points,
        work: impl FnOnce(Summing<'_>) -> T,
    ) -> Result<T, Failure> {
        let adapter = self.problem.adapter.as_deref();
        if params.engine == EngineChoice::Auto && adapter.is_none() {
            return Ok(work(Summing::Automatic));
        }
        let size = [points.n(), points.m(), points.dim()];
        let request =
            EngineRequest { tolerance: params.tolerance, adapter, ..EngineRequest::default() };
        let (opened, _) = OpenedEngine::new(params.engine, size, request)?;
        let engine = opened.engine();
        let by_engine = ByEngine { engine: engine.as_ref(), limits: &opened.limits() };
        Ok(work(Summing::By(&by_engine)))
    }
}

fn failure(err: CriteriaError) -> Failure {
    match err {
        CriteriaError::Engine(err) => err.into(),
        err => Failure::bad_input(err),
    }
}

/// What may mislead about the points themselves; what the criteria warn of is not told twice.
fn cautions(prepared: &Prepared) -> impl Iterator<Item = String> {
    let is_of_criteria = |warning: &Warning| {
        matches!(warning.kind, WarningKind::UnequalAxes | WarningKind::Duplicates)
    };
    let cautions = prepared.cautions(None).into_iter();
    cautions
        .filter(move |warning| !is_of_criteria(warning))
        .map(|warning| format!("note: {warning}"))
}

/// The warnings of all selections, each once.
fn warnings_of(selections: &[Selection]) -> Vec<String> {
    let mut told: Vec<String> = Vec::new();
    for warning in selections.iter().flat_map(|selection| &selection.warnings) {
        let text = format!("note: {warning}");
        if !told.contains(&text) {
            told.push(text);
        }
    }
    told
}

fn report(selection: &Selection, read: &ReadFacts, notes: &[String]) -> Option<Report> {
    let Selection { criterion, axis, sigma, curve, points_used, points_total, warnings } =
        selection;
    let points = curve.as_ref().map_or(&[][..], |curve| &curve.points);
    Some(Report {
        criterion: criterion.name(),
        axis: axis.clone(),
        sigma: *sigma.as_ref().ok()?,
        curve: points.iter().map(|point| [point.sigma, point.value]).collect(),
        standard_errors: points.iter().map(|point| point.standard_error).collect(),
        points_used: *points_used,
        points_total: *points_total,
        without: curve.iter().flat_map(|curve| &curve.without).map(Part::of).collect(),
        warnings: warnings
            .iter()
            .map(|warning| Note {
                kind: warning.kind.name(),
                text: warning.text.clone(),
                remedy: warning.remedy.clone(),
            })
            .collect(),
        sigma_rule: criterion.name(),
        read: read.clone(),
        notes: notes.to_vec(),
    })
}

/// The findings as lines to read: each σ, then the warnings, then the curves as a table.
fn text(selections: &[Selection]) -> Vec<String> {
    let mut lines = Vec::new();
    for selection in selections {
        let Ok(sigma) = selection.sigma else { continue };
        let axis = selection.axis.as_ref();
        let axis = axis.map_or(String::new(), |axis| format!(" along {}", escaped(axis)));
        let count = |points: usize| format_number(points as f64, 12);
        let value = selection.curve.as_ref().and_then(|curve| curve.optimum);
        let value =
            value.map_or(String::new(), |best| format!(", value {}", format_number(best.value, 6)));
        let looked_at = match (selection.points_used, selection.points_total) {
            (used, total) if used < total => {
                let comma = if value.is_empty() { "," } else { "" };
                format!("{value}{comma} at {} of {} points", count(used), count(total))
            }
            (_, total) if selection.curve.is_some() => {
                format!("{value} at {} points", count(total))
            }
            _ => value,
        };
        let Selection { criterion, .. } = selection;
        let words = format!("{}{looked_at}", criterion.label());
        lines.push(format!("{criterion}{axis}: σ = {} ({words})", format_number(sigma, 6)));
    }
    lines.extend(warnings_of(selections));
    lines.extend(table(selections));
    lines
}

fn table(selections: &[Selection]) -> Vec<String> {
    let curves: Vec<_> = selections.iter().filter_map(|s| s.curve.as_ref()).collect();
    if curves.is_empty() {
        return Vec::new();
    }
    let mut sigmas: Vec<f64> =
        curves.iter().flat_map(|curve| &curve.points).map(|point| point.sigma).collect();
    sigmas.sort_by(f64::total_cmp);
    sigmas.dedup();
    let names: Vec<&str> = curves.iter().map(|curve| curve.criterion.name()).collect();
    let mut lines = vec![
        String::new(),
        format!("| σ | {} |", names.join(" | ")),
        format!("|---|{}", "---|".repeat(names.len())),
    ];
    for sigma in sigmas {
        let cell = |curve: &&crate::criteria::Curve| {
            let is_it =
                |point: &&crate::criteria::CurvePoint| point.sigma.to_bits() == sigma.to_bits();
            let Some(point) = curve.points.iter().find(is_it) else { return "–".to_owned() };
            let error = if point.standard_error > 0.0 {
                format!(" ± {}", format_number(point.standard_error, 2))
            } else {
                String::new()
            };
            format!("{}{error}", format_number(point.value, 6))
        };
        let cells: Vec<String> = curves.iter().map(cell).collect();
        lines.push(format!("| {} | {} |", format_number(sigma, 5), cells.join(" | ")));
    }
    lines
}
