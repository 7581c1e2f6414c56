//! A search of a few seconds for fields that break the bound that comes with them, on every engine of
//! the processor with every set of instructions. `ADVERSARY_SEED=N ADVERSARY_SECONDS=S` search on.

use std::time::{Duration, Instant};

use sigmascope_core::engine::{
    Broadcast, Chunked, Engine, Fast, FastLimits, FastPoints, Instructions, Naive, Simd,
};
use sigmascope_test_cases::adversary::{Worst, known, seconds, seed, trials};

/// What exact engines may be off by where no scale is extreme.
const MOST: f64 = 1.5e-6;

fn engines() -> Vec<(String, Box<dyn Engine>)> {
    let mut engines: Vec<(String, Box<dyn Engine>)> = vec![
        ("naive".into(), Box::new(Naive)),
        ("broadcast".into(), Box::new(Broadcast)),
        ("chunked".into(), Box::new(Chunked)),
        ("simd in f64".into(), Box::new(Simd { instructions: None, in_double: true })),
    ];
    for set in Instructions::ALL.into_iter().filter(|set| set.is_available()) {
        let instructions = Some(set);
        let simd = Simd { instructions, in_double: false };
        engines.push((format!("simd, {}", set.name()), Box::new(simd)));
        let limits = FastLimits { instructions, memory: None };
        let fast = Fast { limits, ..Fast::default() };
        engines.push((format!("fast, {}", set.name()), Box::new(fast)));
    }
    engines
}

#[test]
fn no_field_breaks_its_bound() {
    let (seed, enough) = (seed(), Duration::from_secs_f64(seconds(6.0)));
    println!("ADVERSARY_SEED={seed}");
    let engines = engines();
    let mut worst = vec![Worst::default(); engines.len()];
    let began = Instant::now();
    let mut count = 0;
    let endless = trials(seed).take_while(|_| began.elapsed() < enough);
    for trial in known().into_iter().chain(endless) {
        let exact = trial.exact();
        if !exact.is_finite() {
            continue;
        }
        count += 1;
        for ((label, engine), worst) in engines.iter().zip(&mut worst) {
            let is_fast = label.starts_with("fast");
            // Their loops have nothing to choose.
            let is_plain = ["naive", "broadcast", "chunked"].contains(&label.as_str());
            if is_plain && count % 10 > 0 {
                continue;
            }
            if !is_fast || trial.points.dim() <= FastPoints::MAX_DIM {
                let most = if is_fast { 1.0 } else { MOST };
                worst.look(label, engine.as_ref(), &trial, &exact, most);
            }
        }
    }
    println!("{count} trials");
    for ((label, _), Worst { error, trial, of_bound, bound_trial }) in engines.iter().zip(worst) {
        println!(
            "{label:18} {error:8.1e}  {trial}\n{:18} {of_bound:8.1e}  {bound_trial}",
            "of its bound"
        );
    }
    assert!(count > 20, "only {count} trials");
}
