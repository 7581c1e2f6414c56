//! Tests: a text gives the same in pieces of any length as row by row.

use std::fmt::Write as _;
use std::io::Write as _;
use std::ops::ControlFlow;

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use sigmascope_core::engine::{Unobserved, go_on_if};

use super::Text;
use crate::LoadOptions;
use crate::error::LoadError;
use crate::input::Input;
use crate::table::{Table, Values, Wanted};

/// All that is known of a text when it is read in pieces of `stretch` bytes, in words.
fn told(input: &Input, stretch: u64, options: &LoadOptions) -> String {
    let name = |err: LoadError| err.to_string();
    let opened = Text::open_in_pieces(input, options, &mut Unobserved, stretch);
    let mut table = match opened {
        Ok(table) => table,
        Err(err) => return name(err),
    };
    let mut told = format!("{:?}\n{:?}\n", table.columns(), table.facts());
    let columns = 0..table.columns().len();
    // The first time numbers may be those that were kept.
    for as_numbers in [true, true, false] {
        let wanted: Vec<Wanted> =
            columns.clone().map(|column| Wanted { column, as_numbers }).collect();
        let mut values = vec![String::new(); wanted.len()];
        let mut bad_rows = Vec::new();
        let read = table.read(&wanted, &mut Unobserved, &mut |block| {
            for (told, column) in values.iter_mut().zip(&block.columns) {
                assert_eq!(column.len(), block.rows, "as many values as rows");
                told.push_str(&in_words(column));
            }
            bad_rows.extend(block.bad_rows);
            Ok(ControlFlow::Continue(()))
        });
        bad_rows.truncate(5);
        let read = read.map_err(name);
        writeln!(told, "{read:?} {values:?} {bad_rows:?}").expect("written");
    }
    let summaries = table.describe(&mut Unobserved).map_err(name);
    let places: Vec<String> = (0..3).map(|row| table.place(row).expect("a place")).collect();
    writeln!(told, "{summaries:?} {places:?}").expect("written");
    told
}

/// One by one, with their type and the marks of what is no number.
fn in_words(values: &Values) -> String {
    let words: Vec<String> = match values {
        Values::Numbers(values) => {
            values.iter().map(|value| format!("{:x};", value.to_bits())).collect()
        }
        Values::Integers(values) => values.iter().map(|value| format!("i{value:?};")).collect(),
        Values::Texts(values) => values.iter().map(|value| format!("t{value:?};")).collect(),
        other => panic!("no text becomes {other:?}"),
    };
    words.concat()
}

/// Compares row-by-row reading with pieces of several lengths.
fn check(text: &[u8], options: &LoadOptions) {
    let mut file = tempfile::NamedTempFile::new().expect("a file");
    file.write_all(text).expect("written");
    let input = Input::open(file.path()).expect("a file");
    let expected = told(&input, 1 << 20, options);
    for stretch in [5, 13, 40, 200] {
        // On a thread of a pool pieces are read one after the other.
        let found = match stretch {
            200 => told(&input, stretch, options),
            _ => rayon::scope(|_| told(&input, stretch, options)),
        };
        assert_eq!(found, expected, "{stretch}: {:?}", String::from_utf8_lossy(text));
    }
}

fn repeated(head: &str, row: &str, times: usize, tail: &str) -> String {
    format!("{head}{}{tail}", row.repeat(times))
}

#[test]
fn texts_as_programs_write_them() {
    let texts = [
        repeated("x,y\n", "1.5,2\n", 40, ""),
        repeated("x,y\r\n", "1.5,2\r\n-3,nan\r\n", 40, "7,inf"),
        repeated("", "1.5 2.25\n  3\t4e5  \n", 40, ""),
        repeated("# x y\n", "1 2\n# c\n3 4\n", 40, "# end"),
        repeated("id;x;y\n", "007;1,5;2,5\n", 40, "008;1.234,5;7"),
        repeated("\"name\",\"x\",\"y\"\n", "\"a, \"\"b\"\"\",1,2\n\"c\",NA,4\n", 40, ""),
        repeated("name,x,y\n", "a,1,2\n", 20, "\"b\nc\",3,4\nd,5,6\noops,7\ne,8,nine\n"),
        repeated("x,y\n", "1,2\n", 20, "a,b\nc,d\n1\n2,3,4\ne,f\ng,h\n5,6\n"),
        repeated("x,y\n", "1,2\n", 20, "3,\"4\n5,6\n7,8\n"),
        repeated("x,y\n[m],[m]\n", "1.234,0.5\n", 20, "\n\n  \n1,2\n"),
        repeated("x,y\r", "1,2\r", 20, ""),
        repeated("\u{feff}x,y\n", "1,2\n", 20, "\u{feff}3,4\n"),
        repeated("t,v\n", "12:30,1 234.5\n", 20, ""),
        repeated("n,x\n", "a,1\n", 1100, "7,8\n9,10\nb,11\n"),
        repeated("x,n\n", "1,5\n", 3, &repeated("", "1,text\n", 1100, "1,9\n")),
        (0..60).fold("i,v,\n".to_owned(), |text, k| text + &format!("{k},{}.5,\n", k % 7)),
        repeated("'n','x'\n", "'a, ''b''',1\n'c',\"2\"\n", 40, ""),
        repeated("+---+---+\n| x | y |\n+---+---+\n", "| 1 | \"2\" |\r\n", 40, "+---+---+"),
        repeated("\\k=1\n|n    |  x|\n|char |int|\n", "\n a b    3 \n f\u{f6}hre\n1 2\n", 40, ""),
        repeated("n       x\n------- ---\n", "New Ulm 1.5\nOslo   12.5\n", 40, "Far\n"),
        repeated("x\ty\n4N\t10N\n", "1\t2\n", 40, ""),
        "one,row,only".to_owned(),
        repeated("Title\n\n", "a b;1;2\n", 30, ""),
    ];
    for text in &texts {
        check(text.as_bytes(), &LoadOptions::default());
    }
    let mut options = LoadOptions::default();
    options.reading.missing = vec!["-9".to_owned(), "a".to_owned()];
    options.reading.skip_rows = 2;
    for text in &texts {
        check(text.as_bytes(), &options);
    }
}

#[test]
fn texts_of_chance() {
    const WORDS: [&str; 24] = [
        "1", "2.5", "-3", "1,5", ",", ",", ",", ";", " ", "\n", "\n", "\n", "\n", "\r\n", "\r",
        "\"", "\"a\"", "#", "//", "text", "NA", "nan", "1.234", "\u{feff}",
    ];
    for seed in 0..300 {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let most = rng.random_range(9..=WORDS.len());
        let mut text = String::new();
        // Rows of one kind with something else among them.
        for _ in 0..rng.random_range(1..30) {
            text.push_str(if seed % 2 == 0 { "4,7.5\n" } else { "8 \t\"9\"\n" });
            for _ in 0..rng.random_range(0..6) {
                text.push_str(WORDS[rng.random_range(0..most)]);
            }
            if rng.random_range(0..3) > 0 {
                text.push('\n');
            }
        }
        check(text.as_bytes(), &LoadOptions::default());
    }
}

#[test]
fn reading_in_pieces_can_be_ended() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("points.csv");
    std::fs::write(&path, repeated("x,y\n", "1,2\n", 200, "")).expect("written");
    let input = Input::open(&path).expect("a file");
    let options = LoadOptions::default();
    let mut calls = 0;
    let opened = Text::open_in_pieces(
        &input,
        &options,
        &mut |_| {
            calls += 1;
            go_on_if(calls < 3)
        },
        20,
    );
    assert!(matches!(opened.err(), Some(LoadError::Cancelled)));
    let mut table = Text::open_in_pieces(&input, &options, &mut Unobserved, 20).expect("a table");
    for as_numbers in [true, true, false] {
        let wanted = [Wanted { column: 1, as_numbers }];
        let mut rows = 0;
        let read = table.read(&wanted, &mut Unobserved, &mut |block| {
            rows += block.rows;
            Ok(go_on_if(rows < 50))
        });
        assert!(read.is_ok() && (50..100).contains(&rows), "{read:?} {rows}");
    }
}
