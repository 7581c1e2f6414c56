//! Compares two σ: a line that can be dragged divides the plot between a kept field, A, and the
//! present one, B.
//!
//! ```text
//!        A: σ = 0.1 ┃ B: σ = 0.4
//!     kept field    ┃   present field
//! ```
//!
//! They can be shown in two plots of one view too, or as their difference.
//!
//! Both have the same points and colours. A click in the plot swaps the sides, so that the place
//! under the pointer is seen with one σ and with the other.

use std::sync::Arc;

use eframe::egui::{
    self, Align2, CornerRadius, CursorIcon, Rect, Role, Sense, Stroke, StrokeKind, TextStyle, Ui,
    UiBuilder, WidgetInfo, pos2, vec2,
};

use super::{
    super::{
        drawing::{Colors, Drawing},
        style::accent,
    },
    PlotState,
    raster_painter::RasterPainter,
};
use crate::{
    gpu::{Gpu, GpuError, Layer},
    model::Params,
    numbers::format_number,
    session::{PictureSplit, Raster, Scene, SplitPlace, TargetMarks, side_name},
};

/// The line can be dragged from this near, in logical pixels.
const REACH: f32 = 6.0;

/// How two fields are shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::app) enum SplitMode {
    /// On the two sides of a line in one plot.
    #[default]
    Curtain,
    /// In two plots of the same view.
    Panels,
    /// As one difference in one plot.
    Difference,
}

impl SplitMode {
    const ALL: [Self; 3] = [Self::Curtain, Self::Panels, Self::Difference];

    fn label(self) -> &'static str {
        match self {
            Self::Curtain => "Curtain",
            Self::Panels => "Side by side",
            Self::Difference => "Difference",
        }
    }

    /// The one that follows, round and round.
    pub(in crate::app) fn next(self) -> Self {
        match self {
            Self::Curtain => Self::Panels,
            Self::Panels => Self::Difference,
            Self::Difference => Self::Curtain,
        }
    }
}

/// The kept field, and where the line is.
pub(in crate::app) struct SplitView {
    /// The scene with the kept field.
    pub(in crate::app) scene: Arc<Scene>,
    pub(super) drawing: Drawing,
    pub(super) layer: Option<Layer>,
    /// How both are shown.
    pub(in crate::app) mode: SplitMode,
    /// The plot of the kept field, where it has one of its own.
    pub(in crate::app) kept_plot: Option<Box<PlotState>>,
    /// The difference, once it is computed, and the versions that it was asked for last.
    pub(in crate::app) difference: Option<Arc<Scene>>,
    pub(in crate::app) asked: Option<[u64; 2]>,
    /// The raster of the kept field, where one was shown, and as it was drawn last.
    pub(in crate::app) raster: Option<Arc<Raster>>,
    pub(super) drawn_raster: Option<RasterPainter>,
    /// Where the line is, as a part of the plot's width.
    at: f32,
    /// Whether the kept field is on the right.
    swapped: bool,
}

impl SplitView {
    /// Keeps the field of `scene`, on the left half of the plot.
    ///
    /// # Errors
    /// When the device fails.
    pub(in crate::app) fn new(
        gpu: &Gpu,
        scene: Arc<Scene>,
        colors: Colors,
    ) -> Result<Self, GpuError> {
        let drawing = Drawing::new(gpu, &scene, colors, None, None)?;
        Ok(Self {
            scene,
            drawing,
            layer: None,
            mode: SplitMode::default(),
            kept_plot: None,
            difference: None,
            asked: None,
            raster: None,
            drawn_raster: None,
            at: 0.5,
            swapped: false,
        })
    }

    /// Changes the colours of the kept field, and which of its dots are marked.
    ///
    /// # Errors
    /// When the device fails.
    pub(in crate::app) fn color(
        &mut self,
        gpu: &Gpu,
        colors: Colors,
        marks: Option<&Arc<TargetMarks>>,
    ) -> Result<(), GpuError> {
        if !self.drawing.is_of(&self.scene, &colors, marks) {
            self.drawing = Drawing::new(gpu, &self.scene, colors, marks, None)?;
        }
        Ok(())
    }

    /// Whether the kept field can be compared with `scene`: the same points in the same projection, the
    /// same normalisation, and colours that show the same.
    pub(in crate::app) fn is_comparable_with(&self, scene: &Scene) -> bool {
        let held = &*self.scene;
        let dim = held.prepared.points.dim();
        let kind = |params: &Params| (params.normalisation, params.projection.within(dim));
        held.colored.by == scene.colored.by
            && Arc::ptr_eq(&held.prepared.points, &scene.prepared.points)
            && kind(&held.params) == kind(&scene.params)
    }

    /// What a picture of `now` shows on the side of the kept field; nothing where the difference is shown.
    pub(in crate::app) fn picture(&self, now: &Scene) -> Option<PictureSplit> {
        let at = match self.mode {
            SplitMode::Curtain => self.at,
            // Of two plots each shows all of the view: in one, each has a half.
            SplitMode::Panels => 0.5,
            SplitMode::Difference => return None,
        };
        let swapped = self.swapped && self.mode == SplitMode::Curtain;
        let place = SplitPlace { at, swapped, difference: false };
        let picture = PictureSplit::new(Arc::clone(&self.scene), now, place);
        Some(PictureSplit { of_two_plots: self.mode == SplitMode::Panels, ..picture })
    }

    /// How both are shown, for a document.
    pub(in crate::app) fn place(&self) -> SplitPlace {
        match self.mode {
            SplitMode::Curtain => {
                SplitPlace { at: self.at, swapped: self.swapped, difference: false }
            }
            SplitMode::Panels => SplitPlace::default(),
            SplitMode::Difference => SplitPlace { difference: true, ..SplitPlace::default() },
        }
    }

    /// Shows both as a document says.
    pub(in crate::app) fn restore(&mut self, place: SplitPlace) {
        (self.at, self.swapped) = (place.at, place.swapped);
        self.mode = if place.difference { SplitMode::Difference } else { SplitMode::Curtain };
    }

    /// Swaps the sides.
    pub(super) fn swap(&mut self) {
        self.swapped = !self.swapped;
    }

    fn line(&self, frame: Rect) -> f32 {
        frame.left() + self.at * frame.width()
    }

    /// The parts of `frame` that show the kept field and the present one.
    pub(super) fn sides(&self, frame: Rect) -> [Rect; 2] {
        if self.mode != SplitMode::Curtain {
            return [Rect::NOTHING, frame];
        }
        let x = self.line(frame);
        let left = Rect::from_min_max(frame.min, pos2(x, frame.bottom()));
        let right = Rect::from_min_max(pos2(x, frame.top()), frame.max);
        if self.swapped { [right, left] } else { [left, right] }
    }

    /// The scene to show instead of `now`: the difference, where that is what is shown.
    pub(in crate::app) fn shown<'a>(&'a self, now: &'a Arc<Scene>) -> &'a Arc<Scene> {
        match (self.mode, &self.difference) {
            (SplitMode::Difference, Some(difference)) => difference,
            _ => now,
        }
    }

    /// What the difference is to be of, if it is to be shown and is of something else.
    pub(in crate::app) fn wants_difference(&self, now: &Scene) -> Option<[u64; 2]> {
        let versions = [self.scene.version, now.version];
        let is_wanted = self.mode == SplitMode::Difference && self.asked != Some(versions);
        (is_wanted && now.is_complete()).then_some(versions)
    }

    /// Draws the names of what is shown, and the choice of how; `now` is the present scene.
    pub(super) fn names_ui(&mut self, ui: &mut Ui, frame: Rect, now: &Scene) {
        self.mode_ui(ui, frame);
        match self.mode {
            SplitMode::Curtain => self.line_ui(ui, frame, now),
            SplitMode::Panels => {
                let at = pos2(frame.center().x, frame.top() + 10.0);
                side_ui(ui, frame, &side_name("B", now), Align2::CENTER_TOP, at);
            }
            SplitMode::Difference => {
                let sigma = |scene: &Scene| format_number(scene.sigma().get(), 4);
                let text = format!("B − A: σ = {} less σ = {}", sigma(now), sigma(&self.scene));
                let at = pos2(frame.center().x, frame.top() + 10.0);
                side_ui(ui, frame, &text, Align2::CENTER_TOP, at);
            }
        }
    }

    /// How both fields are shown, to choose.
    fn mode_ui(&mut self, ui: &mut Ui, frame: Rect) {
        let size = vec2(frame.width().min(264.0), 24.0);
        let at = pos2(frame.center().x - 0.5 * size.x, frame.bottom() - 32.0);
        let rect = Rect::from_min_size(at, size);
        let visuals = ui.visuals();
        let fill = visuals.window_fill.gamma_multiply(0.92);
        ui.painter().rect(rect.expand(3.0), 4.0, fill, visuals.window_stroke, StrokeKind::Inside);
        ui.scope_builder(UiBuilder::new().max_rect(rect), |ui| {
            ui.horizontal(|ui| {
                for mode in SplitMode::ALL {
                    let hint = "How A and B are shown (Shift+H for the next)";
                    ui.selectable_value(&mut self.mode, mode, mode.label()).on_hover_text(hint);
                }
            });
        });
    }

    /// Draws the line, which can be dragged, and the names of both sides; `now` is the present
    /// scene.
    fn line_ui(&mut self, ui: &Ui, frame: Rect, now: &Scene) {
        let grip = Rect::from_x_y_ranges(
            self.line(frame) - REACH..=self.line(frame) + REACH,
            frame.y_range(),
        );
        let response = ui.interact(grip, ui.scope_id().with("split"), Sense::drag());
        if response.dragged()
            && let Some(pointer) = response.interact_pointer_pos()
        {
            self.at = ((pointer.x - frame.left()) / frame.width().max(1.0)).clamp(0.0, 1.0);
        }
        response
            .widget_info(|| WidgetInfo::slider(true, f64::from(self.at), "Line between A and B"));
        let active = response.hovered() || response.dragged();
        if active {
            ui.ctx().set_cursor_icon(CursorIcon::ResizeHorizontal);
        }
        let x = self.line(frame);
        let visuals = ui.visuals();
        let painter = ui.painter().with_clip_rect(frame);
        let ink = if active { accent(visuals.dark_mode) } else { visuals.strong_text_color() };
        painter.vline(x, frame.y_range(), Stroke::new(4.0, visuals.extreme_bg_color));
        painter.vline(x, frame.y_range(), Stroke::new(1.5, ink));
        let handle = Rect::from_center_size(pos2(x, frame.center().y), vec2(8.0, 36.0));
        let round = CornerRadius::same(4);
        painter.rect(
            handle,
            round,
            ink,
            Stroke::new(1.5, visuals.extreme_bg_color),
            StrokeKind::Outside,
        );

        let (a, b) = (side_name("A", &self.scene), side_name("B", now));
        let [left, right] = if self.swapped { [&b, &a] } else { [&a, &b] };
        let y = frame.top() + 10.0;
        side_ui(ui, frame, left, Align2::RIGHT_TOP, pos2(x - 10.0, y));
        side_ui(ui, frame, right, Align2::LEFT_TOP, pos2(x + 10.0, y));
    }
}

/// Names the kept field in its own plot.
pub(in crate::app) fn kept_name_ui(ui: &Ui, frame: Rect, kept: &Scene) {
    let at = pos2(frame.center().x, frame.top() + 10.0);
    side_ui(ui, frame, &side_name("A", kept), Align2::CENTER_TOP, at);
}

/// Draws the name of one side, next to the line.
fn side_ui(ui: &Ui, frame: Rect, text: &str, align: Align2, at: egui::Pos2) {
    let visuals = ui.visuals();
    let font = TextStyle::Body.resolve(ui.style());
    let galley = ui.painter().layout_no_wrap(text.to_owned(), font, visuals.text_color());
    let rect = align.anchor_size(at, galley.size() + vec2(14.0, 6.0));
    let painter = ui.painter().with_clip_rect(frame);
    let fill = visuals.window_fill.gamma_multiply(0.92);
    painter.rect(rect, 4.0, fill, visuals.window_stroke, StrokeKind::Inside);
    painter.galley(rect.min + vec2(7.0, 3.0), galley, visuals.text_color());
    let response = ui.interact(rect, ui.scope_id().with(("side", &text[..1])), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, text));
}
