//! The columns of the targets' file: its first rows as a table, and what each column is used for.

use eframe::egui::{self, ComboBox, Context, RichText, Ui, Window};
use egui_extras::{Column as Width, TableBuilder};

use super::{controls::use_columns, hover_columns::HoverColumns};
use crate::{
    escape::escaped,
    io::ColumnSummary,
    model::{Dim, Params, Weights},
    numbers::format_number,
    session::{FirstRows, Job, Scene, TargetRows},
};

/// The least width of a column: that of the list in which its use is picked.
const LEAST: f32 = 118.0;
/// The most that a column takes by itself.
const MOST: f32 = 220.0;
/// The most columns that are shown at once: each has a list, and all are laid out in every frame.
const SHOWN: usize = 200;
/// About the width of a letter.
const LETTER: f32 = 7.5;
/// Room that the controls beside the panel need.
const CONTROLS: f32 = 330.0;

/// What the panel remembers from frame to frame.
#[derive(Default)]
pub(super) struct ColumnsState {
    pub(super) open: bool,
    /// The rows that were asked for last.
    asked: Option<TargetRows>,
    rows: Option<FirstRows>,
    /// How wide each column is at first.
    widths: Vec<f32>,
    /// What the names of the columns shown contain, in lower case.
    wanted_names: String,
}

/// What a column is used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Role {
    Nothing,
    /// A coordinate, from 0.
    Coordinate(usize),
    Weights,
    Hover,
}

impl Role {
    fn words(self, dim: usize) -> String {
        match self {
            Self::Nothing => "not used".to_owned(),
            Self::Coordinate(0) if dim <= 2 => "x axis".to_owned(),
            Self::Coordinate(1) if dim <= 2 => "y axis".to_owned(),
            Self::Coordinate(k) => format!("coordinate {}", k + 1),
            Self::Weights => "weights".to_owned(),
            Self::Hover => "shown on hover".to_owned(),
        }
    }
}

impl ColumnsState {
    /// Takes the rows that were asked for.
    pub(super) fn receive(&mut self, rows: FirstRows) {
        self.widths = (0..rows.columns.len()).map(|k| width_of(&rows, k)).collect();
        self.rows = Some(rows);
    }

    /// What has to be read, of the file that is shown.
    fn wanted(&mut self, rows: &TargetRows) -> Option<Job> {
        let is_asked = self.asked.as_ref().is_some_and(|asked| asked.is_same_reading(rows));
        if self.open && !is_asked {
            self.asked = Some(rows.clone());
            return Some(Job::ReadRows(rows.clone()));
        }
        None
    }
}

/// Draws the panel and edits `params`; returns what has to be read for it.
pub(super) fn columns_ui(
    ctx: &Context,
    state: &mut ColumnsState,
    hover: &mut HoverColumns,
    params: &mut Params,
    scene: &Scene,
) -> Option<Job> {
    let Some(rows) = &scene.prepared.target_rows else {
        state.open = false;
        return None;
    };
    let job = state.wanted(rows);
    let mut open = state.open;
    let ColumnsState { rows: first, widths, wanted_names, .. } = state;
    let width = (ctx.content_rect().width() - CONTROLS - 10.0).clamp(300.0, 700.0);
    let first = first.as_ref().filter(|first| first.of.is_same_reading(rows));
    Window::new("Columns of the file")
        .open(&mut open)
        // Beside the controls, over the plot.
        .default_pos([CONTROLS, 60.0])
        .default_size([width, 320.0])
        .min_height(120.0)
        .vscroll(false)
        .show(ctx, |ui| match first {
            None => {
                ui.label("Reading the first rows…");
            }
            Some(first) => {
                let shown = shown_ui(ui, first, wanted_names);
                table_ui(ui, first, &shown, widths, params, scene, hover);
            }
        });
    state.open = open;
    job
}

/// How many rows and columns there are and, where those are more than are shown at once, a field to find
/// some; returns the columns to show.
fn shown_ui(ui: &mut Ui, first: &FirstRows, wanted: &mut String) -> Vec<usize> {
    let columns = &first.columns;
    let all = format_number(columns.len() as f64, 12);
    let about = format!("{} rows, {all} columns", format_number(first.of.rows() as f64, 12));
    if columns.len() <= SHOWN {
        ui.weak(about);
        return (0..columns.len()).collect();
    }
    let is_wanted = |&k: &usize| columns[k].name.to_lowercase().contains(wanted.as_str());
    let found: Vec<usize> = (0..columns.len()).filter(is_wanted).collect();
    let shown = found[..found.len().min(SHOWN)].to_vec();
    let found = format_number(found.len() as f64, 12);
    ui.horizontal(|ui| {
        let name = ui.label("Find");
        let field = ui.text_edit_singleline(wanted).labelled_by(name.id);
        if field.changed() {
            *wanted = wanted.to_lowercase();
        }
        ui.weak(format!("{about}; {} of {found} shown", shown.len()));
    });
    shown
}

/// How wide a column has to be for its name and its first cells.
fn width_of(first: &FirstRows, column: usize) -> f32 {
    let cells = first.rows.iter().map(|row| &row[column]);
    let texts = cells.chain([&first.columns[column].name]);
    let letters = texts.map(|text| text.chars().count()).max().unwrap_or(0);
    (letters as f32 * LETTER + 8.0).clamp(LEAST, MOST)
}

/// The first rows, with what each column is used for above it.
fn table_ui(
    ui: &mut Ui,
    first: &FirstRows,
    shown: &[usize],
    widths: &[f32],
    params: &mut Params,
    scene: &Scene,
    hover: &mut HoverColumns,
) {
    let used = scene.prepared.drawn.targets().axes().to_vec();
    let reports = scene.prepared.reports.first();
    let numbers = reports.map_or(Vec::new(), |report| report.columns_available.clone());
    let text_height = egui::TextStyle::Body.resolve(ui.style()).size + 4.0;
    egui::ScrollArea::horizontal().show(ui, |ui| {
        let mut table = TableBuilder::new(ui)
            // Another file has widths of its own.
            .id_salt((first.of.path(), shown.first()))
            .striped(true)
            .column(Width::auto().at_least(28.0));
        for &k in shown {
            let width = Width::initial(widths[k]).at_least(LEAST).resizable(true).clip(true);
            table = table.column(width);
        }
        table
            .header(4.0 * text_height + 20.0, |mut header| {
                header.col(|ui| {
                    ui.weak("row").on_hover_text("Counted from 0, as in saved tables");
                });
                for column in shown.iter().map(|&k| &first.columns[k]) {
                    header.col(|ui| {
                        ui.vertical(|ui| {
                            ui.label(RichText::new(escaped(&column.name)).strong());
                            role_ui(ui, column, [&used, &numbers], params, hover);
                            for about in about_column(column) {
                                let about = RichText::new(about).small().weak();
                                ui.add(egui::Label::new(about).truncate());
                            }
                        });
                    });
                }
            })
            .body(|body| {
                body.rows(text_height, first.rows.len(), |mut row| {
                    let number = row.index();
                    row.col(|ui| {
                        ui.weak(number.to_string());
                    });
                    let cells = &first.rows[number];
                    for cell in shown.iter().map(|&k| &cells[k]) {
                        row.col(|ui| {
                            ui.add(egui::Label::new(escaped(cell)).truncate());
                        });
                    }
                });
            });
    });
}

/// The type of a column with how many values are missing, and its range.
fn about_column(column: &ColumnSummary) -> [String; 2] {
    let ends = column.ends(|value| format_number(value, 5));
    let range = ends.map_or(String::new(), |[low, high]| format!("{low} to {high}"));
    let missing = match column.missing {
        None | Some(0) => String::new(),
        Some(missing) => format!(", {missing} missing"),
    };
    [format!("{}{missing}", column.r#type.name()), range]
}

/// What the column is used for, to pick; the coordinates are those `used`, and any of `numbers` may be one.
fn role_ui(
    ui: &mut Ui,
    column: &ColumnSummary,
    [used, numbers]: [&[String]; 2],
    params: &mut Params,
    hover: &mut HoverColumns,
) {
    let name = &column.name;
    let place = used.iter().position(|used| used == name);
    let is_weight = params.weights == Some(Weights::Column(name.clone()));
    let role = match place {
        Some(k) => Role::Coordinate(k),
        None if is_weight => Role::Weights,
        None if hover.contains(name) => Role::Hover,
        None => Role::Nothing,
    };
    let is_number = numbers.contains(name);
    let mut roles = vec![Role::Nothing];
    if is_number {
        // One more than there are makes another coordinate.
        let most = (used.len() + usize::from(place.is_none())).min(Dim::MAX);
        roles.extend((0..most).map(Role::Coordinate));
        roles.push(Role::Weights);
    }
    roles.push(Role::Hover);
    let mut wanted = role;
    let dim = used.len();
    let list = ComboBox::from_id_salt(("role of column", name))
        .width(106.0)
        .truncate()
        .selected_text(role.words(dim))
        .show_ui(ui, |ui| {
            for role in roles {
                ui.selectable_value(&mut wanted, role, role.words(dim.max(place_of(role) + 1)));
            }
        });
    let words = format!("{}: {}", escaped(name), role.words(dim));
    list.response
        .widget_info(|| egui::WidgetInfo::labeled(egui::Role::ComboBox, true, words.clone()));
    if wanted != role {
        use_as(name, wanted, used, params, hover);
    }
}

fn place_of(role: Role) -> usize {
    if let Role::Coordinate(k) = role { k } else { 0 }
}

/// Uses the column called `name` for `role`, and for nothing else.
fn use_as(name: &str, role: Role, used: &[String], params: &mut Params, hover: &mut HoverColumns) {
    if params.weights == Some(Weights::Column(name.to_owned())) {
        params.weights = None;
    }
    hover.set(name, role == Role::Hover);
    let mut coordinates = used.to_vec();
    let before = coordinates.iter().position(|used| used == name);
    match (role, before) {
        (Role::Coordinate(k), Some(before)) => coordinates.swap(k, before),
        (Role::Coordinate(k), None) if k < coordinates.len() => {
            name.clone_into(&mut coordinates[k]);
        }
        (Role::Coordinate(_), None) => coordinates.push(name.to_owned()),
        // A point keeps at least one coordinate.
        (_, Some(before)) if coordinates.len() > 1 => {
            coordinates.remove(before);
        }
        _ => {}
    }
    match role {
        Role::Weights => params.weights = Some(Weights::Column(name.to_owned())),
        Role::Hover | Role::Nothing | Role::Coordinate(_) => {}
    }
    if coordinates != used {
        use_columns(params, coordinates);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Input;

    fn used_as(name: &str, role: Role) -> (Params, HoverColumns) {
        let input = Input::Files { targets: "p.csv".into(), sources: None, columns: Vec::new() };
        let mut params = Params { input, ..Params::default() };
        let mut hover = HoverColumns::default();
        use_as(name, role, &["x".to_owned(), "y".to_owned()], &mut params, &mut hover);
        (params, hover)
    }

    fn columns(params: &Params) -> &[String] {
        match &params.input {
            Input::Files { columns, .. } => columns,
            Input::Generated => &[],
        }
    }

    #[test]
    fn a_column_is_used_for_one_thing() {
        assert_eq!(columns(&used_as("z", Role::Coordinate(1)).0), ["x", "z"]);
        assert_eq!(columns(&used_as("z", Role::Coordinate(2)).0), ["x", "y", "z"]);
        assert_eq!(columns(&used_as("y", Role::Coordinate(0)).0), ["y", "x"]);
        assert_eq!(columns(&used_as("y", Role::Nothing).0), ["x"]);
        let (params, _) = used_as("y", Role::Weights);
        assert_eq!(columns(&params), ["x"]);
        assert_eq!(params.weights, Some(Weights::Column("y".to_owned())));
        let (params, hover) = used_as("name", Role::Hover);
        assert_eq!((columns(&params).len(), &hover.names[..]), (0, &["name".to_owned()][..]));
    }
}
