//! OBJ files: the vertices of a model, with their weights and colours where they have them.
//!
//! ```text
//!   v x y z              or with a weight: v x y z w
//!   v x y z r g b        or with both:     v x y z w r g b
//!   v 1 2 \
//!     3                  a line goes on behind a backslash
//! ```
//!
//! A first pass over the file finds out what vertices have, and counts the other statements, which are
//! left out.

use std::io;

use super::columns::Column;
use super::error::LoadError;
use super::input::Input;
use super::table::{Facts, MISSING, Table, Take, Wanted};
use super::word_lines::{Gathered, Lines, line_end, words};
use sigmascope_core::engine::{Observer, Progress};

/// Statements, and what they are called where they are told.
const STATEMENTS: [(&str, &str); 41] = [
    ("f", "faces"),
    ("fo", "faces"),
    ("l", "lines"),
    ("p", "points"),
    ("vn", "normals"),
    ("vt", "texture coordinates"),
    ("vp", "parameters"),
    ("g", "groups"),
    ("o", "objects"),
    ("s", ""),
    ("mg", ""),
    ("mtllib", "materials"),
    ("usemtl", ""),
    ("maplib", ""),
    ("usemap", ""),
    ("bevel", ""),
    ("c_interp", ""),
    ("d_interp", ""),
    ("lod", ""),
    ("shadow_obj", ""),
    ("trace_obj", ""),
    ("ctech", ""),
    ("stech", ""),
    ("cstype", ""),
    ("deg", ""),
    ("bmat", ""),
    ("step", ""),
    ("curv", "curves"),
    ("curv2", "curves"),
    ("surf", "surfaces"),
    ("parm", ""),
    ("trim", ""),
    ("hole", ""),
    ("scrv", ""),
    ("sp", ""),
    ("end", ""),
    ("con", ""),
    ("call", ""),
    ("csh", ""),
    ("bzp", ""),
    ("bsp", ""),
];
/// Names of the columns, in their order.
const NAMES: [&str; 7] = ["x", "y", "z", "w", "red", "green", "blue"];
/// Statements between two questions whether to go on.
const STEP: u64 = 8192;
/// The share of the work of loading that the first pass does.
const FIRST_PASS: f64 = 0.5;

/// The vertices of a file that is open.
pub(super) struct Obj {
    input: Input,
    line_end: u8,
    vertices: u64,
    columns: Vec<Column>,
    /// Which of [`NAMES`] each column is.
    which: Vec<usize>,
    notes: Vec<String>,
}

/// Whether a file that begins so is an OBJ file.
pub(super) fn is_obj(beginning: &[u8], is_called_so: bool) -> bool {
    let text = beginning.strip_prefix(b"\xef\xbb\xbf").unwrap_or(beginning);
    if text.contains(&0) {
        return false;
    }
    let mut lines = text.split(|b| matches!(b, b'\n' | b'\r')).map(<[u8]>::trim_ascii).peekable();
    let (mut statements, mut vertices, mut goes_on) = (0, 0, false);
    while let Some(line) = lines.next() {
        // The last line may be cut.
        let is_last = lines.peek().is_none() && beginning.len() >= 4096;
        if line.is_empty() {
            // Between CR and LF, too.
            continue;
        }
        let continues = std::mem::replace(&mut goes_on, line.ends_with(b"\\"));
        if line.starts_with(b"#") || continues || is_last {
            continue;
        }
        let mut parts = words(line);
        let word = parts.next().unwrap_or_default();
        if word == b"v" {
            let is_number = |part: &[u8]| fast_float2::parse::<f64, _>(part).is_ok();
            vertices += u32::from(parts.next().is_some_and(is_number));
        } else if !STATEMENTS.iter().any(|(name, _)| name.as_bytes() == word) {
            return false;
        }
        statements += 1;
    }
    vertices > 0 || is_called_so && (statements > 0 || text.starts_with(b"#"))
}

/// The statements of a file, without comments, each on one line.
struct Statements {
    lines: Lines,
    text: Vec<u8>,
    /// The line on which the statement begins.
    line: u64,
}

impl Statements {
    fn new(input: &Input, line_end: u8) -> io::Result<Self> {
        Ok(Self { lines: Lines::new(input, 0, 0, line_end)?, text: Vec::new(), line: 0 })
    }

    /// Goes to the next line that says something; false at the end of the file.
    fn advance(&mut self) -> io::Result<bool> {
        self.text.clear();
        while self.lines.advance()? {
            let mut line = self.lines.text();
            if self.lines.count == 1 {
                line = line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(line);
            }
            if self.text.is_empty() {
                self.line = self.lines.count;
            }
            let comment = memchr::memchr(b'#', line).unwrap_or(line.len());
            // A name may hold the mark; a comment stands at the beginning or behind a space.
            let is_comment = comment == 0 || line[comment - 1].is_ascii_whitespace();
            let line = if is_comment { line[..comment].trim_ascii_end() } else { line };
            if let Some(part) = line.strip_suffix(b"\\") {
                self.text.extend_from_slice(part);
                self.text.push(b' ');
                if self.text.len() > 64 << 20 {
                    let text = format!("line {} goes on for more than 64 MiB", self.line);
                    return Err(io::Error::new(io::ErrorKind::InvalidData, text));
                }
                continue;
            }
            self.text.extend_from_slice(line);
            if !self.text.trim_ascii().is_empty() {
                return Ok(true);
            }
            self.text.clear();
        }
        Ok(!self.text.trim_ascii().is_empty())
    }

    fn fraction(&self, input: &Input) -> f64 {
        (self.lines.position as f64 / input.size().max(1) as f64).min(1.0)
    }

    fn place(&self) -> String {
        format!("line {}", self.line)
    }
}

/// Where [`NAMES`] are among the numbers of a vertex of so many; `None` where there is no such vertex.
fn layout(numbers: usize) -> Option<[Option<usize>; 7]> {
    let at = |k| Some(k);
    Some(match numbers {
        3 => [at(0), at(1), at(2), None, None, None, None],
        4 => [at(0), at(1), at(2), at(3), None, None, None],
        6 => [at(0), at(1), at(2), None, at(3), at(4), at(5)],
        7 => [at(0), at(1), at(2), at(3), at(4), at(5), at(6)],
        _ => return None,
    })
}

impl Obj {
    /// The vertices that `input` holds.
    ///
    /// # Errors
    /// When there are none, the file cannot be read, or the observer ended the work.
    pub(super) fn open(input: &Input, observer: &mut dyn Observer) -> Result<Self, LoadError> {
        let refused = |err| input.refusal(err);
        let line_end = line_end(&input.head(4096)?);
        let mut statements = Statements::new(input, line_end).map_err(refused)?;
        let (mut vertices, mut found, mut seen) = (0, [0_u64; STATEMENTS.len()], 0_u64);
        let mut unknown = 0_u64;
        let mut has = [true, true, true, false, false, false, false];
        loop {
            if seen.is_multiple_of(STEP) {
                let fraction = FIRST_PASS * statements.fraction(input);
                if observer.checkpoint(Progress { fraction }).is_break() {
                    return Err(LoadError::Cancelled);
                }
            }
            if !statements.advance().map_err(refused)? {
                break;
            }
            seen += 1;
            let mut parts = words(&statements.text);
            let word = parts.next().unwrap_or_default();
            if word == b"v" {
                vertices += 1;
                if let Some(layout) = layout(parts.take(8).count()) {
                    has.iter_mut().zip(layout).for_each(|(has, at)| *has |= at.is_some());
                }
            } else if let Some(k) = STATEMENTS.iter().position(|(name, _)| name.as_bytes() == word)
            {
                found[k] += 1;
            } else {
                unknown += 1;
            }
        }
        if vertices == 0 {
            let found = "the OBJ file has no line that begins with v, a vertex".to_owned();
            return Err(LoadError::Empty { path: input.path().into(), found });
        }
        let which: Vec<usize> = (0..NAMES.len()).filter(|k| has[*k]).collect();
        Ok(Self {
            input: input.clone(),
            line_end,
            vertices,
            columns: which.iter().map(|k| Column::of_numbers(NAMES[*k].to_owned())).collect(),
            which,
            notes: left_out(&found, unknown),
        })
    }
}

/// What of the file does not become columns, in a sentence.
fn left_out(found: &[u64; STATEMENTS.len()], unknown: u64) -> Vec<String> {
    let mut kinds: Vec<(&str, u64)> = Vec::new();
    for ((_, kind), count) in STATEMENTS.iter().zip(found) {
        let kind = if kind.is_empty() { "other statements" } else { kind };
        match kinds.iter_mut().find(|(known, _)| *known == kind) {
            Some((_, sum)) => *sum += count,
            None => kinds.push((kind, *count)),
        }
    }
    kinds.push(("lines that are no statements", unknown));
    // Those that say little come last.
    kinds.sort_by_key(|(kind, _)| *kind == "other statements");
    let kinds = kinds.iter().filter(|(_, count)| *count > 0);
    let words: Vec<String> = kinds.map(|(kind, count)| format!("{kind} ({count})")).collect();
    if words.is_empty() { Vec::new() } else { vec![format!("left out: {}", words.join(", "))] }
}

impl Table for Obj {
    fn columns(&self) -> &[Column] {
        &self.columns
    }

    fn facts(&self) -> Facts {
        Facts {
            format: "OBJ".to_owned(),
            kind: "an OBJ file",
            rows: Some(self.vertices),
            named_columns: true,
            space: Some([0, 1, 2]),
            done: FIRST_PASS,
            notes: self.notes.clone(),
            ..Facts::default()
        }
    }

    fn read(
        &mut self,
        wanted: &[Wanted],
        observer: &mut dyn Observer,
        take: &mut Take<'_>,
    ) -> Result<(), LoadError> {
        let refused = |err| self.input.refusal(err);
        let mut statements = Statements::new(&self.input, self.line_end).map_err(refused)?;
        let mut rows = Gathered::new(&self.columns, wanted);
        let mut seen = 0_u64;
        loop {
            if seen.is_multiple_of(STEP) {
                let fraction = statements.fraction(&self.input);
                if observer.checkpoint(Progress { fraction }).is_break() {
                    return Err(LoadError::Cancelled);
                }
            }
            let is_end = !statements.advance().map_err(refused)?;
            if is_end {
                break;
            }
            seen += 1;
            let mut parts = words(&statements.text);
            if parts.next() != Some(b"v") {
                continue;
            }
            let row: Vec<&[u8]> = parts.collect();
            match layout(row.len()) {
                Some(layout) => {
                    let word = |k: usize| layout[self.which[k]].map(|at| row[at]);
                    rows.push(|| statements.place(), word, MISSING);
                }
                None => rows.push_bad(statements.place(), row.len(), 3),
            }
            if rows.is_full() && take(rows.take())?.is_break() {
                return Ok(());
            }
        }
        if !rows.is_empty() {
            let _ = take(rows.take())?;
        }
        Ok(())
    }
}
