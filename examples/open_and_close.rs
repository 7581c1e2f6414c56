//! Opens and closes the graphics device many times, with a session on every tenth: what `scripts/valgrind` watches.
//!
//! `open_and_close [TIMES]`, 100 by default.

use std::time::Duration;

use sigmascope::{
    engine::Pace,
    gpu::Gpu,
    model::{Count, EngineChoice, Params, Sigma},
    session::{Session, Source},
};

fn main() {
    let times = std::env::args().nth(1).map_or(100, |text| text.parse().expect("a number"));
    for time in 0..times {
        let gpu = Gpu::headless(None).expect("an adapter");
        if time % 10 > 0 {
            continue;
        }
        let mut session = Session::new(gpu, Source::default(), Pace::WITH_WINDOW, || ())
            .expect("a worker thread");
        for engine in [EngineChoice::Gpu, EngineChoice::Simd, EngineChoice::Fast] {
            let count = Count::new(500).ok();
            let sigma = Sigma::new(0.3).ok();
            session.apply(&Params { n: count, m: count, sigma, engine, ..Params::default() });
            assert!(session.wait(Duration::from_hours(1)), "it never ends");
        }
        // Every second ends in the middle of a sum.
        if time % 20 > 0 {
            session.apply(&Params { n: Count::new(100_000).ok(), ..Params::default() });
        }
    }
    println!("{times} devices were opened and closed");
}
