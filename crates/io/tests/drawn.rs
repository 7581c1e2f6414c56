//! Tables as programs draw them: with rules of dashes, bars around the rows, a row of types, apostrophes
//! around text.

use sigmascope_core::engine::Unobserved;
use sigmascope_io::{LoadOptions, OpenFile, Values};

/// The same four rows, the third without x, as programs draw them; a label holds a space where it may.
const TABLES: &[(&str, &str)] = &[
    ("RDB", "label\tx\ty\nS\t8N\tN\na b\t1.0\t0.5\nc\t2.5\t1.5\nd\t\t2.5\ne\t4.0\t3.5\n"),
    ("types", "label,x,y\nstring,double,float64\na b,1.0,0.5\nc,2.5,1.5\nd,NA,2.5\ne,4.0,3.5\n"),
    ("tibble", "label,x,y\n<chr>,<dbl>,<dbl>\na b,1.0,0.5\nc,2.5,1.5\nd,NA,2.5\ne,4.0,3.5\n"),
    (
        "TST",
        "points\n\n# Guesses.\nid_col: -1\nx_col: 1\n\n# Made by hand\n\nlabel\tx\ty\n-----\t-\t-\na b\t1.0\t0.5\n\
         c\t2.5\t1.5\nd\t\t2.5\ne\t4.0\t3.5\n[EOD]\n",
    ),
    (
        "two lines",
        "label   x   y\n----- --- ---\n  a b 1.0 0.5\n    c 2.5 1.5\n    d     2.5\n    e 4.0 3.5\n",
    ),
    (
        "two lines of equals signs",
        "label   x   y\n===== === ===\na b   1.0 0.5\nc     2.5 1.5\nd     nan 2.5\ne     4.0 3.5\n",
    ),
    (
        "two lines and tabs",
        "label\tx\ty\n-----\t---\t---\na b\t1.0\t0.5\nc\t2.5\t1.5\nd\tNULL\t2.5\ne\t4.0\t3.5\n\n(4 rows affected)\n",
    ),
    (
        "reStructuredText",
        "===== === ===\nlabel   x   y\n===== === ===\n  a b 1.0 0.5\n    c 2.5 1.5\n    d  -- 2.5\n    e 4.0 \
         3.5\n===== === ===\n",
    ),
    (
        "a grid",
        "+-------+-----+-----+\n| label | x   | y   |\n+=======+=====+=====+\n| a b   | 1.0 | 0.5 |\n\
         +-------+-----+-----+\n| c     | 2.5 | 1.5 |\n+-------+-----+-----+\n| d     |     | 2.5 |\n\
         +-------+-----+-----+\n| e     | 4.0 | 3.5 |\n+-------+-----+-----+\n",
    ),
    (
        "STILTS",
        "Table name: points\n+-------+-----+-----+\n| label | x   | y   |\n+-------+-----+-----+\n\
         | a b   | 1.0 | 0.5 |\n| c     | 2.5 | 1.5 |\n| d     |     | 2.5 |\n| e     | 4.0 | 3.5 |\n\
         +-------+-----+-----+\n4 rows in set (0.00 sec)\n",
    ),
    (
        "Markdown",
        "| label |   x |   y |\n|:------|----:|:---:|\n| a b   | 1.0 | 0.5 |\n| c     | 2.5 | 1.5 |\n\
         | d     | nan | 2.5 |\n| e     | 4.0 | 3.5 |\n",
    ),
    (
        "psql",
        " label |  x  |  y  \n-------+-----+-----\n a b   |   1 | 0.5\n c     | 2.5 | 1.5\n d     |     | 2.5\n \
         e     |   4 | 3.5\n(4 rows)\n\n",
    ),
    (
        "IPAC",
        "\\origin = 'hand'\n\\ a comment\n|label|     x|     y|\n| char|double|double|\n|     |      |      |\n\
         | null|  null|  null|\n   a b    1.0    0.5 \n     c    2.5    1.5 \n     d   null    2.5 \n     e    \
         4.0    3.5\n",
    ),
    (
        "IPAC with a number for missing values",
        "|label|     x|     y|\n| char|double|double|\n|     |      |      |\n|  -99|   -99|   -99|\n   a b    \
         1.0    0.5 \n     c    2.5    1.5 \n     d    -99    2.5 \n     e    4.0    3.5\n",
    ),
    (
        "bars at both ends",
        "| label |   x |   y |\n|   a b | 1.0 | 0.5 |\n|     c | 2.5 | 1.5 |\n|     d |  -- | 2.5 |\n\
         |     e | 4.0 | 3.5 |\n",
    ),
    ("apostrophes", "'label','x','y'\n'a b',1.0,0.5\n'c',2.5,1.5\n'd',,2.5\n'e',4.0,3.5\n"),
    (
        "apostrophes around all",
        "'label';'x';'y'\n'a b';'1.0';'0.5'\n'c';'2.5';'1.5'\n'd';'';'2.5'\n'e';'4.0';'3.5'\n",
    ),
];

fn opened(content: &str) -> OpenFile {
    let file = tempfile::NamedTempFile::new().expect("a temporary file");
    std::fs::write(file.path(), content).expect("written");
    OpenFile::open(file.path(), &LoadOptions::default(), &mut Unobserved).expect("a table")
}

/// Names, labels, and the rows that have both coordinates.
fn read(content: &str) -> (Vec<String>, Vec<Option<String>>, Vec<f64>, u64) {
    let mut file = opened(content);
    let names = file.columns().map(|(name, _)| name.to_owned()).collect();
    let loaded = file.points(&LoadOptions::default(), &mut Unobserved).expect("points");
    let (mut labels, mut rows) = (Vec::new(), 0);
    file.values(&[], &[0], &mut Unobserved, &mut |block| {
        for values in block {
            let Values::Texts(texts) = values else { panic!("labels are {values:?}") };
            rows += texts.len() as u64;
            labels.extend(texts);
        }
        std::ops::ControlFlow::Continue(())
    })
    .expect("it can be read");
    (names, labels, loaded.cloud.coordinates().to_vec(), rows)
}

#[test]
fn drawn_tables_are_read_as_what_they_hold() {
    let labels = ["a b", "c", "d", "e"].map(|label| Some(label.to_owned()));
    for (what, content) in TABLES {
        let expected = (
            ["label", "x", "y"].map(str::to_owned).to_vec(),
            labels.to_vec(),
            vec![1.0, 0.5, 2.5, 1.5, 4.0, 3.5],
            4,
        );
        assert_eq!(read(content), expected, "{what}");
        let ended_otherwise = content.replace('\n', "\r\n");
        assert_eq!(read(&ended_otherwise), expected, "{what}");
    }
}

#[test]
fn apostrophes_are_quotes_where_rows_fit_no_other_way() {
    let content =
        "label,x,y\noak,1,2\n'ash, young',3,4\nso-called \"elm\",5,6\n'it''s; here',7,8\n";
    let (names, labels, values, _) = read(content);
    let expected = ["oak", "ash, young", "so-called \"elm\"", "it's; here"];
    assert_eq!(names, ["label", "x", "y"]);
    assert_eq!(labels, expected.map(|label| Some(label.to_owned())));
    assert_eq!(values, [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0]);
    // And stay what they are elsewhere.
    let (_, labels, ..) = read("label,x\n',1\n'tis,2\n\"'a, b'\",3\nO'Hara,4\n");
    assert_eq!(labels, ["'", "'tis", "'a, b'", "O'Hara"].map(|label| Some(label.to_owned())));
}

#[test]
fn what_was_left_out_is_told() {
    for (content, told) in [
        ("x,name\n-----,----\n1,a\n", "lines of dashes left out: '-----,----'"),
        ("x\tname\nN\tS\n1\ta\n2\tb\n", "line 2 taken as a row of types: 'N', 'S'"),
        ("|x  |\n 1.5\n 2.5\n", "an IPAC table: what stands above it besides names is no row"),
        ("'x','n'\n1,'a'\n2,'b'\n", "fields are quoted by apostrophes"),
    ] {
        let file = tempfile::NamedTempFile::new().expect("a temporary file");
        std::fs::write(file.path(), content).expect("written");
        let loaded = sigmascope_io::load(file.path(), &LoadOptions::default(), &mut Unobserved)
            .expect("points");
        assert!(loaded.report.notes.iter().any(|note| note == told), "{:?}", loaded.report.notes);
    }
}
