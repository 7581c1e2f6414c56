//! Copies rows of the table: their text is made on a thread of its own, and put on the clipboard when it is
//! there.

use std::{
    io,
    ops::Range,
    sync::{
        Arc,
        mpsc::{Receiver, TryRecvError, channel},
    },
};

use eframe::egui::Context;

use crate::{
    numbers::format_number,
    session::{MOST_COPIED, Notice, NoticeKind, TableRows},
};

/// Rows that are being copied.
pub(super) struct Copying {
    text: Receiver<Result<String, io::Error>>,
    /// What to say when they are.
    told: String,
}

impl Copying {
    /// Begins with the rows at these places.
    pub(super) fn begin(ctx: &Context, rows: TableRows, range: Range<u64>) -> Result<Self, Notice> {
        let now = rows.scene.field.values();
        let is_old = !rows.values.as_ref().zip(now).is_some_and(|(a, b)| Arc::ptr_eq(a, b));
        let told = told(range.end - range.start, is_old);
        let (sender, text) = channel();
        let ctx = ctx.clone();
        let thread = std::thread::Builder::new().name("sigmascope-copy".to_owned());
        let copy = move || {
            // Who does not wait any more does not want it.
            let _ = sender.send(rows.tab_separated(range));
            ctx.request_repaint();
        };
        match thread.spawn(copy) {
            Ok(_) => Ok(Self { text, told }),
            Err(err) => Err(failed(&err)),
        }
    }

    /// Puts the rows on the clipboard if their text is ready; returns what to tell.
    pub(super) fn finish(&self, ctx: &Context) -> Option<Notice> {
        match self.text.try_recv() {
            Ok(Ok(text)) => {
                ctx.copy_text(text);
                Some(Notice { kind: NoticeKind::Done, text: self.told.clone() })
            }
            Ok(Err(err)) => Some(failed(&err)),
            Err(TryRecvError::Empty) => None,
            Err(TryRecvError::Disconnected) => {
                Some(failed(&io::Error::other("an internal error stopped it")))
            }
        }
    }
}

fn failed(err: &io::Error) -> Notice {
    Notice { kind: NoticeKind::Failed, text: format!("the rows were not copied: {err}") }
}

/// What is told of so many rows; `is_old` says that f is not that of the present σ.
fn told(marked: u64, is_old: bool) -> String {
    let count = |rows: u64| format_number(rows as f64, 12);
    let copied = marked.min(MOST_COPIED);
    let rows = if copied == 1 { "row" } else { "rows" };
    let mut told = format!("Copied {} {rows}", count(copied));
    if copied < marked {
        told = format!(
            "Copied the first {} of {} rows: save a table for more",
            count(copied),
            count(marked)
        );
    }
    if is_old {
        told += "; f is not that of the present σ";
    }
    told
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_is_told() {
        assert_eq!(told(1, false), "Copied 1 row");
        assert_eq!(told(3, false), "Copied 3 rows");
        assert!(told(3, true).contains("f is not that of"));
        assert!(told(2_000_000, false).starts_with("Copied the first 100,000 of 2,000,000 rows"));
    }
}
