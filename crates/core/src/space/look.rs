//! A direction of view as users write it, `YAW,PITCH[,DISTANCE]`, for a command line or a saved view.

use super::camera::{Camera, usable_distance, usable_pitch, usable_yaw};
use super::number::{finite, shortest};
use super::unit_box::Space;
use crate::escape::escaped;
use std::{fmt, str::FromStr};

/// From where the box of the data is looked at, independent of the data and of the picture.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ViewDirection {
    /// Turn around z in degrees, as in [`Camera`]; any finite number.
    pub yaw: f64,
    /// Height in degrees, from −90 to 90.
    pub pitch: f64,
    /// A factor of the distance at which the whole box fits, above 0: 1 shows all, 0.5 is twice as
    /// near. Left out it is 1.
    pub distance: Option<f64>,
}

impl ViewDirection {
    /// The camera that looks at the middle of the box of `space` from here, in a picture of the given
    /// aspect (width/height).
    #[must_use]
    pub fn camera(&self, space: &Space, aspect: f64, perspective: bool) -> Camera {
        let fitting = Camera::around(space, aspect);
        Camera {
            yaw: usable_yaw(self.yaw),
            pitch: usable_pitch(self.pitch),
            distance: usable_distance(fitting.distance * self.distance.unwrap_or(1.0)),
            perspective,
            ..fitting
        }
    }
}

impl FromStr for ViewDirection {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let parts: Vec<&str> = text.split(',').collect();
        let (&[yaw, pitch], rest) =
            parts.split_first_chunk().ok_or_else(|| wrong_count(text, parts.len()))?;
        if rest.len() > 1 {
            return Err(wrong_count(text, parts.len()));
        }
        let (yaw, pitch) = (finite(yaw, "yaw")?, finite(pitch, "pitch")?);
        if pitch.abs() > 90.0 {
            return Err(format!(
                "pitch: expected degrees from -90 to 90, found {}",
                shortest(pitch)
            ));
        }
        let distance = rest.first().map(|text| finite(text, "distance")).transpose()?;
        if let Some(distance) = distance.filter(|&distance| distance <= 0.0) {
            return Err(format!(
                "distance: expected a factor above 0, found {}",
                shortest(distance)
            ));
        }
        Ok(Self { yaw, pitch, distance })
    }
}

fn wrong_count(text: &str, count: usize) -> String {
    let values = if count == 1 { "value" } else { "values" };
    format!(
        "\"{}\": found {count} {values}; expected YAW,PITCH or YAW,PITCH,DISTANCE, such as -35,25,0.5",
        escaped(text)
    )
}

/// Writes `YAW,PITCH[,DISTANCE]` so that it reads back the same.
impl fmt::Display for ViewDirection {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{},{}", shortest(self.yaw), shortest(self.pitch))?;
        self.distance.map_or(Ok(()), |distance| write!(formatter, ",{}", shortest(distance)))
    }
}

#[cfg(test)]
#[allow(clippy::float_cmp)]
mod tests {
    use super::super::{Camera, Space};
    use super::ViewDirection;

    #[test]
    fn what_is_written_reads_back_the_same() {
        for text in ["-35,25", "0,-90,0.5", "370.125,89.9,1e-9"] {
            assert_eq!(text.parse::<ViewDirection>().expect(text).to_string(), text);
        }
        let spaced = " 10 , 20 , 2 ".parse::<ViewDirection>();
        assert_eq!(spaced, Ok(ViewDirection { yaw: 10.0, pitch: 20.0, distance: Some(2.0) }));
    }

    #[test]
    fn errors_say_what_was_found_and_expected() {
        let error = |text: &str| text.parse::<ViewDirection>().expect_err(text);
        assert!(error("10").starts_with("\"10\": found 1 value; expected YAW,PITCH or"));
        assert!(error("1,2,3,4").contains("found 4 values"));
        assert_eq!(error("a,2"), "yaw: expected a finite number, found \"a\"");
        assert_eq!(error("1,91"), "pitch: expected degrees from -90 to 90, found 91");
        assert_eq!(error("1,2,0"), "distance: expected a factor above 0, found 0");
        assert_eq!(error("1,2,inf"), "distance: expected a finite number, found \"inf\"");
        assert_eq!(error("1,2,"), "distance: expected a finite number, found \"\"");
    }

    #[test]
    fn the_distance_is_a_factor_of_the_one_that_fits() {
        let space = Space::equal([0.0; 3], [4.0, 2.0, 1.0]);
        let fitting = Camera::around(&space, 0.7);
        let camera =
            |text: &str| text.parse::<ViewDirection>().expect(text).camera(&space, 0.7, false);
        assert_eq!(camera("-35,25"), Camera { perspective: false, ..fitting });
        assert_eq!(camera("200,25,0.5").distance, fitting.distance * 0.5);
        assert_eq!(camera("200,25,0.5").yaw, -160.0);
    }
}
