//! Where a label fits on a line: its straightest part.

/// A place on a line and the direction of the line there.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LabelPlace {
    /// The middle of the label.
    pub middle: [f64; 2],
    /// The angle to read it by, in degrees clockwise from the right, −90 to 90: never upside down.
    pub angle: f64,
}

/// The middle of the straightest part of `width` along a line in pixels, y downwards; `None` where the
/// line is shorter than that, or bends back within every part.
pub fn straightest(line: &[[f64; 2]], width: f64) -> Option<LabelPlace> {
    /// The least distance of a part's ends, as a share of its length: less straight, and letters
    /// would stand apart from the line.
    const STRAIGHT: f64 = 0.9;
    let mut along = Vec::with_capacity(line.len());
    let mut length = 0.0;
    for (k, point) in line.iter().enumerate() {
        if k > 0 {
            length += (point[0] - line[k - 1][0]).hypot(point[1] - line[k - 1][1]);
        }
        along.push(length);
    }
    let (mut best, mut end) = (None, 0);
    for start in 0..line.len() {
        while end + 1 < line.len() && along[end] - along[start] < width {
            end += 1;
        }
        let passed = along[end] - along[start];
        if passed < width {
            break;
        }
        let step = [0, 1].map(|axis| line[end][axis] - line[start][axis]);
        let share = step[0].hypot(step[1]) / passed;
        if share > STRAIGHT && best.is_none_or(|(most, _, _)| share > most) {
            best = Some((share, start, end));
        }
    }
    let (_, start, end) = best?;
    let [a, b] = [line[start], line[end]];
    let turned = (b[1] - a[1]).atan2(b[0] - a[0]).to_degrees();
    let angle = if turned > 90.0 {
        turned - 180.0
    } else if turned < -90.0 {
        turned + 180.0
    } else {
        turned
    };
    let middle = line[usize::midpoint(start, end)];
    Some(LabelPlace { middle, angle })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_lie_on_the_straight_part() {
        let arc =
            (0..50).map(|k| (f64::from(k) * 0.06).sin_cos()).map(|(s, c)| [20.0 * c, 20.0 * s]);
        let straight = (1..40).map(|k| [-20.0 - 3.0 * f64::from(k), 3.0]);
        let line: Vec<[f64; 2]> = arc.chain(straight).collect();
        let place = straightest(&line, 60.0).expect("a straight part");
        assert!(place.middle[0] < -40.0 && place.angle.abs() < 10.0, "{place:?}");
        assert_eq!(straightest(&line[..10], 60.0), None);
        assert_eq!(straightest(&[], 60.0), None);
    }
}
