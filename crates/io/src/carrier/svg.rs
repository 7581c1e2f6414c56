//! A document in an SVG file: JSON in its metadata.

use super::{CarrierError, MAX_BYTES};

/// Where the document ends.
const CLOSE: &str = "</metadata>";

/// The JSON of the document in an SVG file.
///
/// # Errors
/// When there is none, or it is damaged or too long.
pub fn extract(svg: &str) -> Result<Vec<u8>, CarrierError> {
    let mut rest = svg;
    while let Some(start) = rest.find("<metadata") {
        rest = &rest[start..];
        let Some(end) = rest.find('>') else { break };
        let (tag, after) = rest.split_at(end + 1);
        rest = after;
        if !(tag.contains("id=\"sigmascope\"") || tag.contains("id='sigmascope'")) {
            continue;
        }
        let Some(length) = after.find(CLOSE) else {
            return Err(CarrierError::Damaged("its element does not end"));
        };
        if length > 6 * MAX_BYTES {
            return Err(CarrierError::TooLong { bytes: length as u64 });
        }
        return Ok(unescaped(&after[..length]).into_bytes());
    }
    Err(CarrierError::None("drawing"))
}

/// The text of an element, as other programs may have written it.
fn unescaped(text: &str) -> String {
    let text = text.trim();
    let inside = text.strip_prefix("<![CDATA[").and_then(|text| text.strip_suffix("]]>"));
    if let Some(plain) = inside {
        return plain.to_owned();
    }
    if !text.contains('&') {
        return text.to_owned();
    }
    let names = [("&quot;", "\""), ("&#34;", "\""), ("&apos;", "'"), ("&lt;", "<"), ("&gt;", ">")];
    let plain = names.iter().fold(text.to_owned(), |text, (name, c)| text.replace(name, c));
    plain.replace("&amp;", "&")
}

#[cfg(test)]
mod tests {
    use super::*;

    const OPEN: &str = "<metadata id=\"sigmascope\">";
    const SVG: &str = "<?xml version=\"1.0\"?>\n<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"9\"><metadata>other</metadata><g/></svg>";

    fn with(text: &str) -> String {
        SVG.replace("<g/>", &[OPEN, text, CLOSE].concat())
    }

    #[test]
    fn it_is_found_behind_what_others_put_there() {
        let json = r#"{"hover": ["a \u003cb\u003e \u0026 ]]\u003e"]}"#;
        assert_eq!(extract(&with(json)).expect("there"), json.as_bytes());
        assert!(matches!(extract(SVG), Err(CarrierError::None(_))));
    }

    #[test]
    fn it_is_read_as_other_programs_write_it() {
        for text in
            ["{\"a\":\"<\"}", "<![CDATA[{\"a\":\"<\"}]]>", "{&quot;a&quot;:&quot;&lt;&quot;}"]
        {
            let found = extract(&with(&format!("\n{text}\n")));
            assert_eq!(found.expect("there"), b"{\"a\":\"<\"}", "{text}");
        }
        assert!(extract(&with("{}").replace("</metadata", "</meta")).is_err());
    }
}
