//! What the program decided by itself, told to the user: columns, rows, σ, and the notes about them, as
//! lines and as JSON fields.

use serde::Serialize;

use super::{read_facts::ReadFacts, sigma::SigmaChoice, tell};
use crate::{
    escape::escaped_path,
    model::{Input, Params},
    session::{Prepared, SigmaRule},
};

/// What was read and decided. The fields' names are keys in the JSON, which scripts rely on.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Told {
    #[serde(flatten)]
    read: ReadFacts,
    /// What chose σ: `given`, the name of a criterion, or `fallback`.
    sigma_rule: &'static str,
    /// Every sentence that was told.
    notes: Vec<String>,
    /// Words for what chose σ, if the user did not.
    #[serde(skip)]
    pub(super) sigma_chosen_by: Option<&'static str>,
}

impl Told {
    /// What was read and decided about `prepared` points, whose σ was chosen by `sigma`; `more` are the
    /// sentences that were told besides.
    pub(super) fn new(
        params: &Params,
        prepared: &Prepared,
        sigma: Option<SigmaChoice>,
        more: impl IntoIterator<Item = String>,
    ) -> Self {
        let rule = rule(prepared, sigma);
        let mut notes: Vec<String> =
            prepared.reports.iter().flat_map(crate::io::LoadReport::told).collect();
        notes.extend(shortages(params, prepared));
        notes.extend(rule.note().map(ToOwned::to_owned));
        notes.extend(more);
        Self {
            read: ReadFacts::of(prepared),
            sigma_rule: rule.name(),
            notes,
            sigma_chosen_by: rule.label(),
        }
    }
}

/// Tells on standard error how `prepared` points were read, which of them are missing, and where their σ
/// comes from if no rule gave it.
pub(super) fn tell_prepared(params: &Params, prepared: &Prepared, sigma: Option<SigmaChoice>) {
    for report in &prepared.reports {
        tell(report.summary());
    }
    for note in shortages(params, prepared) {
        tell(note);
    }
    tell_fallback(prepared, sigma);
}

/// Notes for the user where there are fewer points than asked for or read: the file has no more, or
/// duplicates were merged.
pub(super) fn shortages(params: &Params, prepared: &Prepared) -> Vec<String> {
    let merged = (prepared.merged > 0).then(|| {
        let (merged, m) = (prepared.merged, prepared.points.m());
        format!("note: --merge-duplicates: {merged} sources merged into others, {m} are left")
    });
    let (Input::Files { targets, sources, .. }, Some(available)) =
        (&params.input, prepared.available)
    else {
        return merged.into_iter().collect();
    };
    let files = [targets, sources.as_ref().unwrap_or(targets)];
    let asked = [("--n", params.n), ("--m", params.m)];
    let note = |k: usize| {
        let (flag, rows) = (asked[k].0, available[k]);
        let count = asked[k].1?.get();
        (count > rows).then(|| {
            let used = if rows == 1 { "it is".to_owned() } else { format!("all {rows} are") };
            let plural = if rows == 1 { "" } else { "s" };
            let file = escaped_path(files[k]);
            format!("note: {flag} {count}: {file} has {rows} usable row{plural}; {used} used")
        })
    };
    (0..2).filter_map(note).chain(merged).collect()
}

/// Tells on standard error that no rule gave the σ of points from a file, and why.
fn tell_fallback(prepared: &Prepared, sigma: Option<SigmaChoice>) {
    if let Some(note) = rule(prepared, sigma).note().filter(|_| prepared.available.is_some()) {
        tell(format!("note: {note}"));
    }
}

/// Where the σ of `prepared` points comes from.
pub(super) fn rule(prepared: &Prepared, sigma: Option<SigmaChoice>) -> SigmaRule {
    match sigma {
        Some(SigmaChoice::Value(_)) => SigmaRule::Given,
        Some(SigmaChoice::By(criterion)) => SigmaRule::By(criterion),
        None => prepared.default_sigma.rule.clone(),
    }
}
