//! How much memory reading may take.

/// The most memory that this process may have taken at any time, in KiB.
const MEMORY: u64 = 256 << 10;

/// Refuses a process that took more memory than files below 1 MiB may take.
pub fn check_memory(name: &str) {
    let Ok(status) = std::fs::read_to_string("/proc/self/status") else { return };
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).expect("a peak");
    let peak: u64 = peak.trim().trim_end_matches("kB").trim().parse().expect("a number");
    assert!(peak < MEMORY, "{name}: {peak} KiB");
}
