//! Documents in pictures: which kind of picture, then what it holds. A file as it is, or one with sound
//! checksums and packing around a text that has to come out again.

#![no_main]

use std::io::{Cursor, Write};

use arbitrary::{Arbitrary, Result, Unstructured};
use flate2::{Compression, Crc, write::ZlibEncoder};
use libfuzzer_sys::fuzz_target;
use sigmascope_fuzz::Text;
use sigmascope_io::carrier::{CarrierError, DOCUMENT, MAX_BYTES, document_in};

/// The longest message, in characters.
const LONGEST: usize = 2000;

#[derive(Debug)]
enum Input<'a> {
    /// A file as it is.
    File(Text<'a>),
    /// The chunks of a PNG file.
    Png(Vec<(Chunk, &'a [u8])>),
    /// What stands in front of the embedded file of a PDF file, and its content.
    Pdf(Text<'a>, Text<'a>),
    /// What stands in front of the metadata of an SVG file, and their text.
    Svg(Text<'a>, Text<'a>),
}

/// What a chunk of a PNG file is.
#[derive(Clone, Copy, Debug)]
enum Chunk {
    /// One of ours, with this text.
    Plain,
    Packed,
    /// Some text.
    Text,
    /// One of ours with the wrong checksum.
    Damaged,
    Pixels,
}

impl<'a> Arbitrary<'a> for Input<'a> {
    fn arbitrary(bytes: &mut Unstructured<'a>) -> Result<Self> {
        let kind = bytes.arbitrary::<u8>()? % 4;
        if kind == 1 {
            let mut chunks = Vec::new();
            while !bytes.is_empty() {
                let [what, length]: [u8; 2] = bytes.arbitrary()?;
                let chunk = match what % 8 {
                    0 | 1 => Chunk::Plain,
                    2 | 3 => Chunk::Packed,
                    4 | 5 => Chunk::Text,
                    6 => Chunk::Pixels,
                    _ => Chunk::Damaged,
                };
                let length = usize::from(length).min(bytes.len());
                chunks.push((chunk, bytes.bytes(length)?));
            }
            return Ok(Self::Png(chunks));
        }
        let before = if kind == 0 { 0 } else { bytes.arbitrary::<u8>()?.into() };
        let before = Text(bytes.bytes(bytes.len().min(before))?);
        let rest = Text(bytes.bytes(bytes.len())?);
        Ok(match kind {
            0 => Self::File(rest),
            2 => Self::Pdf(before, rest),
            _ => Self::Svg(before, rest),
        })
    }
}

fn deflated(text: &[u8]) -> Vec<u8> {
    let mut packer = ZlibEncoder::new(Vec::new(), Compression::fast());
    packer.write_all(text).expect("memory");
    packer.finish().expect("memory")
}

/// A chunk with its length, its name and its checksum.
fn chunk(what: Chunk, data: &[u8]) -> Vec<u8> {
    let head = |is_packed: u8| [DOCUMENT.as_bytes(), &[0, is_packed, 0, 0, 0]].concat();
    let name: &[u8] = if matches!(what, Chunk::Pixels) { b"IDAT" } else { b"iTXt" };
    let data = match what {
        Chunk::Plain | Chunk::Damaged => [&head(0)[..], data].concat(),
        Chunk::Packed => [head(1), deflated(data)].concat(),
        Chunk::Text | Chunk::Pixels => data.to_vec(),
    };
    let mut crc = Crc::new();
    crc.update(name);
    crc.update(&data);
    let sum = crc.sum() ^ u32::from(matches!(what, Chunk::Damaged));
    let length = (data.len() as u32).to_be_bytes();
    [&length[..], name, &data, &sum.to_be_bytes()].concat()
}

/// What has to come out of a PNG file of these chunks; `None` where that is not known.
fn expected_of_png<'a>(chunks: &[(Chunk, &'a [u8])]) -> Option<Option<&'a [u8]>> {
    let mut last = None;
    for &(what, data) in chunks {
        match what {
            Chunk::Plain | Chunk::Packed => last = Some(data),
            Chunk::Damaged => return None,
            Chunk::Text if data.starts_with(DOCUMENT.as_bytes()) => return None,
            Chunk::Text | Chunk::Pixels => {}
        }
    }
    Some(last)
}

fn contains(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

/// What comes out of a file, and that the same comes out again.
fn found(file: &[u8]) -> std::result::Result<Vec<u8>, CarrierError> {
    let found = || document_in(Cursor::new(file), file.len() as u64);
    let (first, again) = (found(), found());
    match (&first, &again) {
        (Ok(first), Ok(again)) => {
            assert_eq!(first, again, "the same the second time");
            assert!(first.len() <= MAX_BYTES.max(file.len()), "{} bytes", first.len());
        }
        (Err(err), Err(again)) => {
            let message = err.to_string();
            assert_eq!(message, again.to_string());
            assert!(!message.contains(char::is_control), "{message:?}");
            assert!(message.chars().count() < LONGEST, "{message:?}");
        }
        _ => panic!("first {first:?}, then {again:?}"),
    }
    first
}

fuzz_target!(|input: Input<'_>| match input {
    Input::File(Text(file)) => drop(found(file)),
    Input::Png(chunks) => {
        let mut file = b"\x89PNG\r\n\x1a\n".to_vec();
        file.extend(chunks.iter().flat_map(|&(what, data)| chunk(what, data)));
        let result = found(&file);
        match expected_of_png(&chunks) {
            Some(Some(text)) => assert_eq!(result.expect("a document"), text),
            Some(None) => assert!(matches!(result, Err(CarrierError::None(_))), "{result:?}"),
            None => {}
        }
    }
    Input::Pdf(Text(before), Text(text)) => {
        let packed = deflated(text);
        let length = packed.len();
        let mut file = [&b"%PDF-1.7\n"[..], before].concat();
        file.extend(b"\n3 0 obj\n<< /Type /EmbeddedFile /Filter /FlateDecode /Length ");
        file.extend(format!("{length} >>\nstream\n").bytes());
        file.extend(packed);
        file.extend(b"\nendstream\nendobj\n");
        let result = found(&file);
        let is_document =
            text.starts_with(b"{") && contains(&text[..text.len().min(256)], DOCUMENT.as_bytes());
        if is_document && !contains(before, b"/EmbeddedFile") {
            assert_eq!(result.expect("a document"), text);
        }
    }
    Input::Svg(Text(before), Text(text)) => {
        let [before, text] = [before, text].map(String::from_utf8_lossy);
        let file = format!("<svg>{before}<metadata id=\"{DOCUMENT}\">{text}</metadata></svg>");
        let result = found(file.as_bytes());
        if !before.contains("<metadata") && !text.contains(['<', '>', '&']) {
            assert_eq!(result.expect("a document"), text.trim().as_bytes());
        }
    }
});
