//! The arrow keys: right and up make σ larger, left and down smaller, by 1 % or, with Shift, by 10
//! %.

use eframe::egui::{Context, Key, Modifiers, Popup};

/// Each key, and whether it makes σ larger.
pub(super) const ARROWS: [(Key, bool); 4] = [
    (Key::ArrowLeft, false),
    (Key::ArrowDown, false),
    (Key::ArrowRight, true),
    (Key::ArrowUp, true),
];

/// What each press multiplies or divides σ by. Shift comes first: egui counts a key without
/// modifiers also while Shift is held.
const STEPS: [(Modifiers, f64); 2] = [(Modifiers::SHIFT, 1.1), (Modifiers::NONE, 1.01)];

/// The factor for σ of the arrow keys that were pressed; `None` also while a control has the focus,
/// which uses the keys itself.
pub(super) fn nudge(ctx: &Context) -> Option<f64> {
    if ctx.memory(|memory| memory.focused().is_some()) || Popup::is_any_open(ctx) {
        return None;
    }
    ctx.input_mut(|i| {
        let mut factor = None;
        for (modifiers, step) in STEPS {
            for (key, larger) in ARROWS {
                let times = i.count_and_consume_key(modifiers, key) as i32;
                if times > 0 {
                    let step = step.powi(if larger { times } else { -times });
                    factor = Some(factor.unwrap_or(1.0) * step);
                }
            }
        }
        factor
    })
}

/// `value` rounded to this many significant digits.
pub(super) fn rounded(value: f64, digits: usize) -> f64 {
    format!("{value:.*e}", digits.saturating_sub(1)).parse().unwrap_or(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[expect(clippy::float_cmp, reason = "decimal fractions as they are read")]
    fn what_is_set_has_few_digits() {
        assert_eq!(rounded(0.123_456_789, 4), 0.1235);
        assert_eq!(rounded(1e-9 / 3.0, 2), 3.3e-10);
        assert_eq!(rounded(0.3 * 1.01, 6), 0.303);
        assert_eq!(rounded(0.303 / 1.01, 6), 0.3);
    }
}
