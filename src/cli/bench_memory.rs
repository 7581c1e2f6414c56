//! Peak memory of this process, as Linux counts it; on other systems nothing is known.

/// Peak resident memory in bytes since [`reset_peak`], or since the start where resetting fails;
/// `None` where the system does not tell.
pub(super) fn peak() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kib: u64 = line.trim().strip_suffix(" kB")?.parse().ok()?;
    Some(kib << 10)
}

/// Starts a new peak.
pub(super) fn reset_peak() {
    // Where this fails, the peak includes everything since the start.
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
