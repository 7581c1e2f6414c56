//! Saves animations as the dialog says, and shows how far that is.

use std::path::PathBuf;

use eframe::egui::{
    Align, Align2, Area, Button, Context, Frame, Id, Label, Layout, Order, ProgressBar,
};

use super::{
    super::{Command, save_animation::save_animation_ui, style::accent},
    Window,
};
use crate::{
    model::Params,
    numbers::format_number,
    session::{
        Animation, AnimationFormat, AnimationProgress, AnimationSpec, Drawn, Job, PageChoice,
        PictureFormat, command_line, files::Replace,
    },
};

/// Width of what shows how far an animation is, in logical pixels.
const WIDTH: f32 = 440.0;

impl Window {
    /// Asks what is to be saved: the range of the animation on screen, or a turn where points lie in space.
    pub(super) fn ask_for_animation(&mut self) {
        let ends = self.play.ends(self.sigma());
        let in_space = self.is_in_space();
        self.save_animation.open(ends, in_space);
    }

    /// Draws the dialog, if it is open.
    pub(super) fn animation_dialog(&mut self, ctx: &Context) -> Option<Command> {
        if !self.save_animation.destination.open {
            return None;
        }
        let (screen, in_space) = (Self::screen(ctx), self.is_in_space());
        let mut state = std::mem::take(&mut self.save_animation);
        let command = save_animation_ui(ctx, &mut state, screen, in_space, |choice, path| {
            let scene = self.scene();
            let labels = scene.map(|scene| scene.shown.labels3()).unwrap_or_default();
            let dim = scene.map(|scene| scene.prepared.points.dim());
            // A sweep has σ of its own.
            let params = Params { sigma: None, ..self.params.clone() };
            let (on_screen, page) = (&self.on_screen(), choice.flags(screen));
            let drawn = Drawn { params: &params, on_screen, page, dim, labels: &labels };
            command_line(&drawn, path)
        });
        self.save_animation = state;
        command
    }

    /// Saves an animation of the plot on screen.
    pub(super) fn start_animation(
        &mut self,
        ctx: &Context,
        path: PathBuf,
        animation: AnimationSpec,
        choice: &PageChoice,
        replace: Replace,
    ) {
        self.save_animation.destination.open = false;
        self.preferences.remember_folder_of(ctx, &path);
        // What plays takes the turns that saving needs.
        self.play.stop();
        // The dialog has refused what makes no sense.
        let Some(format) = AnimationFormat::of(&path) else { return };
        let Ok(page) = choice.page(Self::screen(ctx), PictureFormat::Png) else { return };
        let Some((scene, mut spec)) = self.picture_on(page) else { return };
        // It would stand still on one side.
        spec.split = None;
        let document = Some(self.saved_with(choice.paths()));
        let job = Animation { scene, spec, animation, document, path, format, replace };
        self.session.jobs().add(Job::Animate(Box::new(job)));
    }

    /// Shows how far an animation is that is being saved.
    pub(super) fn animation_progress(&self, ctx: &Context) -> Option<Command> {
        let AnimationProgress { frames, of, part, seconds_left } =
            self.session.jobs().animation()?;
        let left = seconds_left.map_or_else(String::new, |seconds| {
            format!(", {} s left", format_number(seconds.ceil(), 6))
        });
        let text = if of == 0 {
            "Saving an animation once the sum is done".to_owned()
        } else {
            format!("Saving an animation: {frames} of {of} frames{left}")
        };
        let area = Area::new(Id::unique("animation")).order(Order::Foreground);
        let area = area.anchor(Align2::RIGHT_BOTTOM, [-12.0, -40.0]);
        let shown = area.show(ctx, |ui| {
            let frame = Frame::popup(ui.style());
            let drawn = frame.show(ui, |ui| {
                // Of one width, so that the button stays where it is while the numbers change.
                ui.set_width(WIDTH.min(ctx.content_rect().width() - 40.0));
                ui.horizontal(|ui| {
                    let from_right = Layout::right_to_left(Align::Center);
                    ui.with_layout(from_right, |ui| {
                        let stop = ui.add(Button::new("Cancel").small());
                        let bar = ProgressBar::new(part as f32).desired_width(90.0);
                        ui.add(bar.fill(accent(ui.visuals().dark_mode)));
                        ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                            ui.add(Label::new(text).truncate());
                        });
                        stop.on_hover_text("Nothing of it stays (Esc)").clicked()
                    })
                    .inner
                })
                .inner
            });
            drawn.inner
        });
        shown.inner.then_some(Command::StopAnimation)
    }
}
