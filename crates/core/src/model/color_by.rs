//! What the colours of the dots show: f, its rank, or a column.

use serde::{Deserialize, Serialize};

/// What the colours of the dots show.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ColorBy {
    /// f.
    #[default]
    Field,
    /// How many percent of all targets have a smaller f.
    Rank,
    /// A column of the targets' file, or one of the coordinates, by name: numbers along a scale of their
    /// own, text and truth values as categories.
    Column(String),
    /// A column of the targets' file whose values are categories, also where they are numbers.
    Categories(String),
}

impl ColorBy {
    /// The column, if it is one.
    pub fn column(&self) -> Option<&str> {
        match self {
            Self::Field | Self::Rank => None,
            Self::Column(name) | Self::Categories(name) => Some(name),
        }
    }
}
