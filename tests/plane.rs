//! `raster` and `contours` as a script sees them: what they write, what they tell, what they refuse.

mod common;
mod program;

use common::{error_of, normal};
use program::Folder;

/// An array of f64 of this shape, row by row.
fn grid(folder: &Folder, name: &str, shape: &str) -> Vec<f64> {
    let bytes = folder.read(name);
    let header = String::from_utf8_lossy(&bytes[..128]).into_owned();
    assert!(header.contains(&format!("'shape': ({shape}")), "{header}");
    let rows = bytes[128..].chunks_exact(8);
    rows.map(|b| f64::from_le_bytes(b.try_into().expect("eight bytes"))).collect()
}

/// Rows of numbers of a table, less its header.
fn table(folder: &Folder, name: &str) -> Vec<Vec<f64>> {
    let text = String::from_utf8(folder.read(name)).expect("text");
    let row = |row: &str| row.split(',').map(|cell| cell.parse().expect("a number")).collect();
    text.lines().skip(1).map(row).collect()
}

#[test]
fn a_raster_is_f_at_the_centres_of_its_cells_from_the_lowest_row_on() {
    let folder = Folder::new().with_f64("y.npy", &normal(300, 2, 0.0));
    let flags = "raster y.npy --sigma 0.4 --size 7x4 --bounds=-2,1.5,-1,3 --engine naive";
    folder.run(&format!("{flags} --out r.npy")).succeeds();
    folder.run(&format!("{flags} --out r.csv")).succeeds();
    let cells = table(&folder, "r.csv");
    assert_eq!(cells.len(), 28);
    assert_eq!((&cells[0][..2], &cells[1][..2]), (&[-1.75, -0.5][..], &[-1.25, -0.5][..]));
    assert_eq!(cells[27][..2], [1.25, 2.5]);
    let places: Vec<String> =
        cells.iter().map(|cell| format!("{:?},{:?}", cell[0], cell[1])).collect();
    let folder = folder.with("x.csv", places.join("\n"));
    folder
        .run(
            "reduce --targets x.csv --sources y.npy --sigma 0.4 --header no --engine naive \
             --with none --out f.csv",
        )
        .succeeds();
    let wanted: Vec<f64> = table(&folder, "f.csv").iter().map(|row| row[0]).collect();
    assert!(error_of(&grid(&folder, "r.npy", "4, 7"), &wanted) < 1e-12);
    let in_table: Vec<f64> = cells.iter().map(|cell| cell[2]).collect();
    assert!(error_of(&in_table, &wanted) < 1e-12);
}

#[test]
fn a_picture_has_the_lowest_row_at_the_bottom() {
    let folder = Folder::new().with("y.csv", "x,y\n0,0\n");
    folder
        .run("raster y.csv --sigma 1 --size 2x3 --bounds=0,2,0,3 --color-map greys --out r.png")
        .succeeds();
    let decoder = png::Decoder::new(std::io::Cursor::new(folder.read("r.png")));
    let mut reader = decoder.read_info().expect("a picture");
    let mut pixels = vec![0; reader.output_buffer_size().expect("a size")];
    let info = reader.next_frame(&mut pixels).expect("pixels");
    assert_eq!((info.width, info.height), (2, 3));
    let shade = |column: usize, row: usize| pixels[4 * (2 * row + column)];
    // Darker is higher: the source is at the lower left.
    assert!(shade(0, 2) < shade(1, 2) && shade(0, 2) < shade(0, 1) && shade(0, 1) < shade(0, 0));
}

#[test]
fn a_line_has_a_row_of_cells_and_a_projection_is_told_to_be_a_marginal() {
    let folder = Folder::new()
        .with("line.csv", "x\n1\n2\n4\n")
        .with("space.csv", "x,y,z\n0,0,0\n1,2,9\n2,1,5\n");
    folder.run("raster line.csv --sigma 1 --size 3x1 --bounds=0.5,3.5 --out f.csv").succeeds();
    let rows = table(&folder, "f.csv");
    let wanted = |x: f64| [1.0, 2.0, 4.0].map(|y: f64| (-0.5 * (x - y).powi(2)).exp()).iter().sum();
    for (row, x) in rows.iter().zip([1.0, 2.0, 3.0]) {
        let f: f64 = wanted(x);
        assert!((row[0] - x).abs() < 1e-12 && (row[1] / f - 1.0).abs() < 2e-6, "{row:?}");
    }
    let ended = folder
        .run("raster space.csv --sigma 2 --size 1x1 --bounds=0,2,0,2 --json --out f.npy")
        .succeeds();
    let ended = ended.says(&["marginal", "x and y"]);
    assert_eq!(ended.json()["values"], "marginal");
    // The sum over the sources' first two coordinates, at (1, 1).
    let squares = [2.0, 1.0, 1.0];
    let marginal: f64 = squares.iter().map(|square: &f64| (-square / 8.0).exp()).sum();
    assert!((grid(&folder, "f.npy", "1, 1")[0] / marginal - 1.0).abs() < 2e-6);
}

#[test]
fn a_density_integrates_to_one_whatever_the_axes_are_scaled_by() {
    for whiten in ["none", "axes", "full"] {
        let folder = Folder::new();
        folder
            .run(&format!(
                "raster --distribution correlated --m 500 --sigma 0.3 --whiten {whiten} --normalise \
                 density --size 200x200 --bounds=-8,8,-8,8 --out r.npy"
            ))
            .succeeds();
        let total: f64 = grid(&folder, "r.npy", "200, 200").iter().sum();
        let mass = total * (16.0_f64 / 200.0).powi(2);
        assert!((mass - 1.0).abs() < 1e-4, "{whiten}: {mass}");
    }
}

#[test]
fn contours_enclose_the_stated_mass_in_every_format() {
    let folder = Folder::new().with("y.csv", "x,y,w\n3,-7,2\n3,-7,3\n");
    let flags = "contours y.csv --columns x,y --weights w --sigma 0.5 --mass 0.5,0.9";
    folder.run(&format!("{flags} --out c.geojson")).succeeds();
    let json: serde_json::Value = serde_json::from_slice(&folder.read("c.geojson")).expect("JSON");
    for (feature, mass) in json["features"].as_array().expect("features").iter().zip([0.5, 0.9]) {
        assert_eq!(feature["properties"]["mass"], mass);
        let level = feature["properties"]["level"].as_f64().expect("a level");
        assert!((level / (5.0 * (1.0 - mass)) - 1.0).abs() < 2e-3, "{level}");
        let lines = feature["geometry"]["coordinates"].as_array().expect("lines");
        let corners = lines[0].as_array().expect("corners");
        assert_eq!((lines.len(), corners.first()), (1, corners.last()));
        let radius = 0.5 * (-2.0 * (1.0 - mass).ln()).sqrt();
        for corner in corners {
            let [x, y] = [0, 1].map(|axis: usize| corner[axis].as_f64().expect("a number"));
            assert!(((x - 3.0).hypot(y + 7.0) - radius).abs() < 5e-3, "{corner}");
        }
    }
    folder.run(&format!("{flags} --normalise mean --out c.csv")).succeeds();
    let rows = table(&folder, "c.csv");
    assert!(rows.len() > 20 && (rows[0][1] - 0.5).abs() < 1e-3, "{:?}", rows[0]);
    let ended = folder.run(&format!("{flags} --out c.svg --json")).succeeds();
    let svg = String::from_utf8(folder.read("c.svg")).expect("text");
    for words in ["50 %", "90 %", "σ = 0.5", ">x<", ">y<"] {
        assert!(svg.contains(words), "{words}");
    }
    assert_eq!(ended.json()["contours"][1]["lines"], 1);
}

#[test]
fn what_has_no_raster_or_contours_is_refused_with_what_was_expected() {
    let folder = Folder::new()
        .with("line.csv", "x\n1\n2\n")
        .with("plane.csv", "x,y,w\n1,2,-1\n2,1,1\n3,3,4\n");
    for (command, told) in [
        ("contours line.csv --out c.csv", &["two coordinates", "found one", "raster"][..]),
        ("contours plane.csv --columns x,y --weights w --out c.csv", &["negative", "mass"]),
        ("contours plane.csv --mass 0 --out c.csv", &["--mass", "above 0 and below 1"]),
        ("contours plane.csv --mass 0.5,95 --out c.csv", &["--mass", "95", "below 1"]),
        ("contours plane.csv --out c.png", &["--out c.png", ".geojson", ".svg"]),
        ("raster plane.csv --out c.svg", &["--out c.svg", ".npy, .csv or .png"]),
        ("raster plane.csv --bounds=1,0,0,1 --out c.npy", &["--bounds", "X0 below X1"]),
        ("raster plane.csv --bounds=0,1 --out c.npy", &["--bounds", "four numbers", "two"]),
        ("raster plane.csv --size 0x5 --out c.npy", &["--size", "1 to 16384"]),
        ("raster plane.csv --out plane.csv --force", &["plane.csv", "choose another name"]),
    ] {
        folder.run(command).refuses(told);
    }
    assert_eq!(folder.files(), ["line.csv", "plane.csv"]);
}
