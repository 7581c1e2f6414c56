//! Receives what comes to the window from the worker, from dialogs and from the system.

use std::{
    path::PathBuf,
    sync::{Arc, PoisonError},
};

use eframe::egui::{ColorImage, Context};

use super::{
    super::{
        Picked,
        drawing::{Colors, Drawing},
    },
    Window,
};
use crate::{
    gpu::GpuError,
    model::Input,
    session::{Job, Notice, NoticeKind, Outcome},
};

impl Window {
    /// Takes in what came from the worker, the dialogs and the system.
    pub(super) fn receive(&mut self, ctx: &Context) {
        self.state = self.session.state();
        if self.state.rejected {
            // The request was refused: the parameters return to what they were.
            self.return_from_refusal();
            self.keep();
            self.state = self.session.state();
        }
        self.end_opening(ctx);
        self.compare_then();
        self.note_points(ctx);
        self.finish_copy(ctx);
        for notice in self.session.take_notices() {
            self.notices.push(notice);
        }
        for outcome in self.session.jobs().take_outcomes() {
            match outcome {
                Outcome::Picture { rgba, size } => {
                    let size = size.map(|side| side as usize);
                    ctx.copy_image(ColorImage::from_rgba_unmultiplied(size, &rgba));
                }
                Outcome::Preview(drawn) => self.save.preview.receive(ctx, drawn),
                Outcome::Text(text) => ctx.copy_text(text),
                Outcome::Rows(rows) => self.columns.receive(*rows),
                Outcome::Document(restored) => self.receive_document(ctx, *restored),
                Outcome::Gone(files) => self.gone = files,
                // A message tells it.
                Outcome::Animated(_) => {}
                Outcome::Difference(scene) => {
                    if let Some(split) = &mut self.plot.split {
                        split.difference = Some(scene);
                    }
                }
            }
        }
        match self.picker.picked() {
            Some(Picked::Points(path)) => self.load(path, None),
            Some(Picked::Sources(path)) => {
                self.begin_opening(Some(path.clone()));
                if let Input::Files { sources, .. } = &mut self.params.input {
                    *sources = Some(path);
                    self.params.m = None;
                }
            }
            Some(Picked::Session(path)) => self.save_session.destination.chosen(&path),
            Some(Picked::Animation(path)) => self.save_animation.destination.chosen(&path),
            Some(Picked::Picture(path)) => self.save.destination.chosen(&path),
            Some(Picked::Table(path)) if self.compare.save.destination.open => {
                self.compare.save.destination.chosen(&path);
            }
            Some(Picked::Table(path)) => self.save_table.destination.chosen(&path),
            None => {}
        }
        let dropped: Vec<PathBuf> = ctx
            .input(|i| i.raw.dropped_files.iter().map(|file| file.path().to_path_buf()).collect());
        match &dropped[..] {
            [] => {}
            [file] => self.load(file.clone(), None),
            // Whether they are targets and sources or one cloud is asked.
            _ => self.dropped = dropped,
        }
        let shot = self.screenshot.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(image) = shot {
            self.save_window(image);
        }
        self.prepare_drawing();
    }

    /// Makes the GPU objects that the newest scene needs.
    fn prepare_drawing(&mut self) {
        let Some(scene) = self.state.scene.clone() else { return };
        // A comparison with other points or another normalisation ends.
        self.plot.split.take_if(|split| !split.is_comparable_with(&scene));
        if let Some(split) = &mut self.plot.split
            && let Some(versions) = split.wants_difference(&scene)
        {
            split.asked = Some(versions);
            let (kept, from) = (Arc::clone(&split.scene), Arc::clone(&scene));
            self.session.jobs().add(Job::Subtract { kept, from });
        }
        let Some(scene) = self.shown_scene().cloned() else { return };
        let Some(scale) = self.scale() else { return };
        let colors = Colors::of_dots(&scene, &self.params.view, &scale);
        let marks = self.state.selection.marks(&scene).cloned();
        let marks = marks.as_ref();
        if let Some(split) = &mut self.plot.split
            && let Err(err) = split.color(self.session.gpu(), colors.clone(), marks)
        {
            self.tell_failure(&err);
        }
        if !self.params.view.dots {
            self.drawing = None;
            return;
        }
        let current = self.drawing.as_ref();
        if current.is_some_and(|drawing| drawing.is_of(&scene, &colors, marks)) {
            return;
        }
        match Drawing::new(self.session.gpu(), &scene, colors, marks, current) {
            Ok(drawing) => self.drawing = Some(drawing),
            Err(err) => self.tell_failure(&err),
        }
    }

    /// Shows a message that the device failed.
    pub(super) fn tell_failure(&mut self, err: &GpuError) {
        self.notices.push(Notice { kind: NoticeKind::Failed, text: err.to_string() });
    }
}
