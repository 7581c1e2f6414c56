//! Colours rasters and brings them onto the device on a thread of its own: the window shows the last one
//! until the next is there.

use std::sync::{
    Arc, Mutex, PoisonError,
    mpsc::{Receiver, Sender, channel},
};

use eframe::egui;

use crate::{
    color::Scale,
    gpu::{Gpu, GpuError, RasterDraw},
    session::Raster,
};

/// A raster and its colours.
#[derive(Clone)]
pub(super) struct RasterLook {
    pub(super) raster: Arc<Raster>,
    pub(super) scale: Scale,
    pub(super) lut: [[u8; 4]; 256],
    pub(super) dark: bool,
}

impl RasterLook {
    fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.raster, &other.raster)
            && (self.dark, &self.scale) == (other.dark, &other.scale)
            && self.lut == other.lut
    }
}

/// A raster on the device.
pub(super) struct PaintedRaster {
    pub(super) raster: Arc<Raster>,
    pub(super) draw: RasterDraw,
}

/// What the window asks of the thread.
struct Job {
    look: RasterLook,
    /// What is not shown any more, to be painted over.
    spare: Option<RasterDraw>,
}

/// The newest painted raster that the window has not taken yet.
type Finished = Arc<Mutex<Option<Result<PaintedRaster, GpuError>>>>;

/// A thread that paints rasters, and the one that is shown. The thread ends when this is dropped.
pub(super) struct RasterPainter {
    gpu: Gpu,
    /// `None` where the system gave no thread: rasters are then painted where they are asked for.
    jobs: Option<Sender<Job>>,
    finished: Finished,
    /// What was asked for last.
    asked: Option<RasterLook>,
    shown: Option<PaintedRaster>,
    spare: Option<RasterDraw>,
}

impl RasterPainter {
    /// Starts the thread; `ctx` is told when something is painted.
    pub(super) fn start(gpu: &Gpu, ctx: &egui::Context) -> Self {
        let (jobs, received) = channel();
        let finished = Finished::default();
        let (used, ctx, filled) = (gpu.clone(), ctx.clone(), Arc::clone(&finished));
        let thread = std::thread::Builder::new().name("sigmascope-raster".to_owned());
        let thread = thread.spawn(move || serve(&used, &received, &filled, &ctx));
        let jobs = thread.is_ok().then_some(jobs);
        Self { gpu: gpu.clone(), jobs, finished, asked: None, shown: None, spare: None }
    }

    /// Asks for a raster in these colours, unless it was asked for last, and takes what is painted by now;
    /// says whether that is new.
    ///
    /// # Errors
    /// When the device failed.
    pub(super) fn update(&mut self, look: &RasterLook) -> Result<bool, GpuError> {
        let finished = self.finished.lock().unwrap_or_else(PoisonError::into_inner).take();
        let is_new = finished.is_some();
        if let Some(painted) = finished {
            self.spare = self.shown.replace(painted?).map(|old| old.draw);
        }
        if !self.asked.as_ref().is_some_and(|asked| asked.is(look)) {
            self.asked = Some(look.clone());
            let job = Job { look: look.clone(), spare: self.spare.take() };
            let Some(jobs) = &self.jobs else {
                self.shown = Some(job.paint(&self.gpu)?);
                return Ok(true);
            };
            // Fails only when the thread has ended, by a panic that was told.
            let _ = jobs.send(job);
        }
        Ok(is_new)
    }

    /// The raster to be shown, if one is painted by now.
    pub(super) fn shown(&self) -> Option<&PaintedRaster> {
        self.shown.as_ref()
    }

    /// Whether what is shown is what was asked for last.
    pub(super) fn is_current(&self) -> bool {
        let of = |look: &RasterLook| Arc::as_ptr(&look.raster);
        let shown = self.shown.as_ref().map(|shown| Arc::as_ptr(&shown.raster));
        self.asked.as_ref().map(of) == shown
    }
}

impl Job {
    fn paint(self, gpu: &Gpu) -> Result<PaintedRaster, GpuError> {
        let RasterLook { raster, scale, lut, dark } = self.look;
        let size = raster.grid.size.map(|side| side as u32);
        let pixels = raster.pixels(&scale, &lut, dark);
        let draw = RasterDraw::new(gpu, &pixels, size, self.spare.as_ref())?;
        Ok(PaintedRaster { raster, draw })
    }
}

/// Paints what is asked for, the newest alone, until nobody asks any more.
fn serve(gpu: &Gpu, jobs: &Receiver<Job>, finished: &Finished, ctx: &egui::Context) {
    let mut spare = None;
    while let Ok(mut job) = jobs.recv() {
        while let Ok(newer) = jobs.try_recv() {
            job = Job { spare: newer.spare.or(job.spare), ..newer };
        }
        job.spare = job.spare.or(spare.take());
        let painted = job.paint(gpu);
        let not_taken = finished.lock().unwrap_or_else(PoisonError::into_inner).replace(painted);
        spare = not_taken.and_then(Result::ok).map(|old| old.draw);
        ctx.request_repaint();
    }
}
