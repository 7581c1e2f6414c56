//! What stands above the rows of the table: how many there are and in which order, the switches, and the
//! names of the columns, by which rows are sorted.

use eframe::egui::{
    Align, Align2, Color32, Layout as Direction, Painter, PopupCloseBehavior, Pos2, Rect, Role,
    ScrollArea, Sense, Shape, Stroke, TextEdit, TextStyle, Ui, WidgetInfo,
    containers::menu::{MenuButton, MenuConfig},
    pos2, vec2,
};

use super::{
    super::hover_columns::{HoverColumns, short},
    TableState,
};
use crate::{
    numbers::format_number,
    session::{SortBy, Sorting, TableRows, TableWish},
};

/// The most columns that the list of those on hover shows at once.
const LISTED: usize = 100;

/// Draws the line above the table.
pub(super) fn head_ui(
    ui: &mut Ui,
    table: &mut TableState,
    hover: &mut HoverColumns,
    rows: &TableRows,
    wish: &TableWish,
    can_select: bool,
) {
    ui.horizontal(|ui| {
        ui.label(told(rows, wish));
        if let Some(problem) = problem(rows) {
            ui.colored_label(ui.visuals().warn_fg_color, problem.0).on_hover_text(problem.1);
        }
        ui.with_layout(Direction::right_to_left(Align::Center), |ui| {
            if rows.scene.prepared.target_rows.is_some() {
                // Several are chosen, one after the other.
                let behavior = PopupCloseBehavior::CloseOnClickOutside;
                MenuButton::new("Columns on hover…")
                    .config(MenuConfig::new().close_behavior(behavior))
                    .ui(ui, |ui| hover_list_ui(ui, hover, rows));
            }
            let only = eframe::egui::Checkbox::new(&mut table.only, "Only selected");
            ui.add_enabled(can_select, only).on_disabled_hover_text("No rows are selected");
        });
    });
}

/// Which columns are shown on hover, to choose.
fn hover_list_ui(ui: &mut Ui, hover: &mut HoverColumns, rows: &TableRows) {
    let Some(columns) = &rows.columns else {
        ui.label("Reading the columns…");
        return;
    };
    let id = ui.scope_id().with("find");
    let mut wanted: String = ui.data(|data| data.get_temp(id)).unwrap_or_default();
    if columns.columns.len() > LISTED {
        let name = ui.label("Find");
        ui.add(TextEdit::singleline(&mut wanted)).labelled_by(name.id);
        ui.data_mut(|data| data.insert_temp(id, wanted.clone()));
    }
    let lower = wanted.to_lowercase();
    let names = columns.columns.iter().map(|column| &column.name);
    let found = names.filter(|name| name.to_lowercase().contains(&lower));
    ScrollArea::vertical().max_height(260.0).show(ui, |ui| {
        for name in found.take(LISTED) {
            let mut shown = hover.contains(name);
            if ui.checkbox(&mut shown, short(name, 60)).changed() {
                hover.set(name, shown);
            }
        }
    });
}

/// How many rows there are, and in which order.
fn told(rows: &TableRows, wish: &TableWish) -> String {
    let count = |rows: u64| format_number(rows as f64, 12);
    let n = rows.scene.prepared.drawn.n() as u64;
    let order = rows.order.as_ref();
    let columns = rows.columns.as_ref();
    let is_current = order.is_some_and(|order| order.is_current(&rows.scene, wish, columns));
    let all = format!("{} {}", count(n), if n == 1 { "row" } else { "rows" });
    if !is_current {
        return format!("{all}, sorting…");
    }
    let shown = match &wish.only {
        Some(_) => format!("{} selected of {all}", count(rows.len())),
        None => all,
    };
    let default = Sorting::default();
    let Sorting { by, falling } = order.map_or(&default, |order| &order.sort);
    let name = match by {
        SortBy::Row => "row".to_owned(),
        SortBy::Field => "f".to_owned(),
        SortBy::Coordinate(axis) => short(&rows.scene.prepared.drawn.targets().axes()[*axis], 60),
        SortBy::Column(name) => short(name, 60),
    };
    let direction = if *falling { "falling" } else { "rising" };
    let reading = rows.scene.prepared.target_rows.is_some() && rows.columns.is_none();
    let reading = if reading { "; reading the columns…" } else { "" };
    format!("{shown}, sorted by {name}, {direction}{reading}")
}

/// What did not go as it should: in short, and in full.
fn problem(rows: &TableRows) -> Option<(String, String)> {
    if let Some(problem) = rows.order.as_ref().and_then(|order| order.problem.clone()) {
        return Some(("Not sorted as asked for".to_owned(), problem));
    }
    let columns = rows.columns.as_ref()?;
    if let Some(problem) = &columns.problem {
        return Some(("The columns could not be read".to_owned(), problem.clone()));
    }
    let count = columns.left_out.len();
    let first: Vec<String> = columns.left_out.iter().take(20).map(|name| short(name, 60)).collect();
    let more = if count > first.len() { ", …" } else { "" };
    let s = if count == 1 { "" } else { "s" };
    (count > 0).then(|| {
        (
            format!("{} column{s} left out", format_number(count as f64, 12)),
            format!("Together they would take too much memory: {}{more}", first.join(", ")),
        )
    })
}

/// Draws the names of the columns in view; a click on one sorts by it, another one the other way round.
pub(super) fn header_ui(ui: &Ui, table: &mut TableState, rows: &TableRows, rect: Rect) {
    let painter = ui.painter().with_clip_rect(rect.intersect(ui.clip_rect()));
    let font = TextStyle::Button.resolve(ui.style());
    let mut chosen = None;
    for k in table.layout.between(table.left, table.left + rect.width()) {
        let placed = &table.layout.columns[k];
        let [start, end] = table.layout.span(k).map(|x| rect.left() + x - table.left);
        let cell = Rect::from_min_max(pos2(start, rect.top()), pos2(end, rect.bottom()));
        let by = rows.sort_by(placed.column);
        let falling = (table.sort.by == by).then_some(table.sort.falling);
        let id = ui.scope_id().with(("column", k));
        let response = ui.interact(cell.intersect(rect), id, Sense::click());
        response.widget_info(|| {
            let now = match falling {
                Some(true) => ", now falling",
                Some(false) => ", now rising",
                None => "",
            };
            WidgetInfo::labeled(Role::ColumnHeader, true, format!("Sort by {}{now}", placed.name))
        });
        if response.clicked() {
            chosen = Some(Sorting { by, falling: falling == Some(false) });
        }
        let visuals = ui.style().interact(&response);
        let is_active = response.hovered() || response.has_focus();
        let fill = if is_active { visuals.weak_bg_fill } else { ui.visuals().faint_bg_color };
        painter.rect_filled(cell.shrink2([0.5, 0.0].into()), 0.0, fill);
        if response.has_focus() {
            let stroke = Stroke::new(1.5, ui.visuals().strong_text_color());
            let inside = eframe::egui::StrokeKind::Inside;
            painter.rect_stroke(cell.shrink(1.0), 2.0, stroke, inside);
        }
        let ink = ui.visuals().strong_text_color();
        if let Some(falling) = falling {
            arrow(&painter, pos2(cell.right() - 10.0, cell.center().y), falling, ink);
        }
        let room = if falling.is_some() { 18.0 } else { 6.0 };
        let text = Rect::from_min_max(
            pos2(cell.left() + 6.0, cell.top()),
            pos2(cell.right() - room, cell.bottom()),
        );
        let inside = painter.with_clip_rect(painter.clip_rect().intersect(text));
        let (at, align) = if placed.is_number {
            (text.right_center(), Align2::RIGHT_CENTER)
        } else {
            (text.left_center(), Align2::LEFT_CENTER)
        };
        inside.text(at, align, &placed.name, font.clone(), ink);
        response.on_hover_text(format!("Sort by {}; click again to reverse", placed.name));
    }
    if let Some(sort) = chosen {
        (table.sort, table.first) = (sort, 0.0);
    }
}

/// The sign of a direction; the fonts have none.
fn arrow(painter: &Painter, middle: Pos2, falling: bool, ink: Color32) {
    let (base, tip) = if falling { (-3.0, 4.0) } else { (3.0, -4.0) };
    let corners = [vec2(-4.5, base), vec2(4.5, base), vec2(0.0, tip)].map(|to| middle + to);
    painter.add(Shape::convex_polygon(corners.to_vec(), ink, Stroke::NONE));
}
