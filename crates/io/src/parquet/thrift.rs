//! A walk over Thrift's compact protocol, in which Parquet writes its metadata: only as much as is needed
//! to check what a file claims before the library makes room for it.
//!
//! ```text
//!   field: delta << 4 | type   value   …   0        list: count << 4 | type   items
//! ```
//!
//! Source: the description of the compact protocol in Apache Thrift (doc/specs/thrift-compact-protocol.md).

/// Structures inside of structures that are followed at most.
const DEEPEST: usize = 32;

/// Why a walk ended before its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stop {
    /// The bytes end too early.
    Short,
    /// They are no such structure.
    Wrong,
}

/// A type of the protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Kind(u8);

impl Kind {
    pub(super) const LIST: Self = Self(9);
    pub(super) const STRUCT: Self = Self(12);

    fn is_varint(self) -> bool {
        (4..=6).contains(&self.0)
    }
}

/// A place in the bytes of a structure.
#[derive(Clone, Debug)]
pub(super) struct Walk<'a> {
    bytes: &'a [u8],
    /// Bytes passed.
    pub(super) place: usize,
}

impl<'a> Walk<'a> {
    /// At the beginning of `bytes`.
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, place: 0 }
    }

    fn byte(&mut self) -> Result<u8, Stop> {
        let byte = self.bytes.get(self.place).copied().ok_or(Stop::Short)?;
        self.place += 1;
        Ok(byte)
    }

    fn pass(&mut self, count: u64) -> Result<(), Stop> {
        let left = (self.bytes.len() - self.place) as u64;
        if count > left {
            return Err(Stop::Short);
        }
        self.place += count as usize;
        Ok(())
    }

    fn varint(&mut self) -> Result<u64, Stop> {
        let mut value = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            value |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Ok(value);
            }
        }
        Err(Stop::Wrong)
    }

    /// A whole number; those below zero alternate with the others.
    pub(super) fn integer(&mut self, kind: Kind) -> Result<i64, Stop> {
        if !kind.is_varint() {
            return Err(Stop::Wrong);
        }
        let value = self.varint()?;
        Ok((value >> 1) as i64 ^ -((value & 1) as i64))
    }

    /// The number of items of a list and their type.
    pub(super) fn list(&mut self) -> Result<(u64, Kind), Stop> {
        let head = self.byte()?;
        let count = match head >> 4 {
            15 => self.varint()?,
            count => u64::from(count),
        };
        // Every item takes a byte at least.
        if count > (self.bytes.len() - self.place) as u64 {
            return Err(Stop::Short);
        }
        Ok((count, Kind(head & 15)))
    }

    /// The fields of a structure, each with its number and type, up to its end; `field` tells whether it
    /// took the value, else that is passed.
    pub(super) fn fields(
        &mut self,
        field: &mut dyn FnMut(&mut Self, i64, Kind) -> Result<bool, Stop>,
    ) -> Result<(), Stop> {
        let mut number = 0;
        loop {
            let head = self.byte()?;
            let kind = Kind(head & 15);
            if kind.0 == 0 {
                return Ok(());
            }
            number = match head >> 4 {
                0 => self.integer(Kind(4))?,
                delta => number + i64::from(delta),
            };
            if !field(self, number, kind)? {
                self.skip(kind, false, DEEPEST)?;
            }
        }
    }

    /// Passes a value, of a list if `in_list`.
    fn skip(&mut self, kind: Kind, in_list: bool, depth: usize) -> Result<(), Stop> {
        if depth == 0 {
            return Err(Stop::Wrong);
        }
        match kind.0 {
            // A truth that is a field stands in its type.
            1 | 2 => self.pass(u64::from(in_list)),
            3 => self.pass(1),
            4..=6 => self.varint().map(drop),
            7 => self.pass(8),
            8 => {
                let length = self.varint()?;
                self.pass(length)
            }
            9 | 10 => {
                let (count, kind) = self.list()?;
                (0..count).try_for_each(|_| self.skip(kind, true, depth - 1))
            }
            11 => self.skip_map(depth - 1),
            12 => loop {
                let head = self.byte()?;
                if head & 15 == 0 {
                    return Ok(());
                }
                if head >> 4 == 0 {
                    self.varint()?;
                }
                self.skip(Kind(head & 15), false, depth - 1)?;
            },
            13 => self.pass(16),
            _ => Err(Stop::Wrong),
        }
    }

    fn skip_map(&mut self, depth: usize) -> Result<(), Stop> {
        let count = self.varint()?;
        if count == 0 {
            return Ok(());
        }
        let kinds = self.byte()?;
        if count > (self.bytes.len() - self.place) as u64 {
            return Err(Stop::Short);
        }
        (0..count).try_for_each(|_| {
            self.skip(Kind(kinds >> 4), true, depth)?;
            self.skip(Kind(kinds & 15), true, depth)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_found_and_others_passed() {
        // 1: 7, 2: "ab", 5: [true, false], 6: {1: -1}, 40: 3.
        let bytes =
            [0x15, 14, 0x18, 2, b'a', b'b', 0x39, 0x21, 1, 2, 0x1c, 0x15, 1, 0, 0x05, 80, 6, 0];
        let mut found = Vec::new();
        let mut walk = Walk::new(&bytes);
        let walked = walk.fields(&mut |walk, number, kind| {
            if kind.is_varint() {
                found.push((number, walk.integer(kind)?));
            }
            Ok(kind.is_varint())
        });
        assert_eq!((walked, walk.place), (Ok(()), bytes.len()));
        assert_eq!(found, [(1, 7), (40, 3)]);
        for end in 0..bytes.len() {
            let mut walk = Walk::new(&bytes[..end]);
            assert_eq!(walk.fields(&mut |_, _, _| Ok(false)), Err(Stop::Short), "{end}");
        }
        let deep = [0x1c; 100];
        assert_eq!(Walk::new(&deep).fields(&mut |_, _, _| Ok(false)), Err(Stop::Wrong));
        let claims = [0x19, 0xfc, 0xff, 0xff, 0xff, 0xff, 0x0f];
        assert_eq!(Walk::new(&claims).fields(&mut |_, _, _| Ok(false)), Err(Stop::Short));
    }
}
