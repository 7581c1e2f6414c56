//! Projects the targets, of any number of dimensions, to their places in the plot.
//!
//! ```text
//!   d = 1   x across, f up: the place of a dot follows its value
//!   d = 2   as they are
//!   d ≥ 3   two of the coordinates, or the first two principal components; three of either in space
//! ```

use std::sync::Arc;

use rayon::prelude::*;

use super::{Home, SpaceRanges};
use crate::{
    color::{Scale, below_range},
    criteria::Whitening,
    escape::escaped,
    figure::ViewBox,
    gpu::{Curve, FieldRange, ScatterView},
    model::{Cloud, OutOfRange, Points, Principal, Projection},
    numbers::format_number,
    plane::PlaneSources,
};

/// A coordinate outside every view, for dots that have no place.
const NOWHERE: f32 = 1e30;

/// Where a place is drawn, if some axes are logarithmic.
fn drawn_at<const K: usize>(logarithmic: [bool; 2], place: [f64; K]) -> [f64; K] {
    std::array::from_fn(|k| match place[k] {
        value if k > 1 || !logarithmic[k] => value,
        value if value > 0.0 => value.log10(),
        _ => f64::NAN,
    })
}

/// Where the targets are drawn.
#[derive(Debug)]
pub struct Shown {
    points: Arc<Points>,
    onto: Onto,
    /// Which of both are drawn at their logarithm to base 10, though sums know nothing of it.
    drawn_log: [bool; 2],
    home: Home,
    /// The ranges on three axes, where they lie in space.
    space: Option<SpaceRanges>,
}

#[derive(Debug)]
enum Onto {
    /// At x and f.
    Line,
    /// On two coordinates.
    Axes([usize; 2]),
    /// On two directions.
    Principal(Principal),
    /// In space, at three coordinates.
    Space([usize; 3]),
    /// In space, along three directions.
    SpacePrincipal(Principal),
}

impl Onto {
    fn place(&self, point: &[f64]) -> [f64; 2] {
        match self {
            Self::Line => [point[0], 0.0],
            Self::Axes([across, up]) | Self::Space([across, up, _]) => [point[*across], point[*up]],
            Self::Principal(principal) | Self::SpacePrincipal(principal) => principal.place(point),
        }
    }

    fn place3(&self, point: &[f64]) -> [f64; 3] {
        match self {
            Self::Space(axes) => axes.map(|axis| point[axis]),
            Self::SpacePrincipal(principal) => principal.place3(point),
            Self::Line | Self::Axes(_) | Self::Principal(_) => {
                let [x, y] = self.place(point);
                [x, y, 0.0]
            }
        }
    }
}

impl Shown {
    /// Lays the targets of `points` out; `log_axes` says which axes are to be drawn logarithmically. Axes of
    /// logarithms are so already, and f and principal components never are.
    pub(super) fn new(points: &Arc<Points>, projection: Projection, log_axes: [bool; 2]) -> Self {
        let dim = points.dim();
        let onto = match projection.within(dim) {
            _ if dim == 1 => Onto::Line,
            Projection::Automatic => Onto::Axes([0, 1]),
            Projection::Axes(axes) => Onto::Axes(axes),
            Projection::Principal => Onto::Principal(Principal::of(points.targets())),
            Projection::Space(axes) => Onto::Space(axes),
            Projection::SpacePrincipal => Onto::SpacePrincipal(Principal::of(points.targets())),
        };
        let is_log = |axis: usize| points.targets().logarithmic()[axis];
        let drawn_log = match onto {
            Onto::Line => [log_axes[0] && !is_log(0), false],
            Onto::Axes([x, y]) | Onto::Space([x, y, _]) => {
                [log_axes[0] && !is_log(x), log_axes[1] && !is_log(y)]
            }
            Onto::Principal(_) | Onto::SpacePrincipal(_) => [false; 2],
        };
        let place = |i: usize| drawn_at(drawn_log, onto.place(points.targets().point(i)));
        let home = Home::of(points.n(), &place);
        let place3 = |i: usize| drawn_at(drawn_log, onto.place3(points.targets().point(i)));
        let is_space = matches!(onto, Onto::Space(_) | Onto::SpacePrincipal(_));
        let space = is_space.then(|| SpaceRanges::of(points.n(), &place3));
        Self { points: Arc::clone(points), onto, drawn_log, home, space }
    }

    /// The ranges of the targets on three axes, where they lie in space.
    pub fn space(&self) -> Option<&SpaceRanges> {
        self.space.as_ref()
    }

    /// Whether targets are drawn in a plane, at two numbers that do not depend on f.
    pub fn is_plane(&self) -> bool {
        !self.is_line() && self.space.is_none()
    }

    /// Number of targets.
    pub fn n(&self) -> usize {
        self.points.n()
    }

    /// Whether the height of a dot is its value.
    pub fn is_line(&self) -> bool {
        matches!(self.onto, Onto::Line)
    }

    /// Whether what stands across and up are logarithms to base 10.
    pub fn logarithmic(&self) -> [bool; 2] {
        let logarithmic = self.points.targets().logarithmic();
        let summed = match self.onto {
            Onto::Line => [logarithmic[0], false],
            Onto::Axes([x, y]) | Onto::Space([x, y, _]) => [logarithmic[x], logarithmic[y]],
            Onto::Principal(_) | Onto::SpacePrincipal(_) => [false; 2],
        };
        [0, 1].map(|k| summed[k] || self.drawn_log[k])
    }

    /// The same of the three axes of a space.
    pub fn logarithmic3(&self) -> [bool; 3] {
        let [x, y] = self.logarithmic();
        let z = match self.onto {
            Onto::Space([_, _, z]) => self.points.targets().logarithmic()[z],
            _ => false,
        };
        [x, y, z]
    }

    /// Whether some axis is drawn logarithmically while sums are not: what is round for the kernel is not
    /// round there.
    pub fn is_warped(&self) -> bool {
        self.drawn_log.contains(&true)
    }

    /// Where target `i` is drawn, in the user's units, on a logarithmic axis at the logarithm to base 10; on
    /// a line at height 0, as far as it is known without f. NaN where there is no logarithm.
    pub fn place(&self, i: usize) -> [f64; 2] {
        drawn_at(self.drawn_log, self.onto.place(self.points.targets().point(i)))
    }

    /// The same in space; on other projections the third number is 0.
    pub fn place3(&self, i: usize) -> [f64; 3] {
        drawn_at(self.drawn_log, self.onto.place3(self.points.targets().point(i)))
    }

    /// What was subtracted from both axes before they were cast to f32.
    pub fn center(&self) -> [f64; 2] {
        let center = self.points.center();
        let center = match self.onto {
            Onto::Line => [center[0], 0.0],
            Onto::Axes([across, up]) | Onto::Space([across, up, _]) => [center[across], center[up]],
            // Counted from the mean as they are.
            Onto::Principal(_) | Onto::SpacePrincipal(_) => [0.0; 2],
        };
        [0, 1].map(|k| if self.drawn_log[k] { 0.0 } else { center[k] })
    }

    /// Places of `targets` less [`Self::center`] in single precision, one after the other.
    pub(super) fn centred_places(
        &self,
        targets: impl IndexedParallelIterator<Item = usize>,
    ) -> Vec<[f32; 2]> {
        let center = self.center();
        let centred = |i| {
            let place = self.place(i);
            [0, 1].map(|k| {
                let centred = (place[k] - center[k]) as f32;
                if centred.is_nan() { NOWHERE } else { centred }
            })
        };
        targets.map(centred).collect()
    }

    /// Places of `targets` in space, in the unit coordinates of [`SpaceRanges::base`] and in single precision;
    /// none where they do not lie in space.
    pub(super) fn unit_places(
        &self,
        targets: impl IndexedParallelIterator<Item = usize>,
    ) -> Option<Vec<[f32; 3]>> {
        let base = self.space.as_ref()?.base();
        let place = |i| {
            let unit = base.to_unit(self.place3(i)).map(|value| value as f32);
            if unit.iter().any(|value| value.is_nan()) { [NOWHERE; 3] } else { unit }
        };
        Some(targets.map(place).collect())
    }

    /// How the part `view` of the plane is drawn on `size` pixels: dots of this radius in pixels and this
    /// opacity, in the colours of `scale`.
    pub fn scatter_view(
        &self,
        view: &ViewBox,
        size: [f32; 2],
        radius: f32,
        opacity: f32,
        scale: &Scale,
        dark: bool,
    ) -> ScatterView {
        let curve = Curve::of(scale);
        // The shader takes logarithms to base 2.
        let unit = if curve == Curve::Log { std::f64::consts::LN_2 } else { 1.0 };
        let [low, high] = scale.ends().unwrap_or_default().map(|end| end / unit);
        let center = self.center();
        let middle = |[a, b]: [f64; 2], axis: usize| f64::midpoint(a, b) - center[axis];
        ScatterView {
            center: [middle(view.x, 0), middle(view.y, 1)],
            span: [view.x[1] - view.x[0], view.y[1] - view.y[0]],
            size,
            radius,
            opacity,
            curve,
            low,
            high,
            below: below_range(dark),
            dark,
            rimmed: false,
            hides_rest: false,
            space: None,
        }
    }

    /// What a ball of radius `sigma` is in the plane, seen from afar: two conjugate half axes of an
    /// ellipse, for sums in what `whitening` makes of the points. On a line only the first counts.
    pub fn reach(&self, sigma: f64, whitening: Option<&Whitening>) -> [[f64; 2]; 2] {
        let Some(whitening) = whitening else { return [[sigma, 0.0], [0.0, sigma]] };
        let dim = self.points.dim();
        let back = whitening.inverse();
        let origin = self.onto.place(&vec![0.0; dim]);
        // Row by row of the ellipse's matrix B·Bᵀ, where the columns of B are what the steps along the
        // scaled axes are in the plane; its Cholesky factor has conjugate half axes as columns.
        let (mut xx, mut xy, mut yy) = (0.0, 0.0, 0.0);
        for k in 0..dim {
            let step: Vec<f64> = (0..dim).map(|row| back[row * dim + k]).collect();
            let place = self.onto.place(&step);
            let [x, y] = [place[0] - origin[0], place[1] - origin[1]];
            xx += x * x;
            xy += x * y;
            yy += y * y;
        }
        let across = xx.sqrt();
        let skew = if across > 0.0 { xy / across } else { 0.0 };
        [[sigma * across, sigma * skew], [0.0, sigma * (yy - skew * skew).max(0.0).sqrt()]]
    }

    /// The sources as they lie in the plane, for sums in what `whitening` makes of the points.
    ///
    /// # Errors
    /// When the points have one coordinate, an axis is only drawn logarithmically, or the kernel is flat along a direction of the plane.
    pub fn plane_sources(&self, whitening: Option<&Whitening>) -> Result<PlaneSources, OutOfRange> {
        if self.is_line() {
            return Err(OutOfRange {
                what: "number of coordinates",
                found: "1".to_owned(),
                expected: "two or more, for a plane".to_owned(),
            });
        }
        if self.is_warped() {
            return Err(OutOfRange {
                what: "scale of the axes",
                found: "logarithmic, but only drawn so".to_owned(),
                expected: "linear, or logarithms that are summed".to_owned(),
            });
        }
        let sources = self.points.sources();
        let places = (0..sources.len()).flat_map(|j| self.onto.place(sources.point(j))).collect();
        let cloud = Cloud::new(2, places, Cloud::default_axes(2));
        let cloud = match sources.weights() {
            Some(weights) => cloud.with_weights(weights.to_vec()),
            None => cloud,
        };
        PlaneSources::new(cloud, self.reach(1.0, whitening))
    }

    /// The sources along one axis of the plot, shape (m, 1), and the kernel's width there where σ is 1, for
    /// sums in what `whitening` makes of the points.
    pub fn axis_sources(&self, axis: usize, whitening: Option<&Whitening>) -> (Cloud, f64) {
        let sources = self.points.sources();
        let place = |j| self.onto.place(sources.point(j))[axis];
        let places = (0..sources.len()).map(place).collect();
        let cloud = Cloud::new(1, places, Cloud::default_axes(1));
        let cloud = match sources.weights() {
            Some(weights) => cloud.with_weights(weights.to_vec()),
            None => cloud,
        };
        let [first, second] = self.reach(1.0, whitening);
        (cloud, first[axis].hypot(second[axis]))
    }

    /// The names of both axes; `values` is that of f.
    pub fn labels(&self, values: &str) -> [String; 2] {
        let axes = self.points.targets().axes();
        match &self.onto {
            Onto::Line => [escaped(&axes[0]), values.to_owned()],
            Onto::Axes([across, up]) | Onto::Space([across, up, _]) => {
                [escaped(&axes[*across]), escaped(&axes[*up])]
            }
            Onto::Principal(principal) | Onto::SpacePrincipal(principal) => {
                [0, 1].map(|k| component(principal, k))
            }
        }
    }

    /// The names of the three axes of a space; empty on other projections.
    pub fn labels3(&self) -> [String; 3] {
        let axes = self.points.targets().axes();
        match &self.onto {
            Onto::Space(shown) => shown.map(|axis| escaped(&axes[axis])),
            Onto::SpacePrincipal(principal) => [0, 1, 2].map(|k| component(principal, k)),
            Onto::Line | Onto::Axes(_) | Onto::Principal(_) => Default::default(),
        }
    }

    /// The bulk of the targets, with a margin; `range` is that of f.
    pub fn most(&self, range: FieldRange) -> ViewBox {
        self.with_height(self.home.most, range)
    }

    /// All targets, with a margin.
    pub fn all(&self, range: FieldRange) -> ViewBox {
        self.with_height(self.home.all, range)
    }

    /// How many targets lie outside [`Self::most`]; in space outside of the box around the bulk.
    pub fn outside(&self) -> usize {
        self.space.as_ref().map_or(self.home.outside, |space| space.outside)
    }

    fn with_height(&self, view: ViewBox, range: FieldRange) -> ViewBox {
        if !self.is_line() {
            return view;
        }
        let [low, high] = [range.min.min(0.0), range.max.max(0.0)].map(f64::from);
        let y = if high > low { Home::padded([low, high]) } else { [-0.04, 1.04] };
        ViewBox { y, ..view }
    }
}

/// The name of an axis along a principal component.
fn component(principal: &Principal, k: usize) -> String {
    let percent = format_number(100.0 * principal.shares[k], 3);
    format!("{} principal component ({percent} % of the variance)", ["1st", "2nd", "3rd"][k])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(dim: usize, coordinates: &[f64], projection: Projection) -> Shown {
        let cloud = Cloud::new(dim, coordinates.to_vec(), Cloud::default_axes(dim));
        let points = Points::new(cloud.clone(), cloud).expect("near points");
        Shown::new(&Arc::new(points), projection, [false; 2])
    }

    fn range(min: f32, max: f32) -> FieldRange {
        FieldRange { min, max, ..FieldRange::default() }
    }

    #[test]
    #[expect(clippy::float_cmp, reason = "short decimal fractions of round numbers")]
    fn points_of_one_coordinate_are_drawn_at_x_and_f() {
        let line = shown(1, &[0.0, 10.0], Projection::default());
        assert!(line.is_line());
        assert_eq!(line.place(1), [10.0, 0.0]);
        assert_eq!(line.labels("f (sum)"), ["x1", "f (sum)"]);
        let view = line.most(range(0.5, 100.0));
        assert_eq!((view.x, view.y), ([-0.4, 10.4], [-4.0, 104.0]));
        assert_eq!(line.most(range(-1.0, 0.0)).y, [-1.04, 0.04]);
        assert_eq!(line.most(range(0.0, 0.0)).y, [-0.04, 1.04]);
    }

    #[test]
    #[expect(clippy::float_cmp, reason = "coordinates are passed on as they are")]
    fn points_of_three_coordinates_are_drawn_on_the_two_that_were_chosen() {
        let points = [1.0, 2.0, 3.0, 4.0, 5.0, 9.0];
        let on = |axes| shown(3, &points, Projection::Axes(axes));
        assert_eq!(on([2, 0]).place(1), [9.0, 4.0]);
        assert_eq!(on([2, 0]).labels("f"), ["x3", "x1"]);
        // An axis that is not there.
        assert_eq!(on([3, 0]).place(1), [4.0, 5.0]);
        let principal = shown(3, &points, Projection::Principal);
        let [first, second] = principal.place(1);
        assert!((first - 13.5_f64.sqrt()).abs() < 1e-12 && second.abs() < 1e-12);
        assert!(principal.labels("f")[0].contains("1st principal component (100 %"));
        assert_eq!(principal.centred_places((0..2).into_par_iter()).len(), 2);
    }

    #[test]
    fn a_ball_in_standard_deviations_is_an_ellipse_in_the_plane() {
        // Axes of spreads 2 and 0.5, and correlated ones.
        let coordinates: Vec<f64> = (0..400)
            .flat_map(|k| {
                let (a, b) = ((f64::from(k) * 0.7).sin(), (f64::from(k) * 1.3).cos());
                [2.0 * a, 0.5 * b + 0.3 * a, 7.0 * b]
            })
            .collect();
        let shown = shown(3, &coordinates, Projection::Axes([0, 1]));
        assert_eq!(shown.reach(0.3, None), [[0.3, 0.0], [0.0, 0.3]]);
        let cloud = Cloud::new(3, coordinates, Cloud::default_axes(3));
        let axes = Whitening::standardising(&cloud).expect("a spread");
        let units = axes.in_units_of_axes(0.3);
        let [[x, skew], [_, y]] = shown.reach(0.3, Some(&axes));
        assert!((x / units[0] - 1.0).abs() < 1e-9 && skew.abs() < 1e-9);
        assert!((y / units[1] - 1.0).abs() < 1e-9);
        // Whitened, it has the shape of the cloud itself: its shadow reaches as far along each axis.
        let coordinates: Vec<f64> =
            cloud.coordinates().chunks(3).flat_map(|p| [p[0], p[1]]).collect();
        let plane = Cloud::new(2, coordinates.clone(), Cloud::default_axes(2));
        let full = Whitening::full(&plane).expect("a spread");
        let [[x, skew], [_, y]] =
            self::shown(2, &coordinates, Projection::default()).reach(0.3, Some(&full));
        assert!((x / units[0] - 1.0).abs() < 1e-9 && skew > 0.0);
        assert!((skew.hypot(y) / units[1] - 1.0).abs() < 1e-9);
    }
}
