//! Which instruction set to use: the best that the processor has, or the one that `SIGMASCOPE_SIMD`
//! names.

#[cfg(target_arch = "x86_64")]
use super::vectors::Vectors as _;
use super::{
    kernel::{Checkpoint, Precision, Task, sum, sum_in_any_dim},
    portable::{PortableF32, PortableF64},
    vectors::Job,
};
use crate::{engine::EngineError, escape::escaped};

/// A set of vector instructions, best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Instructions {
    /// AVX-512 (F, BW, CD, DQ, VL): 16 f32 at once.
    Avx512,
    /// AVX2 with FMA: 8 f32 at once.
    Avx2,
    /// NEON: every 64-bit ARM has it.
    Neon,
    /// What every processor of the architecture has, without a fused multiply-add.
    Portable,
}

/// Sums one block's targets over one range of sources.
pub(in crate::engine) type Kernel = fn(&Task<'_>, Checkpoint<'_>) -> Option<Vec<f64>>;

impl Instructions {
    /// The variable that forces one.
    pub const VARIABLE: &'static str = "SIGMASCOPE_SIMD";
    /// All, best first.
    pub const ALL: [Self; 4] = [Self::Avx512, Self::Avx2, Self::Neon, Self::Portable];

    /// The name that the variable uses.
    pub fn name(self) -> &'static str {
        match self {
            Self::Avx512 => "avx512",
            Self::Avx2 => "avx2",
            Self::Neon => "neon",
            Self::Portable => "portable",
        }
    }

    /// The name that people know.
    pub fn label(self) -> &'static str {
        match self {
            Self::Avx512 => "AVX-512",
            Self::Avx2 => "AVX2",
            Self::Neon => "NEON",
            Self::Portable => "portable",
        }
    }

    /// Whether this processor has them.
    pub fn is_available(self) -> bool {
        self.kernel().is_some()
    }

    /// Those that the variable names, or else the best.
    ///
    /// # Errors
    /// When it names none that is available; the message lists those that are.
    pub fn chosen() -> Result<Self, EngineError> {
        match std::env::var_os(Self::VARIABLE) {
            None => Ok(Self::best()),
            Some(name) => Self::named(&name.to_string_lossy()),
        }
    }

    fn available() -> impl Iterator<Item = Self> {
        Self::ALL.into_iter().filter(|set| set.is_available())
    }

    /// The best that this processor has.
    pub fn best() -> Self {
        Self::available().next().unwrap_or(Self::Portable)
    }

    fn named(name: &str) -> Result<Self, EngineError> {
        Self::available().find(|set| set.name() == name).ok_or_else(|| {
            let names: Vec<&str> = Self::available().map(Self::name).collect();
            let known = Self::ALL.iter().any(|set| set.name() == name);
            let why = if known { ", which this processor has not" } else { "" };
            EngineError::Failed(format!(
                "{} is '{}'{why}: expected one of {}",
                Self::VARIABLE,
                escaped(name),
                names.join(", ")
            ))
        })
    }

    /// Runs plain loops, compiled for these instructions: `fused` where multiplying and adding is one
    /// instruction, else `split`, which does the same without. What the processor has not runs as
    /// portable code.
    pub(in crate::engine) fn run<T>(
        self,
        fused: impl Job<Output = T>,
        split: impl Job<Output = T>,
    ) -> T {
        match self {
            #[cfg(target_arch = "x86_64")]
            Self::Avx512 => match pulp::x86::V4::try_new() {
                Some(v4) => super::x86::Avx512F64(v4).compute(fused),
                None => split.run(),
            },
            #[cfg(target_arch = "x86_64")]
            Self::Avx2 => match pulp::x86::V3::try_new() {
                Some(v3) => super::x86::Avx2F64(v3).compute(fused),
                None => split.run(),
            },
            Self::Neon if cfg!(target_arch = "aarch64") => fused.run(),
            _ => split.run(),
        }
    }

    /// The code for these instructions, where the processor has them.
    pub(in crate::engine) fn kernel(self) -> Option<Kernel> {
        match self {
            #[cfg(target_arch = "x86_64")]
            Self::Avx512 => pulp::x86::V4::try_new().map(|_| avx512 as Kernel),
            #[cfg(target_arch = "x86_64")]
            Self::Avx2 => pulp::x86::V3::try_new().map(|_| avx2 as Kernel),
            #[cfg(not(target_arch = "x86_64"))]
            Self::Avx512 | Self::Avx2 => None,
            // The portable code, compiled for NEON like all code for the architecture, and with its
            // fused multiply-add.
            Self::Neon => cfg!(target_arch = "aarch64").then_some(portable::<true> as Kernel),
            Self::Portable => Some(portable::<false>),
        }
    }
}

#[cfg(target_arch = "x86_64")]
fn avx512(task: &Task<'_>, checkpoint: Checkpoint<'_>) -> Option<Vec<f64>> {
    use super::x86::{Avx512F32, Avx512F64};
    let v4 = pulp::x86::V4::try_new().expect("this is handed out only where it is available");
    match task.block.precision {
        Precision::Single | Precision::Split => sum(Avx512F32(v4), task, checkpoint),
        Precision::Double => sum_in_any_dim(Avx512F64(v4), task, checkpoint),
    }
}

#[cfg(target_arch = "x86_64")]
fn avx2(task: &Task<'_>, checkpoint: Checkpoint<'_>) -> Option<Vec<f64>> {
    use super::x86::{Avx2F32, Avx2F64};
    let v3 = pulp::x86::V3::try_new().expect("this is handed out only where it is available");
    match task.block.precision {
        Precision::Single | Precision::Split => sum(Avx2F32(v3), task, checkpoint),
        Precision::Double => sum_in_any_dim(Avx2F64(v3), task, checkpoint),
    }
}

fn portable<const FUSED: bool>(task: &Task<'_>, checkpoint: Checkpoint<'_>) -> Option<Vec<f64>> {
    match task.block.precision {
        Precision::Single | Precision::Split => sum(PortableF32::<FUSED>, task, checkpoint),
        Precision::Double => sum_in_any_dim(PortableF64::<FUSED>, task, checkpoint),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_is_none_is_refused_with_those_that_are() {
        assert_eq!(Instructions::named("portable").expect("always there"), Instructions::Portable);
        let message = Instructions::named("mmx").expect_err("no such name").to_string();
        for word in ["SIGMASCOPE_SIMD", "'mmx'", "portable"] {
            assert!(message.contains(word), "{word} in {message}");
        }
        for missing in Instructions::ALL.into_iter().filter(|set| !set.is_available()) {
            let message = Instructions::named(missing.name()).expect_err("missing").to_string();
            assert!(message.contains("has not"), "{message}");
        }
    }
}
