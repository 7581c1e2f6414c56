//! Formats of places in space: what the programs of the field write, and files that are broken.

#[allow(dead_code, reason = "the files here are damaged elsewhere")]
mod damage;

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use sigmascope_core::engine::Unobserved;
use sigmascope_io::{LoadError, LoadOptions, Loaded, OpenFile, Values, load};

/// Points in a sample.
const COUNT: usize = 12;

/// A sample that `samples/write_space.py` wrote.
fn sample(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/samples").join(name)
}

/// The coordinates of the points in the samples.
fn places() -> Vec<f64> {
    (0..COUNT).map(|k| k as f64).flat_map(|k| [k * 0.25 - 1.0, k * k * 0.5, 3.0 - k]).collect()
}

fn loaded(path: &Path) -> Loaded {
    load(path, &LoadOptions::default(), &mut Unobserved)
        .unwrap_or_else(|err| panic!("{}", err.to_string()))
}

/// The values of a column, in its own type.
fn column(path: &Path, name: &str) -> Vec<Values> {
    let mut file = OpenFile::open(path, &LoadOptions::default(), &mut Unobserved).expect("opened");
    let names = file.names();
    let k = names.iter().position(|known| *known == name);
    let k = k.unwrap_or_else(|| panic!("{name} among {names:?}"));
    let mut all: Option<Values> = None;
    let mut take = |mut block: Vec<Values>| {
        let next = block.pop().expect("one column");
        match (&mut all, next) {
            (Some(Values::Numbers(all)), Values::Numbers(next)) => all.extend(next),
            (Some(Values::Integers(all)), Values::Integers(next)) => all.extend(next),
            (None, next) => all = Some(next),
            (all, next) => panic!("{next:?} behind {all:?}"),
        }
        ControlFlow::Continue(())
    };
    file.values(&[], &[k], &mut Unobserved, &mut take).expect("read");
    all.into_iter().collect()
}

fn integers(of: impl Fn(i64) -> i64) -> Vec<Values> {
    vec![Values::Integers((0..COUNT as i64).map(|k| Some(of(k))).collect())]
}

fn numbers(of: impl Fn(f64) -> f64) -> Vec<Values> {
    vec![Values::Numbers((0..COUNT).map(|k| of(k as f64)).collect())]
}

/// A file of this content in a folder that lasts as long as the result.
fn file(name: &str, content: &[u8]) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join(name);
    std::fs::write(&path, content).expect("written");
    (folder, path)
}

/// The message of the refusal of a file, without the folder.
fn refusal(name: &str, content: &[u8]) -> String {
    let (folder, path) = file(name, content);
    match load(&path, &LoadOptions::default(), &mut Unobserved) {
        Ok(loaded) => panic!("{name} gave {} points", loaded.cloud.len()),
        Err(err) => err.to_string().replace(&format!("{}/", folder.path().display()), ""),
    }
}

/// Points of a text, told as the coordinates of all.
fn points(name: &str, content: &[u8]) -> (Vec<f64>, Loaded) {
    let (_folder, path) = file(name, content);
    let loaded = loaded(&path);
    (loaded.cloud.coordinates().to_vec(), loaded)
}

fn check_las(path: &Path, format: usize) {
    let file = loaded(path);
    assert_eq!(file.cloud.dim(), 3);
    assert_eq!(file.cloud.coordinates(), places(), "{}", path.display());
    let expect = |name: &str, values: Vec<Values>| {
        assert_eq!(column(path, name), values, "{name} in {}", path.display());
    };
    expect("intensity", integers(|k| k * 1000));
    expect("classification", integers(|k| k % 7));
    expect("return_number", integers(|k| k % 3 + 1));
    expect("number_of_returns", integers(|_| 3));
    expect("user_data", integers(|k| k + 200));
    expect("point_source_id", integers(|k| k + 40000));
    if format < 6 {
        expect("scan_angle", integers(|k| k - 5));
    } else {
        expect("scan_angle", numbers(|k| (k - 5.0) * 1000.0 * 0.006));
    }
    let names = &file.report.columns_available;
    let has = |name: &str| names.iter().any(|known| known == name);
    assert_eq!(has("gps_time"), ![0, 2].contains(&format), "{format}");
    assert_eq!(has("red"), [2, 3, 5, 7, 8, 10].contains(&format), "{format}");
    assert_eq!(has("nir"), [8, 10].contains(&format), "{format}");
    if has("gps_time") {
        expect("gps_time", numbers(|k| k / 8.0));
    }
    if has("red") {
        expect("red", integers(|k| k * 5000));
        expect("green", integers(|k| k * 2));
        expect("blue", integers(|k| 65535 - k));
    }
    if has("nir") {
        expect("nir", integers(|k| k * 7));
    }
}

/// A LAS file of the points of the samples, without compression.
fn las(minor: u8, format: u8, extra: u16) -> Vec<u8> {
    let size = [20, 28, 26, 34, 57, 63, 30, 36, 38, 59, 67][usize::from(format)] + extra;
    let header_size: u16 = [227, 227, 227, 235, 375][usize::from(minor)];
    let mut bytes = vec![0; usize::from(header_size) + 10];
    let mut put = |at: usize, part: &[u8]| bytes[at..at + part.len()].copy_from_slice(part);
    put(0, b"LASF");
    put(24, &[1, minor]);
    put(94, &header_size.to_le_bytes());
    // Ten bytes of nothing in front of the points.
    put(96, &(u32::from(header_size) + 10).to_le_bytes());
    put(104, &[format]);
    put(105, &size.to_le_bytes());
    if minor == 4 {
        put(247, &(COUNT as u64).to_le_bytes());
    } else {
        put(107, &(COUNT as u32).to_le_bytes());
    }
    for (k, number) in [0.25_f64, 0.5, 0.001, -1.0, 0.0, 100.0].into_iter().enumerate() {
        put(131 + 8 * k, &number.to_le_bytes());
    }
    for k in 0..COUNT as i32 {
        let mut point = Vec::new();
        for whole in [k, k * k, -97_000 - 1000 * k] {
            point.extend(whole.to_le_bytes());
        }
        point.extend((k as u16 * 1000).to_le_bytes());
        let returns = (k % 3 + 1) as u8;
        if format < 6 {
            // The bits above are flags.
            point.extend([returns | 3 << 3 | 0xc0, (k % 7) as u8 | 0xe0, (k - 5) as u8]);
            point.push((k + 200) as u8);
        } else {
            point.extend([returns | 3 << 4, 0xff, (k % 7) as u8, (k + 200) as u8]);
            point.extend(((k as i16 - 5) * 1000).to_le_bytes());
        }
        point.extend((k as u16 + 40000).to_le_bytes());
        if ![0, 2].contains(&format) {
            point.extend((f64::from(k) / 8.0).to_le_bytes());
        }
        if [2, 3, 5, 7, 8, 10].contains(&format) {
            for color in [k * 5000, k * 2, 65535 - k] {
                point.extend((color as u16).to_le_bytes());
            }
        }
        if [8, 10].contains(&format) {
            point.extend((k as u16 * 7).to_le_bytes());
        }
        point.resize(usize::from(size), 0xaa);
        bytes.extend(point);
    }
    bytes
}

#[test]
fn las_of_every_version_and_point_format() {
    for minor in 0..=4_u8 {
        for format in 0..=10_u8 {
            for extra in [0, 5] {
                let mut bytes = las(minor, format, extra);
                // Whatever follows the points.
                bytes.extend([7; 100]);
                let (_folder, path) = file("points.las", &bytes);
                check_las(&path, usize::from(format));
                let report = loaded(&path).report;
                assert_eq!(report.format, format!("LAS 1.{minor}, point format {format}"));
                let notes = report.notes.join("\n");
                assert_eq!(notes.contains("5 bytes beside"), extra > 0, "{notes}");
            }
        }
    }
}

#[test]
fn laz_of_every_point_format() {
    for format in 0..=10 {
        check_las(&sample(&format!("format_{format}.laz")), format);
    }
    for (name, format) in [("extra_3", 3), ("extra_7", 7), ("chunks_3", 3), ("chunks_6", 6)] {
        check_las(&sample(&format!("{name}.laz")), format);
    }
    let notes = loaded(&sample("extra_7.laz")).report.notes.join("\n");
    assert!(notes.contains("4 bytes beside"), "{notes}");
}

#[test]
fn laz_of_several_chunks() {
    for format in [0, 6] {
        let cloud = loaded(&sample(&format!("many_{format}.laz"))).cloud;
        let right = |(k, place): (usize, &[f64])| place == [k as f64 * 0.5, 0.0, 7.0];
        assert_eq!(cloud.len(), 120_000);
        assert!(cloud.coordinates().chunks(3).enumerate().all(right), "format {format}");
    }
}

#[test]
fn laz_does_not_need_its_table_where_chunks_are_of_one_size() {
    for name in ["format_3.laz", "many_0.laz"] {
        let mut bytes = std::fs::read(sample(name)).expect("a sample");
        let expected = loaded(&sample(name)).cloud;
        let start = u32::from_le_bytes(bytes[96..100].try_into().expect("four")) as usize;
        let table = u64::from_le_bytes(bytes[start..start + 8].try_into().expect("eight")) as usize;
        // The table claims four billion chunks.
        bytes[table + 4..table + 8].fill(255);
        let (_folder, path) = file("lies.laz", &bytes);
        assert_eq!(loaded(&path).cloud, expected, "{name}");
        // Its place is told at the end, by who could not go back.
        let place = bytes[start..start + 8].to_vec();
        bytes[start..start + 8].fill(255);
        bytes.extend(place);
        let (_folder, path) = file("streamed.laz", &bytes);
        assert_eq!(loaded(&path).cloud, expected, "{name}");
    }
    damage::check_memory("laz");
}

#[test]
fn broken_las_and_laz_say_what_is_wrong() {
    let las = las(2, 3, 0);
    let read = |name: &str| std::fs::read(sample(name)).expect("a sample");
    let with = |bytes: &[u8], at: usize, part: &[u8]| {
        let mut bytes = bytes.to_vec();
        bytes[at..at + part.len()].copy_from_slice(part);
        bytes
    };
    let start =
        |bytes: &[u8]| u32::from_le_bytes(bytes[96..100].try_into().expect("four")) as usize;
    let (zero, six, chunks) = (read("format_0.laz"), read("format_6.laz"), read("chunks_3.laz"));
    let item = zero.windows(14).position(|w| w == b"laszip encoded").expect("a record") + 52 + 34;
    let table = |bytes: &[u8]| {
        let at = start(bytes);
        u64::from_le_bytes(bytes[at..at + 8].try_into().expect("eight")) as usize
    };
    let cases: Vec<(Vec<u8>, &str)> = vec![
        (las[..100].to_vec(), "cut short: it has 100 bytes"),
        (las[..las.len() - 1].to_vec(), "it is cut short: 407 bytes are left for the points"),
        (with(&las, 24, &[2, 0]), "it is of version 2.0"),
        (with(&las, 94, &[1, 0]), "the header is said to have 1 bytes"),
        (with(&las, 96, &[255; 4]), "the points are said to begin at byte 4294967295"),
        (with(&las, 104, &[11]), "it has the point format 11"),
        (with(&las, 105, &[33, 0]), "a point is said to have 33 bytes"),
        (with(&las, 107, &[0; 4]), "counts 0 points, although 408 bytes come behind it"),
        (with(&las, 107, &[255; 4]), "expected 4294967295 points of 34 bytes"),
        (with(&las, 131, &f64::NAN.to_le_bytes()), "a scale or an offset is NaN"),
        (with(&las, 104, &[0x83]), "no record describes the compression"),
        (zero[..zero.len() - 20].to_vec(), "cut short: its chunk table should be at byte"),
        (with(&zero, 247, &[0, 0, 0, 0, 0, 1]), "compressed points cannot be read"),
        (with(&zero, item, &[7]), "the record of the compression tells 1 other items"),
        (with(&zero, item + 4, &[9]), "an item of the compression has version 9"),
        (with(&zero, item - 2, &[255, 255]), "too short for 65535 items"),
        (with(&zero, item - 34, &[0]), "its points are compressed in way 0"),
        (with(&six, start(&six) + 8 + 30, &[13]), "its chunks hold more points than the 12"),
        (with(&six, start(&six) + 8 + 34, &[255; 4]), "the chunk at byte"),
        (with(&six, 247, &[13]), "the chunks end after 12 points"),
        (with(&chunks, table(&chunks) + 4, &[255; 4]), "its table tells 4294967295 chunks"),
    ];
    for (k, (content, words)) in cases.into_iter().enumerate() {
        let message = refusal(&format!("{k}.las"), &content);
        assert!(message.starts_with(&format!("{k}.las: ")), "{message}");
        assert!(message.contains(words), "{words}: {message}");
    }
    damage::check_memory("las");
}

#[test]
fn ply_of_other_programs() {
    for (name, format) in
        [("text", "ascii"), ("little", "binary, little-endian"), ("big", "binary, big-endian")]
    {
        let path = sample(&format!("plyfile_{name}.ply"));
        let file = loaded(&path);
        assert_eq!(file.cloud.coordinates(), places(), "{name}");
        assert_eq!(file.report.format, format!("PLY, {format}"));
        assert!(file.report.notes.contains(&"left out: face (2)".to_owned()), "{:?}", file.report);
        assert_eq!(column(&path, "a"), integers(|k| k));
        assert_eq!(column(&path, "b"), integers(|k| -k));
        assert_eq!(column(&path, "c"), integers(|k| k + 60000));
    }
    for name in ["trimesh.ply", "trimesh_text.ply", "trimesh.obj", "open3d.ply"] {
        let cloud = loaded(&sample(name)).cloud;
        assert_eq!((cloud.dim(), cloud.coordinates()), (3, &places()[..]), "{name}");
    }
}

/// The types of a PLY file in both spellings, with the bytes of 7, the higher ones first.
const TYPES: [(&str, &str, &[u8]); 10] = [
    ("char", "int8", &[7]),
    ("uchar", "uint8", &[7]),
    ("short", "int16", &[0, 7]),
    ("ushort", "uint16", &[0, 7]),
    ("int", "int32", &[0, 0, 0, 7]),
    ("uint", "uint32", &[0, 0, 0, 7]),
    ("int64", "int64", &[0, 0, 0, 0, 0, 0, 0, 7]),
    ("uint64", "uint64", &[0, 0, 0, 0, 0, 0, 0, 7]),
    ("float", "float32", &[0x40, 0xe0, 0, 0]),
    ("double", "float64", &[0x40, 0x1c, 0, 0, 0, 0, 0, 0]),
];

#[test]
fn ply_of_every_type_byte_order_and_line_end() {
    for (long, (old, new, seven)) in [false, true].into_iter().flat_map(|n| TYPES.map(|t| (n, t))) {
        let kind = if long { new } else { old };
        let mut reversed = seven.to_vec();
        reversed.reverse();
        for (encoding, word) in [
            ("ascii", &b"7 "[..]),
            ("binary_big_endian", seven),
            ("binary_little_endian", &reversed),
        ] {
            for end in ["\n", "\r\n", "\r"] {
                // A list of elements before, a list before each vertex, and others between.
                let header = format!(
                    "ply\nformat {encoding} 1.0\ncomment vertex 9\nobj_info x\nelement edge 1\n\
                     property list uchar {kind} of\nproperty {kind} e\nelement vertex 2\n\
                     property {kind} z\nproperty list uint8 {kind} more\nproperty {kind} y\n\
                     property {kind} q\nproperty {kind} x\nelement face 0\nend_header\n"
                )
                .replace('\n', end);
                let is_text = encoding == "ascii";
                let two: &[u8] = if is_text { b"2 " } else { &[2] };
                let line: &[u8] = if is_text { end.as_bytes() } else { b"" };
                let vertex = [word, two, word, word, word, word, word, line].concat();
                let edge = [two, word, word, word, line].concat();
                let content = [header.as_bytes(), &edge, &vertex, &vertex].concat();
                let (places, loaded) = points("points.ply", &content);
                assert_eq!(places, [7.0; 6], "{kind} {encoding} {end:?}");
                assert_eq!(loaded.report.columns_used, ["x", "y", "z"]);
                let notes = loaded.report.notes.join("\n");
                assert!(notes.contains("left out: edge (1)"), "{notes}");
                assert!(notes.contains("lists at each vertex are left out: 'more'"), "{notes}");
            }
        }
    }
}

#[test]
fn ply_rows_that_are_no_points_are_dropped_and_told() {
    let rows =
        "1 2 3\nnan 2 3\n-nan(ind) 1 1\n1 2\n4 x 6\n\n7 8 9\n".to_owned() + &"1 1 1\n".repeat(9);
    let text = format!(
        "ply\nformat ascii 1.0\nelement vertex 15\nproperty float x\nproperty float y\n\
         property float z\nend_header\n{rows}"
    );
    let (_, loaded) = points("points.ply", text.as_bytes());
    let report = &loaded.report;
    assert_eq!((report.rows_read, report.rows_dropped(), report.rows_bad()), (15, 4, 2));
    assert!(loaded.rows.iter().take(3).eq([0, 5, 6]));
    // Points of a plane are read too.
    let text = "ply\nformat ascii 1.0\nelement vertex 2\nproperty int y\nproperty int x\nend_header\n\
                1 2\n3 4";
    assert_eq!(points("plane.ply", text.as_bytes()).0, [2.0, 1.0, 4.0, 3.0]);
}

/// So many properties of a header.
fn wide(count: usize) -> String {
    let lines: Vec<String> = (0..count).map(|k| format!("property int p{k}\n")).collect();
    lines.concat()
}

#[test]
fn broken_ply_says_what_is_wrong() {
    let header = |format: &str, rest: &str| {
        format!("ply\nformat {format} 1.0\n{rest}end_header\n").into_bytes()
    };
    let xyz = "property float x\nproperty float y\nproperty float z\n";
    let vertices = |count: &str| format!("element vertex {count}\n{xyz}");
    let little = "binary_little_endian";
    let with = |mut header: Vec<u8>, data: &[u8]| {
        header.extend(data);
        header
    };
    let lists = "element vertex 2\nproperty int x\nproperty list int double y\n";
    let faces = "element face 999999999999\nproperty list uchar int i\n";
    let too_wide = wide(100_001);
    let cases: Vec<(Vec<u8>, &str)> = vec![
        (
            b"ply\nformat ascii 1.0\nelement vertex 3\n".to_vec(),
            "ends in the header, after 3 lines",
        ),
        (header("binary", ""), "line 2 is 'format binary 1.0': expected ascii"),
        (header("ascii", "element vertex x\n"), "line 3 is 'element vertex x'"),
        (header("ascii", "element vertex -1\n"), "expected element, a name and a count"),
        (header("ascii", "property int x\n"), "expected an element before its properties"),
        (
            header("ascii", "element vertex 1\nproperty complex x\n"),
            "line 4 is 'property complex x'",
        ),
        (header("ascii", "element vertex 1\nproperty list float int x\n"), "line 4 is"),
        (header("ascii", "elements\n"), "line 3 is 'elements'"),
        (b"ply\nelement vertex 0\nend_header\n".to_vec(), "the header has no line format"),
        (header("ascii", "element face 1\nproperty int x\n"), "holds the elements 'face'"),
        (
            header("ascii", "element vertex 9999999999999\n"),
            "without a property that is one number",
        ),
        (header("ascii", &vertices("0")), "counts 0 vertices"),
        (header(little, &vertices("18446744073709551615")), "cut short: 0 bytes are left"),
        (with(header(little, &vertices("2")), &[0; 23]), "cut short: 23 bytes are left"),
        (with(header("ascii", &vertices("2")), b"1 2 3\n4 5 6 7 8 9\n"), "10000000"),
        (with(header("ascii", &vertices("2")), b"1.00000 2.000000 3.00000\n"), "there are 1 lines"),
        (with(header("ascii", &vertices("1")), b"1 2 3\n4 5 6\n"), "line 9 comes behind the last"),
        (
            with(header(little, lists), &[1, 0, 0, 0, 9, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]),
            "list of 9 items in 'vertex'",
        ),
        (
            with(header(little, lists), &[1, 0, 0, 0, 255, 255, 255, 255, 0, 0, 0, 0, 0, 0, 0, 0]),
            "-1 items",
        ),
        (
            with(header(little, &format!("{faces}{}", vertices("1"))), &[0; 90]),
            "the elements 'face'",
        ),
        (
            with(header("ascii", &format!("{faces}{}", vertices("1"))), b"0\n1 2 3\n"),
            "the elements 'face'",
        ),
        (header("ascii", &format!("element vertex 1\n{too_wide}")), "there are 100001 columns"),
    ];
    for (k, (content, words)) in cases.into_iter().enumerate() {
        if words == "10000000" {
            // Two lines, of which one is too long: more than a fifth of the rows.
            let message = refusal("points.ply", &content);
            assert!(
                message.contains("1 of 2 rows cannot be read: line 9 has 6 fields"),
                "{message}"
            );
            continue;
        }
        let message = refusal("points.ply", &content);
        assert!(message.starts_with("points.ply: ") && message.contains(words), "{k}: {message}");
    }
    // Ten thousand columns are no harm.
    let many = wide(10_000);
    let row = "1 ".repeat(10_000);
    let text = format!("ply\nformat ascii 1.0\nelement vertex 2\n{many}end_header\n{row}\n{row}\n");
    assert_eq!(points("wide.ply", text.as_bytes()).1.cloud.len(), 2);
    damage::check_memory("ply");
}

#[test]
fn pcd_of_other_programs() {
    for name in ["text", "binary", "compressed"] {
        let path = sample(&format!("open3d_{name}.pcd"));
        let file = loaded(&path);
        assert_eq!((file.cloud.dim(), file.cloud.coordinates()), (3, &places()[..]), "{name}");
        assert_eq!(column(&path, "normal_y"), numbers(|_| 1.0));
    }
    let cloud = loaded(&sample("open3d_long.pcd")).cloud;
    let right = |(k, place): (usize, &[f64])| place == [(k % 300) as f64, (k / 300) as f64, 0.0];
    assert!(cloud.coordinates().chunks(3).enumerate().all(right) && cloud.len() == 900);
}

/// A PCD file of two points with fields of several types and counts, a gap, and no version.
fn pcd(data: &str) -> Vec<u8> {
    let text = "# a comment\nFIELDS x _ y z n id\nSIZE 4 1 8 2 4 1\nTYPE F U F I F U\n\
                COUNT 1 3 1 1 2 1\nWIDTH 2\nHEIGHT 1\nVIEWPOINT 0 0 0 1 0 0 0\nPOINTS 2\n";
    let mut content = format!("{text}DATA {data}\n").into_bytes();
    let points =
        [(1.5_f32, 2.25_f64, -3_i16, [4.0_f32, 5.0], 200_u8), (f32::NAN, 7.0, 8, [9.0, 10.0], 11)];
    match data {
        "ascii" => {
            content.extend(b"1.5 0 0 0 2.25 -3 4 5 200\nnan 0 0 0 7 8 9 10 11\n");
        }
        "binary" => {
            for (x, y, z, n, id) in points {
                content.extend(x.to_le_bytes());
                content.extend([9; 3]);
                content.extend(y.to_le_bytes());
                content.extend(z.to_le_bytes());
                content.extend([n[0].to_le_bytes(), n[1].to_le_bytes()].concat());
                content.push(id);
            }
        }
        _ => {
            let [(x, y, z, n, id), (x2, y2, z2, n2, id2)] = points;
            let mut fields = [x.to_le_bytes(), x2.to_le_bytes()].concat();
            fields.extend([y.to_le_bytes(), y2.to_le_bytes()].concat());
            fields.extend([z.to_le_bytes(), z2.to_le_bytes()].concat());
            n.iter().chain(&n2).for_each(|n| fields.extend(n.to_le_bytes()));
            fields.extend([id, id2]);
            // Runs of at most 32 bytes as they are.
            let packed: Vec<u8> =
                fields.chunks(32).flat_map(|run| [&[run.len() as u8 - 1], run].concat()).collect();
            content.extend((packed.len() as u32).to_le_bytes());
            content.extend((fields.len() as u32).to_le_bytes());
            content.extend(packed);
        }
    }
    content
}

#[test]
fn pcd_of_every_kind_of_field() {
    for data in ["ascii", "binary", "binary_compressed"] {
        let (_folder, path) = file("points.pcd", &pcd(data));
        let loaded = loaded(&path);
        assert_eq!(loaded.cloud.coordinates(), [1.5, 2.25, -3.0], "{data}");
        assert_eq!((loaded.report.rows_read, loaded.report.rows_dropped()), (2, 1));
        let names = ["x", "y", "z", "n_1", "n_2", "id"];
        assert_eq!(loaded.report.columns_available, names, "{data}");
        assert_eq!(column(&path, "n_2"), [Values::Numbers(vec![5.0, 10.0])], "{data}");
        assert_eq!(column(&path, "id"), [Values::Integers(vec![Some(200), Some(11)])], "{data}");
        assert_eq!(column(&path, "z"), [Values::Integers(vec![Some(-3), Some(8)])], "{data}");
    }
    let old = pcd("ascii").iter().map(|b| *b as char).collect::<String>().replace('\n', "\r\n");
    assert_eq!(points("points.pcd", old.as_bytes()).0, [1.5, 2.25, -3.0]);
}

#[test]
fn broken_pcd_says_what_is_wrong() {
    let text = |data: &str| String::from_utf8_lossy(&pcd("ascii")).replace("DATA ascii", data);
    let change = |from: &str, to: &str| text("DATA ascii").replace(from, to).into_bytes();
    let binary = pcd("binary");
    let packed = pcd("binary_compressed");
    let at = packed.windows(18).position(|w| w == b"binary_compressed\n").expect("it") + 18;
    let with = |place: usize, part: &[u8]| {
        let mut bytes = packed.clone();
        bytes[at + place..at + place + part.len()].copy_from_slice(part);
        bytes
    };
    let cases: Vec<(Vec<u8>, &str)> = vec![
        (change("DATA", "HEIGHT"), "is 'HEIGHT ascii': expected a whole number"),
        (change("ascii", "zip"), "line 10 is 'DATA zip'"),
        (change("POINTS 2", "POINTS 3"), "POINTS 3, but WIDTH times HEIGHT is 2"),
        (change("POINTS 2", "POINTS -2"), "is 'POINTS -2'"),
        (change("SIZE 4", "SIZE 3"), "field 'x' has TYPE F and SIZE 3"),
        (change("SIZE 4 1", "SIZE 4"), "the line SIZE has 5 entries: expected 6"),
        (change("TYPE F", "TYPE G"), "field 'x' has TYPE G"),
        (change("SIZE 4 1 8 2 4 1\n", ""), "the header has no line SIZE"),
        (
            change("WIDTH 2\nHEIGHT 1\n", "")
                .iter()
                .map(|b| if *b == b'P' { b'#' } else { *b })
                .collect(),
            "is '",
        ),
        (change("COUNT 1 3", "COUNT 4000000000 3"), "columns: expected at most 100000"),
        (
            change("nan 0 0 0 7 8 9 10 11\n", "1 1                  \n"),
            "1 of 2 rows cannot be read: line 12 has 2 fields",
        ),
        (change("nan 0 0 0 7 8 9 10 11\n", ""), "cut short"),
        (change("11\n", "11\n5"), "line 13 comes behind the last point"),
        (change("WIDTH 2", "WIDTH 0"), "POINTS 2, but WIDTH times HEIGHT is 0"),
        (change("WIDTH 2", "WIDTH 99999999999"), "WIDTH times HEIGHT"),
        (binary[..binary.len() - 1].to_vec(), "cut short: 51 bytes are left for the points"),
        (packed[..packed.len() - 1].to_vec(), "are left, of"),
        (packed[..at + 5].to_vec(), "cut short: 5 bytes are left"),
        (with(4, &[255; 4]), "4294967295 bytes are said to be compressed"),
        (with(0, &[1, 0, 0, 0]), "the compressed data end within a run"),
        (with(8, &[0xff]), "before the first"),
        (with(0, &[33]), "become 32 bytes"),
    ];
    for (k, (content, words)) in cases.into_iter().enumerate() {
        let message = refusal("points.pcd", &content);
        assert!(message.starts_with("points.pcd: ") && message.contains(words), "{k}: {message}");
    }
    damage::check_memory("pcd");
}

#[test]
fn obj_vertices_have_weights_and_colours() {
    let text = "# a model\nmtllib a.mtl\no thing\nv 1 2 3\nv 4 5 \\\n6 0.5 # a weight\n\
                v 7 8 9 0.1 0.2 0.3\nv 1 1 1 1 0 0 1\nvn 0 0 1\nvt 0 1\nf 1//1 2//1 3//1\nf 1 2 4\n";
    for text in [text.to_owned(), text.replace('\n', "\r\n"), text.replace('\n', "\r")] {
        let (_folder, path) = file("model.obj", text.as_bytes());
        let loaded = loaded(&path);
        let expected = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0, 1.0, 1.0, 1.0];
        assert_eq!(loaded.cloud.coordinates(), expected);
        let names = ["x", "y", "z", "w", "red", "green", "blue"];
        assert_eq!(loaded.report.columns_available, names);
        let notes = loaded.report.notes.join("\n");
        assert!(
            notes.contains(
                "left out: faces (2), normals (1), texture coordinates (1), objects (1), \
                            materials (1)"
            ),
            "{notes}"
        );
        let [Values::Numbers(reds)] = &column(&path, "red")[..] else { panic!("one block") };
        assert!(reds[0].is_nan() && reds[1].is_nan() && reds[2..] == [0.1, 0.0], "{reds:?}");
    }
    // Known by its content, whatever its name; and vertices without faces.
    let (places, loaded) = points("cloud.txt", b"v 1 2 3\nv 4 5 6\n");
    assert_eq!((places.len(), loaded.report.format.as_str()), (6, "OBJ"));
    assert!(
        loaded.report.notes[0].contains("the name ends with .txt"),
        "{:?}",
        loaded.report.notes
    );
    // Text with a column called v is none.
    let text = points("table.txt", b"v w\n1 2\n3 4\n").1;
    assert!(text.report.format.starts_with("CSV"), "{}", text.report.format);
}

#[test]
fn broken_obj_says_what_is_wrong() {
    let cases: [(&[u8], &str); 5] = [
        (b"# nothing\nf 1 2 3\n", "has no line that begins with v"),
        (b"v 1 2 3\nv 1 2\nv 1\n", "2 of 3 rows cannot be read: line 2 has 2 fields"),
        (b"v 1 2 x\nv 1 2 \\\n 3\n", "1 of 2 rows cannot be read: line 1, column 'z': 'x'"),
        (b"v 1 2 nan\n", "all 1 rows were dropped"),
        (b"v 1,5 2,5 3,5\n", "1 of 1 rows cannot be read"),
    ];
    for (content, words) in cases {
        let message = refusal("model.obj", content);
        assert!(message.starts_with("model.obj: ") && message.contains(words), "{message}");
    }
    damage::check_memory("obj");
}

#[test]
fn damaged_copies_of_files_that_no_sample_is_like() {
    let lists = "ply\nformat binary_big_endian 1.0\nelement face 2\nproperty list uchar short i\n\
                 element vertex 3\nproperty list int char l\nproperty double x\nend_header\n";
    let vertex = [&[0, 0, 0, 2, 1, 1][..], &1.5_f64.to_be_bytes()].concat();
    let ply = [lists.as_bytes(), &[1, 0, 7, 2, 0, 7, 0, 8], &vertex, &vertex, &vertex].concat();
    assert_eq!(points("lists.ply", &ply).0, [1.5; 3]);
    damage::survives("lists.ply", &ply, 300);
    damage::survives("old.las", &las(0, 3, 0), 300);
    damage::survives("new.las", &las(4, 10, 5), 300);
    damage::survives("fields.pcd", &pcd("binary_compressed"), 300);
    damage::survives("lines.obj", b"v 1 2 3 \\\n4\nv 1 2 3 .1 .2 .3\nf 1 2 3 # a face\n", 300);
}

#[test]
fn flags_of_other_formats_are_refused() {
    let options = LoadOptions { dim: Some(2), ..LoadOptions::default() };
    let path = sample("plyfile_big.ply");
    let plane = load(&path, &options, &mut Unobserved).expect("points of a plane");
    assert_eq!(plane.cloud.dim(), 2);
    let mut options = LoadOptions::default();
    options.reading.transpose = true;
    for name in ["plyfile_big.ply", "format_0.laz", "open3d_text.pcd", "trimesh.obj"] {
        let err = load(&sample(name), &options, &mut Unobserved);
        assert!(matches!(err, Err(LoadError::NoUse { flag: "--transpose", .. })), "{err:?}");
    }
}
