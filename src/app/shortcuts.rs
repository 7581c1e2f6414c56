//! Keys, and the sheet that lists them.

use eframe::egui::{
    Context, Grid, Key, KeyboardShortcut, Modifiers, Popup, RichText, ScrollArea, Window,
};

use super::{Command, Tool, plot::CameraMove};
use crate::{
    session::{Region, SelectionChange},
    space::Side,
};

/// A key, its modifiers, its name, a description, and its command.
type Shortcut = (Key, Modifiers, &'static str, &'static str, Command);

fn rows() -> Vec<Shortcut> {
    let (none, ctrl, shift) = (Modifiers::NONE, Modifiers::COMMAND, Modifiers::SHIFT);
    let select = |region| Command::Select(SelectionChange::to(region));
    let from = |side: Side| Command::Camera(CameraMove::From(side));
    vec![
        (Key::O, ctrl, "Ctrl+O", "Open points", Command::OpenDialog),
        (Key::F5, none, "F5", "Read the file again", Command::Reload),
        (Key::S, ctrl, "Ctrl+S", "Save a picture", Command::SaveDialog),
        (Key::S, ctrl | shift, "Ctrl+Shift+S", "Save a table of f", Command::SaveTableDialog),
        (
            Key::S,
            ctrl | Modifiers::ALT,
            "Ctrl+Alt+S",
            "Save the session",
            Command::SaveSessionDialog,
        ),
        (
            Key::A,
            ctrl | Modifiers::ALT,
            "Ctrl+Alt+A",
            "Save an animation",
            Command::SaveAnimationDialog,
        ),
        (Key::V, none, "V", "Drag moves the view", Command::Tool(Tool::Move)),
        (Key::B, none, "B", "Drag selects in a rectangle", Command::Tool(Tool::Rectangle)),
        (Key::O, none, "O", "Drag selects in a lasso", Command::Tool(Tool::Lasso)),
        (Key::I, none, "I", "Click selects in a contour", Command::Tool(Tool::Contour)),
        (Key::A, ctrl, "Ctrl+A", "Select all targets", select(Region::All)),
        (
            Key::A,
            ctrl | shift,
            "Ctrl+Shift+A",
            "Select nothing",
            Command::Select(SelectionChange::to_nothing()),
        ),
        (Key::I, ctrl, "Ctrl+I", "Select all others instead", select(Region::Rest)),
        (Key::F, ctrl, "Ctrl+F", "Select by f or an expression", Command::SelectByValue),
        (Key::M, ctrl, "Ctrl+M", "In space: measure from or to the pinned row", Command::Measure),
        (Key::N, none, "N", "Hide or dim what is not selected", Command::HideRest),
        (Key::C, ctrl | shift, "Ctrl+Shift+C", "Copy the selected rows", Command::CopyRows),
        (Key::T, ctrl, "Ctrl+T", "Show or hide the columns of the file", Command::Columns),
        (Key::C, ctrl, "Ctrl+C", "Copy what is in front, else the picture", Command::Copy),
        (
            Key::C,
            ctrl | Modifiers::ALT,
            "Ctrl+Alt+C",
            "Copy the command that draws this",
            Command::CopyCommand,
        ),
        (
            Key::Y,
            none,
            "Y",
            "Copy the numbers of the target under the pointer",
            Command::CopyTarget,
        ),
        (Key::F12, none, "F12", "Save the whole window", Command::SaveWindow),
        (Key::Z, ctrl, "Ctrl+Z", "Undo the last change", Command::Undo),
        (Key::Z, ctrl | shift, "Ctrl+Shift+Z", "Redo it", Command::Redo),
        (Key::Y, ctrl, "Ctrl+Y", "Redo it", Command::Redo),
        (Key::R, none, "R", "Re-roll the seed", Command::Reroll),
        (Key::F, none, "F", "Zoom to core: where most targets are", Command::Fit),
        (Key::A, none, "A", "Zoom to all targets", Command::FitAll),
        (Key::X, none, "X", "Show or hide limits and scales of the axes", Command::Axes),
        (Key::S, none, "S", "Show targets in space, or in the plane", Command::Space),
        (Key::Num1, none, "1", "In space: look from the front", from(Side::Front)),
        (Key::Num2, none, "2", "From the back", from(Side::Back)),
        (Key::Num3, none, "3", "From the left", from(Side::Left)),
        (Key::Num4, none, "4", "From the right", from(Side::Right)),
        (Key::Num5, none, "5", "From the top", from(Side::Top)),
        (Key::Num6, none, "6", "From the bottom", from(Side::Bottom)),
        (Key::Num7, none, "7", "From above and beside", Command::Camera(CameraMove::ThreeQuarter)),
        (
            Key::P,
            none,
            "P",
            "In space: perspective, or a parallel projection",
            Command::Camera(CameraMove::Perspective),
        ),
        (Key::Space, none, "Space", "Animate σ, or stop it", Command::Play),
        (Key::H, none, "H", "Compare the field with another, as A and B", Command::CompareSigmas),
        (
            Key::H,
            shift,
            "Shift+H",
            "Show A and B with a line between, side by side, or as their difference",
            Command::NextComparison,
        ),
        (Key::L, none, "L", "Fix the limits of the colours, or free them", Command::FixLimits),
        (Key::B, ctrl, "Ctrl+B", "Fold or unfold the side panel", Command::SidePanel),
        (Key::T, none, "T", "Show or hide the filmstrip", Command::Filmstrip),
        (Key::T, shift, "Shift+T", "Show or hide the table of rows", Command::Table),
        (Key::D, none, "D", "Show or hide the dots", Command::Dots),
        (Key::G, none, "G", "Show or hide f at every pixel: the raster", Command::Raster),
        (Key::M, none, "M", "Show or hide the density along each axis", Command::Marginals),
        (Key::C, none, "C", "Show or hide contours around parts of the mass", Command::Contours),
        (Key::K, none, "K", "Show or hide the ring of σ", Command::Ring),
        (Key::E, ctrl, "Ctrl+E", "Time engines", Command::CompareEngines),
        (
            Key::Escape,
            none,
            "Esc",
            "Close what is open, stop what is running, unpin, end the comparison, or deselect",
            Command::Stop,
        ),
        (Key::Questionmark, none, "?", "Show or hide this sheet", Command::Shortcuts),
        (Key::Q, ctrl, "Ctrl+Q", "Quit", Command::Quit),
    ]
}

/// What the arrow keys and the mouse do.
const MORE: [(&str, &str); 11] = [
    ("Arrow keys", "Make σ smaller or larger by 1 %"),
    ("With Shift", "By 10 %"),
    ("Drag", "Pan, or select with such a tool"),
    ("Shift, Alt or Ctrl", "While selecting: add, remove"),
    ("Wheel", "Zoom around the pointer"),
    ("Right drag", "Zoom to a box"),
    ("Double click", "Zoom to core"),
    ("In space", "Drag to turn, right drag to pan, click two targets to measure their distance"),
    ("Ctrl+arrow keys", "In space: turn by 5°"),
    ("Hover", "Show a target's coordinates and f"),
    ("Click on a dot", "Pin its row, or unpin it"),
];

/// The command of a key that was pressed, unless someone is typing or a list or menu is open.
pub(super) fn pressed(ctx: &Context) -> Option<Command> {
    // What is open in this frame is not known yet; what was in the frame before is.
    if ctx.text_edit_focused() || Popup::is_any_open(ctx) {
        return None;
    }
    // egui turns Ctrl+C into an event of its own.
    let copied = ctx.input_mut(|i| {
        let before = i.events.len();
        i.events.retain(|event| !matches!(event, eframe::egui::Event::Copy));
        i.events.len() < before
    });
    if copied {
        return Some(Command::Copy);
    }
    let is_focused = ctx.memory(|memory| memory.focused().is_some());
    // egui counts a key without modifiers also while Shift or Alt is held: those with one come first.
    let mut rows = rows();
    rows.sort_by_key(|(_, modifiers, ..)| !(modifiers.shift || modifiers.alt));
    rows.into_iter().find_map(|(key, modifiers, _, _, command)| {
        // A question mark needs Shift on most keyboards.
        let hit = if key == Key::Space && is_focused {
            // It presses the button that has the focus.
            false
        } else if key == Key::Questionmark {
            ctx.input(|i| i.key_pressed(key))
        } else {
            ctx.input_mut(|i| i.consume_shortcut(&KeyboardShortcut::new(modifiers, key)))
        };
        hit.then_some(command)
    })
}

/// The sheet.
pub(super) fn sheet_ui(ctx: &Context, open: &mut bool) {
    let is_free = ctx.memory(|memory| memory.focused().is_none()) && !Popup::is_any_open(ctx);
    if *open && is_free && ctx.input(|i| i.key_pressed(Key::Enter)) {
        *open = false;
    }
    Window::new("Shortcuts")
        .open(open)
        .collapsible(false)
        .resizable(false)
        .anchor(eframe::egui::Align2::CENTER_CENTER, [0.0, 0.0])
        .show(ctx, |ui| {
            let most = (ctx.content_rect().height() - 120.0).max(120.0);
            ScrollArea::vertical().max_height(most).show(ui, |ui| {
                Grid::new("keys").num_columns(2).spacing([28.0, 6.0]).show(ui, |ui| {
                    let keys = rows().into_iter().map(|(_, _, keys, text, _)| (keys, text));
                    for (keys, text) in keys.chain(MORE) {
                        ui.label(RichText::new(keys).strong());
                        ui.label(text);
                        ui.end_row();
                    }
                });
            });
        });
}
