//! Errors of the graphics device, each with a message that names a remedy where there is one.

/// An error of the graphics device: of choosing it, of opening it, or of a call to it.
#[derive(Clone, Debug, thiserror::Error)]
pub enum GpuError {
    /// There is no adapter, or none that runs compute shaders. Holds the end of the message's first
    /// clause: where adapters were searched, or which were found.
    #[error(
        "no usable graphics adapter{0}: install a Vulkan, Metal, DirectX 12 or OpenGL driver (on \
         Debian and Ubuntu: apt-get install mesa-vulkan-drivers libgl1-mesa-dri), or compute without \
         one: sigmascope reduce --engine simd"
    )]
    NoAdapter(String),
    /// No usable adapter's name, kind or driver contains the requested text.
    #[error(
        "no usable graphics adapter matches '{}' (found: {}): `sigmascope info` lists all; \
         without --adapter the best one is taken",
        crate::escape::escaped(wanted),
        found.join("; ")
    )]
    NoMatch {
        /// The requested text.
        wanted: String,
        /// The titles of the usable adapters.
        found: Vec<String>,
    },
    /// No adapter can draw on the window's display.
    #[error("no graphics adapter can draw on this display{}", among(found))]
    NoneDraws {
        /// The titles of the adapters that were tried.
        found: Vec<String>,
    },
    /// The adapter exists, but its driver opened no device.
    #[error("{adapter} gave no device: {reason}")]
    NoDevice {
        /// The adapter's name.
        adapter: String,
        /// The driver's message.
        reason: String,
    },
    /// A buffer would be larger than the device allows.
    #[error(
        "{what} need {needed} bytes, but one buffer on {adapter} holds at most {limit} bytes: {}",
        match most_points {
            Some(most) => format!("use at most {most} points"),
            None => "use fewer points".to_owned(),
        }
    )]
    TooLarge {
        /// The contents, as the message names them.
        what: &'static str,
        /// Its size in bytes.
        needed: u64,
        /// The device's limit in bytes.
        limit: u64,
        /// The adapter's name.
        adapter: String,
        /// The largest number of points that would fit, where the size depends on it.
        most_points: Option<u64>,
    },
    /// The system could not allocate the memory.
    #[error("there is no memory for {what} ({} MiB): make it smaller", needed >> 20)]
    NoMemory {
        /// The contents, as the message names them.
        what: &'static str,
        /// Its size in bytes.
        needed: u64,
    },
    /// The driver could not compile a shader.
    #[error("the graphics driver did not take the shader of {what}: {reason}")]
    Shader {
        /// What the shader computes, as the message names it.
        what: &'static str,
        /// The driver's message.
        reason: String,
    },
    /// The driver reported an error; holds its message.
    #[error("the graphics device reported: {0}")]
    Device(String),
    /// The device was lost; holds the reason.
    #[error("the graphics device was lost: {0}")]
    Lost(String),
    /// The device did not finish a submission within this many seconds.
    #[error("the graphics device did not finish within {0} seconds")]
    Timeout(u64),
}

impl GpuError {
    /// Completes [`Self::TooLarge`]: adds how many points would fit, if `points` points need
    /// `needed` bytes. Other errors are returned unchanged.
    #[must_use]
    pub(super) fn with_most_of(self, points: usize) -> Self {
        match self {
            Self::TooLarge { what, needed, limit, adapter, .. } => {
                let most = u128::from(limit) * points as u128 / u128::from(needed.max(1));
                let most_points = u64::try_from(most).ok();
                Self::TooLarge { what, needed, limit, adapter, most_points }
            }
            other => other,
        }
    }
}

/// The end of the message of [`GpuError::NoneDraws`]: the adapters found, and the remedies.
fn among(found: &[String]) -> String {
    let found = match found {
        [] => String::new(),
        found => format!(" (found: {})", found.join("; ")),
    };
    format!(
        "{found}: `sigmascope info` lists all, --adapter takes another one; to draw without a \
         window, run `sigmascope render --out picture.png`"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_remedy_fits_what_is_missing() {
        let none = GpuError::NoAdapter(String::new()).to_string();
        assert!(none.contains("install") && none.contains("--engine simd"), "{none}");
        let found = vec!["one (discrete, vulkan)".to_owned(), "two (software, gl)".to_owned()];
        let wanted = "riva128".to_owned();
        let others = [
            GpuError::NoMatch { wanted, found: found.clone() },
            GpuError::NoneDraws { found },
            GpuError::NoneDraws { found: Vec::new() },
        ];
        for (k, err) in others.iter().enumerate() {
            let message = err.to_string();
            assert!(!message.contains("install"), "{message}");
            assert!(message.contains("sigmascope info"), "{message}");
            let list = "(found: one (discrete, vulkan); two (software, gl))";
            assert_eq!(message.contains(list), k < 2, "{message}");
        }
    }
}
