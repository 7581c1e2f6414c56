//! Longitude and latitude, or right ascension and declination: degrees on a sphere.
//!
//! ```text
//! a degree of longitude = cos(latitude) degrees of latitude, on the ground
//! 179° and −179° are 2° apart, not 358°
//! ```

use crate::model::Cloud;

/// The axes of a cloud that are degrees on a sphere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Degrees {
    /// The axis of longitude or right ascension.
    pub longitude: usize,
    /// The axis of latitude or declination.
    pub latitude: usize,
    /// Whether it is the sky.
    pub is_sky: bool,
}

/// A cloud that lies on both sides of the meridian at which longitudes begin and end.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Seam {
    /// That meridian in degrees: 180 or 360.
    pub meridian: f64,
    /// The western and the eastern end of what holds nine tenths of the cloud, in degrees as they
    /// stand in the data.
    pub ends: [f64; 2],
}

/// Words in names of axes that mean longitude, and latitude.
const GROUND: [&[&str]; 2] = [
    &["lon", "lons", "long", "lng", "longitude", "longitudes", "longitud", "xlong", "glon"],
    &["lat", "lats", "latitude", "latitudes", "latitud", "xlat", "glat"],
];
/// The same of the sky.
const SKY: [&[&str]; 2] =
    [&["ra", "raj", "rightascension"], &["dec", "decl", "de", "dej", "declination"]];
/// The share of points that may lie outside the legal degrees: fill values and the like.
const OUTSIDE: f64 = 0.05;
/// A cloud lies across the seam where its spread around the circle is less than this share of that
/// along the axis.
const ACROSS: f64 = 0.6;

/// The words of a name: at what is no letter, and at a capital after a small letter.
fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut was_small = false;
    for letter in name.chars() {
        if !letter.is_alphabetic() || (was_small && letter.is_uppercase()) {
            words.push(String::new());
        }
        was_small = letter.is_lowercase();
        if letter.is_alphabetic()
            && let Some(word) = words.last_mut()
        {
            word.extend(letter.to_lowercase());
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

impl Degrees {
    /// The axes of `cloud` whose names and values say so; `None` unless there is one of each.
    pub fn of(cloud: &Cloud) -> Option<Self> {
        let named = |names: &[&str]| {
            let is_it = |axis: &usize| {
                let words = words(&cloud.axes()[*axis]);
                let whole = words.concat();
                names.iter().any(|name| words.iter().any(|word| word == name) || whole == *name)
            };
            let mut found = (0..cloud.dim()).filter(is_it);
            found.next().filter(|_| found.next().is_none())
        };
        let (longitude, latitude, is_sky) = [(GROUND, false), (SKY, true)]
            .into_iter()
            .find_map(|([lon, lat], is_sky)| Some((named(lon)?, named(lat)?, is_sky)))?;
        let outside = |point: &[f64]| {
            !(-180.0..=360.0).contains(&point[longitude]) || point[latitude].abs() > 90.0
        };
        let count = (0..cloud.len()).filter(|&i| outside(cloud.point(i))).count();
        (count as f64 <= OUTSIDE * cloud.len() as f64).then_some(Self {
            longitude,
            latitude,
            is_sky,
        })
    }

    /// The legal values of an axis.
    fn values(self, cloud: &Cloud, axis: usize) -> impl Iterator<Item = f64> + '_ {
        let most = if axis == self.latitude { 90.0 } else { 360.0 };
        (0..cloud.len()).map(move |i| cloud.point(i)[axis]).filter(move |v| v.abs() <= most)
    }

    /// Where the cloud lies across the meridian at which longitudes begin and end, if it does: most
    /// of its points, not some of a cloud around the whole globe.
    pub fn seam(self, cloud: &Cloud) -> Option<Seam> {
        let all: Vec<f64> = self.values(cloud, self.longitude).collect();
        if all.len() < 2 {
            return None;
        }
        let count = all.len() as f64;
        let (sine, cosine) = all.iter().fold((0.0, 0.0), |(sine, cosine), longitude| {
            let (s, c) = longitude.to_radians().sin_cos();
            (sine + s, cosine + c)
        });
        let middle = f64::atan2(sine, cosine).to_degrees();
        let around = |longitude: f64| (longitude - middle + 180.0).rem_euclid(360.0) - 180.0;
        let mean = all.iter().sum::<f64>() / count;
        let spread = |off: &dyn Fn(f64) -> f64| {
            (all.iter().map(|&longitude| off(longitude).powi(2)).sum::<f64>() / count).sqrt()
        };
        if spread(&around) >= ACROSS * spread(&|longitude| longitude - mean) {
            return None;
        }
        let mut moved: Vec<f64> = all.iter().map(|&longitude| around(longitude)).collect();
        moved.sort_unstable_by(f64::total_cmp);
        let from_zero = all.iter().all(|longitude| *longitude >= 0.0);
        let as_written = |off: f64| {
            let degrees = (middle + off + 180.0).rem_euclid(360.0) - 180.0;
            if from_zero && degrees < 0.0 { degrees + 360.0 } else { degrees }
        };
        let at = |share: f64| as_written(moved[(share * (moved.len() - 1) as f64) as usize]);
        let meridian = if from_zero { 360.0 } else { 180.0 };
        Some(Seam { meridian, ends: [at(0.05), at(0.95)] })
    }

    /// The latitude in the middle of the cloud, in degrees.
    pub fn middle(self, cloud: &Cloud) -> f64 {
        let mut latitudes: Vec<f64> = self.values(cloud, self.latitude).collect();
        if latitudes.is_empty() {
            return 0.0;
        }
        let middle = latitudes.len() / 2;
        *latitudes.select_nth_unstable_by(middle, f64::total_cmp).1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cloud(names: [&str; 2], points: &[[f64; 2]]) -> Cloud {
        Cloud::new(2, points.as_flattened().to_vec(), names.map(str::to_owned).to_vec())
    }

    #[test]
    fn degrees_are_known_by_name_and_value() {
        let near = [[10.0, 50.0], [11.0, 51.0]];
        for names in [
            ["lon", "lat"],
            ["Longitude", "Latitude"],
            ["decimalLongitude", "decimalLatitude"],
            ["LON_deg", "LAT_deg"],
            ["pickup_longitude", "pickup_latitude"],
            ["x (long)", "y (lat)"],
        ] {
            let found = Degrees::of(&cloud(names, &near)).expect("degrees");
            assert_eq!((found.longitude, found.latitude, found.is_sky), (0, 1, false));
        }
        let sky = Degrees::of(&cloud(["_DEJ2000", "_RAJ2000"], &[[-30.0, 200.0]])).expect("sky");
        assert_eq!((sky.longitude, sky.latitude, sky.is_sky), (1, 0, true));
        for names in [["x", "y"], ["lon", "y"], ["length", "latent"], ["along", "flat"]] {
            assert_eq!(Degrees::of(&cloud(names, &near)), None, "{names:?}");
        }
        // Metres are none, whatever their names.
        assert_eq!(Degrees::of(&cloud(["lon", "lat"], &[[5e5, 5e6], [6e5, 5e6]])), None);
    }

    #[test]
    fn a_cloud_across_the_seam_is_told_from_one_around_the_globe() {
        let seam = |longitudes: &[f64]| {
            let points: Vec<[f64; 2]> = longitudes.iter().map(|lon| [*lon, -17.0]).collect();
            let cloud = cloud(["lon", "lat"], &points);
            Degrees::of(&cloud).expect("degrees").seam(&cloud)
        };
        let found = seam(&[178.0, 179.0, -179.0, -178.5, 179.5]).expect("across");
        assert!((found.meridian - 180.0).abs() < 1e-12);
        assert!((found.ends[0] - 178.0).abs() < 1e-9 && found.ends[1] < -178.0, "{found:?}");
        let found = seam(&[359.0, 358.0, 2.0, 1.0]).expect("across");
        assert!((found.meridian - 360.0).abs() < 1e-12 && found.ends[0] > 350.0, "{found:?}");
        let globe: Vec<f64> = (0..360).map(|k| f64::from(k) - 180.0).collect();
        for whole in [&globe[..], &[-5.0, 3.0, 8.0], &[100.0, 120.0, 150.0]] {
            assert_eq!(seam(whole), None);
        }
        // Nor does a stray on the other side of the world hide it.
        let most = (0..200).map(|k| if k == 0 { 3.0 } else { 175.0 + 0.05 * f64::from(k) });
        let wrapped = |lon: f64| if lon > 180.0 { lon - 360.0 } else { lon };
        assert!(seam(&most.map(wrapped).collect::<Vec<_>>()).is_some());
    }

    #[test]
    fn the_middle_is_the_median_latitude() {
        let cloud = cloud(["lng", "lat"], &[[0.0, 10.0], [1.0, 60.0], [2.0, 62.0]]);
        let found = Degrees::of(&cloud).expect("degrees").middle(&cloud);
        assert!((found - 60.0).abs() < 1e-12);
    }
}
