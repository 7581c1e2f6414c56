//! From the schema of a Parquet file to columns: structures become `pos.x`, lists of equal length
//! `embedding_1`, `embedding_2`, ….

use std::sync::Arc;

use parquet::basic::{ConvertedType, LogicalType, Repetition};
use parquet::schema::types::{ColumnDescriptor, SchemaDescriptor, Type};

use super::meaning::Meaning;

/// A column as Parquet stores it: of plain values, or of lists of them.
#[derive(Clone, Debug)]
pub(super) struct Leaf {
    /// Its position in each group of rows.
    pub(super) position: usize,
    /// Its name, before names are made unique.
    pub(super) name: String,
    pub(super) meaning: Meaning,
    pub(super) shape: Shape,
    pub(super) stored: Arc<ColumnDescriptor>,
}

/// How many values a row of a column has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    /// One.
    Single,
    /// A list of so many; with none yet, no row has a list so far.
    List(usize),
    /// Something that is no row of numbers, and what it is, in words.
    Other { row: u64, found: String },
}

/// The columns of a schema, in the order in which they are stored.
pub(super) fn leaves(schema: &SchemaDescriptor) -> Vec<Leaf> {
    let mut found = Vec::new();
    for field in schema.root_schema().get_fields() {
        walk(field, field.name().to_owned(), false, &mut found);
    }
    let named = found.into_iter().zip(schema.columns()).enumerate();
    named
        .map(|(position, ((name, is_map), stored))| {
            let meaning = Meaning::of(stored);
            let shape = match stored.max_rep_level() {
                0 => Shape::Single,
                1 if !is_map && meaning.is_number() => Shape::List(0),
                levels => {
                    let found = match levels {
                        _ if is_map => "a map",
                        1 => "a list of text",
                        _ => "lists of lists",
                    };
                    Shape::Other { row: 0, found: found.to_owned() }
                }
            };
            Leaf { position, name, meaning, shape, stored: Arc::clone(stored) }
        })
        .collect()
}

/// Adds the name of each column below `of`, and whether it is part of a map.
fn walk(of: &Type, name: String, is_map: bool, found: &mut Vec<(String, bool)>) {
    if of.is_primitive() {
        found.push((name, is_map));
        return;
    }
    let is_map = is_map
        || annotated(of, &LogicalType::Map, &[ConvertedType::MAP, ConvertedType::MAP_KEY_VALUE]);
    let fields = of.get_fields();
    if annotated(of, &LogicalType::List, &[ConvertedType::LIST])
        && let [repeated] = fields
        && repeated.get_basic_info().repetition() == Repetition::REPEATED
    {
        // The list itself, and mostly a group of one field around each value, are no names.
        let items = if repeated.is_primitive() {
            std::slice::from_ref(repeated)
        } else {
            repeated.get_fields()
        };
        match items {
            [item] => walk(item, name, is_map, found),
            items => {
                for item in items {
                    walk(item, format!("{name}.{}", item.name()), is_map, found);
                }
            }
        }
        return;
    }
    for field in fields {
        walk(field, format!("{name}.{}", field.name()), is_map, found);
    }
}

/// Whether the schema says that a group is of a kind, in the new way or the old one.
fn annotated(of: &Type, logical: &LogicalType, converted: &[ConvertedType]) -> bool {
    let info = of.get_basic_info();
    info.logical_type_ref() == Some(logical) || converted.contains(&info.converted_type())
}

#[cfg(test)]
mod tests {
    use super::*;
    use parquet::schema::parser::parse_message_type;

    #[test]
    fn structures_and_lists_have_plain_names() {
        let schema = parse_message_type(
            "message m {
                required double x;
                optional group pos { required float y; optional int32 n (UINT_8); }
                optional group embedding (LIST) { repeated group list { optional float element; } }
                optional group old (LIST) { repeated int32 array; }
                optional group pairs (LIST) { repeated group array { required float a; required float b; } }
                repeated double bare;
                optional group map (MAP) { repeated group key_value { required binary key; optional double value; } }
                optional group deep (LIST) { repeated group list { optional group element (LIST) {
                    repeated group list { optional float element; } } } }
            }",
        );
        let schema = SchemaDescriptor::new(Arc::new(schema.expect("a schema")));
        let leaves = leaves(&schema);
        let names: Vec<&str> = leaves.iter().map(|leaf| leaf.name.as_str()).collect();
        assert_eq!(
            names,
            [
                "x",
                "pos.y",
                "pos.n",
                "embedding",
                "old",
                "pairs.a",
                "pairs.b",
                "bare",
                "map.key_value.key",
                "map.key_value.value",
                "deep"
            ]
        );
        assert_eq!(leaves[2].meaning, Meaning::Unsigned);
        for (k, leaf) in leaves.iter().enumerate() {
            match k {
                0..3 => assert_eq!(leaf.shape, Shape::Single),
                3..8 => assert_eq!(leaf.shape, Shape::List(0)),
                _ => assert!(matches!(leaf.shape, Shape::Other { .. }), "{leaf:?}"),
            }
        }
    }
}
