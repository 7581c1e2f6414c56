//! The panel of the axes: their limits to type, whether they are logarithmic, and which one is up.

use eframe::egui::{self, Context, Key, PopupCloseBehavior, RichText, TextEdit, Ui, Window};

use super::widgets::{list_ui, number_text, parse_number, row_ui};
use crate::{
    escape::escaped,
    figure::ViewBox,
    model::{Input, Params, Projection},
    session::{Scene, Viewport},
};

/// What an axis shows of its coordinate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum AxisChoice {
    Linear,
    /// Drawn logarithmically, while sums know nothing of it.
    Drawn,
    /// Logarithms that are summed, too.
    Summed,
}

impl AxisChoice {
    const ALL: [Self; 3] = [Self::Linear, Self::Drawn, Self::Summed];

    fn label(self) -> &'static str {
        match self {
            Self::Linear => "Linear",
            Self::Drawn => "Logarithmic, only drawn so",
            Self::Summed => "Logarithmic, summed so (σ in decades)",
        }
    }
}

/// What the panel remembers from frame to frame.
#[derive(Clone, Debug, Default)]
pub(super) struct AxesState {
    pub(super) open: bool,
    /// The limits that are being typed: left, right, bottom, top.
    typed: [String; 4],
    /// The view that they were filled in from.
    of: Option<ViewBox>,
    /// What is wrong with them.
    problem: Option<String>,
}

/// Draws the panel; `view` is what the plot shows. Returns where the plot is to go.
pub(super) fn axes_panel_ui(
    ctx: &Context,
    state: &mut AxesState,
    params: &mut Params,
    scene: &Scene,
    view: &ViewBox,
) -> Option<Viewport> {
    if !state.open {
        return None;
    }
    let mut open = true;
    let mut goes = None;
    Window::new("Axes")
        .open(&mut open)
        .collapsible(false)
        .resizable(false)
        .default_pos([380.0, 80.0])
        .show(ctx, |ui| {
            ui.set_width(360.0);
            goes = limits_ui(ui, state, params, scene, view);
            ui.separator();
            scales_ui(ui, params, scene);
        });
    state.open = open;
    goes
}

/// The limits of both axes, in the units of the data.
fn limits_ui(
    ui: &mut Ui,
    state: &mut AxesState,
    params: &mut Params,
    scene: &Scene,
    view: &ViewBox,
) -> Option<Viewport> {
    let logarithmic = scene.shown.logarithmic();
    let typing = ui.ctx().text_edit_focused();
    if state.of.as_ref() != Some(view) && !typing {
        let ends = [view.x[0], view.x[1], view.y[0], view.y[1]];
        state.typed = std::array::from_fn(|k| {
            let value = if logarithmic[k / 2] { 10_f64.powf(ends[k]) } else { ends[k] };
            number_text(value, false)
        });
        state.of = Some(*view);
    }
    let labels = scene.labels();
    let mut entered = false;
    let fields =
        [("x axis", ["Left limit", "Right limit"]), ("y axis", ["Lower limit", "Upper limit"])];
    for (axis, (name, ends)) in fields.into_iter().enumerate() {
        row_ui(ui, name, |ui, _| {
            for (end, label) in ends.into_iter().enumerate() {
                let field = TextEdit::singleline(&mut state.typed[2 * axis + end]);
                let field = ui.add(field.desired_width(104.0)).on_hover_text(format!(
                    "{label} of {}, in the units of the data",
                    labels[axis]
                ));
                field.widget_info(|| egui::WidgetInfo::labeled(egui::Role::TextInput, true, label));
                entered |= field.lost_focus() && ui.input(|i| i.key_pressed(Key::Enter));
                if end == 0 {
                    ui.label("to");
                }
            }
        });
    }
    let set = row_ui(ui, "", |ui, _| {
        let hint = "Show exactly this part; equal aspect is switched off for it";
        ui.button("Set limits").on_hover_text(hint).clicked()
    });
    if let Some(problem) = &state.problem {
        ui.colored_label(ui.visuals().error_fg_color, problem);
    }
    if !(entered || set) {
        return None;
    }
    match read(&state.typed, logarithmic) {
        Ok(wanted) => {
            state.problem = None;
            params.view.equal_aspect = false;
            Some(Viewport::Free(wanted))
        }
        Err(problem) => {
            state.problem = Some(problem);
            None
        }
    }
}

/// The view that these limits make.
fn read(typed: &[String; 4], logarithmic: [bool; 2]) -> Result<ViewBox, String> {
    let mut ends = [0.0; 4];
    for (k, end) in ends.iter_mut().enumerate() {
        let value = parse_number(&typed[k], false)?;
        *end = match logarithmic[k / 2] {
            true if value > 0.0 => value.log10(),
            true => {
                return Err(format!("{value} has no logarithm: expected a limit above 0"));
            }
            false => value,
        };
    }
    let [left, right, bottom, top] = ends;
    if left < right && bottom < top {
        Ok(ViewBox { x: [left, right], y: [bottom, top] })
    } else {
        Err("expected the lower limit of each axis first".to_owned())
    }
}

/// How each axis is scaled, and a button that swaps them.
fn scales_ui(ui: &mut Ui, params: &mut Params, scene: &Scene) {
    let targets = scene.prepared.drawn.targets();
    let shown = params.projection.within(targets.dim());
    let mut axes = match shown {
        Projection::Axes(axes) => axes,
        Projection::Space([x, y, _]) => [x, y],
        Projection::Automatic | Projection::Principal | Projection::SpacePrincipal => {
            ui.label("Principal components have linear axes.");
            return;
        }
    };
    if targets.dim() == 1 {
        axes = [0, 0];
    }
    let can_sum = params.input != Input::Generated;
    let count = if targets.dim() == 1 { 1 } else { 2 };
    for (k, label) in ["Scale of x", "Scale of y"].into_iter().enumerate().take(count) {
        let axis = axes[k];
        let now = match (targets.logarithmic()[axis], params.view.log_axes[k]) {
            (true, _) => AxisChoice::Summed,
            (false, true) => AxisChoice::Drawn,
            (false, false) => AxisChoice::Linear,
        };
        let mut wanted = now;
        row_ui(ui, label, |ui, id| {
            list_ui(ui, label, id, now.label(), PopupCloseBehavior::CloseOnClick, |ui| {
                for choice in AxisChoice::ALL {
                    let is_there = can_sum || choice != AxisChoice::Summed;
                    ui.add_enabled_ui(is_there, |ui| {
                        ui.selectable_value(&mut wanted, choice, choice.label());
                    });
                }
            });
        });
        if wanted != now {
            params.view.log_axes[k] = wanted == AxisChoice::Drawn;
            if (now == AxisChoice::Summed) != (wanted == AxisChoice::Summed) {
                let mut summed = targets.logarithmic().to_vec();
                summed[axis] = wanted == AxisChoice::Summed;
                let names = targets.axes().iter().zip(summed);
                params.reading.log =
                    names.filter(|(_, summed)| *summed).map(|(name, _)| name.clone()).collect();
                // σ is in other units now.
                params.sigma = None;
            }
        }
    }
    if scene.shown.is_warped() {
        let text = "f is that of the data as it is; contours and a raster need linear axes, or \
                    logarithms that are summed.";
        ui.label(RichText::new(text).weak());
    }
    if targets.dim() > 1 {
        row_ui(ui, "", |ui, _| {
            let hint = format!("{} up instead of {}", escaped(&targets.axes()[axes[0]]), {
                escaped(&targets.axes()[axes[1]])
            });
            if ui.button("Swap axes").on_hover_text(hint).clicked() {
                params.projection = match shown {
                    Projection::Space([x, y, z]) => Projection::Space([y, x, z]),
                    _ => Projection::Axes([axes[1], axes[0]]),
                };
                params.view.log_axes.reverse();
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(ends: [&str; 4]) -> [String; 4] {
        ends.map(str::to_owned)
    }

    #[test]
    fn limits_are_read_in_the_units_of_the_data() {
        let view = read(&typed(["1", "100", "-1", "2,5"]), [true, false]).expect("limits");
        assert_eq!(view, ViewBox { x: [0.0, 2.0], y: [-1.0, 2.5] });
        let refused = |ends, logarithmic| read(&typed(ends), logarithmic).expect_err("none");
        assert!(refused(["0", "1", "0", "1"], [true, false]).contains("above 0"));
        assert!(refused(["1", "0", "0", "1"], [false; 2]).contains("first"));
        assert!(refused(["one", "2", "0", "1"], [false; 2]).contains("'one'"));
    }
}
