//! Saves an animation, a frame at a time, whenever nothing else is requested: what is asked for meanwhile waits for
//! one picture at most.
//!
//! ```text
//!   Range(σ) …   the limits of the colours at every σ, where one range is to hold for all frames
//!   Example(k)   three frames from which the palette of a GIF file is made
//!   Frame(k) …   drawn, and written as they come
//! ```

use std::{
    collections::{BTreeMap, VecDeque},
    fs::File,
    io::BufWriter,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
    time::Instant,
};

use super::{
    Worker,
    failure::reason_of,
    problem::arranged,
    publisher::quantiles_of,
    summing::{SINGLE, reported},
};
use crate::{
    engine::{
        Accuracy, Destination, EngineError, EngineId, Limits, Plan, Progress, Request,
        SliceSeconds, go_on_if,
    },
    escape::escaped_path,
    figure::{ApngWriter, FigureError, GifWriter, ViewBox, png_of_pixels},
    gpu::{Field, GpuError, engine},
    model::{ColorBy, Normalisation, Params, Scaling, Sigma, ViewParams},
    numbers::format_number,
    sampling::shuffled,
    session::{
        Animation, AnimationFacts, AnimationFormat, AnimationProgress, Colored, Document, Motion,
        Notice, NoticeKind, Outcome, PictureSpec, Scene, Stats,
        files::{Output, WriteError, full_path},
        folder::FrameFolder,
        picture::{Frame, PictureError, draw_frame},
    },
};

/// Work that a range takes, compared with a frame: it is summed and not drawn.
const RANGE: f64 = 0.3;

/// Why a step was not done.
enum Undone {
    /// Something else is requested: it is done later.
    Later,
    /// It was ended.
    Ended,
    /// It failed.
    Failed(String),
}

macro_rules! undone_by {
    ($($error:ty),*) => {
        $(impl From<$error> for Undone {
            fn from(err: $error) -> Self {
                Self::Failed(err.to_string())
            }
        })*
    };
}
undone_by!(PictureError, FigureError, GpuError, WriteError);

/// Something to be done for an animation.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Step {
    Range(Sigma),
    Example(u32),
    Frame(u32),
}

impl Step {
    fn work(self) -> f64 {
        if matches!(self, Self::Range(_)) { RANGE } else { 1.0 }
    }
}

/// Where frames go.
enum Writer {
    Apng(Box<ApngWriter<BufWriter<File>>>, Output),
    Gif(Box<GifWriter<BufWriter<File>>>, Output),
    Folder(FrameFolder),
    /// A file whose head is not written yet: that takes the first frame.
    Unwritten(Output),
}

/// An animation under way.
pub(super) struct AnimationRun {
    animation: Animation,
    began: Instant,
    /// What is left to do; `None` before it has begun.
    steps: Option<VecDeque<Step>>,
    /// All work, and how much of it is done.
    work: [f64; 2],
    /// How frames are shown, once their limits are known.
    spec: PictureSpec,
    limits: Option<[f32; 2]>,
    /// What a curve shows in all frames.
    view: Option<ViewBox>,
    plans: BTreeMap<EngineId, Box<dyn Plan>>,
    /// The sources in the order in which stills sum them.
    order: Arc<[u32]>,
    document: Option<Document>,
    examples: Vec<Vec<u8>>,
    writer: Option<Writer>,
    facts: AnimationFacts,
    told: Vec<String>,
}

/// Does the next step of the animation under way.
pub(super) fn go_on(worker: &mut Worker) {
    let Some(mut run) = worker.animation.take() else { return };
    let stepped = catch_unwind(AssertUnwindSafe(|| run.step(worker)));
    let stepped = stepped.unwrap_or_else(|panic| {
        Err(Undone::Failed(format!("an internal error stopped it: {}", reason_of(&*panic))))
    });
    let notice = |kind, text| Notice { kind, text };
    let (notice, facts) = match stepped {
        Ok(None) | Err(Undone::Later) => {
            worker.animation = Some(run);
            return;
        }
        Ok(Some(facts)) => {
            let path = escaped_path(&full_path(&run.animation.path));
            let mut lines = vec![format!("Saved {path}")];
            lines.append(&mut run.told);
            (notice(NoticeKind::Done, lines.join("\n")), Some(facts))
        }
        Err(Undone::Ended) => {
            (notice(NoticeKind::Done, run.animation.not_saved(&"it was stopped")), None)
        }
        Err(Undone::Failed(reason)) => {
            (notice(NoticeKind::Failed, run.animation.not_saved(&reason)), None)
        }
    };
    // What is not complete is taken away before that is told.
    drop(run);
    worker.shared.update(|inner| {
        inner.jobs.finish_animation();
        inner.outcomes.extend(facts.map(Outcome::Animated));
        inner.notices.push(notice);
    });
}

/// Gives up the animation under way, for the session ends.
pub(super) fn abandon(worker: &mut Worker) {
    let Some(run) = worker.animation.take() else { return };
    let reason = if worker.gpu.is_lost() { "the device was lost" } else { "the session ended" };
    let text = run.animation.not_saved(&reason);
    drop(run);
    worker.shared.update(|inner| {
        inner.jobs.finish_animation();
        inner.notices.push(Notice { kind: NoticeKind::Failed, text });
    });
}

impl AnimationRun {
    pub(super) fn new(animation: Animation) -> Box<Self> {
        Box::new(Self {
            began: Instant::now(),
            steps: None,
            work: [0.0; 2],
            spec: animation.spec.clone(),
            limits: None,
            view: None,
            plans: BTreeMap::new(),
            order: Arc::default(),
            document: None,
            examples: Vec::new(),
            writer: None,
            facts: AnimationFacts { frames: 0, bytes: 0, sigmas: Vec::new(), range: None },
            told: Vec::new(),
            animation,
        })
    }

    /// Does the next step; once all is done, tells what was saved.
    fn step(&mut self, worker: &mut Worker) -> Result<Option<AnimationFacts>, Undone> {
        self.tell(worker)?;
        let Some(step) = self.steps.as_ref().map(|steps| steps.front().copied()) else {
            self.begin(worker)?;
            return Ok(None);
        };
        match step {
            Some(Step::Range(sigma)) => self.find_range(worker, sigma)?,
            Some(Step::Example(k)) => {
                let frame = self.frame(worker, k)?;
                self.examples.push(frame.pixels);
            }
            Some(Step::Frame(k)) => {
                let frame = self.frame(worker, k)?;
                self.write(k, frame)?;
            }
            None => return self.complete().map(Some),
        }
        if let (Some(step), Some(steps)) = (step, &mut self.steps) {
            self.work[1] += step.work();
            steps.pop_front();
        }
        Ok(None)
    }

    /// Tells how far it is.
    fn tell(&self, worker: &Worker) -> Result<(), Undone> {
        let [all, done] = self.work;
        let part = if all > 0.0 { done / all } else { 0.0 };
        let seconds = self.began.elapsed().as_secs_f64();
        let progress = AnimationProgress {
            frames: self.facts.frames,
            of: self.animation.animation.frames,
            part,
            seconds_left: (done > 1.0).then(|| seconds * (1.0 - part) / part),
        };
        let goes_on = worker.shared.update(|inner| inner.jobs.goes_on_with_animation(progress));
        if goes_on { Ok(()) } else { Err(Undone::Ended) }
    }

    /// Opens what is written to, and finds out what is to be done.
    fn begin(&mut self, worker: &Worker) -> Result<(), Undone> {
        let Animation { scene, animation, document, path, format, replace, spec } = &self.animation;
        let frames = animation.frames;
        self.writer = Some(match format {
            AnimationFormat::Folder => Writer::Folder(FrameFolder::open(path, *replace, frames)?),
            AnimationFormat::Apng | AnimationFormat::Gif => {
                Writer::Unwritten(Output::open(path, *replace)?)
            }
        });
        if *format == AnimationFormat::Gif {
            self.told.push("GIF carries no session: it cannot be opened again".to_owned());
        } else if let Some(document) = document {
            let params = Params { view: spec.look, ..scene.params.clone() };
            let page = Some(spec.page.clone());
            let document = document.document(params, Some(scene), &worker.gpu, page);
            match document.json() {
                Ok(_) => self.document = Some(document),
                Err(err) => self.told.push(format!("it cannot be opened again: {err}")),
            }
        }
        self.order = shuffled(scene.prepared.points.m(), scene.params.seed).into();
        let sigmas: Vec<Sigma> = (0..frames).filter_map(|k| animation.sigma(k)).collect();
        self.facts.sigmas = sigmas.iter().map(|sigma| sigma.get()).collect();
        let mut steps = VecDeque::new();
        if animation.one_range && !sigmas.is_empty() {
            let ranges = sigmas_for_range(scene, &spec.look, sigmas);
            steps.extend(ranges.into_iter().map(Step::Range));
        }
        if *format == AnimationFormat::Gif {
            let mut examples = vec![0, frames / 2, frames - 1];
            examples.dedup();
            steps.extend(examples.into_iter().map(Step::Example));
        }
        steps.extend((0..frames).map(Step::Frame));
        self.work[0] = steps.iter().map(|step| step.work()).sum();
        self.steps = Some(steps);
        Ok(())
    }

    /// Widens the limits of the colours by what they would be at σ.
    fn find_range(&mut self, worker: &mut Worker, sigma: Sigma) -> Result<(), Undone> {
        let scene = self.scene_at(worker, sigma)?;
        let look = &self.animation.spec.look;
        if scene.shown.is_line() && self.animation.spec.view.is_none() {
            let most = scene.most();
            self.view = Some(self.view.map_or(most, |view| view.union(&most)));
        }
        if can_fix(&scene, look) {
            let scale = scene.scale(look);
            let found = [scale.low, scale.high];
            self.limits = Some(
                self.limits
                    .map_or(found, |limits| [limits[0].min(found[0]), limits[1].max(found[1])]),
            );
        }
        self.spec.view = self.view.or(self.animation.spec.view);
        let fixed = ViewParams { clip: self.limits.or(look.clip), ..*look };
        if fixed.clip_is_legal() {
            self.spec.look = fixed;
        }
        self.facts.range = self.spec.look.clip;
        Ok(())
    }

    /// The scene at another σ, with all that a still of it would have.
    fn scene_at(&mut self, worker: &mut Worker, sigma: Sigma) -> Result<Scene, Undone> {
        let base = Arc::clone(&self.animation.scene);
        let params = Params { sigma: Some(sigma), ..base.params.clone() };
        let (field, stats) = self.sum(worker, &params, sigma)?;
        let gpu = &worker.gpu;
        let colored = if base.colored.by.column().is_some() {
            base.colored.clone()
        } else {
            Colored::of(base.colored.by.clone(), field.clone())
        };
        let mut scene = Scene {
            params,
            field,
            colored,
            stats,
            histogram: None,
            completeness: 1.0,
            dots: Arc::default(),
            ..Scene::clone(&base)
        };
        let look = &self.animation.spec.look;
        if scene.colored.quantiles.is_none()
            && (scene.colored.by == ColorBy::Rank || look.needs_ranks())
        {
            scene.colored.quantiles = quantiles_of(gpu, &scene)?;
        }
        if look.order.goes_by_value() {
            let values = scene.field.read(gpu)?;
            if let Some(places) = arranged(gpu, &scene.shown, look.order, &values)? {
                scene.places = places;
            }
        }
        Ok(scene)
    }

    /// The field at σ, as a still would have it.
    fn sum(
        &mut self,
        worker: &mut Worker,
        params: &Params,
        sigma: Sigma,
    ) -> Result<(Field, Stats), Undone> {
        let scene = &self.animation.scene;
        let points = &scene.prepared.points;
        let (id, why) = worker.choose(params.engine, points, sigma);
        let gpu = worker.gpu.clone();
        let engine = engine(id, Some(&gpu), params.tolerance)
            .ok_or_else(|| Undone::Failed(format!("there is no engine {id}")))?;
        let error_bound = engine.tolerance().max(SINGLE);
        let slice = SliceSeconds(worker.shared.slice_seconds());
        let mut follow = |_: Progress| {
            worker.serve_jobs(false);
            go_on_if(!is_wanted_elsewhere(worker))
        };
        let mut plan = if let Some(plan) = self.plans.remove(&id) {
            plan
        } else {
            let order = Some(Arc::clone(&self.order));
            let limits = Limits { order, slice, ..Limits::default() };
            let planned = engine.plan(points, &limits, &mut follow);
            planned.map_err(|err| undone(worker, err))?
        };
        let weight = points.sources().total_weight();
        let request = Request {
            sigma,
            accuracy: Accuracy::Full(params.tolerance),
            chunk: params.chunk.resolve(points.m()),
            factor: scene.prepared.factor(params.normalisation, weight, sigma),
            destination: Destination::Anywhere,
            slice: Some(slice),
        };
        let started = Instant::now();
        let mut follow = |_: Progress| {
            worker.serve_jobs(false);
            go_on_if(!is_wanted_elsewhere(worker))
        };
        let summed = plan.execute(&request, &mut follow);
        if !gpu.is_lost() {
            self.plans.insert(id, plan);
        }
        let summed = summed.map_err(|err| undone(worker, err))?;
        let seconds = started.elapsed().as_secs_f64().max(1e-9);
        let stats = Stats {
            engine: id,
            why,
            seconds,
            pairs_per_second: points.n() as f64 * points.m() as f64 / seconds,
            error_bound,
            draft: false,
            how: None,
            on_device: id == EngineId::Gpu,
            device_seconds: None,
        };
        Ok((Field::of(&gpu, summed.values)?, reported(stats, summed.report)))
    }

    /// Draws frame `k`.
    fn frame(&mut self, worker: &mut Worker, k: u32) -> Result<Frame, Undone> {
        let animation = self.animation.animation;
        let scene = match animation.sigma(k) {
            Some(sigma) => Arc::new(self.scene_at(worker, sigma)?),
            None => Arc::clone(&self.animation.scene),
        };
        let spec = PictureSpec {
            space: animation.space(&self.animation.spec.space, k),
            ..self.spec.clone()
        };
        let document = self.document_of(&scene, &spec)?;
        Ok(draw_frame(&worker.gpu, &scene, &spec, document.as_deref())?)
    }

    /// The document of a frame: that of a still.
    fn document_of(&mut self, scene: &Scene, spec: &PictureSpec) -> Result<Option<String>, Undone> {
        let is_file = self.animation.format == AnimationFormat::Apng;
        if is_file && self.facts.frames > 0 {
            return Ok(None);
        }
        let Some(document) = &mut self.document else { return Ok(None) };
        document.params.view = spec.look;
        if let Motion::Sweep(_) = self.animation.animation.motion {
            document.params.sigma = scene.params.sigma;
            if let Some(computed) = &mut document.computed {
                computed.engine = scene.stats.engine.to_string();
                computed.on_device = scene.stats.on_device;
                computed.sigma = Some(scene.sigma().get());
                computed.error_bound =
                    Some(scene.stats.error_bound).filter(|bound| bound.is_finite());
                computed.error_measured = None;
            }
        }
        document.space = spec.space.viewport;
        document.direction = spec.space.direction.map(|at| (at.yaw, at.pitch, at.distance));
        document.json().map(Some).map_err(|err| Undone::Failed(err.to_string()))
    }

    /// Writes frame `k`.
    fn write(&mut self, k: u32, frame: Frame) -> Result<(), Undone> {
        let Frame { figure, layout, pixels, mut metadata, told } = frame;
        let animation = self.animation.animation;
        if k == 0 {
            self.told.extend(told);
        }
        let writer = self.writer.take();
        let writer = match writer {
            Some(Writer::Unwritten(output)) => {
                let file = BufWriter::with_capacity(1 << 20, output.file()?);
                if self.animation.format == AnimationFormat::Gif {
                    let examples = std::mem::take(&mut self.examples);
                    let gif = GifWriter::new(file, &figure, &layout, &examples, animation.rate)?;
                    Writer::Gif(Box::new(gif), output)
                } else {
                    for (name, text) in &mut metadata {
                        if *name == "Title" || *name == "Description" {
                            *text = format!("{text}; an animation, {}", animation.told());
                        }
                    }
                    let transparent = figure.transparent;
                    let apng = ApngWriter::new(
                        file,
                        &layout,
                        transparent,
                        &metadata,
                        animation.frames,
                        animation.rate,
                    )?;
                    Writer::Apng(Box::new(apng), output)
                }
            }
            Some(writer) => writer,
            None => return Err(Undone::Failed("there is nothing to write to".to_owned())),
        };
        let writer = self.writer.insert(writer);
        match writer {
            Writer::Apng(apng, _) => apng.write(pixels)?,
            Writer::Gif(gif, _) => gif.write(pixels)?,
            Writer::Folder(folder) => {
                let bytes = png_of_pixels(&figure, &layout, &pixels, &metadata)?;
                folder.write(k, &bytes)?;
                self.facts.bytes += bytes.len() as u64;
            }
            Writer::Unwritten(_) => {}
        }
        self.facts.frames += 1;
        Ok(())
    }

    /// Puts what was written in its place.
    fn complete(&mut self) -> Result<AnimationFacts, Undone> {
        let output = match self.writer.take() {
            Some(Writer::Apng(apng, output)) => {
                apng.finish()?;
                Some(output)
            }
            Some(Writer::Gif(gif, output)) => {
                gif.finish()?;
                Some(output)
            }
            Some(Writer::Folder(folder)) => {
                folder.complete()?;
                None
            }
            Some(Writer::Unwritten(_)) | None => {
                return Err(Undone::Failed("there are no frames".to_owned()));
            }
        };
        if let Some(output) = output {
            let size = output.file()?.metadata().map_err(|err| output.failed(err))?.len();
            self.facts.bytes = size;
            output.complete()?;
        }
        let animation = self.animation.animation;
        let number = |value: f64| format_number(value, 4);
        self.told.insert(
            0,
            format!(
                "{} frames in {} s, {}, {}",
                self.facts.frames,
                number(animation.seconds()),
                animation.told(),
                bytesize::ByteSize(self.facts.bytes)
            ),
        );
        if animation.one_range
            && !self.facts.sigmas.is_empty()
            && self.facts.range.is_none()
            && self.animation.scene.colored.by.column().is_none()
        {
            self.told.push("colours show ranks, which have no range for all frames".to_owned());
        }
        let scene = &self.animation.scene;
        let is_own = scene.prepared.points.dim() > 2 || scene.colored.by.column().is_some();
        if animation.one_range
            && !self.facts.sigmas.is_empty()
            && self.spec.look.raster
            && scene.shown.is_plane()
            && is_own
        {
            let told = "the raster has colours of its own, whose range is that of each frame";
            self.told.push(told.to_owned());
        }
        Ok(self.facts.clone())
    }
}

/// Whether something else is to be done before an animation goes on, or it is to end.
fn is_wanted_elsewhere(worker: &Worker) -> bool {
    let inner = worker.shared.lock();
    inner.requests.has_pending() || inner.requests.is_closed() || inner.jobs.ends_animation()
}

/// Why a sum ended.
fn undone(worker: &Worker, err: EngineError) -> Undone {
    match err {
        EngineError::Stopped if worker.shared.lock().jobs.ends_animation() => Undone::Ended,
        EngineError::Stopped => Undone::Later,
        err => Undone::Failed(err.to_string()),
    }
}

/// Whether colours can have one range over all frames: they show f by its value, and nothing fixes it yet.
fn can_fix(scene: &Scene, look: &ViewParams) -> bool {
    let by_value = scene.colored.by == ColorBy::Field && look.scaling != Scaling::Equalised;
    by_value && look.clip.is_none()
}

/// At which σ the values are looked at for one range: at both ends where f grows with σ at every target, and so does
/// the range.
fn sigmas_for_range(scene: &Scene, look: &ViewParams, mut sigmas: Vec<Sigma>) -> Vec<Sigma> {
    if !can_fix(scene, look) && !scene.shown.is_line() {
        return Vec::new();
    }
    sigmas.sort_by(|a, b| a.get().total_cmp(&b.get()));
    sigmas.dedup();
    let grows = scene.params.normalisation != Normalisation::Density
        && !scene.prepared.points.sources().has_negative_weights();
    let ends = look.percentile.is_none() && look.scaling != Scaling::Log;
    if grows && ends && sigmas.len() > 2 {
        sigmas.drain(1..sigmas.len() - 1);
    }
    sigmas
}
