//! The rows under "Selection" in the side panel: which rows are selected, by f or by an expression, what they
//! have in common, and what to do with them.

use eframe::egui::{Button, Grid, Key, Response, RichText, Role, TextEdit, Ui, WidgetInfo};

use crate::{
    app::{
        Command,
        plot::{only_text, selected_text},
        widgets::{NumberRow, pick_ui, row_ui},
    },
    escape::escaped,
    model::Params,
    numbers::format_number,
    selection::{Expression, Share},
    session::{Region, Scene, Selection, SelectionChange, Spread},
};

/// Columns whose spread is shown at most.
const MOST_COLUMNS: usize = 12;

/// What is being typed.
#[derive(Clone, Debug)]
pub(in crate::app) struct SelectionFields {
    /// Which end of f is taken.
    end: End,
    /// How much of it, as typed.
    share: String,
    /// An expression.
    expression: String,
    /// Whether the field for the share is to have the keyboard's focus.
    focuses: bool,
}

impl SelectionFields {
    /// Asks for the keyboard's focus, with an empty field to type in.
    pub(in crate::app) fn focus(&mut self) {
        self.share.clear();
        self.focuses = true;
    }
}

impl Default for SelectionFields {
    fn default() -> Self {
        Self {
            end: End::Sparsest,
            share: "5 %".to_owned(),
            expression: String::new(),
            focuses: false,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    Sparsest,
    Densest,
}

impl End {
    const ALL: &'static [Self] = &[Self::Sparsest, Self::Densest];

    fn label(self) -> &'static str {
        match self {
            Self::Sparsest => "Sparsest: lowest f",
            Self::Densest => "Densest: highest f",
        }
    }
}

/// Draws the rows.
pub(super) fn selection_ui(
    ui: &mut Ui,
    fields: &mut SelectionFields,
    params: &mut Params,
    scene: Option<&Scene>,
    selection: &Selection,
    refused: &mut Vec<String>,
) -> Option<Command> {
    let mut command = threshold_ui(ui, fields, refused);
    command = expression_ui(ui, fields, refused).or(command);
    let scene = scene?;
    let mut button = |ui: &mut Ui, can: bool, text: &str, hint: &str, wanted| {
        let size = [ui.available_width(), ui.spacing().interact_size.y];
        let button = ui.add_enabled_ui(can, |ui| ui.add_sized(size, Button::new(text))).inner;
        if button.on_hover_text(hint).clicked() {
            command = Some(wanted);
        }
    };
    let change = |region| Command::Select(SelectionChange::to(region));
    let none = Command::Select(SelectionChange::to_nothing());
    ui.columns(3, |columns| {
        let buttons = [
            ("All", "Select all targets (Ctrl+A)", change(Region::All)),
            ("None", "Select nothing (Ctrl+Shift+A)", none),
            ("Invert", "Select all others instead (Ctrl+I)", change(Region::Rest)),
        ];
        for (ui, (text, hint, wanted)) in columns.iter_mut().zip(buttons) {
            button(ui, true, text, hint, wanted);
        }
    });
    ui.label(if selection.is_empty() {
        RichText::new("Nothing is selected").weak()
    } else {
        RichText::new(selected_text(scene, selection))
    });
    facts_ui(ui, selection);
    let has_rows = !selection.is_empty();
    ui.columns(3, |columns| {
        for (ui, (text, hint, targets, sources)) in columns.iter_mut().zip([
            ("As targets", "Take only the selected rows as targets", true, false),
            ("As sources", "Take only the selected rows as sources", false, true),
            ("As both", "Take only the selected rows as targets and sources", true, true),
        ]) {
            button(ui, has_rows, text, hint, Command::OnlyThese { targets, sources });
        }
    });
    if let Some(only) = &params.only {
        ui.horizontal(|ui| {
            ui.label(only_text(only));
            if ui.small_button("Take all").on_hover_text("Take all rows again").clicked() {
                command = Some(Command::AllRows);
            }
        });
    }
    ui.horizontal(|ui| {
        ui.checkbox(&mut params.view.hides_rest, "Hide the rest")
            .on_hover_text("Hide dots that are not selected, instead of dimming them (N)");
        let copy = ui.add_enabled(has_rows, Button::new("Copy rows"));
        let hint = "Put the numbers of the selected rows on the clipboard (Ctrl+Shift+C)";
        if copy.on_hover_text(hint).clicked() {
            command = Some(Command::CopyRows);
        }
        let save = ui.add_enabled(has_rows, Button::new("Save table…"));
        let hint = "A row for each of them: its coordinates and f (Ctrl+Shift+S)";
        if save.on_hover_text(hint).clicked() {
            command = Some(Command::SaveTableDialog);
        }
    });
    command
}

/// Selects an end of f.
fn threshold_ui(
    ui: &mut Ui,
    fields: &mut SelectionFields,
    refused: &mut Vec<String>,
) -> Option<Command> {
    let before = fields.end;
    pick_ui(ui, "By f", &mut fields.end, End::ALL, End::label);
    let mut is_changed = before != fields.end;
    let typed = row_ui(ui, "Share or rows", |ui, id| {
        let width = ui.available_width() - SELECT - ui.spacing().item_spacing.x;
        let edit = TextEdit::singleline(&mut fields.share)
            .desired_width(width - 8.0)
            .hint_text("5 % or 30");
        let edit = ui.add(edit).labelled_by(id);
        let edit =
            edit.on_hover_text("So many percent of the targets, as 5 %, or rows, as 30 (Ctrl+F)");
        if std::mem::take(&mut fields.focuses) {
            edit.request_focus();
        }
        select_ui(ui, &edit, "Select an end of f")
    });
    let share = fields.share.parse::<Share>();
    let mut percent = match share {
        Ok(Share::Percent(percent)) => percent,
        _ => 5.0,
    };
    let row = NumberRow {
        label: "Threshold, %",
        hint: "So many percent of the targets, those with the lowest or the highest f",
        range: 0.01..=100.0,
        logarithmic: true,
        integer: false,
        default: None,
        check: &|percent| {
            let is_legal = percent > 0.0 && percent <= 100.0;
            let text = "expected percent above 0 and up to 100".to_owned();
            if is_legal { Ok(()) } else { Err(text) }
        },
    };
    if row.show(ui, &mut percent, refused) {
        fields.share = format!("{} %", format_number(percent, 3));
        is_changed = true;
    }
    if !typed && !is_changed {
        return None;
    }
    let highest = fields.end == End::Densest;
    match fields.share.parse() {
        Ok(share) => Some(Command::Select(SelectionChange::to(Region::Extreme { share, highest }))),
        Err(problem) => {
            refused.push(problem);
            None
        }
    }
}

/// Width of the buttons behind the fields, in logical pixels.
const SELECT: f32 = 56.0;

/// Draws the button behind a field, named `words`; says whether it was clicked, or Enter pressed in the field.
/// Then the button has the keyboard's focus: keys mean what they mean elsewhere, and Tab goes on from there.
fn select_ui(ui: &mut Ui, edit: &Response, words: &str) -> bool {
    let entered = edit.lost_focus() && ui.input(|i| i.key_pressed(Key::Enter));
    let size = [SELECT, ui.spacing().interact_size.y];
    let button = ui.add_sized(size, Button::new("Select"));
    button.widget_info(|| WidgetInfo::labeled(Role::Button, true, words));
    if entered {
        button.request_focus();
    }
    entered || button.clicked()
}

/// Selects by an expression.
fn expression_ui(
    ui: &mut Ui,
    fields: &mut SelectionFields,
    refused: &mut Vec<String>,
) -> Option<Command> {
    let entered = row_ui(ui, "Rows where", |ui, id| {
        let edit = TextEdit::singleline(&mut fields.expression)
            .desired_width(ui.available_width() - SELECT - ui.spacing().item_spacing.x - 8.0)
            .hint_text("f < 0.01 and x > 2");
        let edit = ui.add(edit).labelled_by(id).on_hover_text(
            "Comparisons of f, row and columns with and, or, not; Enter selects the rows for which it \
             holds",
        );
        select_ui(ui, &edit, "Select by the expression")
    });
    if !entered || fields.expression.trim().is_empty() {
        return None;
    }
    match fields.expression.parse::<Expression>() {
        Ok(expression) => Some(Command::Select(SelectionChange::to(Region::Where(expression)))),
        Err(err) => {
            refused.push(err.to_string());
            None
        }
    }
}

/// What the selected targets have in common.
fn facts_ui(ui: &mut Ui, selection: &Selection) {
    let Some(facts) = selection.facts() else { return };
    if let Some(mass) = facts.mass {
        let percent = format_number(100.0 * mass, 4);
        ui.label(format!("{percent} % of the sum of f over all targets")).on_hover_text(
            "Their share of the mass: the sum of f over them, by that over all targets",
        );
    }
    let row = |ui: &mut Ui, name: &str, spread: Option<&Spread>| {
        ui.label(name);
        let number = |value: f64| format_number(value, 4);
        match spread {
            None => {
                ui.weak("no numbers");
                ui.weak("");
            }
            Some(Spread { mean, low, high }) => {
                ui.label(number(*mean));
                ui.label(format!("{} … {}", number(*low), number(*high)));
            }
        }
        ui.end_row();
    };
    Grid::new("facts").num_columns(3).spacing([12.0, 2.0]).striped(true).show(ui, |ui| {
        for heading in ["", "Mean", "Range"] {
            ui.weak(heading);
        }
        ui.end_row();
        row(ui, "f", facts.field.as_ref());
        for (name, spread) in facts.columns.iter().take(MOST_COLUMNS) {
            row(ui, &escaped(name), spread.as_ref());
        }
    });
    if facts.columns.len() > MOST_COLUMNS {
        ui.weak(format!("… {} columns of numbers in all", facts.columns.len()));
    }
}
