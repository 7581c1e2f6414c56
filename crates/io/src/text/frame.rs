//! Lines of a table in text that are drawn, not data: rules of dashes, bars around the rows, and the lines
//! above the columns of an IPAC table. They go before the text is cut into fields.
//!
//! ```text
//!   +-----+-----+     x     y         | x   | y   |      x  |  y       |   x|   y|
//!   | x   | y   |     ----- -----     |-----|----:|     ----+----      |real|real|
//!   +-----+-----+     1.0   2.0       | 1.0 | 2.0 |      1.0|2.0         1.0  2.0
//!   | 1.0 | 2.0 |
//! ```
//!
//! What is drawn is worked out from the beginning of the text; then each line is judged by itself, and the
//! numbers of lines stay as they are. Where the lines stand one below the other, they are cut where the rule
//! or the names say, so that cells may hold spaces.

use super::dialect::Separator;
use super::reader::MAX_ROW;
use crate::missing::is_missing;
use crate::number::{Cell, classify};
use crate::wording::shortened;

/// What stands between the cells that [`Frame::row`] makes.
const BAR: u8 = b'|';

/// What is drawn in a text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Frame {
    /// A line of dashes, with `-` for `=`: such lines are no rows.
    rule: Option<Vec<u8>>,
    cells: Cells,
    /// The names of an IPAC table; other lines that begin with a bar or a backslash are no rows of one.
    names: Option<Vec<u8>>,
    /// The word that an IPAC table says stands for a missing value in all columns.
    pub(super) missing: Option<String>,
    /// Number of lines in front of the names, where a rule below them tells which line these are.
    pub(super) in_front: usize,
}

/// How the lines of a text are cut.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
enum Cells {
    /// As those of any other text.
    #[default]
    Plain,
    /// At bars.
    AtBars {
        /// Whether there are bars at both ends of each line.
        outer: bool,
    },
    /// At these characters of each line, counted from 0, where spaces stand.
    At(Vec<usize>),
}

impl Frame {
    /// What is drawn in a text that begins so, whose lines all end by LF.
    pub(super) fn detect(text: &[u8]) -> Option<Self> {
        let lines: Vec<&[u8]> = text
            .split(|&b| b == b'\n')
            .map(<[u8]>::trim_ascii_end)
            .filter(|line| !line.is_empty())
            .collect();
        if let Some(table) = ipac(&lines) {
            return Some(table);
        }
        let bars = first_with_bars(&lines);
        let place = rule(&lines, bars);
        let rule = place.map(|k| evened(lines[k]));
        let frame = Self { rule, ..Self::default() };
        let table = |from: usize| {
            let rest = lines.get(from..).unwrap_or_default();
            rest.iter().filter(|line| !frame.is_drawn(line)).copied()
        };
        if let Some(from) = bars
            && table(from).all(has_outer_bars)
            && table(from).count() > 1
        {
            return Some(Self { cells: Cells::AtBars { outer: true }, ..frame });
        }
        let place = place?;
        let names = place.saturating_sub(1);
        let filled = text.split(|&b| b == b'\n').enumerate();
        let mut filled = filled.filter(|(_, line)| !line.trim_ascii_end().is_empty());
        let in_front = filled.nth(names).map_or(0, |(k, _)| k);
        let drawn = lines[place];
        let crossings = count(drawn, b'+');
        if crossings > 0 && table(names).all(|line| count(line, BAR) == crossings) {
            return Some(Self { cells: Cells::AtBars { outer: false }, in_front, ..frame });
        }
        let gaps = gaps(drawn);
        if !gaps.is_empty() && table(names).all(|line| fits(line, &gaps)) {
            return Some(Self { cells: Cells::At(gaps), in_front, ..frame });
        }
        Some(Self { in_front, ..frame })
    }

    /// What stands between the cells, if that is known.
    pub(super) fn separator(&self) -> Option<Separator> {
        (self.cells != Cells::Plain).then_some(Separator::Byte(BAR))
    }

    /// What is left out, as a sentence; nothing where only bars at the ends are.
    pub(super) fn note(&self) -> Option<String> {
        if self.names.is_some() {
            return Some("an IPAC table: what stands above it besides names is no row".to_owned());
        }
        let rule = self.rule.as_ref()?;
        Some(format!("lines of dashes left out: '{}'", shortened(rule)))
    }

    /// The row that a line is, without its end, in which `made` may be used; empty where it is drawn.
    pub(super) fn row<'a>(&self, line: &'a [u8], made: &'a mut Vec<u8>) -> &'a [u8] {
        if self.is_drawn(line) {
            return &[];
        }
        made.clear();
        match &self.cells {
            Cells::Plain => return line,
            Cells::AtBars { outer } => {
                tidied(if *outer { without_outer_bars(line) } else { line }, made);
            }
            // The line of names.
            Cells::At(_) if self.names.is_some() && line.starts_with(b"|") => {
                tidied(without_outer_bars(line), made);
            }
            Cells::At(_) if line.trim_ascii().is_empty() => return &[],
            Cells::At(places) => {
                let cut = cut_at(line, places);
                let is_ipac = self.names.is_some();
                tidied(if is_ipac { without_outer_bars(&cut) } else { &cut }, made);
            }
        }
        made
    }

    /// Whether a line is no row.
    fn is_drawn(&self, line: &[u8]) -> bool {
        let line = line.trim_ascii_end();
        match (&self.names, &self.rule) {
            (Some(names), _) => {
                line.starts_with(b"\\") || line.starts_with(b"|") && line != names.as_slice()
            }
            (None, Some(rule)) => {
                let begun = line.trim_ascii_start();
                matches!(begun.first(), Some(b'-' | b'=' | b'+' | b'|' | b':'))
                    && evened(begun) == *rule
                    || is_footer(begun)
            }
            (None, None) => false,
        }
    }
}

/// A [`Frame`] taken out of a text that comes in blocks.
#[derive(Clone, Debug)]
pub(super) struct FrameFilter {
    frame: Frame,
    /// The beginning of a line that has no end yet.
    pending: Vec<u8>,
    /// Whether the line is too long for a row, and goes on as it is.
    is_too_long: bool,
    made: Vec<u8>,
}

impl FrameFilter {
    /// Starts at the beginning of a line.
    pub(super) fn new(frame: Frame) -> Self {
        Self { frame, pending: Vec::new(), is_too_long: false, made: Vec::new() }
    }

    /// Appends the rows of the text.
    pub(super) fn apply(&mut self, text: &[u8], out: &mut Vec<u8>) {
        for piece in text.split_inclusive(|&b| b == b'\n') {
            let is_ended = piece.ends_with(b"\n");
            if self.is_too_long {
                out.extend_from_slice(piece);
                self.is_too_long = !is_ended;
                continue;
            }
            self.pending.extend_from_slice(piece);
            if is_ended {
                self.pending.pop();
                self.end(out);
                out.push(b'\n');
            } else if self.pending.len() as u64 > MAX_ROW {
                out.append(&mut self.pending);
                self.is_too_long = true;
            }
        }
    }

    /// Appends what is held back at the end of the text.
    pub(super) fn end(&mut self, out: &mut Vec<u8>) {
        out.extend_from_slice(self.frame.row(&self.pending, &mut self.made));
        self.pending.clear();
    }
}

/// An IPAC table: names between bars, perhaps types, units and missing values between bars below them, and
/// rows with spaces below all bars.
fn ipac(lines: &[&[u8]]) -> Option<Frame> {
    let start = lines.iter().position(|line| !line.starts_with(b"\\"))?;
    let heads = lines[start..].iter().take_while(|line| line.starts_with(b"|")).count();
    let names = *lines.get(start).filter(|_| (1..=4).contains(&heads))?;
    let rows = lines.get(start + heads..)?;
    let places: Vec<usize> = characters(names).filter(|(_, b)| *b == BAR).map(|(k, _)| k).collect();
    let is_table = names.ends_with(b"|")
        && places.len() > 1
        && !rows.is_empty()
        && rows.iter().all(|line| fits(line, &places));
    if !is_table {
        return None;
    }
    // One word for all columns: in a single column another one might be a value.
    let mut words = lines
        .get(start + 3)
        .filter(|_| heads == 4)
        .map(|line| without_outer_bars(line).split(|&b| b == BAR).map(<[u8]>::trim_ascii));
    let first = words.as_mut().and_then(Iterator::next).unwrap_or_default();
    let is_one = !first.is_empty() && words.into_iter().flatten().all(|word| word == first);
    let missing =
        (is_one && !is_missing(first)).then(|| String::from_utf8_lossy(first).into_owned());
    let names = Some(names.to_vec());
    Some(Frame { cells: Cells::At(places), names, missing, ..Frame::default() })
}

/// The first line with bars at both ends that holds text.
fn first_with_bars(lines: &[&[u8]]) -> Option<usize> {
    lines.iter().position(|line| has_outer_bars(line) && !is_drawn_line(line))
}

fn has_outer_bars(line: &[u8]) -> bool {
    let line = line.trim_ascii();
    line.len() > 2 && line.starts_with(b"|") && line.ends_with(b"|")
}

/// The line of dashes that stands in front of the table, or below its names; `bars` is the first line
/// between bars.
///
/// A row of `---` may say that all values are missing: a rule says more.
fn rule(lines: &[&[u8]], bars: Option<usize>) -> Option<usize> {
    let place = lines.iter().position(|line| is_drawn_line(line))?;
    let line = lines[place].trim_ascii();
    if bars.is_some_and(|bars| place == bars + 1 || place + 1 == bars)
        && (longest_run(line) > 2 || !line.contains(&b' '))
    {
        return Some(place);
    }
    let stands_out = longest_run(line) > 3 || line.iter().any(|b| matches!(b, b'=' | b'+'));
    let Some(names) = place.checked_sub(1).map(|above| lines[above]) else {
        let is_repeated = || lines[1..].iter().any(|other| evened(other) == evened(line));
        return (stands_out || longest_run(line) > 2 && is_repeated()).then_some(place);
    };
    let has_number =
        words(names).any(|word| matches!(classify(word), Cell::Number(_)) || is_missing(word));
    if longest_run(line) < 3 || place > 1 && has_number {
        return None;
    }
    let gaps = gaps(lines[place]);
    let spans_all = || (0..lines.len()).any(|k| k != place && lines[k].len() >= line.len());
    let is_aligned = !gaps.is_empty() && fits(names, &gaps) && spans_all();
    let is_as_long = || words(names).map(<[u8]>::len).eq(words(line).map(<[u8]>::len));
    (stands_out || line.contains(&b':') || is_aligned || is_as_long()).then_some(place)
}

/// Whether a line holds nothing but dashes and what crosses them.
fn is_drawn_line(line: &[u8]) -> bool {
    let line = line.trim_ascii();
    line.iter().all(|b| matches!(b, b'-' | b'=' | b'+' | b'|' | b':' | b' ' | b'\t' | b',' | b';'))
        && line.iter().any(|b| matches!(b, b'-' | b'='))
}

/// What a program writes below a table: the number of its rows, or that it ends here.
fn is_footer(line: &[u8]) -> bool {
    if line == b"[EOD]" {
        return true;
    }
    let inner = line.strip_prefix(b"(").unwrap_or(line);
    let digits = inner.iter().take_while(|b| b.is_ascii_digit()).count();
    let said = &inner[digits..];
    let is_bare = inner.len() == line.len();
    let said = said.strip_prefix(b" rows").or(said.strip_prefix(b" row")).unwrap_or_default();
    digits > 0 && if is_bare { said.starts_with(b" in set (") } else { said.ends_with(b")") }
}

/// A rule in the form in which those of a table are alike.
fn evened(line: &[u8]) -> Vec<u8> {
    line.trim_ascii().iter().map(|&b| if b == b'=' { b'-' } else { b }).collect()
}

fn longest_run(line: &[u8]) -> usize {
    let runs = line.split(|b| !matches!(b, b'-' | b'='));
    runs.map(<[u8]>::len).max().unwrap_or(0)
}

fn count(line: &[u8], byte: u8) -> usize {
    memchr::memchr_iter(byte, line).count()
}

/// What stands between separators.
fn words(line: &[u8]) -> impl Iterator<Item = &[u8]> {
    let cells = line.split(|b| matches!(b, b' ' | b'\t' | b',' | b';' | b'|'));
    cells.filter(|word| !word.is_empty())
}

/// The bytes of a line that begin a character, each with the number of those in front of it.
fn characters(line: &[u8]) -> impl Iterator<Item = (usize, u8)> {
    line.iter().copied().filter(|byte| byte & 0xc0 != 0x80).enumerate()
}

/// The last space of each gap between the runs of a rule of nothing else; none where it has other marks.
fn gaps(rule: &[u8]) -> Vec<usize> {
    let rule = rule.trim_ascii_end();
    if !rule.iter().all(|b| matches!(b, b'-' | b'=' | b' ')) {
        return Vec::new();
    }
    let indent = rule.iter().take_while(|b| **b == b' ').count();
    let is_last = |k: &usize| rule[*k] == b' ' && rule.get(k + 1).is_some_and(|b| *b != b' ');
    (indent..rule.len()).filter(is_last).collect()
}

/// Whether spaces stand at all of these places of a line, as far as it goes.
fn fits(line: &[u8], places: &[usize]) -> bool {
    let mut places = places.iter().copied().peekable();
    characters(line).all(|(k, byte)| places.next_if_eq(&k).is_none() || byte == b' ')
}

/// A line with bars at these places, those behind its end too; one that has no spaces there is cut at runs of
/// spaces.
fn cut_at(line: &[u8], places: &[usize]) -> Vec<u8> {
    if !fits(line, places) {
        return line
            .split(|b| matches!(b, b' ' | b'\t'))
            .filter(|word| !word.is_empty())
            .collect::<Vec<_>>()
            .join(&BAR);
    }
    let mut cut = Vec::with_capacity(line.len() + places.len());
    let mut rest = places.iter().copied().peekable();
    let mut k = 0;
    for &byte in line {
        let begins = byte & 0xc0 != 0x80;
        let is_place = begins && rest.next_if_eq(&k).is_some();
        cut.push(if is_place { BAR } else { byte });
        k += usize::from(begins);
    }
    cut.resize(cut.len() + rest.count(), BAR);
    cut
}

fn without_outer_bars(line: &[u8]) -> &[u8] {
    let line = line.trim_ascii();
    let line = line.strip_prefix(b"|").unwrap_or(line);
    line.strip_suffix(b"|").unwrap_or(line)
}

/// Appends a line without the spaces beside its bars.
fn tidied(line: &[u8], made: &mut Vec<u8>) {
    for (k, cell) in line.split(|&b| b == BAR).enumerate() {
        if k > 0 {
            made.push(BAR);
        }
        made.extend_from_slice(cell.trim_ascii());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The rows of a text, cut at bars, commas or spaces, behind its frame.
    fn rows(text: &str) -> Vec<String> {
        let Some(frame) = Frame::detect(text.as_bytes()) else { return Vec::new() };
        let mut whole = Vec::new();
        let mut filter = FrameFilter::new(frame.clone());
        // Byte by byte: the state must survive any cut.
        for byte in text.bytes() {
            filter.apply(&[byte], &mut whole);
        }
        filter.end(&mut whole);
        let mut made = Vec::new();
        let lines: Vec<u8> = text
            .lines()
            .flat_map(|line| [frame.row(line.as_bytes(), &mut made), b"\n"].concat())
            .collect();
        assert_eq!(String::from_utf8_lossy(&whole), String::from_utf8_lossy(&lines));
        let whole = String::from_utf8(whole).expect("text stays text");
        whole.lines().filter(|line| !line.is_empty()).map(str::to_owned).collect()
    }

    #[test]
    fn what_is_drawn_goes() {
        let cases: &[(&str, &[&str])] = &[
            ("x   y\n--- ---\n1.5   2\n", &["x|y", "1.5|2"]),
            (
                "name    x\n------- ---\nNew Ulm 1.5\nf\u{f6}hre   2.5\n",
                &["name|x", "New Ulm|1.5", "f\u{f6}hre|2.5"],
            ),
            ("=== ===\nx   y\n=== ===\n1   2\n=== ===\n", &["x|y", "1|2"]),
            (
                "T: a\n+---+---+\n| x | y |\n+---+---+\n| 1 |   |\n+---+---+\n",
                &["T: a", "x|y", "1|"],
            ),
            ("+---+\n| x |\n+===+\n| 1 |\n+---+\n| 2 |\n+---+\n", &["x", "1", "2"]),
            ("| x | y |\n|---|:-:|\n| 1 | 2 |\n", &["x|y", "1|2"]),
            ("|x|y|\n|-|-|\n|1|2|\n", &["x|y", "1|2"]),
            ("| x | y |\n| 1 | 2 |\n", &["x|y", "1|2"]),
            (" x | y \n---+---\n   | 2 \n(1 row)\n", &["x|y", "|2"]),
            ("a\nx\ty\tname\n-\t-\t----\n1\t2\tb\n[EOD]\n", &["a", "x\ty\tname", "1\t2\tb"]),
            ("lon,lat\n---,---\n1,2\n(1 rows affected)\n", &["lon,lat", "1,2"]),
            ("\\key = 1\n|name | x |\n|char |int|\n a b   3\n c\n", &["name|x", "a b|3", "c|"]),
        ];
        for (text, expected) in cases {
            assert_eq!(rows(text), *expected, "{text}");
        }
        let ipac = Frame::detect(b"|a |b |\n|r |r |\n|  |  |\n|-9|-9|\n 1  2\n").expect("a frame");
        assert_eq!(ipac.missing.as_deref(), Some("-9"));
    }

    #[test]
    fn rows_without_values_are_no_rules() {
        for text in [
            "x,y\n-,-\n1,2\n",
            "x,y\n---,---\n1,2\n",
            "x y\n--- ---\n1 2\n",
            "x\n1\n---\n2\n",
            "x,y\n1,2\n-----,-----\n3,4\n",
            "x|y\n1|2\n",
            "---\n1\n2\n",
            "|x|y|\n1|2|3\n",
            "\\x\n|1\n",
            "",
        ] {
            assert_eq!(Frame::detect(text.as_bytes()), None, "{text}");
        }
    }
}
