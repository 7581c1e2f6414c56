//! The fields of a row of a FITS table: which columns each becomes, and their values (FITS Standard 4.0,
//! section 7).

use super::broken;
use super::unit::{Kind, Unit};
use crate::binary::{Binary, Plain, Stride};
use crate::columns::{Column, Holds, MAX_COLUMNS};
use crate::error::LoadError;
use crate::input::Input;
use crate::names;
use crate::table::{MISSING, NOT_A_NUMBER, Values};

/// How the values of a column are written.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Form {
    /// A binary number.
    Number(Plain),
    /// `T`, `F`, or zero for nothing.
    Logical,
    /// Text, of this many bytes.
    Text(usize),
    /// A number in characters, of this many bytes; without a point its last digits are decimals.
    Characters { width: usize, decimals: u8, whole: bool },
}

/// A column, where its values are in a row, and what becomes of them.
#[derive(Clone, Debug)]
pub(super) struct Field {
    pub(super) offset: usize,
    pub(super) form: Form,
    /// Times this, plus [`Self::zero`].
    scale: f64,
    zero: f64,
    /// The number that says that there is no value.
    null: Option<i64>,
    /// The same in characters.
    null_text: Option<String>,
}

/// The columns of a table.
pub(super) struct Fields {
    pub(super) columns: Vec<Column>,
    pub(super) of_columns: Vec<Field>,
    /// What was left out, in sentences.
    pub(super) notes: Vec<String>,
}

impl Fields {
    /// Those that the header of `unit` tells.
    ///
    /// # Errors
    /// When the header makes no sense, or there are too many columns.
    pub(super) fn of(input: &Input, unit: &Unit) -> Result<Self, LoadError> {
        let count = unit.cards.whole("TFIELDS").unwrap_or(-1);
        if !(0..=MAX_COLUMNS as i64).contains(&count) {
            let found = format!("the table '{}' has TFIELDS {count}", unit.called());
            return Err(broken(input, found, "a number of columns up to 100000"));
        }
        let (mut names, mut fields, mut place) = (Vec::new(), Vec::new(), 0_u64);
        let (mut varying, mut bits) = (Vec::new(), Vec::new());
        for k in 1..=count {
            let name = unit.cards.text(&format!("TTYPE{k}")).unwrap_or_default().to_owned();
            let form = unit.cards.text(&format!("TFORM{k}")).unwrap_or_default();
            let wrong = |what: &str| {
                let found = format!("column {k} ('{}') {what}", names::shortened(name.as_bytes()));
                broken(input, found, "fields within their row, of types that FITS has")
            };
            let field = Field {
                offset: usize::try_from(place).unwrap_or(usize::MAX),
                form: Form::Logical,
                scale: unit.cards.number(&format!("TSCAL{k}")).unwrap_or(1.0),
                zero: unit.cards.number(&format!("TZERO{k}")).unwrap_or(0.0),
                null: unit.cards.whole(&format!("TNULL{k}")),
                null_text: unit.cards.text(&format!("TNULL{k}")).map(str::to_owned),
            };
            let (parts, end) = if unit.kind == Kind::Ascii {
                let form = characters(form)
                    .ok_or_else(|| wrong(&format!("has the type (TFORM) '{form}'")))?;
                let start = unit.cards.whole(&format!("TBCOL{k}")).and_then(|n| n.checked_sub(1));
                let start = start.and_then(|n| u64::try_from(n).ok());
                let start = start.ok_or_else(|| wrong("has no place (TBCOL)"))?;
                let offset = usize::try_from(start).unwrap_or(usize::MAX);
                let part = Part { end: "", offset, form };
                (vec![part], start.saturating_add(width(form) as u64))
            } else {
                let (repeat, letter) = repeated(form)
                    .ok_or_else(|| wrong(&format!("has the type (TFORM) '{form}'")))?;
                let size = size(repeat, letter)
                    .ok_or_else(|| wrong(&format!("has the type (TFORM) '{form}'")))?;
                let end = place.saturating_add(size);
                match letter {
                    'P' | 'Q' if repeat > 0 => varying.push(name.clone()),
                    'X' if repeat > 0 => bits.push(name.clone()),
                    _ => {}
                }
                if end > unit.row_size {
                    return Err(wrong(&format!(
                        "ends at byte {end} of a row of {} bytes",
                        unit.row_size
                    )));
                }
                (parts(repeat, letter, field.offset), end)
            };
            if end > unit.row_size {
                return Err(wrong(&format!(
                    "ends at byte {end} of a row of {} bytes",
                    unit.row_size
                )));
            }
            if fields.len() + parts.len() > MAX_COLUMNS {
                let (found, limit) = ((fields.len() + parts.len()) as u64, MAX_COLUMNS as u64);
                return Err(LoadError::TooManyColumns { path: input.path().into(), found, limit });
            }
            let base = names::shortened(name.as_bytes());
            let vector = parts.len() > 1;
            for (at, Part { end, offset, form }) in parts.into_iter().enumerate() {
                names.push(match (base.is_empty(), vector, end) {
                    (true, _, _) => String::new(),
                    (_, true, "") => format!("{base}_{}", at + 1),
                    _ => format!("{base}{end}"),
                });
                fields.push(Field { offset, form, ..field.clone() });
            }
            place = end;
        }
        let columns = names::unique(names.into_iter()).into_iter().zip(&fields);
        let columns = columns
            .map(|((name, unnamed), field)| Column { unnamed, ..Column::of(name, field.holds()) });
        let left_out = |names: &[String], what: &str| {
            let names = crate::wording::listed(names.iter().map(String::as_str));
            format!("not read: {names} ({what})")
        };
        let mut notes = Vec::new();
        if !varying.is_empty() {
            notes.push(left_out(&varying, "arrays of varying length"));
        }
        if !bits.is_empty() {
            notes.push(left_out(&bits, "bits"));
        }
        let columns = columns.collect();
        Ok(Self { columns, of_columns: fields, notes })
    }
}

/// One number, or text, of a field.
struct Part {
    /// What is added to the field's name.
    end: &'static str,
    offset: usize,
    form: Form,
}

/// The parts of a field of a binary table.
fn parts(repeat: u64, letter: char, offset: usize) -> Vec<Part> {
    let one = |end, form, at: usize| Part { end, offset: offset + at, form };
    let many = |form: Form, size: usize| {
        (0..repeat as usize).map(|k| one("", form, k * size)).collect::<Vec<_>>()
    };
    let number = |plain: Plain| many(Form::Number(plain), plain.size());
    let complex = |plain: Plain| {
        let ends = ["_real", "_imag"].into_iter().cycle();
        let parts = (0..2 * repeat as usize).zip(ends);
        parts
            .map(|(k, end)| {
                let end = if repeat == 1 { end } else { "" };
                one(end, Form::Number(plain), k * plain.size())
            })
            .collect()
    };
    match letter {
        'L' => many(Form::Logical, 1),
        'B' => number(Plain::U8),
        'I' => number(Plain::I16),
        'J' => number(Plain::I32),
        'K' => number(Plain::I64),
        'E' => number(Plain::F32),
        'D' => number(Plain::F64),
        'C' => complex(Plain::F32),
        'M' => complex(Plain::F64),
        'A' if repeat > 0 => vec![one("", Form::Text(repeat as usize), 0)],
        _ => Vec::new(),
    }
}

/// How often, and what: `3E`, `10A`, `1PE(20)`.
fn repeated(form: &str) -> Option<(u64, char)> {
    let digits = form.find(|c: char| !c.is_ascii_digit())?;
    let repeat = if digits == 0 { 1 } else { form[..digits].parse().ok()? };
    Some((repeat, form[digits..].chars().next()?))
}

/// Bytes of so many of a type.
fn size(repeat: u64, letter: char) -> Option<u64> {
    let size = match letter {
        'X' => return Some(repeat.div_ceil(8)),
        'L' | 'B' | 'A' => 1,
        'I' => 2,
        'J' | 'E' => 4,
        'K' | 'D' | 'C' | 'P' => 8,
        'M' | 'Q' => 16,
        _ => return None,
    };
    repeat.checked_mul(size)
}

/// The type of a field of an ASCII table: `I6`, `F8.2`, `A10`.
fn characters(form: &str) -> Option<Form> {
    let mut chars = form.chars();
    let letter = chars.next()?;
    let (width, decimals) = chars.as_str().split_once('.').unwrap_or((chars.as_str(), "0"));
    let width = width.trim().parse().ok().filter(|width| *width > 0)?;
    let decimals: u8 = decimals.trim().parse().ok()?;
    match letter {
        'A' => Some(Form::Text(width)),
        'I' => Some(Form::Characters { width, decimals: 0, whole: true }),
        'F' | 'E' | 'D' => Some(Form::Characters { width, decimals, whole: false }),
        _ => None,
    }
}

fn width(form: Form) -> usize {
    match form {
        Form::Number(plain) => plain.size(),
        Form::Logical => 1,
        Form::Text(width) | Form::Characters { width, .. } => width,
    }
}

impl Field {
    /// Whether its numbers stay whole.
    fn keeps_whole(&self) -> bool {
        self.scale.to_bits() == 1.0_f64.to_bits()
            && self.zero.fract() == 0.0
            && self.zero.abs() < 1e19
    }

    fn holds(&self) -> Holds {
        match self.form {
            Form::Number(Plain::F32 | Plain::F64) => Holds::Numbers,
            Form::Number(_) | Form::Characters { whole: true, .. } if self.keeps_whole() => {
                Holds::Integers
            }
            Form::Number(_) | Form::Characters { .. } => Holds::Numbers,
            Form::Logical => Holds::Booleans,
            Form::Text(_) => Holds::Texts,
        }
    }

    /// Its values in whole rows of `size` bytes.
    pub(super) fn values(&self, bytes: &[u8], size: usize, as_numbers: bool) -> Values {
        let stride = Stride { offset: self.offset, size };
        let width = width(self.form);
        let cells = || bytes.chunks_exact(size).map(|row| &row[self.offset..self.offset + width]);
        match self.form {
            Form::Number(plain) => {
                let binary = Binary { plain, big_endian: true };
                if let Values::Integers(raw) = binary.values(bytes, stride) {
                    return self.scaled(raw, as_numbers);
                }
                let mut numbers = binary.numbers(bytes, stride);
                if !self.keeps_whole() || self.zero != 0.0 {
                    for value in &mut numbers {
                        *value = self.zero + self.scale * *value;
                    }
                }
                Values::Numbers(numbers)
            }
            Form::Logical => {
                let truths = cells().map(|cell| match cell[0] {
                    b'T' | b't' | 1 => Some(true),
                    b'F' | b'f' => Some(false),
                    _ => None,
                });
                if as_numbers {
                    let number = |truth: Option<bool>| truth.map_or(MISSING, f64::from);
                    Values::Numbers(truths.map(number).collect())
                } else {
                    Values::Booleans(truths.collect())
                }
            }
            Form::Text(_) if as_numbers => Values::Numbers(
                cells().map(|cell| text(cell).map_or(MISSING, |_| NOT_A_NUMBER)).collect(),
            ),
            Form::Text(_) => Values::Texts(cells().map(text).collect()),
            Form::Characters { decimals, whole, .. } => {
                let values = cells().map(|cell| self.number(cell, decimals));
                if whole && self.keeps_whole() && !as_numbers {
                    let as_whole = |value: f64| value.is_finite().then_some(value as i64);
                    Values::Integers(values.map(as_whole).collect())
                } else {
                    Values::Numbers(values.collect())
                }
            }
        }
    }

    /// Whole numbers with their zero point and scale.
    fn scaled(&self, raw: Vec<Option<i64>>, as_numbers: bool) -> Values {
        // The standard means the number as it is stored; of unsigned numbers, which are stored shifted,
        // Astropy writes the number that it stands for.
        let shifted_null = self.null.filter(|_| self.zero > 0.0 && self.keeps_whole());
        let shifted_null = shifted_null.map(|null| i128::from(null) - self.zero as i128);
        let present = |raw: Option<i64>| {
            raw.filter(|raw| self.null != Some(*raw) && shifted_null != Some(i128::from(*raw)))
        };
        if self.keeps_whole() {
            let zero = self.zero as i128;
            let shifted = |raw: Option<i64>| present(raw).map(|raw| i128::from(raw) + zero);
            let within = |value: Option<i128>| match value {
                Some(value) => i64::try_from(value).ok().map(Some),
                None => Some(None),
            };
            if !as_numbers && raw.iter().all(|raw| within(shifted(*raw)).is_some()) {
                let whole = raw.into_iter().map(|raw| within(shifted(raw)).flatten());
                return Values::Integers(whole.collect());
            }
            let number = |value: Option<i128>| value.map_or(MISSING, |value| value as f64);
            return Values::Numbers(raw.into_iter().map(|raw| number(shifted(raw))).collect());
        }
        let scaled = |raw: i64| self.zero + self.scale * raw as f64;
        Values::Numbers(raw.into_iter().map(|raw| present(raw).map_or(MISSING, scaled)).collect())
    }

    /// A number in characters.
    fn number(&self, cell: &[u8], decimals: u8) -> f64 {
        let Ok(text) = std::str::from_utf8(cell) else { return NOT_A_NUMBER };
        let text = text.trim_matches(|c: char| c.is_whitespace() || c == '\0');
        if text.is_empty() || self.null_text.as_deref() == Some(text) {
            return MISSING;
        }
        let usual: String =
            text.chars().map(|c| if matches!(c, 'D' | 'd') { 'E' } else { c }).collect();
        let Ok(value) = usual.parse::<f64>() else { return NOT_A_NUMBER };
        if self.null.is_some_and(|null| value.to_bits() == (null as f64).to_bits()) {
            return MISSING;
        }
        let has_point = usual.contains(['.', 'E', 'e', 'n', 'i', 'N']);
        let value = if has_point { value } else { value / 10_f64.powi(decimals.into()) };
        self.zero + self.scale * value
    }
}

/// Text up to a zero byte and without spaces at its end; `None` where nothing is left.
fn text(cell: &[u8]) -> Option<String> {
    let end = cell.iter().position(|byte| *byte == 0).unwrap_or(cell.len());
    let text = String::from_utf8_lossy(&cell[..end]);
    let text = text.trim_end();
    (!text.trim_start().is_empty()).then(|| text.to_owned())
}
