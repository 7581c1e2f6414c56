//! What the names of columns say: which belong together, which only tell rows apart.

use std::collections::HashMap;

/// Names that belong together, in the order of the coordinates; compared without case and marks.
const KNOWN: &[&[&str]] = &[
    &["x", "y"],
    &["x", "y", "z"],
    &["longitude", "latitude"],
    &["lon", "lat"],
    &["long", "lat"],
    &["lng", "lat"],
    &["lon", "latitude"],
    &["longitude", "lat"],
    &["ra", "dec"],
    &["radeg", "decdeg"],
    &["ra", "de"],
    &["rightascension", "declination"],
    &["easting", "northing"],
    &["eastings", "northings"],
    &["east", "north"],
    &["xcoord", "ycoord"],
    &["coordx", "coordy"],
    &["posx", "posy"],
    &["xpos", "ypos"],
    &["pointx", "pointy"],
    &["centerx", "centery"],
    &["umap1", "umap2"],
    &["umap0", "umap1"],
    &["umapx", "umapy"],
    &["tsne1", "tsne2"],
    &["tsne0", "tsne1"],
    &["tsnex", "tsney"],
    &["pc1", "pc2"],
    &["pc0", "pc1"],
    &["pca1", "pca2"],
    &["pc1", "pc2", "pc3"],
    &["dim1", "dim2"],
    &["component1", "component2"],
];

/// Families of [`KNOWN`] that may share a longer beginning: `decimalLongitude`, `stop_lat`.
const PREFIXED: &[&[&str]] =
    &[&["longitude", "latitude"], &["lon", "lat"], &["lng", "lat"], &["pc1", "pc2"]];

/// Names of columns that say which row it is, not where.
const IDENTIFIERS: &[&str] = &[
    "id",
    "index",
    "idx",
    "row",
    "rowid",
    "rownum",
    "no",
    "nr",
    "number",
    "fid",
    "gid",
    "oid",
    "objectid",
    "pk",
    "key",
    "code",
    "zip",
    "zipcode",
    "postcode",
    "postalcode",
    "plz",
    "fips",
];

/// Gives each column a unique name: `column_3` without one, `x_2` for the second `x`.
pub(super) fn unique(cells: impl Iterator<Item = String>) -> Vec<(String, bool)> {
    let mut taken = HashMap::<String, usize>::new();
    let mut names = Vec::new();
    for (k, cell) in cells.enumerate() {
        let unnamed = cell.is_empty();
        let base = if unnamed { format!("column_{}", k + 1) } else { cell };
        let mut name = base.clone();
        while taken.contains_key(&name) {
            let count = taken.entry(base.clone()).or_insert(1);
            *count += 1;
            name = format!("{base}_{count}");
        }
        taken.insert(name.clone(), 1);
        names.push((name, unnamed));
    }
    names
}

/// The first known group of `dim` names, as positions in `names`; all of them satisfy `usable`.
pub(super) fn known(
    names: &[&str],
    dim: usize,
    usable: &dyn Fn(usize) -> bool,
) -> Option<Vec<usize>> {
    let mut places = HashMap::<String, usize>::new();
    for (k, name) in names.iter().enumerate().filter(|(k, _)| usable(*k)) {
        places.entry(plain(name)).or_insert(k);
    }
    let whole = KNOWN
        .iter()
        .filter(|group| group.len() == dim)
        .find_map(|group| group.iter().map(|&name| places.get(name).copied()).collect());
    let prefixed = || {
        PREFIXED.iter().filter(|group| group.len() == dim).find_map(|group| {
            names.iter().find_map(|name| {
                let name = plain(name);
                let prefix = name.strip_suffix(group[0])?;
                let place = |last: &&str| places.get(&format!("{prefix}{last}")).copied();
                group.iter().map(place).collect()
            })
        })
    };
    whole.or_else(prefixed)
}

/// Whether a column of this name says which row it is, not where.
pub(super) fn is_identifier(name: &str) -> bool {
    IDENTIFIERS.contains(&plain(name).as_str())
        || name.to_lowercase().ends_with("_id")
        || name.starts_with("Unnamed: ")
}

/// A name without case and marks: `UMAP_1`, `umap-1` and `Umap 1` are `umap1`.
fn plain(name: &str) -> String {
    name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_are_known_by_any_spelling_when_all_of_them_are_usable() {
        let names = ["Latitude", "tSNE 2", "t-SNE_1", "LON", "stop_lng", "stop_lat"];
        assert_eq!(known(&names, 2, &|_| true), Some(vec![3, 0]));
        assert_eq!(known(&names, 2, &|k| k != 0), Some(vec![2, 1]));
        assert_eq!(known(&names, 2, &|k| k > 2), Some(vec![4, 5]));
        assert_eq!(known(&names, 3, &|_| true), None);
    }

    #[test]
    fn identifiers_are_known_by_name() {
        for name in ["id", "ZIP code", "station_id", "Unnamed: 0", "index"] {
            assert!(is_identifier(name), "{name}");
        }
        for name in ["x", "width", "valid", "idle", "height"] {
            assert!(!is_identifier(name), "{name}");
        }
    }

    #[test]
    fn names_become_unique() {
        let names = ["x", "x", "", "x_2", "x", "column_3"];
        let unique: Vec<String> = unique(names.iter().map(|&name| name.to_owned()))
            .into_iter()
            .map(|(name, _)| name)
            .collect();
        assert_eq!(unique, ["x", "x_2", "column_3", "x_2_2", "x_3", "column_3_2"]);
    }
}
