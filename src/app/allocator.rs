//! Keeps the C library's allocator from holding on to what a window that is gone has left.
//!
//! A software device compiles its shaders in many threads, and the allocator gives each a pool of
//! memory of its own, which keeps what was freed: every window that is opened anew after a lost
//! device would add a few MiB. With one pool for all threads the next window uses them again.

/// Makes the allocator use one pool of memory for all threads.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
#[expect(unsafe_code, reason = "there is no safe way to ask the C library for it")]
pub(super) fn use_one_pool() {
    // SAFETY: it takes two numbers, and may be called from any thread (mallopt(3): "MT-Safe
    // init"); it is called before the threads are started that it is for.
    unsafe {
        libc::mallopt(libc::M_ARENA_MAX, 1);
    }
}

/// Other allocators cannot be asked.
#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
pub(super) fn use_one_pool() {}
