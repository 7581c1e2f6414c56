//! Options made of bytes. Two that are ASCII ask for nothing special, so that a seed can begin
//! with `1 ` (two coordinates, no more wishes), and most inputs do no more than that.

use arbitrary::{Result, Unstructured};

use sigmascope_core::model::{Header, Reading};
use sigmascope_io::LoadOptions;

/// Columns to ask for: numbers, names that loaders give or look for, and such as cannot be.
const COLUMNS: &[&str] = &[
    "1",
    "2",
    "3",
    "4",
    "x",
    "Y",
    " z ",
    "x1",
    "X2",
    "lon",
    "LAT",
    "column_1",
    "x_2",
    "",
    "0",
    "-1",
    "99999999999999999999",
    "two\nlines \u{1b}[31m",
    "\u{130}\u{1f600}\u{fb00}",
];

/// The next options; byte by byte from the front.
///
/// # Errors
/// When the bytes do not do.
pub fn options(bytes: &mut Unstructured<'_>) -> Result<LoadOptions> {
    let mut options = LoadOptions::default();
    let first: u8 = bytes.arbitrary()?;
    let dim = 1 + usize::from(first % 4);
    // The file may also tell.
    options.dim = (first & 0x80 == 0).then_some(dim);
    let wishes: u8 = bytes.arbitrary()?;
    if wishes & 0x80 != 0 {
        // Now and then more or fewer than a point has coordinates.
        let count = if wishes & 0x60 == 0 { usize::from(wishes & 7) } else { dim };
        for _ in 0..count {
            let k = usize::from(bytes.arbitrary::<u8>()?);
            options.columns.push(match COLUMNS.get(k % 24) {
                Some(&column) => column.to_owned(),
                None => bytes.bytes(k / 24).map(String::from_utf8_lossy)?.into_owned(),
            });
        }
        if wishes & 0x18 == 0 {
            options.byte_budget = bytes.arbitrary::<u16>()?.into();
        }
        let reading: u8 = bytes.arbitrary()?;
        options.reading = Reading {
            header: Header::ALL[usize::from(reading % 3)],
            skip_rows: usize::from(reading >> 2 & 3),
            strict: reading & 0x10 != 0,
            missing: if reading & 0x20 != 0 {
                vec!["-9999".to_owned(), "x".to_owned()]
            } else {
                Vec::new()
            },
            transpose: reading & 0x40 != 0,
            log: if reading & 0x80 != 0 { options.columns.clone() } else { Vec::new() },
            // So that a field that is added does not stop the fuzzing.
            ..Reading::default()
        };
    }
    Ok(options)
}
