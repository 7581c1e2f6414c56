//! A document in a PNG file: an iTXt chunk, compressed or not.

use std::io::{BufReader, Read, Seek};

use flate2::{Crc, read::ZlibDecoder};

use super::{CarrierError, DOCUMENT, MAX_BYTES};

/// The first bytes of every PNG file.
pub(super) const SIGNATURE: [u8; 8] = *b"\x89PNG\r\n\x1a\n";
/// The most bytes of a chunk before the text itself.
const MOST_PREFIX: usize = 1024;

/// The JSON of the document in a PNG file, before or behind its pixels.
///
/// # Errors
/// When there is none, or its chunk is damaged or too long.
pub fn extract(png: impl Read + Seek) -> Result<Vec<u8>, CarrierError> {
    // Its own buffer outlives a step to the next chunk: a file may have millions of them.
    let mut png = BufReader::new(png);
    let mut signature = [0; 8];
    if png.read_exact(&mut signature).is_err() || signature != SIGNATURE {
        return Err(CarrierError::None("file"));
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
            png.seek_relative(length as i64 + 4)?;
            continue;
        }
        let mut prefix = vec![0; MOST_PREFIX.min(length as usize)];
        if png.read_exact(&mut prefix).is_err() {
            return Err(CarrierError::Damaged("the picture's file ends in its middle"));
        }
        if !is_ours(&prefix) {
            png.seek_relative((length - prefix.len() as u64) as i64 + 4)?;
            continue;
        }
        if length > (MAX_BYTES + MOST_PREFIX) as u64 {
            return Err(CarrierError::TooLong { bytes: length });
        }
        let mut body = prefix;
        let rest = length - body.len() as u64;
        // Grows with what is there, not with what is claimed.
        (&mut png).take(rest + 4).read_to_end(&mut body)?;
        if (body.len() as u64) < length + 4 {
            return Err(CarrierError::Damaged("the picture's file ends in its middle"));
        }
        let sum = body.split_off(length as usize);
        let mut crc = Crc::new();
        crc.update(b"iTXt");
        crc.update(&body);
        if sum != crc.sum().to_be_bytes() {
            return Err(CarrierError::Damaged("its checksum is wrong"));
        }
        // The last one counts, as with a program that adds its own at the end; only that one is inflated.
        found = Some(body);
    }
    text_of(&found.ok_or(CarrierError::None("picture"))?)
}

fn is_ours(chunk: &[u8]) -> bool {
    chunk.strip_prefix(DOCUMENT.as_bytes()).is_some_and(|rest| rest.first() == Some(&0))
}

/// The text of an iTXt chunk.
fn text_of(chunk: &[u8]) -> Result<Vec<u8>, CarrierError> {
    let damaged = CarrierError::Damaged("its chunk is none of text");
    let Some([is_compressed, _method, rest @ ..]) = chunk.get(DOCUMENT.len() + 1..) else {
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
pub(super) fn inflated(bytes: &[u8]) -> Result<Vec<u8>, CarrierError> {
    let mut text = Vec::new();
    let mut limited = ZlibDecoder::new(bytes).take(MAX_BYTES as u64 + 1);
    if limited.read_to_end(&mut text).is_err() {
        return Err(CarrierError::Damaged("it cannot be inflated"));
    }
    if text.len() > MAX_BYTES {
        return Err(CarrierError::TooLong { bytes: text.len() as u64 });
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use std::io::{Cursor, Write};

    use super::*;

    /// Signature, and the header's chunk: length, name, 13 bytes, checksum.
    const HEADER: usize = 8 + 4 + 4 + 13 + 4;

    fn chunk(name: [u8; 4], data: &[u8]) -> Vec<u8> {
        let mut crc = Crc::new();
        crc.update(&name);
        crc.update(data);
        let length = (data.len() as u32).to_be_bytes();
        [&length, &name, data, &crc.sum().to_be_bytes()].concat()
    }

    /// A picture of one grey pixel, with these chunks behind its header and behind its pixels.
    fn picture(first: &[u8], last: &[u8]) -> Vec<u8> {
        let header = chunk(*b"IHDR", &[0, 0, 0, 1, 0, 0, 0, 1, 8, 0, 0, 0, 0]);
        let pixels = chunk(*b"IDAT", &deflated(&[0, 7]));
        [&SIGNATURE[..], &header, first, &pixels, last, &chunk(*b"IEND", b"")].concat()
    }

    fn deflated(bytes: &[u8]) -> Vec<u8> {
        let mut packer = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
        packer.write_all(bytes).expect("memory");
        packer.finish().expect("memory")
    }

    fn plain(json: &str) -> Vec<u8> {
        chunk(*b"iTXt", &[b"sigmascope\0\0\0en\0\0", json.as_bytes()].concat())
    }

    fn packed(json: &[u8]) -> Vec<u8> {
        chunk(*b"iTXt", &[b"sigmascope\0\x01\0\0\0", &deflated(json)[..]].concat())
    }

    fn extracted(png: &[u8]) -> Result<Vec<u8>, CarrierError> {
        extract(Cursor::new(png))
    }

    #[test]
    fn it_is_found_before_and_behind_the_pixels_plain_and_compressed() {
        let json = "{\"σ\": 1}";
        for text in [plain(json), packed(json.as_bytes())] {
            for png in [picture(&text, b""), picture(b"", &text), picture(&plain("{}"), &text)] {
                assert_eq!(extracted(&png).expect("there"), json.as_bytes());
            }
        }
        let other = chunk(*b"iTXt", b"sigmascope2\0\0\0\0\0{}");
        for png in [picture(b"", b""), picture(&other, b"")] {
            assert!(matches!(extracted(&png), Err(CarrierError::None(_))));
        }
    }

    #[test]
    fn what_inflates_beyond_measure_is_refused_once() {
        let bomb = packed(&vec![b' '; 3 * MAX_BYTES]);
        assert!(bomb.len() < MAX_BYTES / 100);
        let err = extracted(&picture(b"", &bomb)).expect_err("too long");
        assert!(matches!(err, CarrierError::TooLong { .. }), "{err}");
        // One that does not count is not inflated.
        assert_eq!(extracted(&picture(&bomb, &plain("{}"))).expect("there"), b"{}");
    }

    #[test]
    fn a_damaged_chunk_is_told_wherever_it_is_damaged() {
        let png = picture(&plain("{\"format\": \"sigmascope\"}"), b"");
        for k in HEADER..HEADER + 45 {
            let mut damaged = png.clone();
            damaged[k] ^= 0x41;
            assert!(extracted(&damaged).is_err(), "byte {k}");
        }
        for end in 0..HEADER + 40 {
            assert!(extracted(&png[..end]).is_err(), "up to {end}");
        }
        // A length that the file does not have takes no memory.
        let mut long = picture(b"", &plain("{}"));
        let at = long.windows(4).position(|name| name == b"iTXt").expect("the chunk") - 4;
        long[at..at + 4].copy_from_slice(&u32::MAX.to_be_bytes());
        assert!(extracted(&long).is_err());
    }
}
