//! A file of field values: one f64 for each target, in the targets' order.

use std::{io, path::Path};

use npyz::WriterBuilder;

/// The format of a file of field values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FieldFormat {
    /// A `NumPy` array of float64, shape (n,).
    Npy,
    /// Text: the heading `f`, then a value a line, all digits kept.
    Csv,
}

impl FieldFormat {
    /// The format that a file's name asks for by its extension, in any case.
    pub fn of(path: &Path) -> Option<Self> {
        let extension = path.extension()?.to_string_lossy().to_lowercase();
        match extension.as_str() {
            "npy" => Some(Self::Npy),
            "csv" => Some(Self::Csv),
            _ => None,
        }
    }

    /// The whole content of a file that holds `field`, shape (n,).
    ///
    /// # Errors
    /// When there is no memory for it.
    pub fn bytes(self, field: &[f64]) -> io::Result<Vec<u8>> {
        match self {
            Self::Npy => {
                let mut bytes = Vec::new();
                let mut writer = npyz::WriteOptions::new()
                    .default_dtype()
                    .shape(&[field.len() as u64])
                    .writer(&mut bytes)
                    .begin_nd()?;
                writer.extend(field.iter().copied())?;
                writer.finish()?;
                Ok(bytes)
            }
            Self::Csv => {
                let mut writer = csv::Writer::from_writer(Vec::new());
                writer.write_record(["f"])?;
                for f in field {
                    writer.write_record([format!("{f:?}")])?;
                }
                writer.into_inner().map_err(|err| io::Error::other(err.to_string()))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_format_is_that_of_the_extension() {
        let of = |name: &str| FieldFormat::of(Path::new(name));
        assert_eq!(of("f.npy"), Some(FieldFormat::Npy));
        assert_eq!(of("a.b/f.CSV"), Some(FieldFormat::Csv));
        assert_eq!((of("f.txt"), of("npy")), (None, None));
    }

    #[test]
    fn text_keeps_all_digits() {
        let bytes = FieldFormat::Csv.bytes(&[0.1 + 0.2, 1e-300]).expect("text");
        assert_eq!(bytes, b"f\n0.30000000000000004\n1e-300\n");
    }
}
