//! The fields of a `VOTable`: which columns each becomes, and its values in text or in bytes (`VOTable` 1.5,
//! sections 2 and 5).

use quick_xml::events::BytesStart;

use crate::columns::{Column, Holds};
use crate::moment;
use crate::names;
use crate::wording::listed;
use crate::xml::attribute;

/// The type of the values of a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Type {
    Boolean,
    Bit,
    UnsignedByte,
    Short,
    Int,
    Long,
    Char,
    Unicode,
    Float,
    Double,
    FloatComplex,
    DoubleComplex,
}

/// How many values stand in a cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Size {
    Fixed(u64),
    Varying,
}

/// A field of a table.
#[derive(Clone, Debug)]
pub(super) struct Field {
    pub(super) name: String,
    /// `None` where it is none that there is.
    pub(super) of: Option<Type>,
    pub(super) size: Size,
    /// The number that says that there is no value.
    pub(super) null: Option<i64>,
    /// Whether its text is a moment.
    is_time: bool,
}

/// A column: one value of a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Part {
    pub(super) field: usize,
    /// Which number of the field's, from 0; a complex one has two.
    pub(super) at: usize,
}

/// A value.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Item {
    Missing,
    /// What should be a number and is none.
    Wrong(String),
    Number(f64),
    Integer(i64),
    Truth(bool),
    Text(String),
}

impl Type {
    fn of(name: &str) -> Option<Self> {
        Some(match name {
            "boolean" => Self::Boolean,
            "bit" => Self::Bit,
            "unsignedByte" => Self::UnsignedByte,
            "short" => Self::Short,
            "int" => Self::Int,
            "long" => Self::Long,
            "char" => Self::Char,
            "unicodeChar" => Self::Unicode,
            "float" => Self::Float,
            "double" => Self::Double,
            "floatComplex" => Self::FloatComplex,
            "doubleComplex" => Self::DoubleComplex,
            _ => return None,
        })
    }

    /// Bytes of so many of them.
    pub(super) fn bytes(self, count: u64) -> u64 {
        let size = match self {
            Self::Bit => return count.div_ceil(8),
            Self::Boolean | Self::UnsignedByte | Self::Char => 1,
            Self::Short | Self::Unicode => 2,
            Self::Int | Self::Float => 4,
            Self::Long | Self::Double | Self::FloatComplex => 8,
            Self::DoubleComplex => 16,
        };
        count.saturating_mul(size)
    }

    pub(super) fn is_text(self) -> bool {
        matches!(self, Self::Char | Self::Unicode)
    }
}

impl Field {
    /// The field that an element tells.
    pub(super) fn of(start: &BytesStart<'_>) -> Self {
        let of = |name| attribute(start, name);
        let datatype = of("datatype").unwrap_or_else(|| "char".to_owned());
        let time = |kind: String| {
            let kind = kind.to_lowercase();
            ["timestamp", "adql:timestamp", "iso8601"].contains(&kind.as_str())
        };
        Self {
            name: of("name").or_else(|| of("ID")).unwrap_or_default(),
            of: Type::of(datatype.trim()),
            size: size(of("arraysize").as_deref()),
            null: None,
            is_time: of("xtype").is_some_and(time),
        }
    }

    /// Takes the number for missing values from `VALUES`.
    pub(super) fn take_null(&mut self, values: &BytesStart<'_>) {
        if let Some(null) = attribute(values, "null") {
            self.null = whole(null.trim());
        }
    }

    /// How many columns it becomes.
    pub(super) fn width(&self) -> u64 {
        match (self.of, self.size) {
            (Some(of), _) if of.is_text() => 1,
            (None, _) | (_, Size::Varying) => 0,
            (Some(Type::Bit), Size::Fixed(count)) => u64::from(count == 1),
            (Some(Type::FloatComplex | Type::DoubleComplex), Size::Fixed(count)) => {
                count.saturating_mul(2)
            }
            (_, Size::Fixed(count)) => count,
        }
    }

    fn holds(&self) -> Holds {
        match self.of {
            Some(Type::Boolean | Type::Bit) => Holds::Booleans,
            Some(Type::UnsignedByte | Type::Short | Type::Int | Type::Long) => Holds::Integers,
            Some(Type::Char | Type::Unicode) if self.is_time => Holds::Times,
            Some(Type::Char | Type::Unicode) | None => Holds::Texts,
            Some(_) => Holds::Numbers,
        }
    }

    /// Its value in a cell of text.
    pub(super) fn item(&self, text: &str) -> Item {
        if self.of.is_some_and(Type::is_text) {
            return self.text(text);
        }
        let text = text.trim();
        if text.is_empty() {
            return Item::Missing;
        }
        let wrong = || Item::Wrong(text.to_owned());
        match self.of {
            Some(Type::Boolean | Type::Bit) => match text {
                "T" | "t" | "1" | "true" | "True" | "TRUE" => Item::Truth(true),
                "F" | "f" | "0" | "false" | "False" | "FALSE" => Item::Truth(false),
                "?" => Item::Missing,
                _ => wrong(),
            },
            Some(Type::UnsignedByte | Type::Short | Type::Int | Type::Long) => match whole(text) {
                Some(value) => self.integer(value),
                None => text.parse().map_or_else(|_| wrong(), Item::Number),
            },
            _ => text.parse().map_or_else(|_| wrong(), Item::Number),
        }
    }

    /// A whole number, unless it stands for a missing value.
    pub(super) fn integer(&self, value: i64) -> Item {
        if self.null == Some(value) { Item::Missing } else { Item::Integer(value) }
    }

    /// Text, or the moment that it tells.
    pub(super) fn text(&self, text: &str) -> Item {
        let text = text.trim_end_matches('\0').trim();
        if text.is_empty() {
            return Item::Missing;
        }
        match moment::parse(text) {
            Some(micros) if self.is_time => Item::Integer(micros),
            _ if self.is_time => Item::Wrong(text.to_owned()),
            _ => Item::Text(text.to_owned()),
        }
    }
}

/// The columns of some fields, where each comes from, and what is left out, in sentences.
pub(super) fn columns(fields: &[Field]) -> (Vec<Column>, Vec<Part>, Vec<String>) {
    let (mut names, mut parts, mut left_out) = (Vec::new(), Vec::new(), Vec::new());
    for (field, of) in fields.iter().enumerate() {
        let base = names::shortened(of.name.as_bytes());
        let is_complex = matches!(of.of, Some(Type::FloatComplex | Type::DoubleComplex));
        let width = of.width() as usize;
        if width == 0 {
            left_out.push(of.name.clone());
        }
        for at in 0..width {
            names.push(match width {
                _ if base.is_empty() => String::new(),
                1 => base.clone(),
                2 if is_complex => format!("{base}{}", ["_real", "_imag"][at]),
                _ => format!("{base}_{}", at + 1),
            });
            parts.push(Part { field, at });
        }
    }
    let named = names::unique(names.into_iter()).into_iter().zip(&parts);
    let columns = named
        .map(|((name, unnamed), part)| Column {
            unnamed,
            ..Column::of(name, fields[part.field].holds())
        })
        .collect();
    let notes = if left_out.is_empty() {
        Vec::new()
    } else {
        let names = listed(left_out.iter().map(String::as_str));
        vec![format!("not read: {names} (arrays of varying length, bits, or an unknown type)")]
    };
    (columns, parts, notes)
}

/// How many values `arraysize` says: `3`, `3x2`, `*`, `10*`, `4x*`.
fn size(text: Option<&str>) -> Size {
    let Some(text) = text.map(str::trim).filter(|text| !text.is_empty()) else {
        return Size::Fixed(1);
    };
    let mut counts = text.split('x').map(|count| count.trim().parse::<u64>().ok());
    let product = counts.try_fold(1_u64, |product, count| product.checked_mul(count?));
    product.map_or(Size::Varying, Size::Fixed)
}

/// A whole number, decimal or as `0x1f`.
fn whole(text: &str) -> Option<i64> {
    match text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
        Some(digits) => i64::from_str_radix(digits, 16).ok(),
        None => text.strip_prefix('+').unwrap_or(text).parse().ok(),
    }
}
