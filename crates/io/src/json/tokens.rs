//! JSON read piece by piece: keys, values, and where objects and arrays begin and end.
//!
//! A pull parser, so that several columns of one file can be read side by side, each from its place; with
//! the words NaN, Infinity and -Infinity, which Python and pandas write although JSON has no such numbers.

use std::io::{self, Read};
use std::path::PathBuf;

use crate::error::LoadError;
use crate::input::{Input, Section};
use crate::wording::shortened;

/// Objects and arrays inside of each other.
const MOST_LEVELS: usize = 100;
/// The longest string, key or number, in bytes.
const LONGEST: usize = 16 << 20;

/// A piece of a JSON text. What a key or a string says is [`Tokens::text`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Event {
    ObjectStart,
    ObjectEnd,
    ArrayStart,
    ArrayEnd,
    Key,
    Null,
    Bool(bool),
    Integer(i64),
    Number(f64),
    Text,
    /// Nothing follows.
    End,
}

impl Event {
    /// Whether an object or an array begins.
    pub(super) fn is_start(self) -> bool {
        matches!(self, Self::ObjectStart | Self::ArrayStart)
    }
}

/// What may come next.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Expect {
    /// A value, or the end of the file.
    Top,
    Value,
    ValueOrEnd,
    Key,
    KeyOrEnd,
    CommaOrEnd,
}

/// A reader of JSON.
pub(super) struct Tokens {
    path: PathBuf,
    source: Section,
    buffer: Vec<u8>,
    at: usize,
    filled: usize,
    /// Place in the file of the buffer's first byte.
    base: u64,
    line: u64,
    /// The objects (true) and arrays that are open.
    open: Vec<bool>,
    expect: Expect,
    raw: Vec<u8>,
    text: String,
}

impl Tokens {
    /// A reader of the value or the values from byte `start` on, with a buffer of `size` bytes.
    pub(super) fn new(input: &Input, start: u64, size: usize) -> Self {
        Self {
            path: input.path().into(),
            source: input.section(start, u64::MAX),
            buffer: vec![0; size.max(16)],
            at: 0,
            filled: 0,
            base: start,
            line: 1,
            open: Vec::new(),
            expect: Expect::Top,
            raw: Vec::new(),
            text: String::new(),
        }
    }

    /// The place in the file of what comes next, in bytes.
    pub(super) fn place(&self) -> u64 {
        self.base + self.at as u64
    }

    /// What the key or string that was read last says.
    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// Number of objects and arrays that are open.
    pub(super) fn depth(&self) -> usize {
        self.open.len()
    }

    /// The next piece.
    ///
    /// # Errors
    /// When it is no JSON, too deep, cut short, or cannot be read.
    pub(super) fn next(&mut self) -> Result<Event, LoadError> {
        loop {
            let byte = self.behind_spaces()?;
            let Some(byte) = byte else {
                if self.expect == Expect::Top {
                    return Ok(Event::End);
                }
                return Err(self.cut_short());
            };
            match (self.expect, byte) {
                (Expect::CommaOrEnd, b',') => {
                    self.at += 1;
                    let is_object = self.open.last() == Some(&true);
                    self.expect = if is_object { Expect::Key } else { Expect::Value };
                }
                (Expect::CommaOrEnd | Expect::KeyOrEnd, b'}')
                    if self.open.last() == Some(&true) =>
                {
                    return Ok(self.close(Event::ObjectEnd));
                }
                (Expect::CommaOrEnd | Expect::ValueOrEnd, b']')
                    if self.open.last() == Some(&false) =>
                {
                    return Ok(self.close(Event::ArrayEnd));
                }
                (Expect::Key | Expect::KeyOrEnd, b'"') => {
                    self.string()?;
                    if self.behind_spaces()? != Some(b':') {
                        return Err(self.wrong("':' behind a key"));
                    }
                    self.at += 1;
                    self.expect = Expect::Value;
                    return Ok(Event::Key);
                }
                (Expect::Top | Expect::Value | Expect::ValueOrEnd, byte) => {
                    return self.value(byte);
                }
                (Expect::CommaOrEnd, _) => {
                    let is_object = self.open.last() == Some(&true);
                    return Err(self.wrong(if is_object { "',' or '}'" } else { "',' or ']'" }));
                }
                (Expect::Key | Expect::KeyOrEnd, _) => {
                    return Err(self.wrong("a key in quotes"));
                }
            }
        }
    }

    /// Passes over what began with `event`.
    ///
    /// # Errors
    /// As for [`Self::next`].
    pub(super) fn skip(&mut self, event: Event) -> Result<(), LoadError> {
        if event.is_start() {
            let depth = self.depth();
            while self.depth() >= depth {
                self.next()?;
            }
        }
        Ok(())
    }

    /// Makes sure that nothing follows.
    ///
    /// # Errors
    /// When something does.
    pub(super) fn end(&mut self) -> Result<(), LoadError> {
        match self.behind_spaces()? {
            None => Ok(()),
            Some(_) => Err(self.wrong("nothing behind the last bracket")),
        }
    }

    fn close(&mut self, event: Event) -> Event {
        self.at += 1;
        self.open.pop();
        self.done();
        event
    }

    /// A value was read.
    fn done(&mut self) {
        self.expect = if self.open.is_empty() { Expect::Top } else { Expect::CommaOrEnd };
    }

    fn value(&mut self, byte: u8) -> Result<Event, LoadError> {
        match byte {
            b'{' | b'[' => {
                if self.open.len() == MOST_LEVELS {
                    return Err(self.broken(
                        format!("line {}: more than {MOST_LEVELS} levels of nesting", self.line),
                        "records of plain values",
                    ));
                }
                self.at += 1;
                let is_object = byte == b'{';
                self.open.push(is_object);
                self.expect = if is_object { Expect::KeyOrEnd } else { Expect::ValueOrEnd };
                Ok(if is_object { Event::ObjectStart } else { Event::ArrayStart })
            }
            b'"' => {
                self.string()?;
                self.done();
                Ok(Event::Text)
            }
            _ => {
                self.word()?;
                let event = plain(&self.raw);
                let event = event.ok_or_else(|| {
                    let found = format!("line {}: '{}'", self.line, shortened(&self.raw));
                    self.broken(found, "a value, such as 1.5, \"text\", true or null")
                })?;
                self.done();
                Ok(event)
            }
        }
    }

    /// Reads a number or a word.
    fn word(&mut self) -> Result<(), LoadError> {
        self.raw.clear();
        while let Some(byte) = self.peek()? {
            if !(byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'+' | b'.')) {
                break;
            }
            self.raw.push(byte);
            self.at += 1;
            if self.raw.len() > 1000 {
                break;
            }
        }
        if self.raw.is_empty() { Err(self.wrong("a value")) } else { Ok(()) }
    }

    /// Reads a string into [`Self::text`].
    fn string(&mut self) -> Result<(), LoadError> {
        self.raw.clear();
        self.raw.push(b'"');
        self.at += 1;
        let mut is_plain = true;
        loop {
            if self.peek()?.is_none() {
                return Err(self.cut_short());
            }
            let rest = &self.buffer[self.at..self.filled];
            let length = memchr::memchr2(b'"', b'\\', rest).unwrap_or(rest.len());
            self.line += memchr::memchr_iter(b'\n', &rest[..length]).count() as u64;
            self.raw.extend_from_slice(&rest[..length]);
            self.at += length;
            if self.raw.len() > LONGEST {
                let found = format!("line {}: a string of more than 16 MiB", self.line);
                return Err(self.broken(found, "shorter ones; look for a quote that is not closed"));
            }
            match self.peek()? {
                Some(b'"') => break,
                Some(b'\\') => {
                    is_plain = false;
                    for _ in 0..2 {
                        let Some(byte) = self.peek()? else { return Err(self.cut_short()) };
                        self.raw.push(byte);
                        self.at += 1;
                    }
                }
                _ => {}
            }
        }
        self.at += 1;
        self.text.clear();
        if is_plain {
            self.text.push_str(&String::from_utf8_lossy(&self.raw[1..]));
            return Ok(());
        }
        self.raw.push(b'"');
        // Line ends and the like, which JSON wants spelled out, are taken as they are.
        self.raw.iter_mut().filter(|byte| **byte < b' ').for_each(|byte| *byte = b' ');
        let lossy = String::from_utf8_lossy(&self.raw);
        if let Ok(text) = serde_json::from_str(&lossy) {
            self.text = text;
            return Ok(());
        }
        let found = format!("line {}: the string {}", self.line, shortened(&self.raw));
        Err(self.broken(found, "escapes such as \\n and \\u00e9"))
    }

    /// The next byte that is no space, which is not passed.
    fn behind_spaces(&mut self) -> Result<Option<u8>, LoadError> {
        loop {
            let byte = self.peek()?;
            match byte {
                Some(b'\n') => self.line += 1,
                Some(b' ' | b'\t' | b'\r') => {}
                // What some programs put between texts (RFC 8142), and a byte order mark.
                Some(0x1e) if self.open.is_empty() => {}
                Some(0xef | 0xbb | 0xbf) if self.place() < 3 => {}
                _ => return Ok(byte),
            }
            self.at += 1;
        }
    }

    fn peek(&mut self) -> Result<Option<u8>, LoadError> {
        if self.at == self.filled {
            self.base += self.filled as u64;
            self.at = 0;
            self.filled = loop {
                match self.source.read(&mut self.buffer) {
                    Ok(count) => break count,
                    Err(err) if err.kind() == io::ErrorKind::Interrupted => {}
                    Err(err) => {
                        self.filled = 0;
                        return Err(LoadError::Io { path: self.path.clone(), action: "read", err });
                    }
                }
            };
            if self.filled == 0 {
                return Ok(None);
            }
        }
        Ok(Some(self.buffer[self.at]))
    }

    fn wrong(&mut self, expected: &str) -> LoadError {
        let end = self.filled.min(self.at + 20);
        let found = shortened(&self.buffer[self.at.min(end)..end]);
        self.broken(format!("line {}: '{found}'", self.line), expected)
    }

    fn cut_short(&self) -> LoadError {
        let what = match self.open.last() {
            Some(true) => "an object",
            Some(false) => "an array",
            None => "a string",
        };
        self.broken(
            format!("it ends inside of {what}, in line {}", self.line),
            "all that is open to be closed; the file is cut short",
        )
    }

    fn broken(&self, found: String, expected: &str) -> LoadError {
        LoadError::Broken {
            path: self.path.clone(),
            format: "JSON",
            found,
            expected: expected.to_owned(),
            remedy: "copy it or write it again".to_owned(),
        }
    }
}

/// A value that is neither text nor has parts.
fn plain(word: &[u8]) -> Option<Event> {
    match word {
        b"null" => return Some(Event::Null),
        b"true" => return Some(Event::Bool(true)),
        b"false" => return Some(Event::Bool(false)),
        b"NaN" => return Some(Event::Number(f64::NAN)),
        b"Infinity" => return Some(Event::Number(f64::INFINITY)),
        b"-Infinity" => return Some(Event::Number(f64::NEG_INFINITY)),
        _ => {}
    }
    let digits = word.strip_prefix(b"-").unwrap_or(word);
    if !digits.first()?.is_ascii_digit() || !word.last()?.is_ascii_digit() {
        return None;
    }
    let text = std::str::from_utf8(word).ok()?;
    if digits.iter().all(u8::is_ascii_digit)
        && let Ok(whole) = text.parse()
    {
        return Some(Event::Integer(whole));
    }
    fast_float2::parse(text).ok().map(Event::Number)
}
