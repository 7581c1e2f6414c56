//! LZF, the compression of PCD files: runs of bytes as they are, and copies of what came before.
//!
//! ```text
//!   000LLLLL                      L + 1 bytes follow
//!   LLLDDDDD DDDDDDDD             L + 2 bytes, as they are D + 1 bytes before     (L from 1 to 6)
//!   111DDDDD LLLLLLLL DDDDDDDD    L + 9 bytes, as they are D + 1 bytes before
//! ```
//!
//! The format is that of `LibLZF` (Marc Lehmann).

/// The most bytes that one byte of compressed data can become.
pub(super) const RATIO: u64 = 88;

/// Unpacks `packed` into `size` bytes.
///
/// # Errors
/// What is wrong with the data, in words, when they are not what becomes so many bytes.
pub(super) fn unpack(packed: &[u8], size: usize) -> Result<Vec<u8>, String> {
    let mut out = Vec::with_capacity(size.min(packed.len().saturating_mul(RATIO as usize)));
    let mut at = 0;
    let next = |at: &mut usize| {
        let byte = packed.get(*at).copied();
        *at += 1;
        byte.map(usize::from).ok_or_else(|| "the compressed data end too early".to_owned())
    };
    while at < packed.len() {
        let control = next(&mut at)?;
        if control < 32 {
            let run = packed.get(at..at + control + 1);
            out.extend_from_slice(run.ok_or("the compressed data end within a run")?);
            at += control + 1;
        } else {
            let mut length = control >> 5;
            if length == 7 {
                length += next(&mut at)?;
            }
            let distance = ((control & 31) << 8) + next(&mut at)? + 1;
            let Some(start) = out.len().checked_sub(distance) else {
                let place = out.len();
                return Err(format!("a copy at byte {place} is of bytes before the first"));
            };
            // The copy may overlap what it makes.
            for k in start..start + length + 2 {
                out.push(out[k]);
            }
        }
        if out.len() > size {
            return Err(format!("the compressed data become more than {size} bytes"));
        }
    }
    if out.len() < size {
        return Err(format!("the compressed data become {} bytes", out.len()));
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_and_copies_are_unpacked() {
        assert_eq!(unpack(b"\x02abc", 3).as_deref(), Ok(&b"abc"[..]));
        // Two bytes, then 3 + 9 as they are two before.
        assert_eq!(unpack(b"\x01ab\xe0\x03\x01", 14).as_deref(), Ok(&b"ababababababab"[..]));
        assert_eq!(unpack(b"\x00a\x20\x00", 4).as_deref(), Ok(&b"aaaa"[..]));
    }

    #[test]
    fn nothing_is_made_up() {
        for (packed, size) in [
            (&b"\x02ab"[..], 3),
            (b"\x00a\x20", 4),
            (b"\x00a\xe0", 4),
            (b"\x00a\x20\x01", 4),
            (b"\x02abc", 2),
            (b"\x02abc", 4),
            (b"\x00a\xe0\xff\x00", 10),
            (b"", 1 << 40),
        ] {
            assert!(unpack(packed, size).is_err(), "{packed:?}");
        }
    }
}
