//! How much memory the machine, or the container that the program runs in, has and can spare, and how
//! much more the process may have where `ulimit` sets limits.

/// The bytes of memory that can be had without pushing others out; `None` where the system does not
/// say.
pub fn spare_memory() -> Option<u64> {
    match (spare_in_machine(), left_by_limits().map(beside_reserve)) {
        (Some(spare), Some(left)) => Some(spare.min(left)),
        (spare, left) => spare.or(left),
    }
}

/// What is left for what the program works out: beside stacks of threads, and the pieces in which the
/// allocator asks for address space.
fn beside_reserve(left: u64) -> u64 {
    const RESERVE: u64 = 32 << 20;
    // Small things still find a place where there is next to none.
    left.saturating_sub(RESERVE).max(left / 8)
}

fn spare_in_machine() -> Option<u64> {
    let mut system = sysinfo::System::new().ok()?;
    system.refresh_memory();
    // A container may have less than its machine.
    let contained = system.cgroup_limits().map(|limits| limits.free_memory);
    let spare = contained.into_iter().fold(system.available_memory(), u64::min);
    (spare > 0).then_some(spare)
}

/// The bytes that the process may have besides those that it has, where its address space or its data
/// are limited (`RLIMIT_AS` and `RLIMIT_DATA`, `ulimit -v` and `ulimit -d`); `None` where they are not, or
/// the system does not say.
pub fn left_by_limits() -> Option<u64> {
    let read = |name: &str| std::fs::read_to_string(format!("/proc/self/{name}")).ok();
    left_of(&read("limits")?, &read("status")?)
}

/// The same from what Linux tells of a process: its limits, and what it has.
fn left_of(limits: &str, status: &str) -> Option<u64> {
    let limit = |name: &str| {
        let line = limits.lines().find_map(|line| line.strip_prefix(name))?;
        line.split_whitespace().next()?.parse::<u64>().ok()
    };
    let has = |name: &str| {
        let line = status.lines().find_map(|line| line.strip_prefix(name))?;
        line.split_whitespace().next()?.parse::<u64>().ok().map(|kib| kib << 10)
    };
    let left = |limited: &str, used: &str| Some(limit(limited)?.saturating_sub(has(used)?));
    let both = [left("Max address space", "VmSize:"), left("Max data size", "VmData:")];
    both.into_iter().flatten().min()
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
    fn limits_of_a_process_are_what_is_left_of_them() {
        let limits = |space: &str, data: &str| {
            format!(
                "Limit                     Soft Limit           Hard Limit           Units\n\
                 Max cpu time              unlimited            unlimited            seconds\n\
                 Max data size             {data}               unlimited            bytes\n\
                 Max address space         {space}              unlimited            bytes\n"
            )
        };
        let status =
            "Name:\tsigmascope\nVmPeak:\t  900000 kB\nVmSize:\t  102400 kB\nVmData:\t  51200 kB\n";
        let mib = |count: u64| count << 20;
        for (space, data, left) in [
            ("unlimited", "unlimited", None),
            ("1073741824", "unlimited", Some(mib(1024 - 100))),
            ("unlimited", "1073741824", Some(mib(1024 - 50))),
            ("1073741824", "536870912", Some(mib(512 - 50))),
            ("104857600", "unlimited", Some(0)),
            ("1000", "unlimited", Some(0)),
        ] {
            assert_eq!(left_of(&limits(space, data), status), left, "{space} and {data}");
        }
        assert_eq!(left_of("", ""), None);
        assert_eq!([0, mib(8), mib(100)].map(beside_reserve), [0, mib(1), mib(68)]);
    }

    #[test]
    fn there_is_some_memory_but_not_without_end() {
        let spare = spare_memory().expect("the systems that tests run on say");
        assert!((1 << 20..1 << 50).contains(&spare), "{spare}");
        let total = total_memory().expect("as before");
        assert!((spare..1 << 50).contains(&total), "{spare} of {total}");
    }
}
