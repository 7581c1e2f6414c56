//! The flags that look at points of three coordinates in space.

use clap::Args;

use super::Failure;
use crate::{
    engine::Unobserved,
    escape::escaped,
    model::{Dim, Params},
    session::{AnimationSpec, Scene, Source, SpacePicture, SpaceViewport},
    space::{Camera, Slab, ViewDirection},
};

/// From where points in space are looked at.
#[derive(Args, Clone, Debug, Default)]
pub struct SpaceOptions {
    /// Show points of three or more coordinates in space, in perspective, from this direction in degrees (0,0
    /// is from the front, 0,90 from the top) and this part of the distance from which the whole box of axes is
    /// seen; --axes A,B,C chooses the axes [default: -35,25,1 with --slab]
    #[arg(
        long,
        value_name = "YAW,PITCH[,DISTANCE]",
        allow_hyphen_values = true,
        conflicts_with = "bounds",
        help_heading = "Look"
    )]
    camera: Option<ViewDirection>,
    /// The camera in full, with --camera=YAW,PITCH: the point that it looks at, and how far away it is, in lengths of
    /// the longest side of the box of axes, whose middle is 0,0,0
    #[arg(
        long,
        value_name = "X,Y,Z,DISTANCE",
        value_parser = parse_look_at,
        allow_hyphen_values = true,
        requires = "camera",
        help_heading = "Look"
    )]
    look_at: Option<LookAt>,
    /// Draw space in parallel projection rather than in perspective
    #[arg(long, requires = "look_at", help_heading = "Look")]
    parallel: bool,
    /// In space, show only what lies from LOW to HIGH along an axis: x, y, z or the name of its column; either
    /// end may be left out
    #[arg(
        long,
        value_name = "AXIS=LOW:HIGH",
        allow_hyphen_values = true,
        conflicts_with = "bounds",
        help_heading = "Look"
    )]
    slab: Option<String>,
}

/// A point in the unit coordinates of the box, and a distance from it.
#[derive(Clone, Copy, Debug, PartialEq)]
struct LookAt {
    target: [f64; 3],
    distance: f64,
}

fn parse_look_at(text: &str) -> Result<LookAt, String> {
    let numbers: Vec<f64> = text.split(',').filter_map(|part| part.trim().parse().ok()).collect();
    let is_finite = numbers.iter().all(|number| number.is_finite());
    match numbers[..] {
        [x, y, z, distance]
            if is_finite && distance > 0.0 && text.split(',').count() == numbers.len() =>
        {
            Ok(LookAt { target: [x, y, z], distance })
        }
        _ => Err("expected four numbers, X,Y,Z,DISTANCE, the last one above 0".to_owned()),
    }
}

impl SpaceOptions {
    /// The same for a view that turns: in space, whatever else is asked for.
    pub(super) fn turning(&self) -> Self {
        Self { camera: self.camera.or(Some(AnimationSpec::USUAL)), ..self.clone() }
    }

    fn flag(&self) -> Option<&'static str> {
        if self.camera.is_some() { Some("--camera") } else { self.slab.as_ref().map(|_| "--slab") }
    }

    /// Sets the projection of `params` to one of space, if a flag asks for it; `source` reads the file where
    /// only that tells how many coordinates there are.
    ///
    /// # Errors
    /// When the points have fewer than three coordinates, or cannot be read.
    pub(super) fn check(&self, params: &mut Params, source: &mut Source) -> Result<(), Failure> {
        let Some(flag) = self.flag() else { return Ok(()) };
        let dim = match params.dim().map(Dim::get) {
            Some(dim) => dim,
            None => source.prepare(params, &mut Unobserved)?.drawn.dim(),
        };
        if dim < 3 {
            return Err(Failure::bad_input(format!(
                "{flag}: expected points of three or more coordinates, found {dim}: a space has three \
                 axes; drop the flag"
            )));
        }
        if !params.projection.within(dim).is_space() {
            params.projection = params.projection.turned(dim);
        }
        Ok(())
    }

    /// From where a picture of `scene` looks at it; `all` says whether the box is around all targets.
    ///
    /// # Errors
    /// When the slab is none.
    pub(super) fn picture(&self, scene: &Scene, all: bool) -> Result<SpacePicture, Failure> {
        let names = scene.shown.labels3();
        let names = [0, 1, 2].map(|axis| names[axis].as_str());
        let slab = self.slab.as_deref().map(|text| Slab::parse(text, &names)).transpose();
        let slab = slab.map_err(|err| Failure::bad_input(format!("--slab {}", escaped(&err))))?;
        let camera = self.camera.zip(self.look_at);
        let camera = camera.map(|(ViewDirection { yaw, pitch, .. }, look_at)| {
            let LookAt { target, distance } = look_at;
            Camera { yaw, pitch, distance, target, perspective: !self.parallel }
        });
        let viewport = SpaceViewport { camera, slab, all };
        Ok(SpacePicture { viewport, direction: self.camera.filter(|_| camera.is_none()) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_a_camera_looks_is_four_numbers() {
        let found = parse_look_at("0.1,-2,1e-9,0.5").expect("legal");
        assert_eq!(found, LookAt { target: [0.1, -2.0, 1e-9], distance: 0.5 });
        for bad in ["", "1,2,3", "1,2,3,0", "1,2,3,-1", "1,2,3,inf", "1,x,3,4,5", "1,2,nan,4"] {
            assert!(parse_look_at(bad).is_err(), "{bad}");
        }
    }
}
