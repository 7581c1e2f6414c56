//! What the exact engines cost, and which of them is done first, as pure functions.
//!
//! ```text
//!   simd   wake · threads + pairs · (d + 4)/6 / (rate of the instructions · threads)
//!   gpu    fixed + bytes / transfer + pairs · (d + 4)/6 / rate of the device
//! ```
//!
//! The rates are for d = 2. Those of AVX-512, AVX2, portable code and software adapters were measured on
//! one core of a Zen 4 server, those of graphics cards on an NVIDIA H200 with 16 processor cores; those
//! of NEON and of integrated graphics are on the low side of what published instruction rates give.
//! What sums took on a machine corrects them: [`LearnedRates`]. `sigmascope bench --calibrate --check` shows
//! whether the choice is right there.
//!
//! The engines `naive`, `broadcast` and `chunked`, which exist to teach, are never chosen.
//! Where an approximate sum will do,
//! [`choose_or_fast`] takes the engine `fast` where that is clearly faster; its cost is modelled in
//! [`fast_seconds`].

use super::{DeviceKind, LearnedRates, Machine, fast_seconds};
use crate::{
    engine::{EngineId, Instructions},
    numbers::{format_number, format_si},
};

/// An engine, and why this one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    /// [`EngineId::Simd`], [`EngineId::Gpu`] or, where it is allowed, [`EngineId::Fast`].
    pub engine: EngineId,
    /// One sentence.
    pub why: String,
}

/// Seconds to list the adapters and to open one, with its shaders compiled; counted where a command
/// has no device yet. Too low a value opens a device for sums that the processor finishes sooner.
pub(super) const OPENING: f64 = 0.3;
/// Pairs, weighted by their cost relative to d = 2, up to which `simd` stays on one thread: 2¹⁹,
/// the engine's own limit.
const ONE_THREAD: f64 = 524_288.0;
/// Seconds to wake each thread of `simd`, measured with 2 threads (0.06 ms in all) and with 16 (0.5
/// ms).
const WAKING: f64 = 3e-5;

/// Pairs, weighed by what one costs relative to d = 2.
fn weighed_pairs([n, m, dim]: [usize; 3]) -> f64 {
    n as f64 * m as f64 * (dim as f64 + 4.0) / 6.0
}

/// Seconds that `simd` takes for `size`, `n` targets, `m` sources and `dim` coordinates, by the model alone.
pub fn simd_seconds(size: [usize; 3], machine: &Machine) -> f64 {
    let rate = simd_rate(machine);
    let pairs = weighed_pairs(size);
    if pairs <= ONE_THREAD || machine.threads < 2 {
        pairs / rate
    } else {
        WAKING * machine.threads as f64 + pairs / (rate * machine.threads as f64)
    }
}

/// Pairs a second of one thread at d = 2.
fn simd_rate(machine: &Machine) -> f64 {
    match machine.instructions {
        Instructions::Avx512 => 6.5e9,
        Instructions::Avx2 => 4.4e9,
        Instructions::Neon => 1.2e9,
        Instructions::Portable => 0.65e9,
    }
}

/// Pairs a second that an engine of the processor sums at most; a first guess of how much work to give
/// it at once. Those in f64 were measured on one core of a Zen 4 server.
pub fn pairs_per_second(engine: EngineId, dim: usize, machine: &Machine) -> f64 {
    let rate = match engine {
        EngineId::Simd => simd_rate(machine) * machine.threads as f64,
        EngineId::Naive
        | EngineId::Broadcast
        | EngineId::Chunked
        | EngineId::Fast
        | EngineId::Gpu => 1.5e8,
    };
    rate * 6.0 / (dim as f64 + 4.0)
}

/// Seconds that `gpu` takes by the model alone; `None` where there is no adapter for it.
pub fn gpu_seconds(size: [usize; 3], machine: &Machine) -> Option<f64> {
    let device = machine.device?;
    let [n, m, dim] = size;
    let bytes = 4.0 * dim as f64 * (n as f64 + m as f64) + 8.0 * n as f64;
    let opening = if machine.must_open { OPENING } else { 0.0 };
    // A software adapter wakes the same threads.
    let waking = if device == DeviceKind::Software { WAKING * machine.threads as f64 } else { 0.0 };
    Some(
        opening
            + waking
            + device.fixed_seconds()
            + bytes / device.bytes_per_second()
            + weighed_pairs(size) / device.pairs_per_second(machine.threads),
    )
}

/// Whether to look for an adapter at all: `simd` may be done before one is found.
pub fn is_worth_opening(size: [usize; 3], machine: &Machine) -> bool {
    simd_seconds(size, machine) > OPENING
}

/// The exact engine that is done first with `n` targets, `m` sources and `dim` coordinates.
pub fn choose(size: [usize; 3], machine: &Machine) -> Choice {
    choose_with(size, machine, &LearnedRates::NONE)
}

/// The same by what earlier sums took.
pub fn choose_with(size: [usize; 3], machine: &Machine, rates: &LearnedRates) -> Choice {
    let simd = rates.simd_seconds(size, machine);
    let gpu = rates.gpu_seconds(size, machine);
    let [n, m, _] = size;
    let pairs = format!("{} × {} pairs", format_number(n as f64, 12), format_number(m as f64, 12));
    let on_processor = format!(
        "about {} on {} thread{} with {}",
        format_si(simd, "s"),
        machine.threads,
        if machine.threads == 1 { "" } else { "s" },
        machine.instructions.name()
    );
    match (machine.device, gpu) {
        (Some(device), Some(gpu)) if gpu < simd => Choice {
            engine: EngineId::Gpu,
            why: format!(
                "{pairs} should take about {} on the {}, {on_processor}",
                format_si(gpu, "s"),
                device.words()
            ),
        },
        (Some(device), Some(gpu)) => Choice {
            engine: EngineId::Simd,
            why: format!(
                "{pairs} should take {on_processor}, about {} on the {}",
                format_si(gpu, "s"),
                device.words()
            ),
        },
        _ => Choice {
            engine: EngineId::Simd,
            why: format!("{pairs} should take {on_processor}, and no adapter is needed for that"),
        },
    }
}

/// Seconds up to which an exact sum is taken even where an approximate one is faster: a user hardly
/// notices them. With more, dragging σ is less smooth; with less, exact values are given up for
/// nothing.
const SOON: f64 = 0.05;

/// The engine to use where an approximate sum will do: the engine `fast` where the exact one takes more
/// than 50 ms and more than twice as much. `sigma` and `extent`, the longest
/// side of the points' box, are in the same units.
pub fn choose_or_fast(size: [usize; 3], sigma: f64, extent: f64, machine: &Machine) -> Choice {
    choose_or_fast_with(size, sigma, extent, machine, &LearnedRates::NONE)
}

/// The same by what earlier exact sums took.
pub fn choose_or_fast_with(
    size: [usize; 3],
    sigma: f64,
    extent: f64,
    machine: &Machine,
    rates: &LearnedRates,
) -> Choice {
    let exact = choose_with(size, machine, rates);
    let gpu = rates.gpu_seconds(size, machine).filter(|_| exact.engine == EngineId::Gpu);
    let seconds = gpu.unwrap_or_else(|| rates.simd_seconds(size, machine));
    match fast_seconds(size, sigma, extent, machine) {
        Some(fast) if seconds > SOON && 2.0 * fast < seconds => Choice {
            engine: EngineId::Fast,
            why: format!(
                "{} + {} points should take about {} approximately, about {} exactly with {}",
                format_number(size[0] as f64, 12),
                format_number(size[1] as f64, 12),
                format_si(fast, "s"),
                format_si(seconds, "s"),
                exact.engine
            ),
        },
        _ => exact,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_points_are_summed_fast_and_few_exactly() {
        let cpu = Machine {
            threads: 2,
            instructions: Instructions::Avx512,
            device: None,
            must_open: false,
        };
        let card = Machine { device: Some(DeviceKind::Discrete), ..cpu };
        let engine = |n: usize, dim, machine: &Machine| {
            choose_or_fast([n, n, dim], 0.3, 10.0, machine).engine
        };
        assert_eq!(engine(3000, 2, &cpu), EngineId::Simd);
        assert_eq!(engine(20_000, 2, &cpu), EngineId::Simd);
        assert_eq!(engine(50_000, 2, &cpu), EngineId::Fast);
        assert_eq!(engine(1_000_000, 3, &cpu), EngineId::Fast);
        assert_eq!(engine(1_000_000, 4, &cpu), EngineId::Simd);
        assert_eq!(engine(50_000, 2, &card), EngineId::Gpu);
        assert_eq!(engine(1_000_000, 2, &card), EngineId::Fast);
        let why = choose_or_fast([1_000_000, 1_000_000, 2], 0.3, 10.0, &cpu).why;
        assert!(why.contains("approximately, about 77 s exactly with simd"), "{why}");
    }

    const SIZES: [usize; 3] = [100, 3000, 30_000];
    const DEVICES: [Option<DeviceKind>; 5] = [
        None,
        Some(DeviceKind::Discrete),
        Some(DeviceKind::Integrated),
        Some(DeviceKind::Other),
        Some(DeviceKind::Software),
    ];

    fn machines() -> impl Iterator<Item = Machine> {
        DEVICES.into_iter().flat_map(|device| {
            Instructions::ALL.into_iter().flat_map(move |instructions| {
                [1, 2, 8, 64].into_iter().flat_map(move |threads| {
                    [false, true].map(|must_open| Machine {
                        threads,
                        instructions,
                        device,
                        must_open,
                    })
                })
            })
        })
    }

    #[test]
    fn the_choice_is_never_much_slower_than_the_best() {
        for machine in machines() {
            for size in SIZES.into_iter().flat_map(|n| SIZES.map(|m| [n, m, 2])) {
                let simd = simd_seconds(size, &machine);
                let gpu = gpu_seconds(size, &machine);
                let taken = match choose(size, &machine).engine {
                    EngineId::Simd => simd,
                    EngineId::Gpu => gpu.expect("an adapter"),
                    other => panic!("{other} is for learning"),
                };
                let best = gpu.into_iter().fold(simd, f64::min);
                assert!(taken <= 1.5 * best, "{size:?} on {machine:?}: {taken} s, not {best} s");
            }
        }
    }

    #[test]
    fn the_processor_pretending_to_be_a_card_is_never_faster_than_itself() {
        for machine in machines() {
            let real = [Instructions::Avx512, Instructions::Avx2].contains(&machine.instructions);
            if real && machine.device == Some(DeviceKind::Software) {
                for size in [[100, 100, 2], [3000, 3000, 2], [1_000_000, 1_000_000, 2]] {
                    assert_eq!(choose(size, &machine).engine, EngineId::Simd, "{machine:?}");
                }
            }
        }
    }

    #[test]
    fn a_card_takes_what_is_large_and_the_processor_what_is_small() {
        let machine = Machine {
            threads: 8,
            instructions: Instructions::Avx2,
            device: Some(DeviceKind::Discrete),
            must_open: false,
        };
        let engine = |n: usize| choose([n, n, 2], &machine).engine;
        assert_eq!(engine(100), EngineId::Simd);
        assert_eq!(engine(100_000), EngineId::Gpu);
        let closed = Machine { must_open: true, ..machine };
        // 25 ms of work do not pay for opening a device.
        assert_eq!(choose([30_000, 30_000, 2], &closed).engine, EngineId::Simd);
        assert_eq!(choose([1_000_000, 1_000_000, 2], &closed).engine, EngineId::Gpu);
        assert!(!is_worth_opening([30_000, 30_000, 2], &closed));
        assert!(is_worth_opening([1_000_000, 1_000_000, 2], &closed));
    }

    #[test]
    fn it_says_why_in_one_sentence() {
        let machine = Machine {
            threads: 2,
            instructions: Instructions::Avx512,
            device: Some(DeviceKind::Software),
            must_open: false,
        };
        assert_eq!(
            choose([30_000, 30_000, 2], &machine).why,
            "30,000 × 30,000 pairs should take about 69 ms on 2 threads with avx512, about 376 ms \
             on the software adapter"
        );
        let alone = Machine { device: None, threads: 1, ..machine };
        assert!(
            choose([100, 100, 2], &alone).why.contains("on 1 thread with avx512, and no adapter")
        );
        let card = Machine { device: Some(DeviceKind::Discrete), ..machine };
        let why = choose([1_000_000, 1_000_000, 2], &card).why;
        assert!(why.contains("on the graphics card, about 77 s on 2 threads"), "{why}");
    }
}
