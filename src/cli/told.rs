//! JSON fields for what the program decided by itself: columns, rows, σ, and the notes about them.

use serde::Serialize;

use super::{options::shortages, read_facts::ReadFacts, sigma::SigmaChoice, tell};
use crate::{
    model::Params,
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

/// Tells on standard error that no rule gave the σ of points from a file, and why.
pub(super) fn tell_fallback(prepared: &Prepared, sigma: Option<SigmaChoice>) {
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
