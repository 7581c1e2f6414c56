//! The list of the criteria, each with its name in flags and files and its label in the window.

/// A way to choose σ.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Criterion {
    /// Mean log-density that the sources give each source without itself: high is good.
    LeaveOneOut,
    /// Mean log-density that the sources give the targets: high is good.
    HeldOut,
    /// Integrated squared error of the density, up to a constant: low is good.
    LeastSquares,
    /// Scott's rule.
    Scott,
    /// Silverman's rule.
    Silverman,
    /// Median distance of two points.
    Median,
    /// Mean distance to the k-th nearest neighbour.
    Neighbour,
    /// Sheather and Jones's plug-in rule, one axis at a time.
    SheatherJones,
    /// Botev's improved one, one axis at a time.
    ImprovedSheatherJones,
}

/// A word that names no criterion.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("unknown criterion '{found}': expected one of {}", Criterion::NAMES.join(", "))]
pub struct UnknownCriterion {
    found: String,
}

impl Criterion {
    /// All, in the order in which they are shown.
    pub const ALL: [Self; 9] = [
        Self::LeaveOneOut,
        Self::HeldOut,
        Self::LeastSquares,
        Self::Scott,
        Self::Silverman,
        Self::Median,
        Self::Neighbour,
        Self::SheatherJones,
        Self::ImprovedSheatherJones,
    ];
    /// Their names, as flags and files spell them.
    pub const NAMES: [&'static str; 9] =
        ["loo", "heldout", "lscv", "scott", "silverman", "median", "knn", "sj", "isj"];

    /// The name that flags and files use.
    pub fn name(self) -> &'static str {
        Self::NAMES[self as usize]
    }

    /// The words that the window shows.
    pub fn label(self) -> &'static str {
        match self {
            Self::LeaveOneOut => "Cross-validated (LOO)",
            Self::HeldOut => "Held-out log-likelihood",
            Self::LeastSquares => "LSCV",
            Self::Scott => "Scott's rule",
            Self::Silverman => "Silverman's rule",
            Self::Median => "Median heuristic",
            Self::Neighbour => "kNN distance",
            Self::SheatherJones => "Sheather–Jones",
            Self::ImprovedSheatherJones => "Improved Sheather–Jones",
        }
    }

    /// Whether it has a value for every σ; otherwise it is a rule, which names one σ.
    pub fn is_curve(self) -> bool {
        matches!(self, Self::LeaveOneOut | Self::HeldOut | Self::LeastSquares)
    }

    /// Whether the best value of a curve is its highest.
    pub fn prefers_high(self) -> bool {
        self != Self::LeastSquares
    }

    /// Whether it is made for one coordinate and gives a σ for each axis where there are more.
    pub fn is_per_axis(self) -> bool {
        matches!(self, Self::SheatherJones | Self::ImprovedSheatherJones)
    }
}

impl std::fmt::Display for Criterion {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

impl std::str::FromStr for Criterion {
    type Err = UnknownCriterion;

    fn from_str(text: &str) -> Result<Self, UnknownCriterion> {
        let found = || UnknownCriterion { found: text.to_owned() };
        Self::ALL.into_iter().find(|criterion| criterion.name() == text).ok_or_else(found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_name_is_read_back() {
        for criterion in Criterion::ALL {
            assert_eq!(criterion.name().parse(), Ok(criterion));
        }
        let message = "likelihood".parse::<Criterion>().expect_err("no such name").to_string();
        assert!(message.contains("'likelihood'") && message.contains("loo"), "{message}");
    }
}
