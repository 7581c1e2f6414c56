//! The controls of colours: what colours say, in the side panel; map and limits, in a window that a
//! button at the colour bar opens.

use eframe::egui::{self, Align2, Context, Ui, Window, vec2};

use crate::{
    app::{
        Command,
        widgets::{pick_ui, row_ui},
    },
    model::{ColorMap, Params, Scaling, ViewParams},
    numbers::format_number,
    session::Scene,
};

/// Width of the window's content, in logical pixels.
const WIDTH: f32 = 290.0;

/// Draws what the colours of dots say, and edits `params`.
pub(super) fn color_by_ui(_ui: &mut Ui, _params: &mut Params, _scene: Option<&Scene>) {}

/// Draws how values are spread over the colours, and edits `view`.
pub(super) fn color_scale_ui(ui: &mut Ui, view: &mut ViewParams) {
    pick_ui(ui, "Colour scale", &mut view.scaling, Scaling::ALL, Scaling::label);
    if !view.clip_is_legal() {
        view.clip = None;
    }
}

/// Draws the window for colours where it is `open`, at the colour bar, and edits `view`.
pub(in crate::app) fn colors_ui(
    ctx: &Context,
    open: &mut bool,
    view: &mut ViewParams,
) -> Option<Command> {
    let content = ctx.content_rect();
    let shown = Window::new("Colours")
        .open(open)
        .collapsible(false)
        .resizable(false)
        .pivot(Align2::RIGHT_TOP)
        .default_pos(content.right_top() + vec2(-150.0, 60.0))
        .show(ctx, |ui| {
            ui.set_width(WIDTH.min(content.width() - 32.0));
            color_map_ui(ui, view)
        });
    shown?.inner?
}

/// Draws the rows of map and limits, and edits `view`.
fn color_map_ui(ui: &mut Ui, view: &mut ViewParams) -> Option<Command> {
    pick_ui(ui, "Colour map", &mut view.color_map, ColorMap::ALL, ColorMap::label);
    row_ui(ui, "Limits", |ui, id| {
        let mut fixed = view.clip.is_some();
        let hint =
            "Keep the limits of the colours, so that a change of σ is a change of colour (L)";
        let toggled = ui.checkbox(&mut fixed, "Fix limits").on_hover_text(hint).changed();
        if let Some([low, high]) = &mut view.clip {
            let mut ends = [*low, *high];
            for (k, end) in ends.iter_mut().enumerate() {
                let value = egui::DragValue::new(end)
                    .speed(0.005 * f64::from((*high - *low).abs()).max(1e-30))
                    .update_while_editing(false)
                    .custom_formatter(|v, _| format_number(v, 3));
                ui.add(value).labelled_by(id).on_hover_text(["First colour", "Last colour"][k]);
            }
            let legal = ends[0] < ends[1] && (view.scaling != Scaling::Log || ends[0] > 0.0);
            if legal {
                [*low, *high] = ends;
            }
        }
        toggled.then_some(Command::FixLimits)
    })
}
