//! The table of rows in the window: its panel, and the row that is pinned here and in the plot.

use std::sync::Arc;

use eframe::egui::{Context, Panel, Ui};

use super::{
    super::table::{HEIGHT, PLOT, TableState, table_ui},
    Window,
};
use crate::{
    figure::ViewBox,
    selection::RowBits,
    session::{Notice, NoticeKind, Section, State, TableRows, Viewport},
};

/// The rows of the file that are selected.
fn selected_rows(state: &State) -> Option<Arc<RowBits>> {
    (!state.selection.is_empty()).then(|| Arc::clone(&state.selection.rows))
}

impl Window {
    /// Whether the table of rows is shown.
    pub(super) fn shows_table(&self) -> bool {
        self.preferences.settings().table.unwrap_or(false)
    }

    /// Whether the side panel tells what the selected rows have in common.
    fn tells_selection(&self, ctx: &Context) -> bool {
        let is_unfolded = self.controls.unfolded.contains(&Section::Selection);
        is_unfolded && self.shows_panel(ctx) && !self.state.selection.is_empty()
    }

    /// Draws the table of rows, if it is switched on, and asks for what it, the side panel and hovering need.
    pub(super) fn table_panel(&mut self, ui: &mut Ui) {
        let is_shown = self.shows_table();
        let rows = self.scene().and_then(|scene| scene.prepared.target_rows.clone());
        if self.scene().is_some() && self.hover.keep_for(rows.as_ref()) {
            self.table = TableState::default();
        }
        let is_told = self.tells_selection(ui.ctx());
        self.session.row_columns().want(TableState::columns_wish(is_shown || is_told, &self.hover));
        if !is_shown {
            self.table.hide();
            self.session.row_order().want(None);
            return;
        }
        let state = self.state.clone();
        let selected = selected_rows(&state);
        let can_select = selected.is_some();
        let wish = self.table.wish(selected.clone());
        let most = (ui.available_height() - PLOT).max(HEIGHT[1]);
        let panel = Panel::bottom("table").resizable(true).default_size(HEIGHT[0].min(most));
        let panel = panel.size_range(HEIGHT[1]..=most);
        let (table, hover) = (&mut self.table, &mut self.hover);
        let reply =
            panel.show(ui, |ui| table_ui(ui, table, hover, &state, &wish, can_select)).inner;
        let wanted = self.table.wish(selected);
        if wanted != wish {
            ui.ctx().request_repaint();
        }
        self.session.row_order().want(Some(wanted));
        if let Some(target) = reply.goes_to {
            self.show_target(target);
        }
    }

    /// Pins a target that was clicked in the plot, or unpins it; in space, where a click measures, only beside
    /// the table.
    pub(super) fn pin_clicked(&mut self, ctx: &Context, clicked: Option<usize>) {
        let is_plane = self.scene().is_none_or(|scene| scene.shown.space().is_none());
        let clicked = clicked.filter(|_| is_plane || self.shows_table());
        let row = clicked.and_then(|target| self.scene()?.prepared.row_of(target));
        if let Some(row) = row {
            self.table.pin(row);
            // The table is drawn before the plot.
            ctx.request_repaint();
        }
    }

    /// The target that is pinned, if the row is one.
    pub(super) fn pinned_target(&self) -> Option<usize> {
        self.scene()?.prepared.target_of(self.table.pinned?)
    }

    /// Moves the view to a target that is outside; its size stays.
    fn show_target(&mut self, target: usize) {
        let Some(scene) = self.scene() else { return };
        let mut place = scene.shown.place(target);
        if scene.shown.is_line() {
            let f = scene.field.values().and_then(|values| values.get(target).copied());
            place[1] = f.map_or(f64::NAN, f64::from);
        }
        let ViewBox { x, y } = self.plot.view;
        let is_inside =
            [x, y].iter().zip(place).all(|([low, high], at)| (*low..=*high).contains(&at));
        if is_inside || !place.iter().all(|at| at.is_finite()) {
            return;
        }
        let around = |[low, high]: [f64; 2], at: f64| {
            let half = 0.5 * (high - low);
            [at - half, at + half]
        };
        let view = ViewBox { x: around(x, place[0]), y: around(y, place[1]) };
        self.plot.go_to(Viewport::Free(view));
    }

    /// Copies the marked rows of the table.
    pub(super) fn copy_rows(&mut self, ctx: &Context) {
        if let Some(notice) = self.table.copy(ctx, &self.state) {
            self.notices.push(notice);
        }
    }

    /// Copies the numbers of the target under the pointer, else of the one that is pinned: their names in a line,
    /// and they in the next.
    pub(super) fn copy_target(&mut self, ctx: &Context) {
        let target = self.pointed.or_else(|| self.pinned_target());
        let rows = self.scene().map(|scene| TableRows {
            scene: Arc::clone(scene),
            order: None,
            columns: self.state.row_columns().cloned(),
            values: scene.field.values().cloned(),
        });
        let found = target.zip(rows).filter(|(target, rows)| (*target as u64) < rows.len());
        let copied = found.and_then(|(target, rows)| {
            let place = target as u64;
            Some((rows.tab_separated(place..place + 1).ok()?, rows.row_of(target)?))
        });
        let notice = if let Some((text, row)) = copied {
            ctx.copy_text(text);
            let text = format!("Copied the numbers of row {row}");
            Notice { kind: NoticeKind::Done, text }
        } else {
            let text = "Numbers are copied of a target: point at one, or click one to pin it";
            Notice { kind: NoticeKind::BadInput, text: text.to_owned() }
        };
        self.notices.push(notice);
    }

    /// Tells of rows whose text has come to the clipboard.
    pub(super) fn finish_copy(&mut self, ctx: &Context) {
        if let Some(notice) = self.table.finish_copy(ctx) {
            self.notices.push(notice);
        }
    }
}
