//! How much memory the program had at most, where the system counts that.

/// The most bytes that were in memory at once since [`reset_peak`], or since the start where that
/// is not possible; `None` where the system does not say.
pub(super) fn peak() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kib: u64 = line.trim().strip_suffix(" kB")?.parse().ok()?;
    Some(kib << 10)
}

/// Counts anew from here on.
pub(super) fn reset_peak() {
    // Linux knows this; where it fails, the peak is that of all that was before as well.
    let _ = std::fs::write("/proc/self/clear_refs", "5");
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn what_was_touched_counts() {
        let before = peak().expect("Linux says");
        let touched = std::hint::black_box(vec![1_u8; 64 << 20]);
        let after = peak().expect("Linux says");
        assert!(after >= before.max(64 << 20), "{before} {after}");
        drop(touched);
    }
}
