//! Which of the exact engines is fastest: a model of their cost, as a pure function.
//!
//! ```text
//!   simd   wake + pairs · (d + 4)/6 / (rate of the instructions · threads)
//!   gpu    fixed + bytes / transfer + pairs · (d + 4)/6 / rate of the device
//! ```
//!
//! The rates are for d = 2. Those of AVX-512, AVX2, portable code and software adapters were measured
//! on one core of a Zen 4 server; those of NEON and of graphics cards are on the low side of what
//! published instruction rates give, so that a card is taken where it is sure to pay.
//! `sigmascope bench --engine auto,simd,gpu --n 100,3000,30000` shows whether the choice is right on
//! a machine.
//!
//! The engines that are there to be learned from are never chosen. Where an approximate sum will do,
//! [`choose_or_fast`] takes the engine `fast` where that is clearly faster; its cost is modelled in
//! [`fast_seconds`].

use super::{Instructions, fast_seconds};
use crate::{
    model::EngineChoice,
    numbers::{format_number, format_si},
};

/// What kind of adapter there is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Device {
    /// A graphics card with memory of its own.
    Discrete,
    /// One that shares the processor's memory.
    Integrated,
    /// One of no known kind, as in a virtual machine.
    Unknown,
    /// The processor, pretending.
    Software,
}

impl Device {
    /// The device behind the word that a summary of adapters uses.
    pub fn of_kind(kind: &str) -> Self {
        match kind {
            "discrete" => Self::Discrete,
            "integrated" => Self::Integrated,
            "software" => Self::Software,
            _ => Self::Unknown,
        }
    }

    /// The words for it.
    fn words(self) -> &'static str {
        match self {
            Self::Discrete => "graphics card",
            Self::Integrated => "integrated graphics",
            Self::Unknown => "graphics adapter",
            Self::Software => "software adapter",
        }
    }

    /// Pairs a second at d = 2, at `threads` threads where it is the processor.
    fn pairs_per_second(self, threads: usize) -> f64 {
        match self {
            Self::Discrete => 5e11,
            Self::Integrated => 5e10,
            Self::Unknown => 1e10,
            Self::Software => 1.2e9 * threads as f64,
        }
    }

    /// Seconds that a sum takes however small it is: buffers, submissions, reading back.
    fn fixed_seconds(self) -> f64 {
        match self {
            Self::Discrete | Self::Integrated => 4e-4,
            Self::Software => 2e-4,
            Self::Unknown => 1e-3,
        }
    }

    /// Bytes a second on the way there and back.
    fn bytes_per_second(self) -> f64 {
        match self {
            Self::Discrete | Self::Integrated => 4e9,
            Self::Unknown | Self::Software => 1e9,
        }
    }
}

/// What there is to compute on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Machine {
    /// Threads of the engine `simd`, at least 1.
    pub threads: usize,
    /// Its instructions.
    pub instructions: Instructions,
    /// The adapter that `gpu` would run on, if any.
    pub device: Option<Device>,
    /// Whether that adapter would have to be opened first.
    pub must_open: bool,
}

impl Machine {
    /// This processor, with an adapter that is open already, if any.
    pub fn here(device: Option<Device>) -> Self {
        // Where the instructions are named wrongly, the engine says so when it is run.
        let instructions = Instructions::chosen().unwrap_or(Instructions::Portable);
        Self { threads: rayon::current_num_threads(), instructions, device, must_open: false }
    }
}

/// An engine, and why this one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    /// [`EngineChoice::Simd`], [`EngineChoice::Gpu`] or, where it is allowed, [`EngineChoice::Fast`].
    pub engine: EngineChoice,
    /// One sentence.
    pub why: String,
}

/// Seconds to find the adapters and to open one, with its shaders compiled.
const OPENING: f64 = 0.3;
/// Pairs, weighed by their dimension, up to which `simd` stays on one thread.
const ONE_THREAD: f64 = 524_288.0;
/// Seconds to wake its other threads.
const WAKING: f64 = 5e-5;

/// Pairs, weighed by what one costs relative to d = 2.
fn weighed_pairs([n, m, dim]: [usize; 3]) -> f64 {
    n as f64 * m as f64 * (dim as f64 + 4.0) / 6.0
}

/// What `simd` takes for `n` targets, `m` sources and `dim` coordinates, in seconds.
pub fn simd_seconds(size: [usize; 3], machine: &Machine) -> f64 {
    let rate = match machine.instructions {
        Instructions::Avx512 => 6.5e9,
        Instructions::Avx2 => 4.4e9,
        Instructions::Neon => 1.2e9,
        Instructions::Portable => 0.65e9,
    };
    let pairs = weighed_pairs(size);
    if pairs <= ONE_THREAD || machine.threads < 2 {
        pairs / rate
    } else {
        WAKING + pairs / (rate * machine.threads as f64)
    }
}

/// What `gpu` takes, in seconds; `None` where there is no adapter for it.
pub fn gpu_seconds(size: [usize; 3], machine: &Machine) -> Option<f64> {
    let device = machine.device?;
    let [n, m, dim] = size;
    let bytes = 4.0 * dim as f64 * (n as f64 + m as f64) + 8.0 * n as f64;
    let opening = if machine.must_open { OPENING } else { 0.0 };
    Some(
        opening
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
    let simd = simd_seconds(size, machine);
    let gpu = gpu_seconds(size, machine);
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
            engine: EngineChoice::Gpu,
            why: format!(
                "{pairs} should take about {} on the {}, {on_processor}",
                format_si(gpu, "s"),
                device.words()
            ),
        },
        (Some(device), Some(gpu)) => Choice {
            engine: EngineChoice::Simd,
            why: format!(
                "{pairs} should take {on_processor}, about {} on the {}",
                format_si(gpu, "s"),
                device.words()
            ),
        },
        _ => Choice {
            engine: EngineChoice::Simd,
            why: format!("{pairs} should take {on_processor}, and no adapter is needed for that"),
        },
    }
}

/// Seconds of an exact sum that nobody minds.
const SOON: f64 = 0.05;

/// The same where an approximate sum will do: the engine `fast` where the exact one takes its time, and
/// more than twice as much. `sigma` and `extent`, the longest side of the points' box, are in the same
/// units.
pub fn choose_or_fast(size: [usize; 3], sigma: f64, extent: f64, machine: &Machine) -> Choice {
    let exact = choose(size, machine);
    let gpu = gpu_seconds(size, machine).filter(|_| exact.engine == EngineChoice::Gpu);
    let seconds = gpu.unwrap_or_else(|| simd_seconds(size, machine));
    match fast_seconds(size, sigma, extent, machine) {
        Some(fast) if seconds > SOON && 2.0 * fast < seconds => Choice {
            engine: EngineChoice::Fast,
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
        let card = Machine { device: Some(Device::Discrete), ..cpu };
        let engine = |n: usize, dim, machine: &Machine| {
            choose_or_fast([n, n, dim], 0.3, 10.0, machine).engine
        };
        assert_eq!(engine(3000, 2, &cpu), EngineChoice::Simd);
        assert_eq!(engine(20_000, 2, &cpu), EngineChoice::Simd);
        assert_eq!(engine(50_000, 2, &cpu), EngineChoice::Fast);
        assert_eq!(engine(1_000_000, 3, &cpu), EngineChoice::Fast);
        assert_eq!(engine(1_000_000, 4, &cpu), EngineChoice::Simd);
        assert_eq!(engine(50_000, 2, &card), EngineChoice::Gpu);
        assert_eq!(engine(1_000_000, 2, &card), EngineChoice::Fast);
        let why = choose_or_fast([1_000_000, 1_000_000, 2], 0.3, 10.0, &cpu).why;
        assert!(why.contains("approximately, about 77 s exactly with simd"), "{why}");
    }

    const SIZES: [usize; 3] = [100, 3000, 30_000];
    const DEVICES: [Option<Device>; 5] = [
        None,
        Some(Device::Discrete),
        Some(Device::Integrated),
        Some(Device::Unknown),
        Some(Device::Software),
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
                    EngineChoice::Simd => simd,
                    EngineChoice::Gpu => gpu.expect("an adapter"),
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
            if real && machine.device == Some(Device::Software) {
                for size in [[100, 100, 2], [3000, 3000, 2], [1_000_000, 1_000_000, 2]] {
                    assert_eq!(choose(size, &machine).engine, EngineChoice::Simd, "{machine:?}");
                }
            }
        }
    }

    #[test]
    fn a_card_takes_what_is_large_and_the_processor_what_is_small() {
        let machine = Machine {
            threads: 8,
            instructions: Instructions::Avx2,
            device: Some(Device::Discrete),
            must_open: false,
        };
        let engine = |n: usize| choose([n, n, 2], &machine).engine;
        assert_eq!(engine(100), EngineChoice::Simd);
        assert_eq!(engine(100_000), EngineChoice::Gpu);
        let closed = Machine { must_open: true, ..machine };
        // 25 ms of work do not pay for opening a device.
        assert_eq!(choose([30_000, 30_000, 2], &closed).engine, EngineChoice::Simd);
        assert_eq!(choose([1_000_000, 1_000_000, 2], &closed).engine, EngineChoice::Gpu);
        assert!(!is_worth_opening([30_000, 30_000, 2], &closed));
        assert!(is_worth_opening([1_000_000, 1_000_000, 2], &closed));
    }

    #[test]
    fn it_says_why_in_one_sentence() {
        let machine = Machine {
            threads: 2,
            instructions: Instructions::Avx512,
            device: Some(Device::Software),
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
        let card = Machine { device: Some(Device::Discrete), ..machine };
        let why = choose([1_000_000, 1_000_000, 2], &card).why;
        assert!(why.contains("on the graphics card, about 77 s on 2 threads"), "{why}");
    }
}
