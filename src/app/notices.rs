//! Messages over the plot: confirmations vanish after a few seconds, errors stay until they are
//! closed.

use std::time::{Duration, Instant};

use eframe::egui::{Align2, Area, Button, Color32, Context, Frame, Id, Order, RichText, vec2};

use crate::session::{Notice, NoticeKind};

/// How long a confirmation stays on screen: long enough to be read.
const STAYS: Duration = Duration::from_secs(5);
/// The most messages at once; older ones are dropped first. More would cover the plot.
const MAX: usize = 4;

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
    pub(super) fn push(&mut self, notice: Notice) {
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

    /// Draws the messages.
    pub(super) fn show(&mut self, ctx: &Context) {
        self.0.retain(|(notice, at)| notice.kind != NoticeKind::Done || at.elapsed() < STAYS);
        if self.0.is_empty() {
            return;
        }
        if let Some(next) = self
            .0
            .iter()
            .filter(|(notice, _)| notice.kind == NoticeKind::Done)
            .map(|(_, at)| STAYS.saturating_sub(at.elapsed()))
            .min()
        {
            ctx.request_repaint_after(next);
        }
        let mut read = None;
        Area::new(Id::unique("notices"))
            .anchor(Align2::CENTER_BOTTOM, vec2(0.0, -96.0))
            .order(Order::Foreground)
            .show(ctx, |ui| {
                for (k, (notice, _)) in self.0.iter().enumerate() {
                    let mark = match notice.kind {
                        NoticeKind::Done => ui.visuals().text_color(),
                        NoticeKind::BadInput => ui.visuals().warn_fg_color,
                        NoticeKind::Failed | NoticeKind::Lost => ui.visuals().error_fg_color,
                    };
                    Frame::popup(ui.style()).show(ui, |ui| {
                        ui.set_max_width(640.0);
                        ui.horizontal(|ui| {
                            let bullet = match notice.kind {
                                NoticeKind::Done => "✔",
                                _ => "⚠",
                            };
                            ui.label(RichText::new(bullet).color(mark));
                            ui.vertical(|ui| {
                                ui.set_max_width(560.0);
                                ui.label(&notice.text);
                            });
                            let close = Button::new("✖").small().fill(Color32::TRANSPARENT);
                            let close = ui.add(close);
                            close.widget_info(|| {
                                use eframe::egui::{Role, WidgetInfo};
                                WidgetInfo::labeled(Role::Button, true, "Close message")
                            });
                            if close.clicked() {
                                read = Some(k);
                            }
                        });
                    });
                }
            });
        if let Some(k) = read {
            self.0.remove(k);
        }
    }
}
