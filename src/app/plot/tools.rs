//! The tools of the plot: what a drag and a click in it do.

use eframe::egui::{Button, Layout, Modifiers, Rect, Role, Ui, UiBuilder, WidgetInfo, vec2};

use super::super::Command;
use crate::session::Combine;

/// What a drag and a click in the plot do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tool {
    /// A drag moves the view.
    #[default]
    Move,
    /// A drag selects the dots in a rectangle.
    Rectangle,
    /// A drag selects the dots inside an outline.
    Lasso,
    /// A click selects the dots inside a contour.
    Contour,
}

impl Tool {
    /// Each, in the order of its buttons.
    pub const ALL: [Self; 4] = [Self::Move, Self::Rectangle, Self::Lasso, Self::Contour];

    /// Its name.
    pub fn label(self) -> &'static str {
        match self {
            Self::Move => "Move",
            Self::Rectangle => "Rectangle",
            Self::Lasso => "Lasso",
            Self::Contour => "In contour",
        }
    }

    /// Its key.
    pub fn key(self) -> &'static str {
        match self {
            Self::Move => "V",
            Self::Rectangle => "B",
            Self::Lasso => "O",
            Self::Contour => "I",
        }
    }

    fn hint(self) -> String {
        let does = match self {
            Self::Move => {
                return format!("Drag to move the view, in space to turn it ({})", self.key());
            }
            Self::Rectangle => "Drag a rectangle around dots",
            Self::Lasso => "Drag around dots",
            Self::Contour => "Click inside a contour: the dots inside the innermost one",
        };
        let key = self.key();
        format!("{does} to select them; Shift adds, Alt or Ctrl removes ({key})")
    }
}

/// What the modifiers say about rows that are being selected.
pub(in crate::app) fn combine_of(modifiers: Modifiers) -> Combine {
    // Alt is the window manager's on some systems.
    if modifiers.alt || modifiers.ctrl || modifiers.command {
        Combine::Remove
    } else if modifiers.shift {
        Combine::Add
    } else {
        Combine::Replace
    }
}

/// Room of the tools, in logical pixels.
const ROOM: [f32; 2] = [300.0, 24.0];
/// Where they begin: on the right of the menu of layers.
const LEFT: f32 = 74.0;

/// Draws the tools in the upper left corner of the plot, those of space where it `is_space`; says whether the
/// pointer is over them.
pub(super) fn tools_ui(
    ui: &mut Ui,
    tool: Tool,
    is_space: bool,
    frame: Rect,
) -> (Option<Command>, bool) {
    let mut command = None;
    let left = if is_space { 8.0 } else { LEFT };
    let place = Rect::from_min_size(frame.left_top() + vec2(left, 8.0), ROOM.into());
    let builder = UiBuilder::new()
        .id_salt("tools")
        .max_rect(place.intersect(frame))
        .layout(Layout::left_to_right(eframe::egui::Align::Center));
    let visuals = ui.visuals();
    // Over dark colours of a raster nothing of the chosen one's fill may be seen through.
    let fills = [
        visuals.window_fill.gamma_multiply(0.92),
        visuals.window_fill.blend(visuals.selection.bg_fill),
    ];
    let mut row = ui.new_child(builder);
    row.spacing_mut().item_spacing.x = 2.0;
    for choice in Tool::ALL {
        if is_space && choice == Tool::Contour {
            // Contours belong to the plane.
            continue;
        }
        let is_on = choice == tool;
        // In space a drag with it turns.
        let text = if is_space && choice == Tool::Move { "Turn" } else { choice.label() };
        let button = Button::selectable(is_on, text).fill(fills[usize::from(is_on)]);
        let button = row.add(button).on_hover_text(choice.hint());
        button.widget_info(|| {
            let text = format!("Tool: {text}");
            WidgetInfo::selected(Role::RadioButton, true, is_on, text)
        });
        if button.clicked() {
            command = Some(Command::Tool(choice));
        }
    }
    (command, row.response().contains_pointer())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modifiers_add_and_remove() {
        assert_eq!(combine_of(Modifiers::NONE), Combine::Replace);
        assert_eq!(combine_of(Modifiers::SHIFT), Combine::Add);
        for removes in [Modifiers::ALT, Modifiers::CTRL, Modifiers::COMMAND] {
            assert_eq!(combine_of(removes), Combine::Remove);
        }
    }
}
