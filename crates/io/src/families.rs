//! Columns that belong together by their names: alike but for x, y and z, longitude and latitude, right
//! ascension and declination, easting and northing, numbered components.

use std::collections::HashMap;

/// Words for the two coordinates of a place on a sphere or a map; the first pair that is found is taken.
/// Names may have more around these words, the same in both.
const PAIRS: [(&[&str], &[&str]); 3] = [
    (&["longitude", "lon", "lng", "long"], &["latitude", "lat", "lat", "lat"]),
    (&["rightascension", "raj2000", "radeg", "ra"], &["declination", "dej2000", "decdeg", "dec"]),
    (&["eastings", "easting", "east"], &["northings", "northing", "north"]),
];
/// More pairs, compared whole: `de` inside of a name says nothing.
const WHOLE_PAIRS: [(&str, &str); 9] = [
    ("longitude", "lat"),
    ("lon", "latitude"),
    ("lng", "latitude"),
    ("ra", "de"),
    ("ra", "decl"),
    ("radeg", "dedeg"),
    ("raicrs", "deicrs"),
    ("glon", "glat"),
    ("e", "n"),
];
/// Names of components, which are numbered by what stands behind them.
const COMPONENTS: [&str; 14] = [
    "pc",
    "pca",
    "umap",
    "tsne",
    "phate",
    "mds",
    "nmds",
    "ica",
    "dim",
    "dimension",
    "comp",
    "component",
    "embedding",
    "v",
];
/// Words that may stand right in front of or behind x, y and z without a mark between.
const STEMS: [&str; 20] = [
    "pos",
    "position",
    "coord",
    "coordinate",
    "coords",
    "center",
    "centre",
    "centroid",
    "point",
    "loc",
    "location",
    "mean",
    "map",
    "proj",
    "projected",
    "utm",
    "umap",
    "tsne",
    "pixel",
    "median",
];

/// Columns that belong together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Family {
    /// Their positions, in the order of the coordinates.
    pub(super) columns: Vec<usize>,
    /// What they have in common, as the end of a sentence.
    pub(super) why: &'static str,
}

/// The first family among `names`; all of its columns satisfy `usable`, and a z is taken only where it
/// `varies`. With `dim` it has as many columns.
pub(super) fn family(
    names: &[&str],
    dim: Option<usize>,
    usable: &dyn Fn(usize) -> bool,
    varies: &dyn Fn(usize) -> bool,
) -> Option<Family> {
    let all = [cartesian, on_a_sphere, components];
    all.iter().find_map(|find| find(names, dim, usable, varies))
}

type Usable<'a> = &'a dyn Fn(usize) -> bool;

/// x, y and perhaps z, with the same around them.
fn cartesian(
    names: &[&str],
    dim: Option<usize>,
    usable: Usable<'_>,
    varies: Usable<'_>,
) -> Option<Family> {
    // What stands around each letter, by letter; the plainest names come first.
    let mut found: HashMap<(String, char), usize> = HashMap::new();
    let mut around: Vec<(usize, String)> = Vec::new();
    for (k, name) in names.iter().enumerate().filter(|(k, _)| usable(*k)) {
        for (letter, rest) in letters(name) {
            found.entry((rest.clone(), letter)).or_insert(k);
            if letter == 'x' {
                around.push((k, rest));
            }
        }
    }
    around.sort_by_key(|(k, rest)| (rest.chars().count(), *k));
    around.iter().find_map(|(x, rest)| {
        let other = |letter| found.get(&(rest.clone(), letter)).copied();
        let y = other('y')?;
        let z = other('z').filter(|z| dim == Some(3) || dim.is_none() && varies(*z));
        let columns: Vec<usize> = [Some(*x), Some(y), z].into_iter().flatten().collect();
        if dim.is_some_and(|dim| dim != columns.len()) {
            return None;
        }
        let why =
            if columns.len() == 3 { "alike but for x, y and z" } else { "alike but for x and y" };
        Some(Family { columns, why })
    })
}

/// The letters x, y, z of a name that may tell its coordinate, each with what stands around it in lower
/// case.
fn letters(name: &str) -> Vec<(char, String)> {
    let chars: Vec<char> = name.chars().collect();
    let word =
        |range: std::ops::Range<usize>| chars[range].iter().collect::<String>().to_lowercase();
    let mut found = Vec::new();
    for (k, c) in chars.iter().enumerate() {
        let letter = c.to_ascii_lowercase();
        if !('x'..='z').contains(&letter) {
            continue;
        }
        let before = (0..k).rev().take_while(|&i| chars[i].is_alphabetic()).last().unwrap_or(k);
        let after =
            (k + 1..chars.len()).find(|&i| !chars[i].is_alphabetic()).unwrap_or(chars.len());
        let (head, tail) = (before..k, k + 1..after);
        // `posX`, `PositionX`: a capital behind a small letter begins a word; `Xpos` likewise.
        let begins = head.is_empty()
            || (c.is_uppercase() && chars[k - 1].is_lowercase())
            || STEMS.contains(&word(head).as_str());
        let ends = tail.is_empty() || STEMS.contains(&word(tail.clone()).as_str()) || {
            c.is_lowercase() && chars[k + 1].is_uppercase()
        };
        if begins && ends {
            let around = chars.iter().enumerate().map(|(i, c)| if i == k { '\0' } else { *c });
            let around: String = around.flat_map(char::to_lowercase).collect();
            found.push((letter, around));
        }
    }
    found
}

/// Longitude and latitude and their kin.
fn on_a_sphere(
    names: &[&str],
    dim: Option<usize>,
    usable: Usable<'_>,
    _: Usable<'_>,
) -> Option<Family> {
    if dim.is_some_and(|dim| dim != 2) {
        return None;
    }
    let plain_names: Vec<String> = names.iter().map(|name| plain(name)).collect();
    let place = |wanted: &str| (0..names.len()).find(|&k| usable(k) && plain_names[k] == wanted);
    let pair = |east: &str, north: &str| Some(vec![place(east)?, place(north)?]);
    let whole = || {
        let alike = PAIRS.iter().flat_map(|(east, north)| east.iter().zip(north.iter()));
        alike
            .map(|(east, north)| (*east, *north))
            .chain(WHOLE_PAIRS)
            .find_map(|(east, north)| pair(east, north))
    };
    // The same word inside of longer names: `decimalLongitude`, `lon_deg`, `Longitude (°)`.
    let inside = || {
        PAIRS.iter().flat_map(|(east, north)| east.iter().zip(north.iter())).find_map(
            |(east, north)| {
                (0..names.len()).filter(|&k| usable(k)).find_map(|k| {
                    let others = partners(names[k], east, north);
                    let partner = others.into_iter().find_map(|other| {
                        (0..names.len()).find(|&j| usable(j) && names[j].to_lowercase() == other)
                    })?;
                    Some(vec![k, partner])
                })
            },
        )
    };
    let columns = whole().or_else(inside)?;
    Some(Family { columns, why: "coordinates on a sphere or a map by their names" })
}

/// The name with `from` as a word of its own replaced by `to`, in lower case: for each place where it stands.
fn partners(name: &str, from: &str, to: &str) -> Vec<String> {
    let lower = name.to_lowercase();
    // Lower case may take another number of bytes than the name: then the ends of words are not known.
    let same_places = lower.len() == name.len();
    let is_letter = |c: Option<char>| c.is_some_and(char::is_alphabetic);
    lower
        .match_indices(from)
        .filter(|(start, _)| {
            let end = start + from.len();
            let before = lower[..*start].chars().last();
            let capital = same_places
                && name.is_char_boundary(*start)
                && name[*start..].chars().next().is_some_and(char::is_uppercase);
            (!is_letter(before) || capital) && !is_letter(lower[end..].chars().next())
        })
        .map(|(start, _)| format!("{}{to}{}", &lower[..start], &lower[start + from.len()..]))
        .collect()
}

/// The first two of numbered components: `PC1`, `UMAP_1`, `X_tsne-0`, `V1`.
fn components(
    names: &[&str],
    dim: Option<usize>,
    usable: Usable<'_>,
    _: Usable<'_>,
) -> Option<Family> {
    let wanted = dim.unwrap_or(2);
    let numbered: HashMap<(String, u64), usize> = (0..names.len())
        .rev()
        .filter(|&k| usable(k))
        .filter_map(|k| Some((component(names[k])?, k)))
        .collect();
    // The lowest number of each stem is 0 or 1, and the columns come in the order of the file.
    let mut stems: Vec<(usize, &String, u64)> = numbered
        .iter()
        .filter(|((stem, number), _)| {
            *number == 0 || (*number == 1 && !numbered.contains_key(&(stem.clone(), 0)))
        })
        .map(|((stem, number), k)| (*k, stem, *number))
        .collect();
    stems.sort_unstable();
    stems.into_iter().find_map(|(_, stem, start)| {
        let column = |k: usize| numbered.get(&(stem.clone(), start + k as u64)).copied();
        let columns: Option<Vec<usize>> = (0..wanted).map(column).collect();
        Some(Family { columns: columns?, why: "the first numbered components" })
    })
}

/// The stem and the number of a numbered component.
fn component(name: &str) -> Option<(String, u64)> {
    let name = plain(name);
    let digits = name.len() - name.trim_end_matches(|c: char| c.is_ascii_digit()).len();
    let (stem, number) = name.split_at(name.len() - digits);
    let is_known = COMPONENTS.iter().any(|component| {
        // `X_umap1`, `harmonyUMAP1`; but a lone letter says something only by itself.
        if component.len() > 2 { stem.ends_with(component) } else { stem == *component }
    });
    is_known.then_some((stem.to_owned(), number.parse().ok()?))
}

/// A name without case and marks: `UMAP_1`, `umap-1` and `Umap 1` are `umap1`.
pub(super) fn plain(name: &str) -> String {
    name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(names: &[&str]) -> Option<Vec<usize>> {
        family(names, None, &|_| true, &|_| true).map(|family| family.columns)
    }

    #[test]
    fn names_alike_but_for_a_letter_belong_together() {
        let cases: &[(&[&str], &[usize])] = &[
            (&["mass", "y", "X"], &[2, 1]),
            (&["frame", "x [nm]", "y [nm]"], &[1, 2]),
            (&["Position X", "Position Y", "Position Z"], &[0, 1, 2]),
            (&["ID", "POSITION_Y", "POSITION_X"], &[2, 1]),
            (&["x_um", "y_um"], &[0, 1]),
            (&["Centroid X µm", "Centroid Y µm"], &[0, 1]),
            (&["posX", "posY"], &[0, 1]),
            (&["xpos", "ypos", "zpos"], &[0, 1, 2]),
            (&["centerx", "centery"], &[0, 1]),
            (&["x1", "y1", "x2", "y2"], &[0, 1]),
            (&["vx", "vy", "x", "y"], &[2, 3]),
            (&["x", "y", "z_score"], &[0, 1]),
            (&["UMAP_X", "UMAP_Y"], &[0, 1]),
            (&["sx", "Point.Y", "Point.X"], &[2, 1]),
            (&["X (m)", "Y (m)", "Z (m)"], &[0, 1, 2]),
            (&["X_centroid", "Y_centroid"], &[0, 1]),
            (&["z", "y", "x"], &[2, 1, 0]),
        ];
        for (names, columns) in cases {
            assert_eq!(found(names).as_deref(), Some(*columns), "{names:?}");
        }
        for names in
            [&["max", "may"][..], &["box", "boy"], &["x"], &["x", "y_err"], &["fax", "fay"]]
        {
            assert_eq!(found(names), None, "{names:?}");
        }
        let flat = family(&["x", "y", "z"], None, &|_| true, &|k| k != 2).expect("x and y");
        assert_eq!(flat.columns, [0, 1]);
        let two = family(&["x", "y", "z"], Some(2), &|_| true, &|_| true).expect("x and y");
        assert_eq!(two.columns, [0, 1]);
    }

    #[test]
    fn longitudes_and_their_kin_belong_together() {
        let cases: &[(&[&str], &[usize])] = &[
            (&["latitude", "longitude"], &[1, 0]),
            (&["lat", "alt", "lng"], &[2, 0]),
            (&["decimalLatitude", "decimalLongitude"], &[1, 0]),
            (&["stop_lat", "stop_lon"], &[1, 0]),
            (&["Latitude (°)", "Longitude (°)"], &[1, 0]),
            (&["lat_deg", "lon_deg"], &[1, 0]),
            (&["RA", "mag", "Dec"], &[0, 2]),
            (&["RAJ2000", "DEJ2000"], &[0, 1]),
            (&["ra_deg", "dec_deg"], &[0, 1]),
            (&["northing", "easting"], &[1, 0]),
            (&["Latitude", "LON"], &[1, 0]),
            (&["GPS Latitude", "GPS Longitude"], &[1, 0]),
        ];
        for (names, columns) in cases {
            assert_eq!(found(names).as_deref(), Some(*columns), "{names:?}");
        }
        for names in [&["platform", "along"][..], &["salon", "slat"], &["extra", "decade"]] {
            assert_eq!(found(names), None, "{names:?}");
        }
    }

    #[test]
    fn components_give_their_first_two() {
        let cases: &[(&[&str], &[usize])] = &[
            (&["a", "UMAP_1", "UMAP_2"], &[1, 2]),
            (&["tSNE-2", "tSNE-1"], &[1, 0]),
            (&["PC 3", "PC 2", "PC 1"], &[2, 1]),
            (&["PC0", "PC1", "PC2"], &[0, 1]),
            (&["V1", "V2", "V3"], &[0, 1]),
            (&["X_umap1", "X_umap2"], &[0, 1]),
            (&["cell", "UMAP1", "UMAP2", "PC1", "PC2"], &[1, 2]),
        ];
        for (names, columns) in cases {
            assert_eq!(found(names).as_deref(), Some(*columns), "{names:?}");
        }
        let three = family(&["PC1", "PC2", "PC3"], Some(3), &|_| true, &|_| true);
        assert_eq!(three.expect("three").columns, [0, 1, 2]);
        assert_eq!(found(&["rev1", "rev2"]), None);
    }
}
