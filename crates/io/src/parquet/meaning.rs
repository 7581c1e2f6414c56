//! What the values of a column mean: from the types that Parquet stores to numbers, times and text.

use half::f16;
use parquet::basic::{ConvertedType, LogicalType, TimeUnit, Type as Physical};
use parquet::data_type::{ByteArray, FixedLenByteArray, Int96};
use parquet::schema::types::ColumnDescriptor;

use super::super::columns::Holds;
use super::super::wording::hex;

/// Microseconds of a day.
const DAY: i64 = 86_400_000_000;

/// What the stored values of a column stand for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Meaning {
    /// Numbers with a fraction, of two, four or eight bytes.
    Real,
    /// Whole numbers.
    Whole,
    /// Whole numbers that are not below zero.
    Unsigned,
    /// Whole numbers that are divided by ten to this power.
    Decimal(i32),
    Truth,
    /// Days since 1970.
    Date,
    /// Moments since 1970, or times of day.
    Moment(Unit),
    Text,
    /// Sixteen bytes that are a name.
    Uuid,
    /// Bytes of no known meaning.
    Bytes,
    /// Nothing at all: every value is missing.
    Nothing,
}

/// A unit of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unit {
    Milli,
    Micro,
    Nano,
}

impl Meaning {
    /// What a column of the schema stands for.
    pub(super) fn of(column: &ColumnDescriptor) -> Self {
        let physical = column.physical_type();
        match (column.logical_type_ref(), physical) {
            (Some(LogicalType::Unknown), _) => Self::Nothing,
            (Some(LogicalType::Integer(of)), Physical::INT32 | Physical::INT64)
                if !of.is_signed =>
            {
                Self::Unsigned
            }
            (Some(LogicalType::Decimal(of)), _) => Self::decimal(of.scale, physical),
            (Some(LogicalType::Date), Physical::INT32) => Self::Date,
            (Some(LogicalType::Timestamp(of)), Physical::INT64) => Self::Moment((&of.unit).into()),
            (Some(LogicalType::Time(of)), Physical::INT32 | Physical::INT64) => {
                Self::Moment((&of.unit).into())
            }
            (Some(LogicalType::Float16), Physical::FIXED_LEN_BYTE_ARRAY)
                if column.type_length() == 2 =>
            {
                Self::Real
            }
            (Some(LogicalType::Uuid), Physical::FIXED_LEN_BYTE_ARRAY) => Self::Uuid,
            (
                Some(
                    LogicalType::Variant(_) | LogicalType::Geometry(_) | LogicalType::Geography(_),
                ),
                _,
            ) => Self::Bytes,
            _ => Self::converted(column, physical),
        }
    }

    /// The same of what files say that are older than the logical types.
    fn converted(column: &ColumnDescriptor, physical: Physical) -> Self {
        match (column.converted_type(), physical) {
            (ConvertedType::DECIMAL, _) => Self::decimal(column.type_scale(), physical),
            (ConvertedType::DATE, Physical::INT32) => Self::Date,
            (ConvertedType::TIME_MILLIS | ConvertedType::TIMESTAMP_MILLIS, _) => {
                Self::Moment(Unit::Milli)
            }
            (ConvertedType::TIME_MICROS | ConvertedType::TIMESTAMP_MICROS, _) => {
                Self::Moment(Unit::Micro)
            }
            (
                ConvertedType::UINT_8
                | ConvertedType::UINT_16
                | ConvertedType::UINT_32
                | ConvertedType::UINT_64,
                Physical::INT32 | Physical::INT64,
            ) => Self::Unsigned,
            (ConvertedType::BSON | ConvertedType::INTERVAL, _)
            | (_, Physical::FIXED_LEN_BYTE_ARRAY) => Self::Bytes,
            (_, Physical::BOOLEAN) => Self::Truth,
            (_, Physical::INT32 | Physical::INT64) => Self::Whole,
            (_, Physical::FLOAT | Physical::DOUBLE) => Self::Real,
            (_, Physical::INT96) => Self::Moment(Unit::Nano),
            // Older programs do not say that their text is text.
            (_, Physical::BYTE_ARRAY) => Self::Text,
        }
    }

    fn decimal(scale: i32, physical: Physical) -> Self {
        match physical {
            Physical::INT32
            | Physical::INT64
            | Physical::BYTE_ARRAY
            | Physical::FIXED_LEN_BYTE_ARRAY => Self::Decimal(scale),
            _ => Self::Bytes,
        }
    }

    /// What a column of it holds.
    pub(super) fn holds(self) -> Holds {
        match self {
            Self::Real | Self::Decimal(_) => Holds::Numbers,
            Self::Whole | Self::Unsigned => Holds::Integers,
            Self::Truth => Holds::Booleans,
            Self::Date | Self::Moment(_) => Holds::Times,
            Self::Text | Self::Uuid | Self::Bytes => Holds::Texts,
            Self::Nothing => Holds::Nothing,
        }
    }
}

impl Meaning {
    /// Whether its values become numbers.
    pub(super) fn is_number(self) -> bool {
        !matches!(self.holds(), Holds::Texts | Holds::Nothing)
    }
}

impl From<&TimeUnit> for Unit {
    fn from(unit: &TimeUnit) -> Self {
        match unit {
            TimeUnit::MILLIS => Self::Milli,
            TimeUnit::MICROS => Self::Micro,
            TimeUnit::NANOS => Self::Nano,
        }
    }
}

/// A value as it is stored.
pub(super) trait Stored {
    /// The number that it stands for; `None` where it stands for none.
    fn number(&self, meaning: Meaning) -> Option<f64>;

    /// The whole number that it stands for, or the microseconds since 1970 of a time; `None` where there is
    /// none, or it is too large.
    fn whole(&self, meaning: Meaning) -> Option<i64>;

    /// The text that it is.
    fn text(&self, _meaning: Meaning) -> Option<String> {
        None
    }

    /// The values themselves where they are the numbers that they stand for.
    fn plain(_values: &mut Vec<Self>) -> Option<Vec<f64>>
    where
        Self: Sized,
    {
        None
    }
}

impl Stored for bool {
    fn number(&self, _: Meaning) -> Option<f64> {
        Some(f64::from(u8::from(*self)))
    }

    fn whole(&self, _: Meaning) -> Option<i64> {
        Some(i64::from(*self))
    }
}

impl Stored for f32 {
    fn number(&self, _: Meaning) -> Option<f64> {
        Some(f64::from(*self))
    }

    fn whole(&self, _: Meaning) -> Option<i64> {
        None
    }
}

impl Stored for f64 {
    fn number(&self, _: Meaning) -> Option<f64> {
        Some(*self)
    }

    fn whole(&self, _: Meaning) -> Option<i64> {
        None
    }

    fn plain(values: &mut Vec<Self>) -> Option<Vec<f64>> {
        Some(std::mem::take(values))
    }
}

impl Stored for i32 {
    fn number(&self, meaning: Meaning) -> Option<f64> {
        match meaning {
            Meaning::Unsigned => Some(f64::from(*self as u32)),
            _ => i64::from(*self).number(meaning),
        }
    }

    fn whole(&self, meaning: Meaning) -> Option<i64> {
        match meaning {
            Meaning::Unsigned => Some(i64::from(*self as u32)),
            _ => i64::from(*self).whole(meaning),
        }
    }
}

impl Stored for i64 {
    fn number(&self, meaning: Meaning) -> Option<f64> {
        match meaning {
            Meaning::Unsigned => Some(*self as u64 as f64),
            Meaning::Decimal(scale) => Some(decimal(i128::from(*self), scale)),
            Meaning::Date | Meaning::Moment(_) => {
                self.whole(meaning).map(|micros| micros as f64 / 1e6)
            }
            _ => Some(*self as f64),
        }
    }

    fn whole(&self, meaning: Meaning) -> Option<i64> {
        match meaning {
            Meaning::Unsigned => i64::try_from(*self as u64).ok(),
            Meaning::Date => self.checked_mul(DAY),
            Meaning::Moment(Unit::Milli) => self.checked_mul(1000),
            Meaning::Moment(Unit::Nano) => Some(self.div_euclid(1000)),
            _ => Some(*self),
        }
    }
}

impl Stored for Int96 {
    fn number(&self, meaning: Meaning) -> Option<f64> {
        self.whole(meaning).map(|micros| micros as f64 / 1e6)
    }

    fn whole(&self, _: Meaning) -> Option<i64> {
        Some(self.to_micros())
    }
}

impl Stored for ByteArray {
    fn number(&self, meaning: Meaning) -> Option<f64> {
        match meaning {
            Meaning::Decimal(scale) => Some(large_decimal(self.data(), scale)),
            Meaning::Real => {
                let bytes: [u8; 2] = self.data().try_into().ok()?;
                Some(f64::from(f16::from_le_bytes(bytes)))
            }
            _ => None,
        }
    }

    fn whole(&self, _: Meaning) -> Option<i64> {
        None
    }

    fn text(&self, meaning: Meaning) -> Option<String> {
        let hex = || hex(self.data());
        Some(match meaning {
            Meaning::Uuid => {
                let mut text = hex();
                for place in [20, 16, 12, 8].into_iter().filter(|_| self.len() == 16) {
                    text.insert(place, '-');
                }
                text
            }
            Meaning::Bytes => hex(),
            _ => String::from_utf8_lossy(self.data()).into_owned(),
        })
    }
}

impl Stored for FixedLenByteArray {
    fn number(&self, meaning: Meaning) -> Option<f64> {
        ByteArray::number(self, meaning)
    }

    fn whole(&self, _: Meaning) -> Option<i64> {
        None
    }

    fn text(&self, meaning: Meaning) -> Option<String> {
        ByteArray::text(self, meaning)
    }
}

/// The number nearest to `value` divided by ten to the power of `scale`.
pub(in super::super) fn decimal(value: i128, scale: i32) -> f64 {
    /// Powers of ten up to this are whole numbers of an f64.
    const EXACT: i32 = 22;
    let is_exact = value.unsigned_abs() < 1 << 53;
    match scale {
        0 => value as f64,
        1..=EXACT if is_exact => value as f64 / 10_f64.powi(scale),
        // Reading text rounds once.
        _ => format!("{value}e{}", -i64::from(scale)).parse().unwrap_or(f64::NAN),
    }
}

/// A decimal number whose whole number is given by its bytes, the highest first, with two's complement.
pub(in super::super) fn large_decimal(bytes: &[u8], scale: i32) -> f64 {
    let sign = if bytes.first().is_some_and(|byte| byte & 0x80 != 0) { 0xff } else { 0 };
    let cut = bytes.len().saturating_sub(16);
    let (above, low) = bytes.split_at(cut);
    let fits = above.iter().all(|byte| *byte == sign)
        && (above.is_empty() || low.first().is_some_and(|byte| (byte ^ sign) & 0x80 == 0));
    if fits {
        let mut whole = [sign; 16];
        whole[16 - low.len()..].copy_from_slice(low);
        return decimal(i128::from_be_bytes(whole), scale);
    }
    // More than 38 digits: some parts in 10¹⁶ may be lost.
    let magnitude = bytes.iter().fold(0.0, |value, byte| value * 256.0 + f64::from(byte ^ sign));
    let value = if sign == 0 { magnitude } else { -(magnitude + 1.0) };
    value / 10_f64.powi(scale)
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "decimals are read to the last bit")]
mod tests {
    use super::*;

    #[test]
    fn decimals_are_rounded_once() {
        assert_eq!(decimal(12345, 2), 123.45);
        assert_eq!(decimal(-1, 1), -0.1);
        assert_eq!(decimal(9_007_199_254_740_993, 3), 9_007_199_254_740.993);
        assert_eq!(decimal(7, -2), 700.0);
        assert_eq!(decimal(i128::MAX, 38), 1.701_411_834_604_692_3);
        assert_eq!(large_decimal(&[0xff, 0x85], 1), -12.3);
        assert_eq!(large_decimal(&[], 1), 0.0);
        let mut wide = [0xff; 32];
        assert_eq!(large_decimal(&wide, 0), -1.0);
        wide[..16].fill(0x7f);
        assert!(large_decimal(&wide, 60) > 1e16);
    }

    #[test]
    fn times_are_counted_in_microseconds() {
        assert_eq!(1_i32.number(Meaning::Date), Some(86_400.0));
        assert_eq!((-1_i64).whole(Meaning::Moment(Unit::Nano)), Some(-1));
        assert_eq!(1500_i64.number(Meaning::Moment(Unit::Milli)), Some(1.5));
        assert_eq!(i64::MAX.whole(Meaning::Moment(Unit::Milli)), None);
        assert_eq!((-1_i32).number(Meaning::Unsigned), Some(4_294_967_295.0));
        assert_eq!((-1_i64).whole(Meaning::Unsigned), None);
        assert_eq!((-1_i64).number(Meaning::Unsigned), Some(u64::MAX as f64));
    }
}
