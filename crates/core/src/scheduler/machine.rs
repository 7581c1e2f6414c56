//! The hardware to compute on and its speed: the facts that every cost model starts from.

use serde::Serialize;

use crate::engine::Instructions;

/// What kind of adapter there is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum DeviceKind {
    /// A graphics card with memory of its own.
    Discrete,
    /// Integrated graphics, which shares the processor's memory.
    Integrated,
    /// A virtual machine's adapter.
    Virtual,
    /// An adapter of unknown kind.
    Other,
    /// A software adapter, which runs shaders on the processor.
    Software,
}

impl DeviceKind {
    /// The word that reports use.
    pub fn name(self) -> &'static str {
        match self {
            Self::Discrete => "discrete",
            Self::Integrated => "integrated",
            Self::Virtual => "virtual",
            Self::Other => "other",
            Self::Software => "software",
        }
    }

    /// The words for it in a sentence.
    pub(super) fn words(self) -> &'static str {
        match self {
            Self::Discrete => "graphics card",
            Self::Integrated => "integrated graphics",
            Self::Virtual | Self::Other => "graphics adapter",
            Self::Software => "software adapter",
        }
    }

    /// Pairs a second at d = 2, at `threads` threads where it is the processor.
    pub(super) fn pairs_per_second(self, threads: usize) -> f64 {
        match self {
            Self::Discrete => 2.4e12,
            Self::Integrated => 5e10,
            Self::Virtual | Self::Other => 1e10,
            Self::Software => 1.2e9 * threads as f64,
        }
    }

    /// Seconds that a sum takes however small it is: buffers, submissions, reading back.
    pub(super) fn fixed_seconds(self) -> f64 {
        match self {
            Self::Discrete => 2.5e-4,
            Self::Integrated => 4e-4,
            Self::Software => 2e-4,
            Self::Virtual | Self::Other => 1e-3,
        }
    }

    /// Bytes a second brought to the device and back, the preparation on the processor included.
    pub(super) fn bytes_per_second(self) -> f64 {
        match self {
            Self::Integrated => 4e9,
            // With a card most of it is the host's: splitting and arranging coordinates on one thread.
            Self::Discrete | Self::Virtual | Self::Other | Self::Software => 1e9,
        }
    }
}

impl std::fmt::Display for DeviceKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

/// The processor and the graphics device that a computation may use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Machine {
    /// Threads of the engine `simd`, at least 1.
    pub threads: usize,
    /// Its instructions.
    pub instructions: Instructions,
    /// The adapter that `gpu` would run on, if any.
    pub device: Option<DeviceKind>,
    /// Whether that adapter would have to be opened first.
    pub must_open: bool,
}

impl Machine {
    /// This processor, with an adapter that is open already, if any.
    pub fn here(device: Option<DeviceKind>) -> Self {
        // Where the instructions are named wrongly, the engine says so when it is run.
        let instructions = Instructions::chosen().unwrap_or(Instructions::Portable);
        Self { threads: rayon::current_num_threads(), instructions, device, must_open: false }
    }
}
