//! A record of every frame, to measure the window's speed: a CSV file, written on a thread of its
//! own.

use std::{
    path::Path,
    sync::mpsc::{Sender, channel},
    time::{Duration, Instant},
};

use serde::Serialize;

use crate::{
    gpu::ObjectCounts,
    session::{Activity, State},
};

/// One frame. Times are in seconds.
#[derive(Debug, Serialize)]
#[expect(clippy::struct_excessive_bools, reason = "each is a column of its own")]
struct FrameRecord {
    /// When the frame began, since the log was opened.
    at: f64,
    /// How long the program's own code took, without egui's painting.
    took: f64,
    /// Counts the windows that were opened: more than one after a device was lost.
    window: u32,
    /// Whether the worker was computing.
    busy: bool,
    /// σ of the picture, and how much of the sources was in it.
    sigma: f64,
    completeness: f64,
    /// Number of targets in the picture.
    n: usize,
    /// How many of them the last frame drew.
    drawn: usize,
    /// Tells one picture from another within a window.
    version: u64,
    /// Whether the picture is complete and shows the requested parameters.
    current: bool,
    /// Whether its field is a draft: computed with less accuracy while something is dragged.
    draft: bool,
    /// Whether the criteria for σ have been computed completely for these points.
    advised: bool,
    /// Counts the rasters that were drawn, and tells whether the last one is of the field and the view, in
    /// full.
    rasters: u64,
    raster_full: bool,
    /// σ of the contours that are drawn, or 0.
    contours: f64,
    /// How long the newest request waited for the work before it to stop.
    waited: f64,
    /// Objects on the device.
    buffers: isize,
    texture_views: isize,
    bind_groups: isize,
    pipelines: isize,
}

/// Records the frames of a window in a file; clones write to the same file.
#[derive(Clone, Debug)]
pub struct FrameLog {
    sender: Sender<FrameRecord>,
    opened: Instant,
    window: u32,
}

impl FrameLog {
    /// Begins a record in a new file.
    ///
    /// # Errors
    /// When the file cannot be made.
    pub fn create(path: &Path) -> std::io::Result<Self> {
        let mut writer = csv::Writer::from_path(path)?;
        let (sender, frames) = channel::<FrameRecord>();
        std::thread::Builder::new().name("sigmascope-frames".to_owned()).spawn(move || {
            for frame in frames {
                // Whoever measures reads while the window is open.
                if let Err(err) = writer.serialize(frame).and_then(|()| Ok(writer.flush()?)) {
                    log::error!("the frame log ends: {err}");
                    return;
                }
            }
        })?;
        Ok(Self { sender, opened: Instant::now(), window: 0 })
    }

    /// The record for the next window.
    pub(super) fn next_window(&self) -> Self {
        Self { window: self.window + 1, ..self.clone() }
    }

    /// Records a frame that began at `began`; `drawn` is how many targets were drawn, if not all;
    /// then how many rasters were drawn, and whether the last one is the newest.
    pub(super) fn record(
        &self,
        began: Instant,
        state: &State,
        current: bool,
        drawn: Option<usize>,
        (rasters, is_newest): (u64, bool),
        counts: ObjectCounts,
    ) {
        let ObjectCounts { buffers, texture_views, bind_groups, pipelines } = counts;
        let scene = state.scene.as_deref();
        let seconds = |duration: Duration| duration.as_secs_f64();
        let n = scene.map_or(0, |scene| scene.field.n());
        let frame = FrameRecord {
            at: seconds(began.saturating_duration_since(self.opened)),
            took: seconds(began.elapsed()),
            window: self.window,
            busy: state.activity != Activity::Idle,
            sigma: scene.map_or(0.0, |scene| scene.sigma().get()),
            completeness: scene.map_or(0.0, |scene| scene.completeness),
            n,
            drawn: drawn.unwrap_or(n),
            version: scene.map_or(0, |scene| scene.version),
            current,
            draft: scene.is_some_and(|scene| scene.stats.draft),
            advised: state.advice().is_some_and(|advice| advice.is_complete),
            rasters,
            raster_full: state.density().is_some_and(|density| {
                !density.draft
                    && is_newest
                    && scene.is_some_and(|scene| scene.sigma() == density.sigma)
            }),
            contours: state.contours().map_or(0.0, |contours| contours.sigma.get()),
            waited: seconds(state.waited),
            buffers,
            texture_views,
            bind_groups,
            pipelines,
        };
        // This fails only after the writer failed, which has been logged.
        let _ = self.sender.send(frame);
    }
}
