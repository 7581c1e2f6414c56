//! A session and what tests ask of it.

#![allow(dead_code, reason = "each test file uses its own part")]

use std::{
    path::Path,
    sync::Arc,
    thread::sleep,
    time::{Duration, Instant},
};

use sigmascope::{
    engine::{Engine, Naive, Pace, Problem, Unobserved},
    gpu::Gpu,
    model::{Count, EngineChoice, Input, Params, Sigma},
    session::{Activity, Page, PictureSpec, Scene, Session, Source, SpacePicture},
};

use super::common::{error_of, gpu};

/// Longer than anything here takes on a slow machine.
pub const PATIENCE: Duration = Duration::from_mins(3);

pub fn session() -> Session {
    session_on(gpu())
}

pub fn session_on(gpu: Gpu) -> Session {
    Session::new(gpu, Source::default(), Pace::WITH_WINDOW, || ()).expect("a worker thread")
}

/// On the device, whichever engine would be done first.
pub fn params(n: usize, m: usize, sigma: f64) -> Params {
    let count = |count| Some(Count::new(count).expect("a legal count"));
    let sigma = Sigma::new(sigma).expect("a legal sigma");
    Params {
        n: count(n),
        m: count(m),
        sigma: Some(sigma),
        engine: EngineChoice::Gpu,
        ..Params::default()
    }
}

pub fn file_params(path: &Path) -> Params {
    let input = Input::Files { targets: path.to_owned(), sources: None, columns: Vec::new() };
    Params { input, engine: EngineChoice::Gpu, ..Params::default() }
}

/// Asks for `params` and waits until they are met, or cannot be.
pub fn ask(session: &mut Session, params: &Params) {
    session.apply(params);
    assert!(session.wait(PATIENCE), "it never ends");
}

pub fn scene(session: &Session) -> Arc<Scene> {
    session.state().scene.expect("a scene")
}

pub fn values(session: &Session, scene: &Scene) -> Vec<f64> {
    let values = scene.field.read(session.gpu()).expect("values");
    values.iter().map(|&f| f64::from(f)).collect()
}

/// How far a scene is from the double loop over its own points with its own parameters.
pub fn error_of_scene(session: &Session, scene: &Scene) -> f64 {
    let (sigma, normalisation) = (scene.sigma(), scene.params.normalisation);
    let points = &scene.prepared.points;
    let problem = Problem { points, sigma, chunk: points.m() };
    let factor = normalisation.factor(points.sources().total_weight(), points.dim(), sigma);
    let sums = Naive.sum(&problem, &mut Unobserved).expect("a sum");
    let exact: Vec<f64> = sums.iter().map(|f| factor * f).collect();
    error_of(&values(session, scene), &exact)
}

/// Looks at the state again and again until `enough` says so.
pub fn until(session: &Session, what: &str, mut enough: impl FnMut(&Session) -> bool) {
    let started = Instant::now();
    while !enough(session) {
        assert!(started.elapsed() < PATIENCE, "{what} never came");
        sleep(Duration::from_millis(1));
    }
}

pub fn is_summing(session: &Session) -> bool {
    matches!(session.state().activity, Activity::Summing(_))
}

/// More work than any test wants to wait for.
pub fn long_work(sigma: f64) -> Params {
    params(2_000_000, 2_000_000, sigma)
}

/// Work that is long enough to be interrupted, with points that are quickly made.
pub fn starts_long_work(session: &mut Session, sigma: f64) {
    session.apply(&long_work(sigma));
    until(session, "the sum", is_summing);
}

pub fn spec(size: [u32; 2], look: &Params) -> PictureSpec {
    PictureSpec {
        page: Page { size: size.map(f64::from), ..Page::default() },
        view: None,
        space: SpacePicture::default(),
        look: look.view,
        marks: None,
        split: None,
        film: Vec::new(),
    }
}
