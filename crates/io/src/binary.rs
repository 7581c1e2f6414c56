//! Numbers of the plain binary types, at equal distances in a stretch of bytes.

use half::f16;

use super::columns::Holds;
use super::table::Values;

/// A plain type of number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Plain {
    Bool,
    I8,
    U8,
    I16,
    U16,
    I32,
    U32,
    I64,
    U64,
    F16,
    F32,
    F64,
}

/// A plain type and the order of its bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Binary {
    pub(super) plain: Plain,
    pub(super) big_endian: bool,
}

/// Where the values of a column are in a stretch of records of one size.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Stride {
    /// Bytes in front of the value in each record.
    pub(super) offset: usize,
    /// Bytes of a record.
    pub(super) size: usize,
}

impl Plain {
    /// Bytes of a number.
    pub(super) fn size(self) -> usize {
        match self {
            Self::Bool | Self::I8 | Self::U8 => 1,
            Self::I16 | Self::U16 | Self::F16 => 2,
            Self::I32 | Self::U32 | Self::F32 => 4,
            Self::I64 | Self::U64 | Self::F64 => 8,
        }
    }

    /// What a column of it holds.
    pub(super) fn holds(self) -> Holds {
        match self {
            Self::Bool => Holds::Booleans,
            Self::F16 | Self::F32 | Self::F64 => Holds::Numbers,
            _ => Holds::Integers,
        }
    }
}

/// Reads one number of each record; `$convert` makes it the result from its bytes in little-endian order.
macro_rules! each {
    ($bytes:expr, $stride:expr, $big:expr, $type:ty, $convert:expr) => {{
        const SIZE: usize = size_of::<$type>();
        let Stride { offset, size } = $stride;
        let convert = $convert;
        let numbers = $bytes.chunks_exact(size).map(|record| {
            let mut bytes = [0; SIZE];
            bytes.copy_from_slice(&record[offset..offset + SIZE]);
            convert(if $big {
                <$type>::from_be_bytes(bytes)
            } else {
                <$type>::from_le_bytes(bytes)
            })
        });
        numbers.collect()
    }};
}

impl Binary {
    /// One number of each whole record in `bytes`.
    ///
    /// # Panics
    /// When a number reaches beyond its record.
    pub(super) fn numbers(self, bytes: &[u8], stride: Stride) -> Vec<f64> {
        assert!(stride.offset + self.plain.size() <= stride.size, "a number within its record");
        let big = self.big_endian;
        match self.plain {
            Plain::Bool => {
                each!(bytes, stride, big, u8, |value: u8| f64::from(u8::from(value != 0)))
            }
            Plain::I8 => each!(bytes, stride, big, i8, f64::from),
            Plain::U8 => each!(bytes, stride, big, u8, f64::from),
            Plain::I16 => each!(bytes, stride, big, i16, f64::from),
            Plain::U16 => each!(bytes, stride, big, u16, f64::from),
            Plain::I32 => each!(bytes, stride, big, i32, f64::from),
            Plain::U32 => each!(bytes, stride, big, u32, f64::from),
            Plain::I64 => each!(bytes, stride, big, i64, |value: i64| value as f64),
            Plain::U64 => each!(bytes, stride, big, u64, |value: u64| value as f64),
            Plain::F16 => each!(bytes, stride, big, f16, f64::from),
            Plain::F32 => each!(bytes, stride, big, f32, f64::from),
            Plain::F64 => each!(bytes, stride, big, f64, |value: f64| value),
        }
    }

    /// The same in the type that the file has; whole numbers beyond an i64 become floats.
    ///
    /// # Panics
    /// When a number reaches beyond its record.
    pub(super) fn values(self, bytes: &[u8], stride: Stride) -> Values {
        assert!(stride.offset + self.plain.size() <= stride.size, "a number within its record");
        let big = self.big_endian;
        let some = |value: i64| Some(value);
        match self.plain {
            Plain::Bool => {
                Values::Booleans(each!(bytes, stride, big, u8, |value: u8| Some(value != 0)))
            }
            Plain::I64 => Values::Integers(each!(bytes, stride, big, i64, some)),
            Plain::U64 => {
                let whole: Option<Vec<i64>> =
                    each!(bytes, stride, big, u64, |value: u64| i64::try_from(value).ok());
                match whole {
                    Some(whole) => Values::Integers(whole.into_iter().map(Some).collect()),
                    None => Values::Numbers(self.numbers(bytes, stride)),
                }
            }
            Plain::F16 | Plain::F32 | Plain::F64 => Values::Numbers(self.numbers(bytes, stride)),
            _ => {
                let numbers = self.numbers(bytes, stride);
                Values::Integers(numbers.into_iter().map(|value| Some(value as i64)).collect())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_stand_at_equal_distances_in_either_order() {
        let mut bytes = Vec::new();
        for k in 0..3_i16 {
            bytes.push(7);
            bytes.extend((-k).to_be_bytes());
            bytes.extend((f64::from(k) / 2.0).to_le_bytes());
        }
        let read = |plain, big_endian, offset| {
            Binary { plain, big_endian }.numbers(&bytes, Stride { offset, size: 11 })
        };
        assert_eq!(read(Plain::I16, true, 1), [0.0, -1.0, -2.0]);
        assert_eq!(read(Plain::F64, false, 3), [0.0, 0.5, 1.0]);
        assert_eq!(read(Plain::Bool, false, 0), [1.0; 3]);
    }

    #[test]
    fn whole_numbers_keep_all_digits() {
        let large = (1_i64 << 60) + 1;
        let of = |bytes: &[u8], plain| {
            Binary { plain, big_endian: false }.values(bytes, Stride { offset: 0, size: 8 })
        };
        assert_eq!(of(&large.to_le_bytes(), Plain::U64), Values::Integers(vec![Some(large)]));
        assert_eq!(of(&[255; 8], Plain::U64), Values::Numbers(vec![u64::MAX as f64]));
        assert_eq!(of(&[255; 8], Plain::I64), Values::Integers(vec![Some(-1)]));
    }
}
