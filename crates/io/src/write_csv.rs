//! Writes a table as text: names, then a row a line, with commas between the fields.
//!
//! Numbers are written with as few digits as tell them from all others; a missing value is empty; times
//! are written as ISO 8601.

use std::io::{self, Write};

use super::columns::Holds;
use super::table::{MISSING, Values};
use super::table_writer::TableWriter;

/// A table of text that is being written.
struct CsvTable {
    writer: csv::Writer<Box<dyn Write + Send>>,
}

/// Begins a table of text with these columns.
///
/// # Errors
/// When the names cannot be written.
pub fn create(
    out: Box<dyn Write + Send>,
    columns: &[(String, Holds)],
) -> io::Result<Box<dyn TableWriter>> {
    let mut writer = csv::Writer::from_writer(out);
    writer.write_record(columns.iter().map(|(name, _)| name))?;
    Ok(Box::new(CsvTable { writer }))
}

impl TableWriter for CsvTable {
    fn write(&mut self, block: &[Values]) -> io::Result<()> {
        let rows = block.first().map_or(0, Values::len);
        let mut cell = Vec::new();
        for row in 0..rows {
            for column in block {
                cell.clear();
                write_cell(&mut cell, column, row)?;
                self.writer.write_field(&cell)?;
            }
            self.writer.write_record(None::<&[u8]>)?;
        }
        Ok(())
    }

    fn finish(mut self: Box<Self>) -> io::Result<()> {
        self.writer.flush()
    }
}

fn write_cell(cell: &mut Vec<u8>, column: &Values, row: usize) -> io::Result<()> {
    match column {
        Values::Numbers(values) => match values[row] {
            value if value.to_bits() == MISSING.to_bits() => Ok(()),
            value if value.is_nan() => write!(cell, "nan"),
            value => write!(cell, "{value:?}"),
        },
        Values::Integers(values) => match values[row] {
            Some(value) => write!(cell, "{value}"),
            None => Ok(()),
        },
        Values::Booleans(values) => match values[row] {
            Some(value) => write!(cell, "{value}"),
            None => Ok(()),
        },
        Values::Times(values) => match values[row] {
            Some(value) => write_time(cell, value),
            None => Ok(()),
        },
        Values::Texts(values) => match &values[row] {
            Some(value) => write!(cell, "{value}"),
            None => Ok(()),
        },
    }
}

/// Writes a moment in microseconds since 1970 as ISO 8601, without the time of day where it is midnight.
fn write_time(out: &mut impl Write, microseconds: i64) -> io::Result<()> {
    const DAY: i64 = 86_400_000_000;
    let (days, rest) = (microseconds.div_euclid(DAY), microseconds.rem_euclid(DAY));
    let (year, month, day) = date(days);
    write!(out, "{year:04}-{month:02}-{day:02}")?;
    if rest == 0 {
        return Ok(());
    }
    let seconds = rest / 1_000_000;
    let (hours, minutes) = (seconds / 3600, seconds / 60 % 60);
    write!(out, "T{hours:02}:{minutes:02}:{:02}", seconds % 60)?;
    match rest % 1_000_000 {
        0 => write!(out, "Z"),
        fraction => write!(out, ".{fraction:06}Z"),
    }
}

/// Year, month and day of the day that is so many after 1970-01-01, in the Gregorian calendar (Hinnant,
/// "chrono-compatible low-level date algorithms", 2014).
fn date(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let (era, day_of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year, month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_read_as_dates() {
        let text = |microseconds: i64| {
            let mut out = Vec::new();
            write_time(&mut out, microseconds).expect("text");
            String::from_utf8(out).expect("text")
        };
        assert_eq!(text(0), "1970-01-01");
        assert_eq!(text(-1_000_000), "1969-12-31T23:59:59Z");
        assert_eq!(text(951_827_696_789_000), "2000-02-29T12:34:56.789000Z");
        assert_eq!(text(4_102_444_800_000_000), "2100-01-01");
    }
}
