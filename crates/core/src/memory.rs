//! How much memory the machine, or the container that the program runs in, has and can spare.

/// The bytes of memory that can be had without pushing others out; `None` where the system does not
/// say.
pub fn spare_memory() -> Option<u64> {
    let mut system = sysinfo::System::new().ok()?;
    system.refresh_memory();
    // A container may have less than its machine.
    let contained = system.cgroup_limits().map(|limits| limits.free_memory);
    let spare = contained.into_iter().fold(system.available_memory(), u64::min);
    (spare > 0).then_some(spare)
}

/// The bytes of memory that the machine has, or that its container may use; `None` where the system
/// does not say.
pub fn total_memory() -> Option<u64> {
    let mut system = sysinfo::System::new().ok()?;
    system.refresh_memory();
    let contained = system.cgroup_limits().map(|limits| limits.total_memory);
    let total = contained.into_iter().fold(system.total_memory(), u64::min);
    (total > 0).then_some(total)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_is_some_memory_but_not_without_end() {
        let spare = spare_memory().expect("the systems that tests run on say");
        assert!((1 << 20..1 << 50).contains(&spare), "{spare}");
        let total = total_memory().expect("as before");
        assert!((spare..1 << 50).contains(&total), "{spare} of {total}");
    }
}
