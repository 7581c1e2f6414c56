//! A document in a PNG file: an uncompressed iTXt chunk behind the header.

use std::io::{Read, Seek, SeekFrom};

use flate2::{Crc, read::ZlibDecoder};

use super::{DocumentError, FORMAT, MAX_BYTES};

/// The first bytes of every PNG file.
pub(super) const SIGNATURE: [u8; 8] = *b"\x89PNG\r\n\x1a\n";
/// The most bytes of a chunk before the text itself.
const MOST_PREFIX: usize = 1024;

/// The JSON of the document in a PNG file, before or behind its pixels.
///
/// # Errors
/// When there is none, or its chunk is damaged or too long.
pub fn extract(mut png: impl Read + Seek) -> Result<Vec<u8>, DocumentError> {
    let mut signature = [0; 8];
    if png.read_exact(&mut signature).is_err() || signature != SIGNATURE {
        return Err(DocumentError::None("file"));
    }
    let mut found = None;
    loop {
        let mut head = [0; 8];
        if png.read_exact(&mut head).is_err() {
            // It ends in its middle; what comes first may be there.
            break;
        }
        let [a, b, c, d, name @ ..] = head;
        let length = u64::from(u32::from_be_bytes([a, b, c, d]));
        if name == *b"IEND" {
            break;
        }
        if name != *b"iTXt" {
            png.seek(SeekFrom::Current(length as i64 + 4))?;
            continue;
        }
        let mut prefix = vec![0; MOST_PREFIX.min(length as usize)];
        if png.read_exact(&mut prefix).is_err() {
            return Err(DocumentError::Damaged("the picture's file ends in its middle"));
        }
        if !is_ours(&prefix) {
            png.seek(SeekFrom::Current((length - prefix.len() as u64) as i64 + 4))?;
            continue;
        }
        if length > (MAX_BYTES + MOST_PREFIX) as u64 {
            return Err(DocumentError::TooLong { bytes: length });
        }
        let mut body = prefix;
        let rest = length - body.len() as u64;
        // Grows with what is there, not with what is claimed.
        (&mut png).take(rest + 4).read_to_end(&mut body)?;
        if (body.len() as u64) < length + 4 {
            return Err(DocumentError::Damaged("the picture's file ends in its middle"));
        }
        let sum = body.split_off(length as usize);
        let mut crc = Crc::new();
        crc.update(b"iTXt");
        crc.update(&body);
        if sum != crc.sum().to_be_bytes() {
            return Err(DocumentError::Damaged("its checksum is wrong"));
        }
        // The last one counts, as with a program that adds its own at the end.
        found = Some(text_of(&body)?);
    }
    found.ok_or(DocumentError::None("picture"))
}

fn is_ours(chunk: &[u8]) -> bool {
    chunk.strip_prefix(FORMAT.as_bytes()).is_some_and(|rest| rest.first() == Some(&0))
}

/// The text of an iTXt chunk.
fn text_of(chunk: &[u8]) -> Result<Vec<u8>, DocumentError> {
    let damaged = DocumentError::Damaged("its chunk is none of text");
    let Some([is_compressed, _method, rest @ ..]) = chunk.get(FORMAT.len() + 1..) else {
        return Err(damaged);
    };
    // A language and a translated keyword, each up to a zero.
    let mut parts = rest.splitn(3, |byte| *byte == 0);
    let (Some(_), Some(_), Some(text)) = (parts.next(), parts.next(), parts.next()) else {
        return Err(damaged);
    };
    if *is_compressed == 0 { Ok(text.to_vec()) } else { inflated(text) }
}

/// Inflates what zlib has deflated, but never more than a document may have.
pub(super) fn inflated(bytes: &[u8]) -> Result<Vec<u8>, DocumentError> {
    let mut text = Vec::new();
    let mut limited = ZlibDecoder::new(bytes).take(MAX_BYTES as u64 + 1);
    if limited.read_to_end(&mut text).is_err() {
        return Err(DocumentError::Damaged("it cannot be inflated"));
    }
    if text.len() > MAX_BYTES {
        return Err(DocumentError::TooLong { bytes: text.len() as u64 });
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use std::io::{Cursor, Write};

    use super::*;

    /// Signature, and the header's chunk: length, name, 13 bytes, checksum.
    const HEADER: usize = 8 + 4 + 4 + 13 + 4;

    fn with_first(json: &str) -> Vec<u8> {
        let mut bytes = Vec::new();
        let mut encoder = png::Encoder::new(&mut bytes, 3, 2);
        encoder.set_color(png::ColorType::Rgba);
        encoder.add_itxt_chunk(FORMAT.to_owned(), json.to_owned()).expect("a chunk");
        let mut writer = encoder.write_header().expect("a header");
        writer.write_image_data(&[7; 4 * 6]).expect("pixels");
        writer.finish().expect("a file");
        bytes
    }

    fn picture() -> Vec<u8> {
        crate::session::picture::encode(&[7; 4 * 6], [3, 2]).expect("a picture")
    }

    fn extracted(png: &[u8]) -> Result<Vec<u8>, DocumentError> {
        extract(Cursor::new(png))
    }

    /// The picture with a chunk behind its pixels.
    fn with_last(name: [u8; 4], data: &[u8]) -> Vec<u8> {
        let png = picture();
        let (head, end) = png.split_at(png.len() - 12);
        let mut crc = Crc::new();
        crc.update(&name);
        crc.update(data);
        let length = (data.len() as u32).to_be_bytes();
        [head, &length, &name, data, &crc.sum().to_be_bytes(), end].concat()
    }

    #[test]
    fn what_is_embedded_is_extracted_and_the_picture_stays() {
        let json = "{\"σ\": 1}";
        let png = with_first(json);
        assert_eq!(extracted(&png).expect("there"), json.as_bytes());
        let pixels = |png: &[u8]| crate::session::picture::decode(png).expect("a picture");
        assert_eq!(pixels(&png), pixels(&picture()));
        assert!(matches!(extracted(&picture()), Err(DocumentError::None(_))));
    }

    #[test]
    fn it_is_found_behind_the_pixels_and_compressed() {
        let plain = with_last(*b"iTXt", b"sigmascope\0\0\0en\0\0{}");
        assert_eq!(extracted(&plain).expect("there"), b"{}");
        let deflated = |bytes: &[u8]| {
            let mut packer =
                flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
            packer.write_all(bytes).expect("memory");
            packer.finish().expect("memory")
        };
        let chunk = |bytes: &[u8]| [b"sigmascope\0\x01\0\0\0", &deflated(bytes)[..]].concat();
        assert_eq!(extracted(&with_last(*b"iTXt", &chunk(b"{}"))).expect("there"), b"{}");
        let bomb = chunk(&vec![b' '; 3 * MAX_BYTES]);
        assert!(bomb.len() < MAX_BYTES / 100);
        let err = extracted(&with_last(*b"iTXt", &bomb)).expect_err("too long");
        assert!(matches!(err, DocumentError::TooLong { .. }), "{err}");
    }

    #[test]
    fn a_damaged_chunk_is_told_wherever_it_is_damaged() {
        let png = with_first("{\"format\": \"sigmascope\"}");
        for k in HEADER..HEADER + 45 {
            let mut damaged = png.clone();
            damaged[k] ^= 0x41;
            assert!(extracted(&damaged).is_err(), "byte {k}");
        }
        for end in 0..HEADER + 40 {
            assert!(extracted(&png[..end]).is_err(), "up to {end}");
        }
        // A length that the file does not have takes no memory.
        let mut long = with_last(*b"iTXt", b"sigmascope\0\0\0\0\0{}");
        let at = long.windows(4).position(|name| name == b"iTXt").expect("the chunk") - 4;
        long[at..at + 4].copy_from_slice(&u32::MAX.to_be_bytes());
        assert!(extracted(&long).is_err());
    }
}
