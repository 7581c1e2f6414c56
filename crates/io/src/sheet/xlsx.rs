//! Sheets of an Excel workbook (XLSX, XLSM), read by calamine cell by cell.
//!
//! Calamine makes room for as many strings as a workbook claims, and keeps strings and styles in memory:
//! [`check`] unpacks and weighs these parts before it sees them. Whole sheets are never asked of it, for it
//! makes room for all that lies between two cells.

use std::io::{BufReader, Read};
use std::panic::{AssertUnwindSafe, catch_unwind};

use calamine::{DataRef, Reader, SheetType, Xlsx, XlsxError};
use zip::ZipArchive;

use super::cells::{Cells, Content, MAX_COLUMNS};
use super::{Found, OPENED, Sheets, broken, limit};
use crate::error::LoadError;
use crate::input::{Input, Section};
use crate::moment;
use sigmascope_core::engine::{Observer, Progress};

/// Rows of a sheet of Excel.
const ROWS: u32 = 1 << 20;
/// Cells between two questions whether to go on.
const CELLS: u64 = 1 << 14;
/// Styles of cells that a workbook may have; Excel allows 65,490.
const STYLES: usize = 100_000;

type Archive = ZipArchive<BufReader<Section>>;

/// Reads the sheet that is named, or the first that holds something.
///
/// # Errors
/// When the workbook is broken or too large, or the observer ended the work.
pub(super) fn read(
    input: &Input,
    archive: &mut Archive,
    observer: &mut dyn Observer,
) -> Result<Sheets, LoadError> {
    check(input, archive)?;
    // Whatever calamine does not expect of a broken file is an error, too.
    let reading = catch_unwind(AssertUnwindSafe(|| read_checked(input, observer)));
    reading.unwrap_or_else(|_| {
        let found = "the workbook cannot be read".to_owned();
        Err(broken(input, found, "what Excel writes"))
    })
}

fn read_checked(input: &Input, observer: &mut dyn Observer) -> Result<Sheets, LoadError> {
    let refused = |err| refused(input, &err);
    let mut book = Xlsx::new(BufReader::new(input.reader())).map_err(refused)?;
    let of_cells = book.sheets_metadata().iter().filter(|sheet| sheet.typ == SheetType::WorkSheet);
    let mut sheets =
        Sheets { names: of_cells.map(|sheet| sheet.name.clone()).collect(), found: None };
    for name in sheets.names.clone() {
        let is_named = input.part().map(|part| part.to_lowercase() == name.to_lowercase());
        if is_named == Some(false) {
            continue;
        }
        let cells = cells(input, &mut book, &name, observer)?;
        if cells.count() > 0 || is_named == Some(true) {
            sheets.found = Some(Found { name, cells });
            break;
        }
    }
    Ok(sheets)
}

/// The cells of a sheet.
fn cells(
    input: &Input,
    book: &mut Xlsx<BufReader<Section>>,
    name: &str,
    observer: &mut dyn Observer,
) -> Result<Cells, LoadError> {
    let is_1904 = book.has_1904_epoch();
    let mut reader = book.worksheet_cells_reader(name).map_err(|err| refused(input, &err))?;
    let claimed = reader.dimensions().end.0;
    let rows = if (1..ROWS).contains(&claimed) { f64::from(claimed) } else { f64::from(ROWS) };
    let (mut cells, mut asked, mut last_row) = (Cells::default(), 0, 0);
    for seen in 0_u64.. {
        if seen == asked {
            asked += CELLS;
            let fraction = OPENED * (f64::from(last_row) / rows).min(1.0);
            if observer.checkpoint(Progress { fraction }).is_break() {
                return Err(LoadError::Cancelled);
            }
        }
        let Some(cell) = reader.next_cell().map_err(|err| refused(input, &err))? else { break };
        let (row, column) = cell.get_position();
        if row >= ROWS || column >= MAX_COLUMNS {
            let found = format!(
                "the sheet '{}' has a cell in row {}, column {}",
                crate::wording::shortened(name.as_bytes()),
                u64::from(row) + 1,
                u64::from(column) + 1
            );
            return Err(broken(input, found, "at most 1048576 rows and 16384 columns"));
        }
        last_row = last_row.max(row);
        let content = match cell.get_value() {
            DataRef::Int(value) => Content::Number(*value as f64),
            DataRef::Float(value) => Content::Number(*value),
            DataRef::Bool(truth) => Content::Truth(*truth),
            DataRef::DateTime(time) if time.is_duration() => {
                Content::Number(time.as_f64() * 86_400.0)
            }
            DataRef::DateTime(time) => match micros(time.as_f64(), is_1904) {
                Some(micros) => Content::Time(micros),
                None => Content::Error,
            },
            DataRef::DateTimeIso(text) => match moment::parse(text) {
                Some(micros) => Content::Time(micros),
                None => Content::Text(text),
            },
            DataRef::String(text) | DataRef::DurationIso(text) => Content::Text(text),
            DataRef::SharedString(text) => Content::Text(text),
            DataRef::Error(_) => Content::Error,
            DataRef::Empty => continue,
        };
        cells.push(row, column, content);
    }
    cells.sort();
    Ok(cells)
}

/// Microseconds since 1970 of a date of Excel: days since 1900, which had a 29th of February there, or
/// since 1904. A time without a date is one of 1970-01-01.
fn micros(days: f64, is_1904: bool) -> Option<i64> {
    /// Days from the 30th of December 1899 to 1970.
    const TO_1970: f64 = 25_569.0;
    /// Days from there to 1904.
    const TO_1904: f64 = 1462.0;
    if !days.is_finite() || days.abs() > 1e7 {
        return None;
    }
    let days = match days {
        days if (0.0..1.0).contains(&days) => days,
        days if is_1904 => days + TO_1904 - TO_1970,
        days if days < 60.0 => days + 1.0 - TO_1970,
        days => days - TO_1970,
    };
    // Excel knows milliseconds; a day has more of them than a float has digits to spare.
    Some((days * 86_400_000.0).round() as i64 * 1000)
}

/// That calamine refused the workbook.
fn refused(input: &Input, err: &XlsxError) -> LoadError {
    match err {
        XlsxError::Password => LoadError::Content {
            path: input.path().into(),
            found: "a workbook with a password".to_owned(),
            expected: "one without".to_owned(),
            remedy: "save it without a password".to_owned(),
        },
        err => {
            let words = crate::wording::shortened(err.to_string().as_bytes());
            let found = format!("the workbook cannot be read ({words})");
            broken(input, found, "what Excel writes, to its end")
        }
    }
}

/// Refuses a workbook whose parts are larger than its size bears out.
fn check(input: &Input, archive: &mut Archive) -> Result<(), LoadError> {
    /// The longest part of another kind.
    const OTHER: u64 = 4 << 20;
    let mut left = limit(input);
    for k in 0..archive.len() {
        let wrong = |err| {
            let found = format!("part {k} of the archive cannot be read ({err})");
            broken(input, found, "a sound zip archive")
        };
        let mut part = archive.by_index(k).map_err(wrong)?;
        let name = part.name().map(|name| name.to_ascii_lowercase()).unwrap_or_default();
        let is = |end: &str| name.ends_with(end);
        if !is(".xml") && !is(".rels") {
            continue;
        }
        let (most, is_kept) = if is("sharedstrings.xml") {
            ((16 << 20).max(20 * input.size()), true)
        } else if is("styles.xml") {
            (16 << 20, true)
        } else if name.contains("worksheets/") {
            (left, false)
        } else {
            (OTHER, false)
        };
        let mut unpacked = (&mut part).take(most.min(left) + 1);
        let mut text = Vec::new();
        let count = if is_kept {
            unpacked.read_to_end(&mut text).map(|count| count as u64)
        } else {
            std::io::copy(&mut unpacked, &mut std::io::sink())
        };
        let count = count.map_err(|err| {
            let found = format!("the part '{name}' cannot be unpacked ({err})");
            broken(input, found, "a sound zip archive; the file may be cut short")
        })?;
        if count > most.min(left) {
            return Err(super::too_large(input, &name, most.min(left)));
        }
        left -= count;
        if is("sharedstrings.xml") {
            check_count(input, &text)?;
        }
        if is("styles.xml") && memchr::memmem::find_iter(&text, b"xf").count() > 2 * STYLES {
            let found = format!("the workbook has more than {STYLES} styles");
            return Err(broken(input, found, "at most 65490"));
        }
    }
    Ok(())
}

/// Refuses a number of strings that the text does not bear out.
fn check_count(input: &Input, text: &[u8]) -> Result<(), LoadError> {
    const NAME: &[u8] = b"uniqueCount";
    /// The fewest bytes of a string: `<si/>`.
    const SHORTEST: usize = 5;
    for at in memchr::memmem::find_iter(text, NAME) {
        let behind = text[at + NAME.len()..].iter();
        let digits = behind
            .skip_while(|byte| {
                byte.is_ascii_whitespace() || matches!(byte, b'=' | b'"' | b'\'' | b'+')
            })
            .take_while(|byte| byte.is_ascii_digit());
        let count = digits.fold(0_u128, |count, digit| {
            count.saturating_mul(10).saturating_add(u128::from(digit - b'0'))
        });
        if count > (text.len() / SHORTEST) as u128 {
            let found = format!("the workbook claims {count} strings in {} bytes", text.len());
            return Err(broken(input, found, "as many as there are"));
        }
    }
    Ok(())
}
