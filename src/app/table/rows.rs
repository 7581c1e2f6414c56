//! The rows of the table that are in view, and what keys, wheel and clicks do to them.

use eframe::egui::{
    Align2, EventFilter, FontId, Key, Modifiers, Painter, Rect, Role, Sense, Stroke, StrokeKind,
    TextStyle, Ui, WidgetInfo, pos2, vec2,
};

use super::{
    super::{hover_columns::short, style::accent},
    ROW, TableState,
};
use crate::session::{TableColumn, TableRows};

/// A screen reader is told so many columns of a row.
const TOLD: usize = 12;
/// A cell is shortened to so many characters.
const LONGEST: usize = 120;
/// How far an arrow key moves the columns, in logical pixels.
const STEP: f32 = 60.0;

/// What came of a frame.
pub(super) struct RowsReply {
    /// The target to pin, or to unpin.
    pub(super) pinned: Option<usize>,
}

/// Draws the rows in `body`.
pub(super) fn rows_ui(ui: &Ui, table: &mut TableState, rows: &TableRows, body: Rect) -> RowsReply {
    let mut reply = RowsReply { pinned: None };
    let seen = f64::from(body.height() / ROW);
    let id = ui.scope_id().with("rows");
    let response = ui.interact(body, id, Sense::click());
    response.widget_info(|| WidgetInfo::labeled(Role::Grid, true, "Table of rows"));
    table.has_focus = response.has_focus();
    if table.has_focus {
        let filter = EventFilter {
            horizontal_arrows: true,
            vertical_arrows: true,
            ..EventFilter::default()
        };
        ui.memory_mut(|memory| memory.set_focus_lock_filter(id, filter));
        if keys(ui, table, rows, seen) {
            reply.pinned = table.marks.cursor().and_then(|place| rows.target(place));
        }
    }
    if ui.rect_contains_pointer(body) {
        let scrolled = ui.input(eframe::egui::InputState::smooth_scroll_delta);
        table.first -= f64::from(scrolled.y / ROW);
        table.left -= scrolled.x;
    }
    let most = (rows.len() as f64 - seen).max(0.0);
    if std::mem::take(&mut table.marks.seeks)
        && let Some(place) = table.marks.cursor()
    {
        let place = place as f64;
        table.first = table.first.clamp((place + 1.0 - seen).min(place), place);
    }
    table.first = table.first.clamp(0.0, most);
    let painter = ui.painter().with_clip_rect(body.intersect(ui.clip_rect()));
    painter.rect_filled(body, 0.0, ui.visuals().extreme_bg_color);
    let first = table.first.floor() as u64;
    let last = ((table.first + seen).ceil() as u64).min(rows.len());
    for place in first..last {
        let Some(target) = rows.target(place) else { break };
        let top = body.top() + ((place as f64 - table.first) * f64::from(ROW)) as f32;
        let rect = Rect::from_min_size(pos2(body.left(), top), vec2(body.width(), ROW));
        let visible = rect.intersect(body);
        if visible.height() < 1.0 {
            continue;
        }
        // Rows are reached by the keys of the table, not one by one.
        let response = ui.interact(visible, id.with(target), Sense::CLICK);
        let is_marked = table.marks.range().is_some_and(|range| range.contains(&place));
        let is_pinned = table.pinned.is_some() && rows.row_of(target) == table.pinned;
        response.widget_info(|| {
            let label = label_of(table, rows, target, is_pinned);
            WidgetInfo::labeled(Role::Row, true, label)
        });
        ui.ctx().accesskit_node_builder(response.id, |node| node.set_selected(is_marked));
        if response.clicked() {
            ui.memory_mut(|memory| memory.request_focus(id));
            let extends = ui.input(|i| i.modifiers.shift);
            table.marks.set(rows, place, extends);
            if !extends {
                reply.pinned = Some(target);
            }
        }
        let visuals = ui.visuals();
        if is_marked {
            painter.rect_filled(rect, 0.0, visuals.selection.bg_fill);
        } else if response.hovered() {
            painter.rect_filled(rect, 0.0, visuals.widgets.hovered.weak_bg_fill);
        } else if place % 2 == 1 {
            painter.rect_filled(rect, 0.0, visuals.faint_bg_color);
        }
        if is_pinned {
            // The same sign as in the plot.
            let stroke = Stroke::new(1.5, visuals.strong_text_color());
            painter.circle_stroke(pos2(rect.left() + 9.0, rect.center().y), 4.5, stroke);
        }
        cells_ui(ui, &painter, table, rows, target, rect);
    }
    if table.has_focus {
        let stroke = Stroke::new(1.0, accent(ui.visuals().dark_mode));
        ui.painter().rect_stroke(body, 0.0, stroke, StrokeKind::Inside);
    }
    reply
}

/// Draws the cells of a row that are in view.
fn cells_ui(
    ui: &Ui,
    painter: &Painter,
    table: &TableState,
    rows: &TableRows,
    target: usize,
    rect: Rect,
) {
    let font: FontId = TextStyle::Body.resolve(ui.style());
    let is_old = rows.scene.field.values().is_none();
    for k in table.layout.between(table.left, table.left + rect.width()) {
        let placed = &table.layout.columns[k];
        let [start, end] = table.layout.span(k).map(|x| rect.left() + x - table.left);
        let cell = Rect::from_min_max(pos2(start, rect.top()), pos2(end, rect.bottom()));
        let text = short(&rows.shown(placed.column, target), LONGEST);
        // The f of another σ, until the present one is there.
        let is_weak = is_old && placed.column == TableColumn::Field;
        let visuals = ui.visuals();
        let ink = if is_weak { visuals.weak_text_color() } else { visuals.text_color() };
        let painter = painter.with_clip_rect(painter.clip_rect().intersect(cell.shrink(2.0)));
        let (x, align) = if placed.is_number {
            (cell.right() - 6.0, Align2::RIGHT_CENTER)
        } else {
            (cell.left() + 6.0, Align2::LEFT_CENTER)
        };
        painter.text(pos2(x, cell.center().y), align, text, font.clone(), ink);
    }
}

/// What a screen reader is told of a row: `row 17: f = 0.12, x = 0.5`.
fn label_of(table: &TableState, rows: &TableRows, target: usize, is_pinned: bool) -> String {
    let columns = &table.layout.columns;
    let cells = columns.iter().skip(1).take(TOLD).map(|placed| {
        let text = rows.shown(placed.column, target);
        let text = if text.is_empty() { "no value".to_owned() } else { short(&text, LONGEST) };
        format!("{} = {text}", placed.name)
    });
    let cells: Vec<String> = cells.collect();
    let more = if columns.len() > TOLD + 1 { ", …" } else { "" };
    let pinned = if is_pinned { ", pinned" } else { "" };
    let row = rows.row_of(target).unwrap_or(0);
    format!("row {row}{pinned}: {}{more}", cells.join(", "))
}

/// Does what the keys say; returns whether the row with the cursor is to be pinned.
fn keys(ui: &Ui, table: &mut TableState, rows: &TableRows, seen: f64) -> bool {
    let Some(end) = rows.len().checked_sub(1) else { return false };
    let page = (seen.floor() as i64 - 1).max(1);
    let far = i64::MAX / 2;
    let moves = [
        (Key::ArrowUp, -1),
        (Key::ArrowDown, 1),
        (Key::PageUp, -page),
        (Key::PageDown, page),
        (Key::Home, -far),
        (Key::End, far),
    ];
    // egui counts a key without modifiers also while Shift is held: those with Shift come first.
    for (modifiers, extends) in [(Modifiers::SHIFT, true), (Modifiers::NONE, false)] {
        for (key, by) in moves {
            let times = ui.input_mut(|i| i.count_and_consume_key(modifiers, key)) as i64;
            if times == 0 {
                continue;
            }
            let place = match table.marks.cursor() {
                Some(place) => place as i64,
                // The first key marks the first row in view.
                None => table.first.ceil() as i64 - by.signum(),
            };
            let place = place.saturating_add(by.saturating_mul(times)).clamp(0, end as i64);
            table.marks.set(rows, place as u64, extends);
        }
    }
    let sideways = |key| ui.input_mut(|i| i.count_and_consume_key(Modifiers::NONE, key)) as f32;
    table.left += STEP * (sideways(Key::ArrowRight) - sideways(Key::ArrowLeft));
    ui.input_mut(|i| i.consume_key(Modifiers::NONE, Key::Enter))
}
