//! Writes a table as an Arrow IPC file (Feather, version 2): batches of 100,000 rows, not packed, so that
//! every reader of the format takes it.

use std::io::{self, Write};
use std::sync::Arc;

use arrow_array::{
    ArrayRef, BooleanArray, Float64Array, Int64Array, RecordBatch, StringArray,
    TimestampMicrosecondArray,
};
use arrow_ipc::writer::FileWriter;
use arrow_schema::{ArrowError, DataType, Field, Schema, SchemaRef, TimeUnit};

use super::columns::Holds;
use super::table::Values;
use super::table_writer::{Gathered, Output, TableWriter, is_missing};

/// The zone of all times.
const ZONE: &str = "UTC";

/// An Arrow IPC file that is being written.
pub(super) struct ArrowWriter {
    rows: Gathered,
    schema: SchemaRef,
    file: FileWriter<Output>,
}

impl ArrowWriter {
    /// Writes the beginning of the file.
    ///
    /// # Errors
    /// When it cannot be written.
    pub(super) fn new(output: Output, columns: &[(String, Holds)]) -> io::Result<Self> {
        let fields: Vec<Field> = columns.iter().map(|(name, holds)| field(name, *holds)).collect();
        let schema = Arc::new(Schema::new(fields));
        let file = FileWriter::try_new(output, &schema).map_err(refusal)?;
        Ok(Self { rows: Gathered::new(columns), schema, file })
    }
}

impl TableWriter for ArrowWriter {
    fn write(&mut self, block: &[Values]) -> io::Result<()> {
        let Self { rows, schema, file } = self;
        rows.push(block, &mut |group| write_batch(file, schema, group))
    }

    fn finish(self: Box<Self>) -> io::Result<()> {
        let Self { mut rows, schema, mut file } = *self;
        rows.flush(&mut |group| write_batch(&mut file, &schema, group))?;
        file.into_inner().map_err(refusal)?.flush()
    }
}

/// A column of the schema; each value may be missing.
fn field(name: &str, holds: Holds) -> Field {
    let of = match holds {
        Holds::Numbers | Holds::Nothing => DataType::Float64,
        Holds::Integers => DataType::Int64,
        Holds::Booleans => DataType::Boolean,
        Holds::Times => DataType::Timestamp(TimeUnit::Microsecond, Some(ZONE.into())),
        Holds::Texts => DataType::Utf8,
    };
    Field::new(name, of, true)
}

/// Writes a batch of rows.
fn write_batch(
    file: &mut FileWriter<Output>,
    schema: &SchemaRef,
    group: &[Values],
) -> io::Result<()> {
    let columns = group.iter().map(array).collect::<io::Result<_>>()?;
    let batch = RecordBatch::try_new(Arc::clone(schema), columns).map_err(refusal)?;
    file.write(&batch).map_err(refusal)
}

fn array(values: &Values) -> io::Result<ArrayRef> {
    Ok(match values {
        Values::Numbers(values) => {
            // A mark in the bits of a NaN means nothing outside.
            let present = |value: &f64| if value.is_nan() { f64::NAN } else { *value };
            let values = values.iter().map(|value| (!is_missing(*value)).then(|| present(value)));
            Arc::new(values.collect::<Float64Array>())
        }
        Values::Integers(values) => Arc::new(Int64Array::from(values.clone())),
        Values::Booleans(values) => Arc::new(BooleanArray::from(values.clone())),
        Values::Times(values) => {
            Arc::new(TimestampMicrosecondArray::from(values.clone()).with_timezone(ZONE))
        }
        Values::Texts(values) => {
            let bytes: usize = values.iter().flatten().map(String::len).sum();
            if i32::try_from(bytes).is_err() {
                let what = format!("{bytes} bytes of text in one batch: expected below 2 GiB");
                return Err(io::Error::new(io::ErrorKind::InvalidInput, what));
            }
            Arc::new(values.iter().map(Option::as_deref).collect::<StringArray>())
        }
    })
}

/// What the system said, or else the library.
fn refusal(err: ArrowError) -> io::Error {
    match err {
        ArrowError::IoError(_, err) => err,
        err => io::Error::other(err),
    }
}
