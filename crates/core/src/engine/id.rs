//! The list of the engines, each with its name in flags and reports and its label in the window.

use serde::Serialize;

use crate::model::EngineChoice;

/// An engine, by what it does; [`EngineChoice`] is what a user asks for, which may leave it to the
/// program.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(into = "EngineChoice")]
pub enum EngineId {
    /// The double loop in f64: the definition.
    Naive,
    /// The whole N×M matrix, in f64.
    Broadcast,
    /// The N×M matrix in f64, one chunk of sources at a time.
    Chunked,
    /// Vector instructions on all cores.
    Simd,
    /// The exact sum on a graphics device.
    Gpu,
    /// In N + M steps, approximately, with a stated error.
    Fast,
}

impl EngineId {
    /// The engine that a user named; `None` where the choice is the program's.
    pub fn named(choice: EngineChoice) -> Option<Self> {
        match choice {
            EngineChoice::Auto => None,
            EngineChoice::Naive => Some(Self::Naive),
            EngineChoice::Broadcast => Some(Self::Broadcast),
            EngineChoice::Chunked => Some(Self::Chunked),
            EngineChoice::Simd => Some(Self::Simd),
            EngineChoice::Gpu => Some(Self::Gpu),
            EngineChoice::Fast => Some(Self::Fast),
        }
    }

    /// The name that flags, reports and the status line use.
    pub fn name(self) -> &'static str {
        EngineChoice::from(self).name()
    }

    /// The words that the window shows.
    pub fn label(self) -> &'static str {
        EngineChoice::from(self).label()
    }
}

impl From<EngineId> for EngineChoice {
    fn from(id: EngineId) -> Self {
        match id {
            EngineId::Naive => Self::Naive,
            EngineId::Broadcast => Self::Broadcast,
            EngineId::Chunked => Self::Chunked,
            EngineId::Simd => Self::Simd,
            EngineId::Gpu => Self::Gpu,
            EngineId::Fast => Self::Fast,
        }
    }
}

impl std::fmt::Display for EngineId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_engine_is_the_one_that_its_choice_names() {
        for &choice in EngineChoice::ALL {
            let id = EngineId::named(choice);
            assert_eq!(id.is_none(), choice == EngineChoice::Auto);
            assert!(id.is_none_or(|id| EngineChoice::from(id) == choice));
        }
    }
}
