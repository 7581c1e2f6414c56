//! From the arrays of an Arrow batch to values.

use std::ops::Range;

use arrow_array::cast::AsArray;
use arrow_array::types::{
    ArrowDictionaryKeyType, ArrowPrimitiveType, Date32Type, Date64Type, Decimal32Type,
    Decimal64Type, Decimal128Type, Decimal256Type, DurationMicrosecondType,
    DurationMillisecondType, DurationNanosecondType, DurationSecondType, Float16Type, Float32Type,
    Float64Type, Int8Type, Int16Type, Int32Type, Int64Type, Time32MillisecondType,
    Time32SecondType, Time64MicrosecondType, Time64NanosecondType, TimestampMicrosecondType,
    TimestampMillisecondType, TimestampNanosecondType, TimestampSecondType, UInt8Type, UInt16Type,
    UInt32Type, UInt64Type,
};
use arrow_array::{Array, DictionaryArray, GenericListArray, OffsetSizeTrait, PrimitiveArray};
use arrow_schema::{DataType, TimeUnit};

use super::super::parquet::{decimal, large_decimal};
use super::super::table::{MISSING, NOT_A_NUMBER, Values};
use super::fields::{Leaf, Shape};

/// Microseconds of a day.
const DAY: i64 = 86_400_000_000;

/// Which values of an array are wanted.
enum At {
    Range(Range<usize>),
    /// The value of each row, if it has one.
    Each(Vec<Option<usize>>),
}

/// A list of another length than the others: in which of the rows, and its length.
pub(super) struct Unequal {
    pub(super) row: usize,
    pub(super) found: usize,
}

impl At {
    /// Which values they are where those that are missing in `array` are left out.
    fn present(self, array: &dyn Array) -> Self {
        if array.null_count() == 0 {
            return self;
        }
        let there = |k: &usize| array.is_valid(*k);
        Self::Each(match self {
            Self::Range(range) => range.map(|k| Some(k).filter(there)).collect(),
            Self::Each(each) => each.into_iter().map(|k| k.filter(there)).collect(),
        })
    }

    /// Other values in place of these.
    fn map(self, place: impl Fn(usize) -> usize) -> Self {
        Self::Each(match self {
            Self::Range(range) => range.map(|k| Some(place(k))).collect(),
            Self::Each(each) => each.into_iter().map(|k| k.map(&place)).collect(),
        })
    }

    fn iter(&self) -> impl Iterator<Item = Option<usize>> + Clone + '_ {
        let (range, each) = match self {
            Self::Range(range) => (range.clone(), &[][..]),
            Self::Each(each) => (0..0, each.as_slice()),
        };
        range.map(Some).chain(each.iter().copied())
    }
}

/// The array of a leaf, which `array` leads to, and where its rows are.
fn follow<'a>(array: &'a dyn Array, leaf: &Leaf, rows: Range<usize>) -> (&'a dyn Array, At) {
    let (mut array, mut at) = (array, At::Range(rows));
    for child in &leaf.path {
        let structure = array.as_struct();
        at = at.present(structure);
        array = structure.column(*child).as_ref();
    }
    (array, at)
}

/// The number of values of each list of some rows; `None` for a row without a list.
pub(super) fn lengths(array: &dyn Array, leaf: &Leaf, rows: Range<usize>) -> Vec<Option<usize>> {
    let (array, at) = follow(array, leaf, rows);
    let at = at.present(array);
    fn of<O: OffsetSizeTrait>(lists: &GenericListArray<O>, at: &At) -> Vec<Option<usize>> {
        at.iter().map(|k| k.map(|k| lists.value_length(k).as_usize())).collect()
    }
    match array.data_type() {
        DataType::List(_) => of(array.as_list::<i32>(), &at),
        DataType::LargeList(_) => of(array.as_list::<i64>(), &at),
        _ => Vec::new(),
    }
}

/// Adds the values of some rows to `into`, in the type that it has: those of one item of each list.
///
/// # Errors
/// When the lists are not of one length.
pub(super) fn add(
    into: &mut Values,
    array: &dyn Array,
    leaf: &Leaf,
    item: usize,
    rows: Range<usize>,
) -> Result<(), Unequal> {
    let count = rows.len();
    let (array, at) = match leaf.shape {
        Shape::Single => follow(array, leaf, rows),
        Shape::List(length) if length > 0 => {
            let (array, at) = follow(array, leaf, rows);
            let at = at.present(array);
            match array.data_type() {
                DataType::List(_) => items(array.as_list::<i32>(), at, item, length)?,
                DataType::LargeList(_) => items(array.as_list::<i64>(), at, item, length)?,
                _ => {
                    let lists = array.as_fixed_size_list();
                    let at = at.map(|k| k * length + item);
                    (lists.values().as_ref(), at)
                }
            }
        }
        Shape::List(_) => {
            // No list was seen so far: one that comes later has another length.
            let found = lengths(array, leaf, rows.clone());
            if let Some(row) = found.iter().position(Option::is_some) {
                return Err(Unequal { row, found: found[row].unwrap_or(0) });
            }
            add_none(into, count);
            return Ok(());
        }
        Shape::UnknownList | Shape::Other { .. } => {
            add_none(into, count);
            return Ok(());
        }
    };
    plain(into, array, at);
    Ok(())
}

/// One item of each list.
fn items<O: OffsetSizeTrait>(
    lists: &GenericListArray<O>,
    at: At,
    item: usize,
    length: usize,
) -> Result<(&dyn Array, At), Unequal> {
    let wrong = |k: Option<usize>| {
        k.map(|k| lists.value_length(k).as_usize()).filter(|found| *found != length)
    };
    if let Some((row, found)) =
        at.iter().map(wrong).enumerate().find_map(|(row, k)| Some((row, k?)))
    {
        return Err(Unequal { row, found });
    }
    let offsets = lists.value_offsets();
    Ok((lists.values().as_ref(), at.map(|k| offsets[k].as_usize() + item)))
}

/// Adds missing values.
fn add_none(into: &mut Values, count: usize) {
    match into {
        Values::Numbers(values) => values.extend((0..count).map(|_| MISSING)),
        Values::Integers(values) | Values::Times(values) => {
            values.extend((0..count).map(|_| None));
        }
        Values::Booleans(values) => values.extend((0..count).map(|_| None)),
        Values::Texts(values) => values.extend((0..count).map(|_| None)),
    }
}

/// Adds values of an array that is no list and no structure.
fn plain(into: &mut Values, array: &dyn Array, at: At) {
    let at = at.present(array);
    /// Numbers of a type: as a number, and as a whole one.
    macro_rules! numbers {
        ($type:ty, $number:expr, $whole:expr) => {
            primitive(into, array.as_primitive::<$type>(), &at, $number, $whole)
        };
    }
    macro_rules! whole {
        ($type:ty) => {
            numbers!($type, |value| value as f64, |value| i64::try_from(value).ok())
        };
    }
    macro_rules! real {
        ($type:ty) => {
            numbers!($type, f64::from, |_| None)
        };
    }
    /// Times of a type, with what makes microseconds of them.
    macro_rules! times {
        ($type:ty, $micros:expr) => {{
            let micros = $micros;
            numbers!(
                $type,
                |value| micros(i64::from(value)).map_or(MISSING, |micros: i64| micros as f64 / 1e6),
                |value| micros(i64::from(value))
            )
        }};
    }
    let second = |value: i64| value.checked_mul(1_000_000);
    let milli = |value: i64| value.checked_mul(1000);
    let nano = |value: i64| Some(value.div_euclid(1000));
    macro_rules! dictionary {
        ($type:ty) => {
            through(into, array.as_dictionary::<$type>(), at)
        };
    }
    match array.data_type() {
        DataType::Int8 => whole!(Int8Type),
        DataType::Int16 => whole!(Int16Type),
        DataType::Int32 => whole!(Int32Type),
        DataType::Int64 => whole!(Int64Type),
        DataType::UInt8 => whole!(UInt8Type),
        DataType::UInt16 => whole!(UInt16Type),
        DataType::UInt32 => whole!(UInt32Type),
        DataType::UInt64 => whole!(UInt64Type),
        DataType::Float16 => real!(Float16Type),
        DataType::Float32 => real!(Float32Type),
        DataType::Float64 => real!(Float64Type),
        DataType::Decimal32(_, scale) => {
            let scale = i32::from(*scale);
            numbers!(Decimal32Type, |value| decimal(value.into(), scale), |_| None);
        }
        DataType::Decimal64(_, scale) => {
            let scale = i32::from(*scale);
            numbers!(Decimal64Type, |value| decimal(value.into(), scale), |_| None);
        }
        DataType::Decimal128(_, scale) => {
            let scale = i32::from(*scale);
            numbers!(Decimal128Type, |value| decimal(value, scale), |_| None);
        }
        DataType::Decimal256(_, scale) => {
            let scale = i32::from(*scale);
            numbers!(
                Decimal256Type,
                |value: arrow_buffer::i256| large_decimal(&value.to_be_bytes(), scale),
                |_| None
            );
        }
        DataType::Date32 => times!(Date32Type, |value: i64| value.checked_mul(DAY)),
        DataType::Date64 => times!(Date64Type, milli),
        DataType::Time32(TimeUnit::Second) => times!(Time32SecondType, second),
        DataType::Time32(_) => times!(Time32MillisecondType, milli),
        DataType::Time64(TimeUnit::Microsecond) => times!(Time64MicrosecondType, Some),
        DataType::Time64(_) => times!(Time64NanosecondType, nano),
        DataType::Timestamp(TimeUnit::Second, _) => times!(TimestampSecondType, second),
        DataType::Timestamp(TimeUnit::Millisecond, _) => times!(TimestampMillisecondType, milli),
        DataType::Timestamp(TimeUnit::Microsecond, _) => times!(TimestampMicrosecondType, Some),
        DataType::Timestamp(TimeUnit::Nanosecond, _) => times!(TimestampNanosecondType, nano),
        DataType::Duration(TimeUnit::Second) => whole!(DurationSecondType),
        DataType::Duration(TimeUnit::Millisecond) => whole!(DurationMillisecondType),
        DataType::Duration(TimeUnit::Microsecond) => whole!(DurationMicrosecondType),
        DataType::Duration(TimeUnit::Nanosecond) => whole!(DurationNanosecondType),
        DataType::Boolean => {
            let truths = array.as_boolean();
            extend(
                into,
                at.iter().map(|k| k.map(|k| truths.value(k))),
                |truth| f64::from(u8::from(truth)),
                |truth| Some(i64::from(truth)),
            );
        }
        DataType::Dictionary(key, _) => match key.as_ref() {
            DataType::Int8 => dictionary!(Int8Type),
            DataType::Int16 => dictionary!(Int16Type),
            DataType::Int32 => dictionary!(Int32Type),
            DataType::Int64 => dictionary!(Int64Type),
            DataType::UInt8 => dictionary!(UInt8Type),
            DataType::UInt16 => dictionary!(UInt16Type),
            DataType::UInt32 => dictionary!(UInt32Type),
            _ => dictionary!(UInt64Type),
        },
        DataType::Utf8 => texts(into, &at, |k| array.as_string::<i32>().value(k).to_owned()),
        DataType::LargeUtf8 => texts(into, &at, |k| array.as_string::<i64>().value(k).to_owned()),
        DataType::Utf8View => texts(into, &at, |k| array.as_string_view().value(k).to_owned()),
        DataType::Binary => texts(into, &at, |k| hex(array.as_binary::<i32>().value(k))),
        DataType::LargeBinary => texts(into, &at, |k| hex(array.as_binary::<i64>().value(k))),
        DataType::BinaryView => texts(into, &at, |k| hex(array.as_binary_view().value(k))),
        DataType::FixedSizeBinary(_) => {
            texts(into, &at, |k| hex(array.as_fixed_size_binary().value(k)));
        }
        _ => add_none(into, at.iter().count()),
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Adds the values that a dictionary has for its keys.
fn through<K: ArrowDictionaryKeyType>(into: &mut Values, array: &DictionaryArray<K>, at: At) {
    let at = match at {
        At::Range(range) => At::Each(range.map(|k| array.key(k)).collect()),
        At::Each(each) => At::Each(each.into_iter().map(|k| array.key(k?)).collect()),
    };
    plain(into, array.values().as_ref(), at);
}

fn primitive<T: ArrowPrimitiveType>(
    into: &mut Values,
    array: &PrimitiveArray<T>,
    at: &At,
    number: impl Fn(T::Native) -> f64,
    whole: impl Fn(T::Native) -> Option<i64>,
) {
    let values = array.values();
    if let (Values::Numbers(into), At::Range(range)) = (&mut *into, at) {
        into.extend(values[range.clone()].iter().map(|value| number(*value)));
        return;
    }
    extend(into, at.iter().map(|k| k.map(|k| values[k])), number, whole);
}

/// Adds values, in the type that `into` has; whole numbers that are too large make numbers of all.
fn extend<T: Copy>(
    into: &mut Values,
    cells: impl Iterator<Item = Option<T>> + Clone,
    number: impl Fn(T) -> f64,
    whole: impl Fn(T) -> Option<i64>,
) {
    if let Values::Integers(before) = &*into
        && cells.clone().any(|cell| cell.is_some_and(|value| whole(value).is_none()))
    {
        let or_missing = |value: &Option<i64>| value.map_or(MISSING, |value| value as f64);
        *into = Values::Numbers(before.iter().map(or_missing).collect());
    }
    match into {
        Values::Numbers(values) => values.extend(cells.map(|cell| cell.map_or(MISSING, &number))),
        Values::Integers(values) | Values::Times(values) => {
            values.extend(cells.map(|cell| cell.and_then(&whole)));
        }
        Values::Booleans(values) => {
            values.extend(cells.map(|cell| cell.and_then(&whole).map(|value| value != 0)));
        }
        Values::Texts(values) => values.extend(cells.map(|_| None)),
    }
}

fn texts(into: &mut Values, at: &At, text: impl Fn(usize) -> String) {
    match into {
        Values::Texts(values) => values.extend(at.iter().map(|k| k.map(&text))),
        Values::Numbers(values) => {
            values.extend(at.iter().map(|k| if k.is_some() { NOT_A_NUMBER } else { MISSING }));
        }
        into => add_none(into, at.iter().count()),
    }
}
