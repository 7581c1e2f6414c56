//! Lets threads that compute give way to those that draw.
//!
//! Where both need the processor, as with a software device, a frame that waits is felt at once, and a sum
//! that takes a little longer is not.

/// Makes the calling thread give way to the others of this program.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
#[expect(unsafe_code, reason = "there is no safe way to ask the C library for it")]
pub fn give_way() {
    /// With 2 a thread gets two thirds of the time of one that draws, where both could use all of it. With 5,
    /// fields of 20,000 points followed a slider four times more rarely; with 0, every hundredth frame took
    /// 130 ms instead of 110: `benches/window.py` on two cores, with Mesa's llvmpipe.
    const NICE: i32 = 2;
    // SAFETY: it takes three numbers; 0 names the calling thread (setpriority(2): on Linux a value is
    // that of one thread). Failing changes nothing.
    unsafe {
        libc::setpriority(libc::PRIO_PROCESS, 0, NICE);
    }
}

/// Elsewhere a priority is that of the whole program.
#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
pub fn give_way() {}
