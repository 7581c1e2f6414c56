//! The value of `--bounds`: a part of the plane, as X0,X1,Y0,Y1.

/// A part of the plane; of a line only the first two ends count.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bounds {
    pub(super) x: [f64; 2],
    pub(super) y: Option<[f64; 2]>,
}

pub(super) fn parse_bounds(text: &str) -> Result<Bounds, String> {
    let numbers: Option<Vec<f64>> = text
        .split(',')
        .map(|part| part.trim().parse::<f64>().ok().filter(|v| v.is_finite()))
        .collect();
    let side = |ends: &[f64]| (ends[0] < ends[1]).then(|| [ends[0], ends[1]]);
    let bounds = numbers.and_then(|ends| match ends.len() {
        2 => Some(Bounds { x: side(&ends)?, y: None }),
        4 => Some(Bounds { x: side(&ends[..2])?, y: Some(side(&ends[2..])?) }),
        _ => None,
    });
    bounds.ok_or_else(|| {
        "expected four numbers, X0,X1,Y0,Y1, with X0 below X1 and Y0 below Y1 (of points of one \
         coordinate two, X0,X1)"
            .to_owned()
    })
}
