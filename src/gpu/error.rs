//! What can go wrong with a device, and what to do about it.

/// Why nothing can be computed or drawn.
#[derive(Clone, Debug, thiserror::Error)]
pub enum GpuError {
    /// No adapter, or none that runs compute shaders; where they were looked for.
    #[error(
        "no usable graphics adapter{0}: install a Vulkan, Metal, DirectX 12 or OpenGL driver (on \
         Debian and Ubuntu: apt-get install mesa-vulkan-drivers libgl1-mesa-dri), or compute without \
         one: sigmascope reduce --engine simd"
    )]
    NoAdapter(String),
    /// None whose name or driver contains what was asked for.
    #[error(
        "no usable graphics adapter matches '{}' (found: {}): `sigmascope info` lists all; \
         without --adapter the best one is taken",
        crate::escape::escaped(wanted),
        found.join("; ")
    )]
    NoMatch {
        /// What was asked for.
        wanted: String,
        /// The titles of those that are usable.
        found: Vec<String>,
    },
    /// None that can draw where the window is to be.
    #[error("no graphics adapter can draw on this display{}", among(found))]
    NoneDraws {
        /// The titles of those that were asked.
        found: Vec<String>,
    },
    /// The adapter exists but gave no device.
    #[error("{adapter} gave no device: {reason}")]
    NoDevice {
        /// The adapter's name.
        adapter: String,
        /// What the driver said.
        reason: String,
    },
    /// More memory than the device gives.
    #[error(
        "{what} need {needed} bytes, but one buffer on {adapter} holds at most {limit} bytes: {}",
        match most_points {
            Some(most) => format!("use at most {most} points"),
            None => "use fewer points".to_owned(),
        }
    )]
    TooLarge {
        /// What was to be stored.
        what: &'static str,
        /// Its size in bytes.
        needed: u64,
        /// The device's limit in bytes.
        limit: u64,
        /// The adapter's name.
        adapter: String,
        /// How many points would fit.
        most_points: Option<u64>,
    },
    /// The system has no memory for it.
    #[error("there is no memory for {what} ({} MiB): make it smaller", needed >> 20)]
    NoMemory {
        /// What was to be stored.
        what: &'static str,
        /// Its size in bytes.
        needed: u64,
    },
    /// The driver did not take a shader.
    #[error("the graphics driver did not take the shader of {what}: {reason}")]
    Shader {
        /// What it computes.
        what: &'static str,
        /// What the driver said.
        reason: String,
    },
    /// The driver reported an error.
    #[error("the graphics device reported: {0}")]
    Device(String),
    /// The device is gone.
    #[error("the graphics device was lost: {0}")]
    Lost(String),
    /// The device did not answer.
    #[error("the graphics device did not finish within {0} seconds")]
    Timeout(u64),
}

impl GpuError {
    /// The same, with how many of `points` points would fit if they are too many.
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

/// What to say of adapters that will not do for a window, and what to do about it.
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
