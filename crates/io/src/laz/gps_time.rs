//! The times of points in LAZ: up to four sequences of times side by side, each told by differences.
//!
//! A time is told by a symbol: the difference to the last time of the present sequence as a multiple of the
//! one before and a correction; or that another sequence goes on; or a new sequence.
//!
//! It stands here and not in the crate `laz` because that calls itself for each symbol "another sequence",
//! and a broken file holds as many of these, one after the other, as overflow any stack. Who writes a file
//! changes to a sequence only if the time belongs to it, so more than a few in a row make no sense.
//!
//! Source: M. Isenburg, `LASzip`: lossless compression of `LiDAR` data (2013), section on GPS times, and the
//! symbols of `LASzip`'s readers of `GPSTIME11` (version 2) and `POINT14` (versions 3 and 4).

use std::io::{self, Read};

use ::laz::decoders::ArithmeticDecoder;
use ::laz::decompressors::{IntegerDecompressor, IntegerDecompressorBuilder};
use ::laz::models::{ArithmeticModel, ArithmeticModelBuilder};
use ::laz::record::FieldDecompressor;

/// Multiples of a difference that have a symbol: from one more than the least one to the largest.
const MOST: i32 = 500;
const LEAST: i32 = -10;
/// The first symbol behind those of multiples.
const BEHIND: i32 = MOST - LEAST + 1;
/// Differences that are no multiple, in a row, after which the next ones are told as multiples of the last.
const IRREGULAR: u32 = 3;
/// Changes to another sequence in a row; one is what a sound file has.
const CHANGES: usize = 8;

/// The times so far.
pub(super) struct GpsTimes {
    /// 1 where a symbol tells that the time stays, as in version 2; else 0. The symbols behind it move by
    /// as much.
    stays: u32,
    /// The last time of each sequence: the bits of a float64.
    times: [i64; 4],
    /// The difference that multiples refer to, of each sequence.
    differences: [i32; 4],
    /// How many differences in a row were no multiple of it.
    irregular: [u32; 4],
    /// The present sequence, and the one that began last.
    present: usize,
    newest: usize,
    after_zero: ArithmeticModel,
    multiples: ArithmeticModel,
    corrections: IntegerDecompressor,
}

impl GpsTimes {
    /// Times after this one, where a symbol may tell that a time stays (version 2) or none does.
    pub(super) fn after(time: f64, may_stay: bool) -> Self {
        let stays = u32::from(may_stay);
        Self {
            stays,
            times: [time.to_bits().cast_signed(), 0, 0, 0],
            differences: [0; 4],
            irregular: [0; 4],
            present: 0,
            newest: 0,
            after_zero: ArithmeticModelBuilder::new(5 + stays).build(),
            multiples: ArithmeticModelBuilder::new(BEHIND as u32 + 4 + stays).build(),
            corrections: IntegerDecompressorBuilder::new().bits(32).contexts(9).build_initialized(),
        }
    }

    /// The next time.
    ///
    /// # Errors
    /// When the bytes end or make no sense.
    pub(super) fn next<R: Read>(&mut self, decoder: &mut ArithmeticDecoder<R>) -> io::Result<f64> {
        for _ in 0..=CHANGES {
            if self.read_symbol(decoder)? {
                return Ok(f64::from_bits(self.times[self.present].cast_unsigned()));
            }
        }
        Err(io::Error::new(io::ErrorKind::InvalidData, "times change their sequence on and on"))
    }

    /// Reads one symbol and what belongs to it; whether that told a time, and not a change of sequence.
    fn read_symbol<R: Read>(&mut self, decoder: &mut ArithmeticDecoder<R>) -> io::Result<bool> {
        let present = self.present;
        let difference = self.differences[present];
        let (symbol, behind) = if difference == 0 {
            let symbol = decoder.decode_symbol(&mut self.after_zero)?;
            match symbol.checked_sub(self.stays) {
                None => return Ok(true),
                Some(0) => {
                    let told = self.corrections.decompress(decoder, 0, 0)?;
                    self.differences[present] = told;
                    self.irregular[present] = 0;
                    self.advance(told);
                    return Ok(true);
                }
                Some(behind) => (symbol, behind - 1),
            }
        } else {
            let symbol = decoder.decode_symbol(&mut self.multiples)?;
            if (symbol as i32) < BEHIND {
                self.read_multiple(symbol as i32, difference, decoder)?;
                return Ok(true);
            }
            match (symbol - BEHIND as u32).checked_sub(self.stays) {
                None => return Ok(true),
                Some(behind) => (symbol, behind),
            }
        };
        debug_assert!(behind <= 3, "{symbol}");
        if behind > 0 {
            self.present = (present + behind as usize) % 4;
            return Ok(false);
        }
        let high = self.corrections.decompress(decoder, (self.times[present] >> 32) as i32, 8)?;
        let low = decoder.read_int()?;
        self.newest = (self.newest + 1) % 4;
        self.present = self.newest;
        self.times[self.present] = i64::from(high) << 32 | i64::from(low);
        self.differences[self.present] = 0;
        self.irregular[self.present] = 0;
        Ok(true)
    }

    /// A difference as a multiple of another one: symbol 0 is none, those above [`MOST`] are negative.
    fn read_multiple<R: Read>(
        &mut self,
        symbol: i32,
        difference: i32,
        decoder: &mut ArithmeticDecoder<R>,
    ) -> io::Result<()> {
        let multiple = if symbol > MOST { MOST - symbol } else { symbol };
        let context = match multiple {
            0 => 7,
            1 => 1,
            2..10 => 2,
            10..MOST => 3,
            MOST => 4,
            LEAST => 6,
            _ => 5,
        };
        let predicted = multiple.wrapping_mul(difference);
        let told = self.corrections.decompress(decoder, predicted, context)?;
        let present = self.present;
        match multiple {
            1 => self.irregular[present] = 0,
            0 | MOST | LEAST => {
                self.irregular[present] += 1;
                if self.irregular[present] > IRREGULAR {
                    self.irregular[present] = 0;
                    self.differences[present] = told;
                }
            }
            _ => {}
        }
        self.advance(told);
        Ok(())
    }

    fn advance(&mut self, difference: i32) {
        let time = &mut self.times[self.present];
        *time = time.wrapping_add(i64::from(difference));
    }
}

/// The field of version 2, in points that are compressed one by one.
impl<R: Read> FieldDecompressor<R> for GpsTimes {
    fn size_of_field(&self) -> usize {
        size_of::<f64>()
    }

    fn decompress_first(&mut self, source: &mut R, first_point: &mut [u8]) -> io::Result<()> {
        let mut time = [0; 8];
        source.read_exact(&mut time)?;
        first_point.copy_from_slice(&time);
        self.times[0] = i64::from_le_bytes(time);
        Ok(())
    }

    fn decompress_with(
        &mut self,
        decoder: &mut ArithmeticDecoder<R>,
        field: &mut [u8],
    ) -> io::Result<()> {
        field.copy_from_slice(&self.next(decoder)?.to_le_bytes());
        Ok(())
    }
}
