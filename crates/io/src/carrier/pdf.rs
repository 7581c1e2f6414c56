//! A document in a PDF file: a file embedded in it.

use super::{CarrierError, DOCUMENT, MAX_BYTES, png::inflated};

/// The first bytes of a PDF file.
pub(super) const SIGNATURE: &[u8] = b"%PDF-";
/// The most embedded files that are looked at: each may take some milliseconds.
const MOST_FILES: usize = 64;
/// The most bytes of the dictionary of a stream.
const MOST_DICTIONARY: usize = 4096;

/// The JSON of the document embedded in a PDF file.
///
/// # Errors
/// When there is none, or it is damaged or too long.
pub fn extract(pdf: &[u8]) -> Result<Vec<u8>, CarrierError> {
    let mut failed = CarrierError::None("page");
    let name = b"/EmbeddedFile";
    let places = memchr::memmem::find_iter(pdf, name).filter(|at| {
        // Not `/EmbeddedFiles`, which is a list of names.
        !pdf.get(at + name.len()).is_some_and(u8::is_ascii_alphanumeric)
    });
    for at in places.take(MOST_FILES) {
        let Some(stream) = stream_at(pdf, at) else { continue };
        match stream {
            Ok(json) if is_ours(&json) => return Ok(json),
            Ok(_) => {}
            Err(err) => failed = err,
        }
    }
    Err(failed)
}

/// The content of the stream in whose dictionary `at` lies; `None` where it lies in none.
fn stream_at(pdf: &[u8], at: usize) -> Option<Result<Vec<u8>, CarrierError>> {
    let start =
        pdf[at.saturating_sub(MOST_DICTIONARY)..at].windows(4).rposition(|w| w == b" obj")?;
    let start = at.saturating_sub(MOST_DICTIONARY) + start;
    let window = &pdf[at..pdf.len().min(at + MOST_DICTIONARY)];
    let end = memchr::memmem::find(window, b"stream")?;
    if memchr::memmem::find(&window[..end], b"endobj").is_some() {
        return None;
    }
    let dictionary = &pdf[start..at + end];
    let content = &pdf[at + end + b"stream".len()..];
    let content = content.strip_prefix(b"\r").unwrap_or(content);
    let content = content.strip_prefix(b"\n").unwrap_or(content);
    let content = match length_in(dictionary) {
        Some(length) => content.get(..length).unwrap_or(content),
        // It is written elsewhere.
        None => &content[..memchr::memmem::find(content, b"endstream").unwrap_or(content.len())],
    };
    let has = |name: &[u8]| memchr::memmem::find(dictionary, name).is_some();
    if has(b"/FlateDecode") {
        return Some(inflated(content));
    }
    if has(b"/Filter") {
        return Some(Err(CarrierError::Damaged("it is packed in an unknown way")));
    }
    if content.len() > MAX_BYTES {
        return Some(Err(CarrierError::TooLong { bytes: content.len() as u64 }));
    }
    Some(Ok(content.to_vec()))
}

/// The length of a stream, if its dictionary says it itself.
fn length_in(dictionary: &[u8]) -> Option<usize> {
    let name = b"/Length";
    let at = memchr::memmem::find_iter(dictionary, name)
        .find(|at| !dictionary.get(at + name.len()).is_some_and(u8::is_ascii_alphanumeric))?;
    let text = std::str::from_utf8(&dictionary[at + name.len()..])
        .or_else(|err| std::str::from_utf8(&dictionary[at + name.len()..][..err.valid_up_to()]))
        .ok()?;
    let mut words = text
        .split(|c: char| c.is_ascii_whitespace() || "/<>[]()".contains(c))
        .filter(|word| !word.is_empty());
    let length = words.next()?.parse().ok()?;
    let is_reference =
        words.next().is_some_and(|word| word.parse::<u32>().is_ok()) && words.next() == Some("R");
    (!is_reference).then_some(length)
}

/// Whether some embedded file looks like a document.
fn is_ours(json: &[u8]) -> bool {
    let start = &json[..json.len().min(256)];
    start.trim_ascii_start().starts_with(b"{")
        && memchr::memmem::find(start, DOCUMENT.as_bytes()).is_some()
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn deflated(bytes: &[u8]) -> Vec<u8> {
        let mut packer = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
        packer.write_all(bytes).expect("memory");
        packer.finish().expect("memory")
    }

    /// A page that holds nothing but embedded files, as `dictionary` describes them.
    fn pdf(files: &[(&str, &[u8])]) -> Vec<u8> {
        let mut pdf =
            b"%PDF-1.7\n1 0 obj\n<< /Names << /EmbeddedFiles 2 0 R >> >>\nendobj\n".to_vec();
        for (dictionary, content) in files {
            pdf.extend(format!("3 0 obj\n<< {dictionary} >>\nstream\r\n").as_bytes());
            pdf.extend(*content);
            pdf.extend(b"\nendstream\nendobj\n");
        }
        pdf.extend(b"trailer\n<< >>\n%%EOF\n");
        pdf
    }

    const JSON: &[u8] = b"{\n  \"format\": \"sigmascope\"}";

    #[test]
    fn an_embedded_file_is_found_as_different_programs_write_it() {
        let packed = deflated(JSON);
        let length = packed.len();
        for (dictionary, content) in [
            (format!("/Type /EmbeddedFile /Filter /FlateDecode /Length {length}"), &packed[..]),
            (format!("/Length {length}/Filter[/FlateDecode]/Type/EmbeddedFile"), &packed),
            ("/Type/EmbeddedFile/Length 9 0 R/Filter/FlateDecode".to_owned(), &packed),
            (format!("/Length {} /Type /EmbeddedFile", JSON.len()), JSON),
        ] {
            let other = ("/Type /EmbeddedFile /Length 5", &b"hello"[..]);
            let pdf = pdf(&[other, (&dictionary, content)]);
            assert_eq!(extract(&pdf).expect("there"), JSON, "{dictionary}");
        }
        assert!(matches!(extract(&pdf(&[])), Err(CarrierError::None(_))));
    }

    #[test]
    fn a_hostile_one_is_refused() {
        let bomb = deflated(&vec![b' '; 3 * MAX_BYTES]);
        let dictionary = format!("/Type /EmbeddedFile /Filter /FlateDecode /Length {}", bomb.len());
        let err = extract(&pdf(&[(&dictionary, &bomb)])).expect_err("too long");
        assert!(matches!(err, CarrierError::TooLong { .. }), "{err}");
        let packed = &deflated(JSON)[..10];
        let dictionary = "/Type /EmbeddedFile /Filter /FlateDecode /Length 99999999999999999999";
        assert!(extract(&pdf(&[(dictionary, packed)])).is_err());
        assert!(extract(b"/EmbeddedFile stream").is_err());
    }
}
