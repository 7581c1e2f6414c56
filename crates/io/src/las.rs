//! LAS and LAZ files: points of laser scanners, with coordinates as scaled whole numbers.
//!
//! The header ([`super::las_header`]) tells the fields. Points of LAS lie one behind the other; those of
//! LAZ are unpacked in blocks ([`super::laz`]) and then lie the same way.

use ::laz::DecompressionSelection;

use super::binary::{Binary, Stride};
use super::columns::{Column, Holds};
use super::error::LoadError;
use super::input::Input;
use super::las_header::{Field, Header, Meaning, broken};
use super::laz::Laz;
use super::records::{self, Records};
use super::table::{Block, Facts, Table, Take, Values, Wanted};
use super::wording::bytes as in_bytes;
use sigmascope_core::engine::Observer;

/// The points of a file that is open.
pub(super) struct Las {
    input: Input,
    header: Header,
    fields: Vec<Field>,
    columns: Vec<Column>,
    /// How they are compressed, if they are.
    laz: Option<Laz>,
}

impl Las {
    /// The points that `input` holds.
    ///
    /// # Errors
    /// When the header is broken, or the file is shorter than it says.
    pub(super) fn open(input: &Input) -> Result<Self, LoadError> {
        let header = Header::read(input)?;
        let rest = input.size() - header.start;
        if header.points == 0 {
            let more = match rest {
                0 => String::new(),
                _ => format!(", although {} come behind it", in_bytes(rest)),
            };
            let found = format!("the LAS header counts 0 points{more}");
            return Err(LoadError::Empty { path: input.path().into(), found });
        }
        let laz = header.is_compressed.then(|| Laz::open(input, &header)).transpose()?;
        if laz.is_none() && header.points.saturating_mul(u64::from(header.size)) > rest {
            let found = format!("it is cut short: {} are left for the points", in_bytes(rest));
            let (points, size) = (header.points, header.size);
            let expected = format!("{points} points of {size} bytes, as the header says");
            return Err(broken(input, found, expected));
        }
        let fields = header.fields();
        let columns = fields.iter().map(|field| {
            let holds = match field.meaning {
                Meaning::Plain => field.plain.holds(),
                Meaning::Bits(..) => Holds::Integers,
                Meaning::Axis(_) | Meaning::Times(_) => Holds::Numbers,
            };
            Column::of(field.name.to_owned(), holds)
        });
        Ok(Self { columns: columns.collect(), input: input.clone(), header, fields, laz })
    }
}

/// Which parts of a compressed point hold the fields at these places, in formats from 6 on.
fn layers(places: impl Iterator<Item = usize>) -> DecompressionSelection {
    let layer = |place: usize| match place {
        8 => DecompressionSelection::Z,
        12 => DecompressionSelection::INTENSITY,
        16 => DecompressionSelection::CLASSIFICATION,
        17 => DecompressionSelection::USER_DATA,
        18 => DecompressionSelection::SCAN_ANGLE,
        20 => DecompressionSelection::POINT_SOURCE_ID,
        22 => DecompressionSelection::GPS_TIME,
        30 | 32 | 34 => DecompressionSelection::RGB,
        36 => DecompressionSelection::NIR,
        // x, y and returns always are.
        _ => 0,
    };
    DecompressionSelection(places.map(layer).fold(0, |layers, layer| layers | layer))
}

/// The wanted columns of some points.
fn block(header: &Header, fields: &[Field], bytes: &[u8], rows: usize, wanted: &[Wanted]) -> Block {
    let values = |want: &Wanted| {
        let field = fields[want.column];
        let binary = Binary { plain: field.plain, big_endian: false };
        let stride = Stride { offset: field.offset, size: usize::from(header.size) };
        let numbers = || binary.numbers(bytes, stride).into_iter();
        match field.meaning {
            Meaning::Plain => records::column(binary, bytes, stride, want.as_numbers),
            Meaning::Axis(axis) => {
                let (scale, offset) = (header.scales[axis], header.offsets[axis]);
                // Not fused: other programs round twice as well.
                Values::Numbers(numbers().map(|number| number * scale + offset).collect())
            }
            Meaning::Times(factor) => {
                Values::Numbers(numbers().map(|number| number * factor).collect())
            }
            Meaning::Bits(first, count) => {
                let part = |number: f64| (number as u8 >> first) & ((1 << count) - 1);
                if want.as_numbers {
                    Values::Numbers(numbers().map(|number| f64::from(part(number))).collect())
                } else {
                    Values::Integers(numbers().map(|number| Some(part(number).into())).collect())
                }
            }
        }
    };
    Block { columns: wanted.iter().map(values).collect(), rows, bad_rows: Vec::new() }
}

impl Table for Las {
    fn columns(&self) -> &[Column] {
        &self.columns
    }

    fn facts(&self) -> Facts {
        let Header { version, format, extra, points, .. } = self.header;
        let name = if self.laz.is_some() { "LAZ" } else { "LAS" };
        let mut notes = Vec::new();
        if extra > 0 {
            notes.push(format!(
                "left out: {} beside the fields of each point",
                in_bytes(extra.into())
            ));
        }
        if self.header.has_waveforms() {
            notes.push("left out: waveforms".to_owned());
        }
        if let Some(other) = self.header.other_count {
            notes.push(format!(
                "the header counts {points} points in its new field and {other} in its old one: the new \
                 one is taken"
            ));
        }
        Facts {
            format: format!("{name} {}.{}, point format {format}", version.0, version.1),
            kind: "a LAS file",
            // A byte a point is what compression comes to at best.
            rows: Some(points.min(self.input.size())),
            named_columns: true,
            space: Some([0, 1, 2]),
            notes,
            ..Facts::default()
        }
    }

    fn read(
        &mut self,
        wanted: &[Wanted],
        observer: &mut dyn Observer,
        take: &mut Take<'_>,
    ) -> Result<(), LoadError> {
        let Self { input, header, fields, laz, .. } = &*self;
        let mut take = |bytes: &[u8], rows: usize| take(block(header, fields, bytes, rows, wanted));
        if let Some(laz) = laz {
            let places = wanted.iter().map(|want| fields[want.column].offset);
            let layers = layers(places);
            return laz.read(input, header, layers, observer, &mut take);
        }
        let size = usize::from(header.size);
        let records = Records { start: header.start, rows: header.points, size };
        records.read(input, observer, &mut take)
    }
}
