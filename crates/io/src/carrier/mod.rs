//! The documents in pictures: a program that draws a figure leaves JSON in it, from which the figure can be
//! drawn again.
//!
//! ```text
//!   a file ─▶ document_in ─┬─ PNG: a chunk of text ───┐
//!                          ├─ SVG: its metadata ──────┼─▶ JSON, not yet looked at
//!                          ├─ PDF: an embedded file ──┤
//!                          └─ JSON itself ────────────┘
//! ```
//!
//! What is read may come from anyone: nothing is allocated for what a file claims, and what is unpacked ends
//! at [`MAX_BYTES`].

mod error;
mod pdf;
mod png;
mod svg;

use std::io::{Read, Seek};

pub use error::CarrierError;
pub use pdf::extract as document_in_pdf;
pub use png::extract as document_in_png;
pub use svg::extract as document_in_svg;

/// What a document is called, wherever something carries it.
pub const DOCUMENT: &str = "sigmascope";
/// The most bytes that a document may have.
pub const MAX_BYTES: usize = 16 << 20;
/// The most bytes of a drawing or a page that are looked at.
const MOST_OF_CARRIER: u64 = 256 << 20;

/// The JSON of the document that a file of `size` bytes carries, or is.
///
/// # Errors
/// When there is none, or it is damaged or too long, or the file cannot be read.
pub fn document_in(mut file: impl Read + Seek, size: u64) -> Result<Vec<u8>, CarrierError> {
    let mut start = [0; 512];
    let mut length = 0;
    while length < start.len() {
        match file.read(&mut start[length..])? {
            0 => break,
            more => length += more,
        }
    }
    file.rewind()?;
    let start = &start[..length];
    if start.starts_with(&png::SIGNATURE) {
        return png::extract(file);
    }
    let mut read = |most: u64| -> Result<Vec<u8>, CarrierError> {
        if size > most {
            return Err(CarrierError::TooLong { bytes: size });
        }
        let mut bytes = Vec::new();
        (&mut file).take(most).read_to_end(&mut bytes)?;
        Ok(bytes)
    };
    let text = start.strip_prefix(b"\xef\xbb\xbf").unwrap_or(start).trim_ascii_start();
    if start.starts_with(pdf::SIGNATURE) {
        return pdf::extract(&read(MOST_OF_CARRIER)?);
    }
    if text.starts_with(b"<") {
        let text = String::from_utf8(read(MOST_OF_CARRIER)?)
            .map_err(|_| CarrierError::Damaged("the drawing is no text"))?;
        return svg::extract(&text);
    }
    if !text.starts_with(b"{") {
        return Err(CarrierError::None("file"));
    }
    read(MAX_BYTES as u64)
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;

    fn found(file: &[u8]) -> Result<Vec<u8>, CarrierError> {
        document_in(Cursor::new(file), file.len() as u64)
    }

    #[test]
    fn a_carrier_is_known_by_its_content() {
        let json = b"{\"format\": \"sigmascope\"}";
        let text = "{\"format\": \"sigmascope\"}";
        assert_eq!(found(json).expect("there"), json);
        let svg = format!("\u{feff}\n<svg><metadata id=\"sigmascope\">{text}</metadata></svg>");
        assert_eq!(found(svg.as_bytes()).expect("there"), json);
        let pdf = format!("%PDF-1.7\n1 0 obj\n<</Type/EmbeddedFile>>stream\n{text}\nendstream");
        assert_eq!(found(pdf.as_bytes()).expect("there").trim_ascii_end(), json);
        for other in [&b"x,y\n1,2\n"[..], b"", b"\x89PNG\r\n\x1a\n", b"%PDF-1.7", b"<svg/>"] {
            assert!(matches!(found(other), Err(CarrierError::None(_))), "{other:?}");
        }
        assert!(matches!(found(b"<svg>\xff"), Err(CarrierError::Damaged(_))));
    }

    #[test]
    fn one_that_is_too_long_is_not_read() {
        let claimed = |start: &[u8], size: u64| document_in(Cursor::new(start), size);
        for (start, most) in [(&b"{}"[..], 16 << 20), (b"<svg/>", 256 << 20), (b"%PDF-", 256 << 20)]
        {
            let err = claimed(start, most + 1).expect_err("too long");
            assert!(matches!(err, CarrierError::TooLong { bytes } if bytes == most + 1), "{err}");
        }
    }
}
