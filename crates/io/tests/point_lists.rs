//! Lists of points: XYZ, PTS and ASC in the forms that programs write, and what is refused.

use sigmascope_core::engine::Unobserved;
use sigmascope_io::{LoadError, LoadOptions, Loaded, load};

fn read(name: &str, content: &str, options: &LoadOptions) -> Result<Loaded, LoadError> {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join(name);
    std::fs::write(&path, content).expect("written");
    load(&path, options, &mut Unobserved)
}

fn taken(name: &str, content: &str) -> Loaded {
    read(name, content, &LoadOptions::default()).expect(content)
}

fn refused(name: &str, content: &str) -> String {
    let loaded = read(name, content, &LoadOptions::default()).map(|loaded| loaded.report);
    loaded.expect_err(content).to_string()
}

#[test]
fn points_in_space_have_three_coordinates() {
    let cases = [
        ("counted.pts", "3\n1 2 3 100\n2 3 4 90\n4 5 6 80\n", "x y z intensity"),
        ("plain.xyz", "1 2 3\n2 3 4\n4 5 6\n", "x y z"),
        ("commas.xyz", "1,2,3\n2,3,4\n4,5,6\n", "x y z"),
        (
            "colours.pts",
            "3\r\n1 2 3 -7 0 9 255\r\n2 3 4 1 1 1 1\r\n4 5 6 1 2 3 4\r\n",
            "x y z intensity r g b",
        ),
        ("molecule.xyz", "3\nwater, computed\nO 1 2 3\nH 2 3 4\nH 4 5 6\n", "x y z symbol"),
        ("untold.xyz", "3\n\nO 1 2 3\nH 2 3 4\nH 4 5 6\n", "x y z symbol"),
        ("cloud.asc", "//X Y Z Intensity\n1 2 3 5\n2 3 4 6\n4 5 6 7\n", "X Y Z Intensity"),
        ("named.xyz", "name,z,y,x\na,3,2,1\nb,4,3,2\nc,6,5,4\n", "z y x name"),
        ("comment.asc", "# scanned\n1 2 3\n2 3 4\n4 5 6\n", "x y z"),
        // The third coordinate does not vary.
        ("flat.xyz", "1 2 0\n2 3 0\n4 5 0\n", "x y z"),
    ];
    for (name, content, columns) in cases {
        let Loaded { cloud, report, .. } = taken(name, content);
        let z = if name == "flat.xyz" { [0.0; 3] } else { [3.0, 4.0, 6.0] };
        let expected = [1.0, 2.0, z[0], 2.0, 3.0, z[1], 4.0, 5.0, z[2]];
        assert_eq!((cloud.dim(), cloud.coordinates()), (3, &expected[..]), "{name}");
        let all = [report.columns_available.clone(), report.columns_skipped.clone()].concat();
        assert_eq!(all.join(" "), columns, "{name}");
        assert_eq!(report.rows_dropped(), 0, "{name}");
    }
}

#[test]
fn choices_of_the_user_hold() {
    let flat = LoadOptions { dim: Some(2), ..LoadOptions::default() };
    assert_eq!(
        read("a.xyz", "1 2 3\n2 3 5\n", &flat).expect("two").cloud.coordinates(),
        [1.0, 2.0, 2.0, 3.0]
    );
    let named = LoadOptions { columns: vec!["intensity".to_owned()], ..LoadOptions::default() };
    assert_eq!(
        read("a.pts", "2\n1 2 3 7\n2 3 5 8\n", &named).expect("one").cloud.coordinates(),
        [7.0, 8.0]
    );
    // As before where the name says nothing.
    assert_eq!(taken("a.txt", "1 2 3\n2 3 5\n").cloud.dim(), 2);
}

#[test]
fn rows_without_a_number_are_dropped_and_told() {
    let report = taken("a.xyz", "1 2 3\n2 nan 4\n4 5 6\n7 8 9\n1 1 1\n1 1\n").report;
    assert_eq!((report.rows_read, report.rows_dropped_nan, report.rows_dropped_length), (6, 1, 1));
}

#[test]
fn what_is_no_list_of_points_is_told() {
    let cut = refused("a.pts", "4\n1 2 3\n2 3 4\n");
    assert!(cut.contains("ends after 2 points: expected 4"), "{cut}");
    let count = refused("a.pts", "99999999999999999\n1 2 3\n2 3 4\n");
    assert!(count.contains("expected 99999999999999999"), "{count}");
    let more = taken("a.pts", "1\n1 2 3\n2 3 4\n").report;
    assert!(
        more.notes.iter().any(|note| note.contains("says 1 points, but 2")),
        "{:?}",
        more.notes
    );
    for name in ["grid.asc", "grid.txt"] {
        let grid = refused(name, "ncols 2\nnrows 1\nxllcorner 0\nyllcorner 0\ncellsize 1\n1 2\n");
        assert!(grid.contains("grid") && grid.contains("gdal_translate"), "{grid}");
    }
    assert!(refused("a.xyz", "").contains("empty"));
    let few = read("a.xyz", "1 2\n3 4\n", &LoadOptions::default()).expect("two columns");
    assert_eq!(few.cloud.dim(), 2);
}

#[test]
fn crowds_of_columns_are_read() {
    let row: Vec<String> = (0..10_000).map(|k| k.to_string()).collect();
    let rows = format!("{0}\n{0}\n", row.join(" "));
    assert_eq!(taken("a.xyz", &rows).cloud.coordinates(), [0.0, 1.0, 2.0, 0.0, 1.0, 2.0]);
}
