//! A document in an SVG file: JSON in its metadata.

use super::{DocumentError, MAX_BYTES};

/// Where the document begins.
const OPEN: &str = "<metadata id=\"sigmascope\">";
const CLOSE: &str = "</metadata>";
/// The part of a file that is looked at.
pub(super) const MOST_BYTES: u64 = 256 << 20;

/// The text of an SVG file with the document in it: `json` as [`Document::json`](super::Document::json)
/// makes it. What is no SVG file stays as it is.
#[must_use]
pub fn embed(svg: &str, json: &str) -> String {
    let element = svg.find("<svg").and_then(|start| Some(start + svg[start..].find('>')? + 1));
    match element {
        Some(end) if !svg[..end].ends_with("/>") => {
            let (head, rest) = svg.split_at(end);
            // `]]>` may stand nowhere in the text of XML.
            let json = json.replace("]]>", "]]\\u003e");
            [head, OPEN, &json, CLOSE, rest].concat()
        }
        _ => svg.to_owned(),
    }
}

/// The JSON of the document in an SVG file.
///
/// # Errors
/// When there is none, or it is damaged or too long.
pub fn extract(svg: &str) -> Result<Vec<u8>, DocumentError> {
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
            return Err(DocumentError::Damaged("its element does not end"));
        };
        if length > 6 * MAX_BYTES {
            return Err(DocumentError::TooLong { bytes: length as u64 });
        }
        return Ok(unescaped(&after[..length]).into_bytes());
    }
    Err(DocumentError::None("drawing"))
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
    use crate::session::document::tests::example;

    const SVG: &str = "<?xml version=\"1.0\"?>\n<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"9\"><metadata>other</metadata><g/></svg>";

    #[test]
    fn what_is_embedded_is_extracted_and_the_drawing_stays_one() {
        let json = example().json().expect("short");
        let svg = embed(SVG, &json);
        assert!(!svg.contains("]]>"));
        assert_eq!(extract(&svg).expect("there"), json.as_bytes());
        resvg::usvg::Tree::from_str(&svg, &resvg::usvg::Options::default()).expect("a drawing");
        assert!(matches!(extract(SVG), Err(DocumentError::None(_))));
        assert_eq!(embed("no drawing", &json), "no drawing");
    }

    #[test]
    fn it_is_read_as_other_programs_write_it() {
        let with = |text: &str| SVG.replace("<g/>", &format!("{OPEN}\n{text}\n{CLOSE}"));
        for text in
            ["{\"a\":\"<\"}", "<![CDATA[{\"a\":\"<\"}]]>", "{&quot;a&quot;:&quot;&lt;&quot;}"]
        {
            assert_eq!(extract(&with(text)).expect("there"), b"{\"a\":\"<\"}", "{text}");
        }
        assert!(extract(&with("{}").replace("</metadata", "</meta")).is_err());
    }
}
