//! Messages over the plot: confirmations vanish after a few seconds, errors stay until they are
//! closed. None is in the way of what the pointer is at.

use std::time::{Duration, Instant};

use eframe::egui::{
    Align2, Area, Button, Color32, Context, Frame, Id, Label, Order, Pos2, Rect, RichText, Role,
    Ui, Vec2, WidgetInfo, pos2, vec2,
};

use super::wording::in_window;
use crate::session::{Notice, NoticeKind};

/// How long a confirmation stays on screen: long enough to be read.
const STAYS: Duration = Duration::from_secs(5);
/// How long it takes to vanish, at the end of that.
const FADES: Duration = Duration::from_millis(600);
/// The most messages at once; older ones are dropped first. More would cover the plot.
const MAX: usize = 4;
/// The widest that a message is, in logical pixels.
const WIDTH: f32 = 640.0;
/// Room between the messages and the edges of the plot.
const MARGIN: f32 = 10.0;
/// Room for the buttons of a message.
const BUTTONS: f32 = 68.0;
/// How far from the pointer what is told of a hovered target may reach.
const HOVERED: Vec2 = vec2(180.0, 110.0);
/// How much is left of a message that is over what is hovered.
const SEEN_THROUGH: f32 = 0.12;

/// The messages on screen.
#[derive(Default)]
pub(super) struct Notices(Vec<(Notice, Instant)>);

impl Notices {
    /// Begins with these messages.
    pub(super) fn of(notices: Vec<Notice>) -> Self {
        let mut shown = Self::default();
        for notice in notices {
            shown.push(notice);
        }
        shown
    }

    /// Adds a message.
    pub(super) fn push(&mut self, Notice { kind, text }: Notice) {
        let notice = Notice { kind, text: in_window(&text) };
        self.0.retain(|(shown, _)| *shown != notice);
        self.0.push((notice, Instant::now()));
        let surplus = self.0.len().saturating_sub(MAX);
        self.0.drain(..surplus);
    }

    /// The messages that have not been closed, without confirmations: another window shows them
    /// again.
    pub(super) fn unread(&self) -> Vec<Notice> {
        let notices = self.0.iter().map(|(notice, _)| notice);
        notices.filter(|notice| notice.kind != NoticeKind::Done).cloned().collect()
    }

    /// Draws the messages at the foot of the plot, whose inside is `plot`. One that is near the pointer
    /// lets what is behind it be seen and hovered; its buttons stay.
    pub(super) fn show(&mut self, ctx: &Context, plot: Rect) {
        self.0.retain(|(notice, at)| notice.kind != NoticeKind::Done || at.elapsed() < STAYS);
        if self.0.is_empty() {
            return;
        }
        let left = |(notice, at): &(Notice, Instant)| {
            let stays = notice.kind != NoticeKind::Done;
            (!stays).then(|| STAYS.saturating_sub(at.elapsed()))
        };
        if let Some(next) = self.0.iter().filter_map(left).min() {
            // The next frame is due when the first of them begins to fade, and then at once.
            ctx.request_repaint_after(next.saturating_sub(FADES));
        }
        let plot = if plot.is_positive() { plot } else { ctx.content_rect() };
        let width = WIDTH.min(plot.width() - 2.0 * MARGIN).max(160.0);
        let pointer = ctx.pointer_hover_pos().filter(|pointer| plot.contains(*pointer));
        let mut read = None;
        // From the newest at the bottom upwards.
        let mut bottom = plot.bottom() - MARGIN;
        for (k, entry) in self.0.iter().enumerate().rev() {
            let place = pos2(plot.center().x, bottom);
            let id = Id::unique("notice").with(k);
            let covers = |rect: Rect| pointer.is_some_and(|at| rect.expand2(HOVERED).contains(at));
            let before = ctx.data(|data| data.get_temp::<Rect>(id));
            let mut opacity = if before.is_some_and(covers) { SEEN_THROUGH } else { 1.0 };
            if let Some(left) = left(entry) {
                opacity *= (left.as_secs_f32() / FADES.as_secs_f32()).min(1.0);
            }
            let body = body_ui(ctx, id, place, width, &entry.0, opacity);
            ctx.data_mut(|data| data.insert_temp(id, body));
            if buttons_ui(ctx, id, body, &entry.0) {
                read = Some(k);
            }
            bottom = body.top() - 4.0;
        }
        if let Some(k) = read {
            self.0.remove(k);
        }
    }
}

/// Draws a message whose middle at the bottom is at `place`; returns where it is. The pointer passes
/// through it.
fn body_ui(ctx: &Context, id: Id, place: Pos2, width: f32, notice: &Notice, opacity: f32) -> Rect {
    let area = Area::new(id).pivot(Align2::CENTER_BOTTOM).fixed_pos(place).constrain(true);
    let area = area.order(Order::Foreground).interactable(false);
    let shown = area.show(ctx, |ui| {
        ui.set_opacity(opacity);
        let (bullet, mark) = match notice.kind {
            NoticeKind::Done => ("✔", ui.visuals().text_color()),
            NoticeKind::BadInput => ("⚠", ui.visuals().warn_fg_color),
            NoticeKind::Failed | NoticeKind::Lost => ("⚠", ui.visuals().error_fg_color),
        };
        Frame::popup(ui.style()).show(ui, |ui| {
            ui.horizontal(|ui| {
                ui.label(RichText::new(bullet).color(mark));
                ui.vertical(|ui| {
                    ui.set_max_width(width - BUTTONS - 48.0);
                    ui.add(Label::new(&notice.text).wrap().selectable(false));
                });
                ui.add_space(BUTTONS);
            });
        });
    });
    shown.response.rect
}

/// Draws the buttons of the message at `body`; returns whether it is to be closed.
fn buttons_ui(ctx: &Context, id: Id, body: Rect, notice: &Notice) -> bool {
    let area = Area::new(id.with("buttons")).pivot(Align2::RIGHT_TOP).constrain(false);
    let area = area.fixed_pos(body.right_top() + vec2(-8.0, 7.0)).order(Order::Foreground);
    let shown = area.show(ctx, |ui| {
        ui.horizontal(|ui| {
            let button = |ui: &mut Ui, text: &str, name: &str| {
                let button = ui.add(Button::new(text).small().fill(Color32::TRANSPARENT));
                button.widget_info(|| WidgetInfo::labeled(Role::Button, true, name));
                button.on_hover_text(name).clicked()
            };
            if notice.kind != NoticeKind::Done && button(ui, "🗐", "Copy message") {
                ui.ctx().copy_text(notice.text.clone());
            }
            button(ui, "✖", "Close message")
        })
    });
    shown.inner.inner
}
