//! Writes a table as Parquet: groups of 100,000 rows, packed with zstd, with statistics.

use std::io::{self, Write};
use std::sync::Arc;

use parquet::basic::{Compression, LogicalType, Repetition, TimeUnit, Type as Physical, ZstdLevel};
use parquet::data_type::{BoolType, ByteArray, ByteArrayType, DataType, DoubleType, Int64Type};
use parquet::errors::ParquetError;
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use parquet::file::writer::{SerializedColumnWriter, SerializedFileWriter};
use parquet::schema::types::{ColumnPath, Type};

use super::columns::Holds;
use super::table::Values;
use super::table_writer::{Gathered, Output, TableWriter, is_missing};

/// A Parquet file that is being written.
pub(super) struct ParquetWriter {
    rows: Gathered,
    file: SerializedFileWriter<Output>,
}

impl ParquetWriter {
    /// Writes the beginning of the file.
    ///
    /// # Errors
    /// When it cannot be written.
    pub(super) fn new(output: Output, columns: &[(String, Holds)]) -> io::Result<Self> {
        let fields = columns
            .iter()
            .map(|(name, holds)| field(name, *holds).map(Arc::new))
            .collect::<Result<_, _>>()
            .map_err(refusal)?;
        let schema = Type::group_type_builder("schema").with_fields(fields).build();
        let schema = Arc::new(schema.map_err(refusal)?);
        let mut properties = WriterProperties::builder()
            .set_compression(Compression::ZSTD(ZstdLevel::default()))
            .set_statistics_enabled(EnabledStatistics::Chunk)
            // Of numbers hardly two are the same.
            .set_dictionary_enabled(false);
        for (name, _) in columns.iter().filter(|(_, holds)| *holds == Holds::Texts) {
            let path = ColumnPath::new(vec![name.clone()]);
            properties = properties.set_column_dictionary_enabled(path, true);
        }
        let properties = Arc::new(properties.build());
        let file = SerializedFileWriter::new(output, schema, properties).map_err(refusal)?;
        Ok(Self { rows: Gathered::new(columns), file })
    }
}

impl TableWriter for ParquetWriter {
    fn write(&mut self, block: &[Values]) -> io::Result<()> {
        let Self { rows, file } = self;
        rows.push(block, &mut |group| write_group(file, group))
    }

    fn finish(self: Box<Self>) -> io::Result<()> {
        let Self { mut rows, mut file } = *self;
        rows.flush(&mut |group| write_group(&mut file, group))?;
        file.into_inner().map_err(refusal)?.flush()
    }
}

/// A column of the schema; each value may be missing.
fn field(name: &str, holds: Holds) -> Result<Type, ParquetError> {
    let (physical, logical) = match holds {
        Holds::Numbers | Holds::Nothing => (Physical::DOUBLE, None),
        Holds::Integers => (Physical::INT64, None),
        Holds::Booleans => (Physical::BOOLEAN, None),
        Holds::Times => (Physical::INT64, Some(LogicalType::timestamp(true, TimeUnit::MICROS))),
        Holds::Texts => (Physical::BYTE_ARRAY, Some(LogicalType::String)),
    };
    Type::primitive_type_builder(name, physical)
        .with_repetition(Repetition::OPTIONAL)
        .with_logical_type(logical)
        .build()
}

/// Writes a group of rows.
fn write_group(file: &mut SerializedFileWriter<Output>, group: &[Values]) -> io::Result<()> {
    let mut row_group = file.next_row_group().map_err(refusal)?;
    for values in group {
        let Some(mut column) = row_group.next_column().map_err(refusal)? else { break };
        write_column(&mut column, values).and_then(|()| column.close()).map_err(refusal)?;
    }
    row_group.close().map_err(refusal)?;
    Ok(())
}

fn write_column(
    column: &mut SerializedColumnWriter<'_>,
    values: &Values,
) -> Result<(), ParquetError> {
    match values {
        Values::Numbers(values) => {
            // A mark in the bits of a NaN means nothing outside.
            let present = |value: &f64| if value.is_nan() { f64::NAN } else { *value };
            put::<DoubleType>(
                column,
                values.iter().map(|value| (!is_missing(*value)).then(|| present(value))),
            )
        }
        Values::Integers(values) | Values::Times(values) => {
            put::<Int64Type>(column, values.iter().copied())
        }
        Values::Booleans(values) => put::<BoolType>(column, values.iter().copied()),
        Values::Texts(values) => put::<ByteArrayType>(
            column,
            values.iter().map(|value| value.as_deref().map(ByteArray::from)),
        ),
    }
}

/// Writes values that may be missing.
fn put<T: DataType>(
    column: &mut SerializedColumnWriter<'_>,
    values: impl Iterator<Item = Option<T::T>>,
) -> Result<(), ParquetError> {
    let (mut present, mut levels) = (Vec::new(), Vec::new());
    for value in values {
        levels.push(i16::from(value.is_some()));
        present.extend(value);
    }
    column.typed::<T>().write_batch(&present, Some(&levels), None)?;
    Ok(())
}

/// What the system said, or else the library.
fn refusal(err: ParquetError) -> io::Error {
    match err {
        ParquetError::External(err) => match err.downcast::<io::Error>() {
            Ok(err) => *err,
            Err(err) => io::Error::other(err),
        },
        err => io::Error::other(err),
    }
}
