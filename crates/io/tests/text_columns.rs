//! All columns of a text file: what each holds, its range, how many values are missing, and the values in
//! their types, without a choice of coordinates.

use std::ops::ControlFlow;

use sigmascope_core::engine::Unobserved;
use sigmascope_io::{Holds, LoadOptions, OpenFile, Values};

fn opened(content: &str) -> OpenFile {
    let file = tempfile::NamedTempFile::new().expect("a temporary file");
    std::fs::write(file.path(), content).expect("written");
    OpenFile::open(file.path(), &LoadOptions::default(), &mut Unobserved).expect("a table")
}

/// The values of all columns.
fn values(file: &mut OpenFile) -> Vec<Vec<Values>> {
    let all: Vec<usize> = (0..file.columns().len()).collect();
    let mut blocks = Vec::new();
    file.values(&[], &all, &mut Unobserved, &mut |block| {
        blocks.push(block);
        ControlFlow::Continue(())
    })
    .expect("it can be read");
    blocks
}

const TABLE: &str = "\
code,name,n,x,price,at,mixed,empty
01234,\"Oslo, Ost\",1,1.5,\"1.234,5\",12:30,4,
00017,NA,-2,nan,\"2,25\",12:45,5,NA
99999,Bergen,,-3e2,\"7,0\",13:00,<5,
10000, Hamar ,+7,inf,-,13:15,6,
";

#[test]
fn values_come_in_the_types_of_their_columns() {
    let mut file = opened(TABLE);
    let [block] = values(&mut file).try_into().expect("one block");
    let texts =
        |cells: [Option<&str>; 4]| Values::Texts(cells.map(|c| c.map(str::to_owned)).into());
    let expected = [
        texts([Some("01234"), Some("00017"), Some("99999"), Some("10000")]),
        texts([Some("Oslo, Ost"), None, Some("Bergen"), Some(" Hamar ")]),
        Values::Integers(vec![Some(1), Some(-2), None, Some(7)]),
        Values::Numbers(vec![1.5, f64::NAN, -300.0, f64::INFINITY]),
        Values::Numbers(vec![1234.5, 2.25, 7.0, f64::NAN]),
        texts([Some("12:30"), Some("12:45"), Some("13:00"), Some("13:15")]),
        texts([Some("4"), Some("5"), Some("<5"), Some("6")]),
        texts([None; 4]),
    ];
    for ((name, _), (found, expected)) in file.columns().zip(block.iter().zip(&expected)) {
        // Text for NaN compares equal.
        assert_eq!(format!("{found:?}"), format!("{expected:?}"), "{name}");
    }
}

#[test]
fn ranges_and_missing_values_of_all_columns_are_known() {
    let mut file = opened(TABLE);
    let found = file.describe(&mut Unobserved).expect("they are known");
    let found: Vec<_> = found
        .iter()
        .map(|column| (&*column.name, column.r#type, column.range, column.missing))
        .collect();
    let expected = [
        ("code", Holds::Texts, Some([17.0, 99_999.0]), Some(0)),
        ("name", Holds::Texts, None, Some(1)),
        ("n", Holds::Integers, Some([-2.0, 7.0]), Some(1)),
        ("x", Holds::Numbers, Some([-300.0, 1.5]), Some(0)),
        ("price", Holds::Numbers, Some([2.25, 1234.5]), Some(1)),
        ("at", Holds::Texts, Some([12.5, 13.25]), Some(0)),
        ("mixed", Holds::Texts, Some([4.0, 6.0]), Some(0)),
        ("empty", Holds::Nothing, None, Some(4)),
    ];
    assert_eq!(found, expected);
}

#[test]
fn rows_of_another_length_and_many_digits_lose_nothing() {
    let mut file = opened("id,x\n12345678901234567890,1\n3,2\n4,5,6\n5,7\n8,9\n10,11\n");
    let [block] = values(&mut file).try_into().expect("one block");
    let Values::Texts(ids) = &block[0] else { panic!("{block:?}") };
    assert_eq!(ids[0].as_deref(), Some("12345678901234567890"));
    assert_eq!(ids[2], None);
    assert_eq!(block[1].len(), 6);
    let missing: Vec<_> = file
        .describe(&mut Unobserved)
        .expect("known")
        .iter()
        .map(|column| column.missing)
        .collect();
    assert_eq!(missing, [Some(1), Some(1)]);
}

#[test]
fn many_rows_come_in_order_whether_they_were_kept_or_read_again() {
    use std::fmt::Write;
    let mut text = String::from("k,x\n");
    for k in 0..400_000 {
        writeln!(text, "{k},{}", f64::from(k) * 0.25).expect("written");
    }
    let mut file = opened(&text);
    for _ in 0..2 {
        let loaded = file.points(&LoadOptions::default(), &mut Unobserved).expect("points");
        assert_eq!(loaded.cloud.coordinates().len(), 400_000);
        assert!(
            (0_u32..)
                .zip(loaded.cloud.coordinates())
                .all(|(k, x)| { x.to_bits() == (f64::from(k) * 0.25).to_bits() })
        );
    }
    let blocks = values(&mut file);
    let whole = blocks.iter().flat_map(|block| match &block[0] {
        Values::Integers(values) => values.clone(),
        other => panic!("{other:?}"),
    });
    assert!(whole.eq((0..400_000).map(Some)));
}

#[test]
fn labels_keep_their_spaces_and_infinities_their_sign() {
    let mut file = opened("a,b\n\" a \",-inf\nb,-Infinity\nc,+inf\nd,1.5\n");
    let [block] = values(&mut file).try_into().expect("one block");
    let [texts, numbers] = &block[..] else { panic!("two columns") };
    let labels = [" a ", "b", "c", "d"].map(|label| Some(label.to_owned()));
    assert_eq!(*texts, Values::Texts(labels.into()));
    let [low, high] = [f64::NEG_INFINITY, f64::INFINITY];
    assert_eq!(*numbers, Values::Numbers(vec![low, low, high, 1.5]));
}
