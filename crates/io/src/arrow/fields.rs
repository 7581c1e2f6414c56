//! From the schema of an Arrow file to columns: structures become `pos.x`, lists of one length
//! `embedding_1`, `embedding_2`, ….

use arrow_schema::{DataType, Fields, TimeUnit};

use super::super::columns::Holds;

/// A column as Arrow stores it: of plain values, or of lists of them.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Leaf {
    /// The field of the schema.
    pub(super) root: usize,
    /// Which field of each structure leads to it.
    pub(super) path: Vec<usize>,
    /// Its name, before names are made unique.
    pub(super) name: String,
    pub(super) holds: Holds,
    pub(super) shape: Shape,
    /// Whether a dictionary is needed to read it.
    pub(super) has_dictionary: bool,
}

/// How many values a row of a column has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    /// One.
    Single,
    /// A list of so many; with none, no row has a list so far.
    List(usize),
    /// Lists whose length is not known yet.
    UnknownList,
    /// Something that is no row of numbers, and what it is, in words.
    Other { row: u64, found: String },
}

/// The columns of a schema.
pub(super) fn leaves(fields: &Fields) -> Vec<Leaf> {
    let mut found = Vec::new();
    for (root, field) in fields.iter().enumerate() {
        let has_dictionary = has_dictionary(field.data_type());
        let start = found.len();
        walk(root, &mut Vec::new(), field.name().clone(), field.data_type(), &mut found);
        found[start..].iter_mut().for_each(|leaf: &mut Leaf| leaf.has_dictionary = has_dictionary);
    }
    found
}

fn walk(root: usize, path: &mut Vec<usize>, name: String, of: &DataType, found: &mut Vec<Leaf>) {
    if let DataType::Struct(fields) = of {
        for (k, field) in fields.iter().enumerate() {
            path.push(k);
            walk(root, path, format!("{name}.{}", field.name()), field.data_type(), found);
            path.pop();
        }
        return;
    }
    let (holds, shape) = match of {
        DataType::FixedSizeList(item, length) => (
            list_of(item.data_type()),
            usize::try_from(*length).map_or(Shape::UnknownList, Shape::List),
        ),
        DataType::List(item) | DataType::LargeList(item) => {
            (list_of(item.data_type()), Shape::UnknownList)
        }
        of => (holds(of), Shape::Single),
    };
    let (holds, shape) = match holds {
        Some(Holds::Texts) if shape != Shape::Single => other("a list of text"),
        Some(holds) => (holds, shape),
        None if shape != Shape::Single => other("a list of something else than numbers"),
        None => other(match of {
            DataType::Map(..) => "a map",
            DataType::Union(..) => "values of several types",
            DataType::Interval(_) => "stretches of the calendar",
            DataType::RunEndEncoded(..) => "values that are stored as runs",
            DataType::ListView(_) | DataType::LargeListView(_) => "views of lists",
            _ => "values of an unknown type",
        }),
    };
    let path = path.clone();
    found.push(Leaf { root, path, name, holds, shape, has_dictionary: false });
}

fn other(found: &str) -> (Holds, Shape) {
    (Holds::Texts, Shape::Other { row: 0, found: found.to_owned() })
}

fn list_of(item: &DataType) -> Option<Holds> {
    holds(item)
}

/// What values of a type are; `None` where they cannot be read.
fn holds(of: &DataType) -> Option<Holds> {
    Some(match of {
        DataType::Null => Holds::Nothing,
        DataType::Boolean => Holds::Booleans,
        DataType::Int8
        | DataType::Int16
        | DataType::Int32
        | DataType::Int64
        | DataType::UInt8
        | DataType::UInt16
        | DataType::UInt32
        | DataType::UInt64
        | DataType::Duration(_) => Holds::Integers,
        DataType::Float16
        | DataType::Float32
        | DataType::Float64
        | DataType::Decimal32(..)
        | DataType::Decimal64(..)
        | DataType::Decimal128(..)
        | DataType::Decimal256(..) => Holds::Numbers,
        DataType::Timestamp(..)
        | DataType::Date32
        | DataType::Date64
        | DataType::Time32(TimeUnit::Second | TimeUnit::Millisecond)
        | DataType::Time64(TimeUnit::Microsecond | TimeUnit::Nanosecond) => Holds::Times,
        DataType::Utf8
        | DataType::LargeUtf8
        | DataType::Utf8View
        | DataType::Binary
        | DataType::LargeBinary
        | DataType::BinaryView
        | DataType::FixedSizeBinary(_) => Holds::Texts,
        DataType::Dictionary(_, values) => return holds(values),
        _ => return None,
    })
}

/// Whether a dictionary is needed to read values of a type.
fn has_dictionary(of: &DataType) -> bool {
    match of {
        DataType::Dictionary(..) => true,
        DataType::Struct(fields) => fields.iter().any(|field| has_dictionary(field.data_type())),
        DataType::List(item)
        | DataType::LargeList(item)
        | DataType::ListView(item)
        | DataType::LargeListView(item)
        | DataType::FixedSizeList(item, _)
        | DataType::Map(item, _) => has_dictionary(item.data_type()),
        DataType::Union(fields, _) => {
            fields.iter().any(|(_, field)| has_dictionary(field.data_type()))
        }
        DataType::RunEndEncoded(_, values) => has_dictionary(values.data_type()),
        _ => false,
    }
}
