//! Keeps the C library's allocator from holding on to what is not needed any more.
//!
//! A software device compiles its shaders in many threads, and the allocator gives each a pool of
//! memory of its own, which keeps what was freed: every window that is opened after a lost
//! device would add a few MiB. With one pool for all threads the next window uses them again. And
//! pictures, which are large and short-lived, get pages of their own that go back at once. What is
//! left between pieces in use goes back when nothing is under way.

/// Makes the allocator use one pool of memory for all threads, and none for what is large.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
#[expect(unsafe_code, reason = "there is no safe way to ask the C library for it")]
pub fn keep_little() {
    /// Bytes from which on an allocation gets pages of its own, which go back when it is freed.
    /// With a larger limit, more freed memory stays in the pool; with a smaller one, more
    /// allocations fault in fresh pages, which takes most of the 50 ms of reading back 10⁷ values
    /// from an NVIDIA H200.
    const LARGE: i32 = 1 << 20;
    // SAFETY: both calls take two numbers, and may come from any thread (mallopt(3): "MT-Safe
    // init"); they come before the threads are started that they are for.
    unsafe {
        libc::mallopt(libc::M_ARENA_MAX, 1);
        libc::mallopt(libc::M_MMAP_THRESHOLD, LARGE);
    }
}

/// Other allocators cannot be asked.
#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
pub fn keep_little() {}

/// Gives the unused memory of the pool back to the system.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
#[expect(unsafe_code, reason = "there is no safe way to ask the C library for it")]
pub(super) fn give_back() {
    // SAFETY: it takes a number, and may come from any thread (malloc_trim(3): "MT-Safe").
    unsafe {
        libc::malloc_trim(0);
    }
}

/// Other allocators cannot be asked.
#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
pub(super) fn give_back() {}
