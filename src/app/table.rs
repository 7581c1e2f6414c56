//! The table of rows below the plot: every target with f, its coordinates and the columns of its file.
//!
//! ```text
//!   3000 rows, sorted by f, falling           [ ] Only selected   Columns on hover…
//!   row       f ▼          x          y   name
//!   1207    0.312      0.041     −0.107   …         ┃  drawn by hand: only what is in view is laid out,
//!   …                                               ┃  so that ten million rows scroll like ten
//! ```

mod bar;
mod copying;
mod head;
mod layout;
mod marks;
mod rows;

use std::sync::{Arc, Weak};

use eframe::egui::{Pos2, Rect, Ui, pos2};

use bar::{BAR, Bar};
use copying::Copying;
use head::{head_ui, header_ui};
use layout::Layout;
use marks::Marks;
use rows::{RowsReply, rows_ui};

use super::hover_columns::HoverColumns;
use crate::{
    model::Points,
    selection::RowBits,
    session::{ColumnsWish, Notice, RowOrder, Sorting, State, TableRows, TableWish},
};

/// Height of a row, in logical pixels.
const ROW: f32 = 20.0;
/// Height of the panel at first and at least, in logical pixels.
pub(super) const HEIGHT: [f32; 2] = [220.0, 110.0];
/// What the plot keeps of the window's height, in logical pixels, however high the panel is made.
pub(super) const PLOT: f32 = 230.0;

/// What the table remembers from frame to frame.
#[derive(Default)]
pub(super) struct TableState {
    sort: Sorting,
    /// Whether only selected rows are shown, where some are.
    only: bool,
    /// The place of the first row in view, and how far it is scrolled to the right, in logical pixels.
    first: f64,
    left: f32,
    marks: Marks,
    /// The row of the file that is ringed in the plot.
    pub(super) pinned: Option<u64>,
    /// Whether the pinned row is still to be brought into view here.
    seeks: bool,
    /// The order that was shown last, and the points that f is of.
    order: Weak<RowOrder>,
    layout: Layout,
    values: Option<(Weak<Points>, Arc<[f32]>)>,
    has_focus: bool,
    copying: Option<Copying>,
}

/// What the window must do after the table was drawn.
#[derive(Default)]
pub(super) struct TableReply {
    /// Show this target in the plot.
    pub(super) goes_to: Option<usize>,
}

impl TableState {
    /// What it shows, of the `selected` rows where only those are.
    pub(super) fn wish(&self, selected: Option<Arc<RowBits>>) -> TableWish {
        TableWish { sort: self.sort.clone(), only: selected.filter(|_| self.only) }
    }

    /// Pins a row of the file, or unpins it where it is the one that is; scrolls the table to it.
    pub(super) fn pin(&mut self, row: u64) -> bool {
        let is_new = self.pinned != Some(row);
        self.pinned = is_new.then_some(row);
        self.seeks = is_new;
        is_new
    }

    /// Forgets what it needs only while it is shown.
    pub(super) fn hide(&mut self) {
        (self.values, self.has_focus) = (None, false);
    }

    /// The rows that it shows of `state`.
    fn rows(&mut self, state: &State) -> Option<TableRows> {
        let scene = state.scene.clone()?;
        let points = Arc::downgrade(&scene.prepared.drawn);
        if let Some(values) = scene.field.values() {
            self.values = Some((Weak::clone(&points), Arc::clone(values)));
        }
        self.values.take_if(|(of, _)| !of.ptr_eq(&points));
        let values = self.values.as_ref().map(|(_, values)| Arc::clone(values));
        let (order, columns) = (state.row_order().cloned(), state.row_columns().cloned());
        Some(TableRows { scene, order, columns, values })
    }

    /// Keeps what is marked where it is when the order changes.
    fn follow(&mut self, rows: &TableRows) {
        let order = rows.order.as_ref().map_or_else(Weak::new, Arc::downgrade);
        if !order.ptr_eq(&self.order) {
            self.order = order;
            self.marks.follow(rows);
        }
        if std::mem::take(&mut self.seeks)
            && let Some(target) = self.pinned.and_then(|row| rows.scene.prepared.target_of(row))
        {
            match rows.place_of(target) {
                Some(place) => self.marks.set(rows, place, false),
                None => self.marks = Marks::default(),
            }
        }
    }

    /// What of the columns of the file has to be read for it.
    pub(super) fn columns_wish(is_shown: bool, hover: &HoverColumns) -> Option<ColumnsWish> {
        match &hover.names[..] {
            _ if is_shown => Some(ColumnsWish::All),
            [] => None,
            names => Some(ColumnsWish::Named(names.to_vec())),
        }
    }

    /// Whether Ctrl+C is for its rows.
    pub(super) fn is_copied(&self) -> bool {
        self.has_focus && self.marks.range().is_some()
    }

    /// Begins to copy the marked rows.
    pub(super) fn copy(&mut self, ctx: &eframe::egui::Context, state: &State) -> Option<Notice> {
        let (rows, range) = (self.rows(state)?, self.marks.range()?);
        match Copying::begin(ctx, rows, range) {
            Ok(copying) => {
                self.copying = Some(copying);
                None
            }
            Err(notice) => Some(notice),
        }
    }

    /// Puts rows on the clipboard whose text is ready; says so.
    pub(super) fn finish_copy(&mut self, ctx: &eframe::egui::Context) -> Option<Notice> {
        let notice = self.copying.as_ref()?.finish(ctx)?;
        self.copying = None;
        Some(notice)
    }
}

/// Draws the table of what `state` holds; `wish` is what is asked for, and `can_select` says whether rows
/// are selected.
pub(super) fn table_ui(
    ui: &mut Ui,
    table: &mut TableState,
    hover: &mut HoverColumns,
    state: &State,
    wish: &TableWish,
    can_select: bool,
) -> TableReply {
    let Some(rows) = table.rows(state) else {
        ui.label("There are no points yet");
        return TableReply::default();
    };
    table.follow(&rows);
    table.layout.update(&rows);
    head_ui(ui, table, hover, &rows, wish, can_select);
    let room = ui.available_rect_before_wrap();
    let places = Places::of(room, table.layout.width());
    table.left = table.left.clamp(0.0, (table.layout.width() - places.body.width()).max(0.0));
    header_ui(ui, table, &rows, places.header);
    let RowsReply { pinned } = rows_ui(ui, table, &rows, places.body);
    let seen = f64::from(places.body.height() / ROW);
    let bar = Bar { name: "Scroll the rows", start: table.first, seen, total: rows.len() as f64 };
    table.first = bar.show(ui, places.right, true);
    if let Some(bottom) = places.bottom {
        let seen = f64::from(places.body.width());
        let total = f64::from(table.layout.width());
        let bar = Bar { name: "Scroll the columns", start: f64::from(table.left), seen, total };
        table.left = bar.show(ui, bottom, false) as f32;
    }
    ui.advance_cursor_after_rect(room);
    let mut reply = TableReply::default();
    if let Some(target) = pinned
        && let Some(row) = rows.row_of(target)
    {
        reply.goes_to = table.pin(row).then_some(target);
        // It is in view.
        table.seeks = false;
    }
    reply
}

/// Where the parts of the table are.
struct Places {
    header: Rect,
    body: Rect,
    /// The scroll bars.
    right: Rect,
    bottom: Option<Rect>,
}

impl Places {
    /// In `room`, for columns of this width together.
    fn of(room: Rect, width: f32) -> Self {
        let right = (room.right() - BAR).max(room.left());
        let top = room.top() + ROW + 4.0;
        let is_wide = width > right - room.left();
        let end = if is_wide { room.bottom() - BAR } else { room.bottom() };
        let end = end.max(top);
        let rect = |[x0, y0]: [f32; 2], [x1, y1]: [f32; 2]| {
            Rect::from_min_max(pos2(x0, y0), Pos2::new(x1, y1))
        };
        Self {
            header: rect([room.left(), room.top()], [right - 2.0, top]),
            body: rect([room.left(), top], [right - 2.0, end]),
            right: rect([right, top], [room.right(), end]),
            bottom: is_wide.then(|| rect([room.left(), end + 1.0], [right - 2.0, end + BAR])),
        }
    }
}
