//! How a JSON file holds its table: as lines or an array of records, as arrays of columns, or as pandas writes
//! it.
//!
//! ```text
//!   {"x": 1, "y": 2}⏎{…}                     records, one after the other; arrays [1, 2]⏎[3, 4] too
//!   [{"x": 1, "y": 2}, …]   [[1, 2], …]      an array of them, also as a member: {"data": […]}
//!   {"x": [1, …], "y": [2, …]}               columns; {"x": {"0": 1, …}, …} too (pandas, orient columns)
//!   {"0": {"x": 1, "y": 2}, …}               pandas, orient index
//!   {"columns": ["x", "y"], "data": [[1, 2], …]}                     pandas, orient split
//! ```

use super::tokens::{Event, Tokens};
use crate::columns::MAX_COLUMNS;
use crate::error::LoadError;
use crate::input::Input;
use crate::wording::{listed, shortened};
use sigmascope_core::engine::{Observer, Progress};

/// Members that hold records, the likeliest first, where several do.
const LIKELY: [&str; 6] = ["data", "records", "rows", "points", "items", "results"];
/// Bytes that are read at once.
pub(super) const BUFFER: usize = 1 << 16;

/// How the table lies in the file.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Layout {
    /// Records from a place on.
    Records {
        start: u64,
        within: Within,
        /// Names of the values, where the records are arrays and the file says so.
        names: Vec<String>,
        notes: Vec<String>,
    },
    /// Columns of so many rows, each with its name and where its array or object begins.
    Columns { columns: Vec<(String, u64)>, rows: u64, notes: Vec<String> },
}

/// What records are inside of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Within {
    /// Nothing: they follow each other.
    File,
    Array,
    /// An object, whose keys tell rows apart.
    Object,
}

/// A member of the object that the file is.
struct Member {
    name: String,
    start: u64,
    what: What,
    count: u64,
    /// The first key of an object.
    first_key: String,
}

/// What a member holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum What {
    /// A plain value.
    Plain,
    /// An array or an object with nothing inside.
    Empty,
    /// An array of plain values.
    Array,
    /// An object of plain values.
    Object,
    /// An array of objects or arrays.
    Records,
    /// Anything else.
    Other,
}

impl Layout {
    /// Finds out how the table lies in the file.
    ///
    /// # Errors
    /// When the file is no JSON, or it is not clear which of its parts is meant.
    pub(super) fn of(input: &Input, observer: &mut dyn Observer) -> Result<Self, LoadError> {
        let mut tokens = Tokens::new(input, 0, BUFFER);
        let records =
            |within| Self::Records { start: 0, within, names: Vec::new(), notes: Vec::new() };
        match tokens.next()? {
            Event::End => Err(LoadError::Empty {
                path: input.path().into(),
                found: "the file is empty".to_owned(),
            }),
            Event::ArrayStart => {
                let first = tokens.next()?;
                if first.is_start() {
                    return Ok(records(Within::Array));
                }
                // An array of numbers, or the first of several.
                if first != Event::ArrayEnd {
                    while tokens.depth() > 0 {
                        tokens.next()?;
                    }
                }
                let is_only = tokens.next()? == Event::End;
                Ok(records(if is_only { Within::Array } else { Within::File }))
            }
            Event::ObjectStart => {
                let members = members(input, &mut tokens, observer)?;
                if tokens.next()? != Event::End {
                    return Ok(records(Within::File));
                }
                of_members(input, &members)
            }
            _ => Ok(records(Within::File)),
        }
    }
}

/// The members of the object whose beginning was read; no more than may be columns.
fn members(
    input: &Input,
    tokens: &mut Tokens,
    observer: &mut dyn Observer,
) -> Result<Vec<Member>, LoadError> {
    let mut members: Vec<Member> = Vec::new();
    while tokens.next()? == Event::Key {
        let name = tokens.text().to_owned();
        let event = tokens.next()?;
        // The bracket was read already.
        let start = tokens.place().saturating_sub(1);
        let mut member =
            Member { name, start, what: What::Plain, count: 0, first_key: String::new() };
        if event.is_start() {
            fill(input, tokens, event, &mut member, observer)?;
        }
        if members.len() <= MAX_COLUMNS {
            members.push(member);
        }
    }
    Ok(members)
}

/// Looks through a member that began with `event`.
fn fill(
    input: &Input,
    tokens: &mut Tokens,
    event: Event,
    member: &mut Member,
    observer: &mut dyn Observer,
) -> Result<(), LoadError> {
    let is_object = event == Event::ObjectStart;
    let depth = tokens.depth();
    member.what = What::Empty;
    loop {
        let mut next = tokens.next()?;
        if next == Event::Key {
            if member.count == 0 {
                tokens.text().clone_into(&mut member.first_key);
            }
            next = tokens.next()?;
        } else if tokens.depth() < depth {
            break;
        }
        let what = match (is_object, next.is_start()) {
            (false, false) => What::Array,
            (true, false) => What::Object,
            (false, true) => What::Records,
            (true, true) => What::Other,
        };
        member.what = if member.count == 0 || member.what == what { what } else { What::Other };
        tokens.skip(next)?;
        if member.count.is_multiple_of(4096) {
            let fraction = tokens.place() as f64 / input.size().max(1) as f64;
            if observer.checkpoint(Progress { fraction }).is_break() {
                return Err(LoadError::Cancelled);
            }
        }
        member.count += 1;
    }
    Ok(())
}

/// The table in the only object of a file.
fn of_members(input: &Input, members: &[Member]) -> Result<Layout, LoadError> {
    let with = |what: What| members.iter().filter(move |member| member.what == what);
    let records: Vec<&Member> = with(What::Records).collect();
    if let Some(part) = input.part() {
        let Some(named) = with(What::Records).find(|member| member.name == part) else {
            let names = listed(records.iter().map(|member| member.name.as_str()));
            return Err(unclear(
                input,
                format!("no records called '{}'", shortened(part.as_bytes())),
                &names,
            ));
        };
        return Ok(nested(input, members, named));
    }
    if let [only] = records[..] {
        return Ok(nested(input, members, only));
    }
    if !records.is_empty() {
        let likely = LIKELY.iter().find_map(|name| records.iter().find(|m| m.name == *name));
        let names = listed(records.iter().map(|member| member.name.as_str()));
        return match likely {
            Some(likely) => Ok(nested(input, members, likely)),
            None => Err(unclear(input, format!("several arrays of records: {names}"), &names)),
        };
    }
    let is_empty = |member: &Member| member.what == What::Empty;
    let should_hold = members.iter().find(|m| is_empty(m) && LIKELY.contains(&m.name.as_str()));
    if !members.is_empty() && members.iter().all(is_empty) || should_hold.is_some() {
        let name = should_hold.map_or("each member", |member| member.name.as_str());
        return Err(LoadError::Empty {
            path: input.path().into(),
            found: format!("{} is empty", shortened(name.as_bytes())),
        });
    }
    let plain = with(What::Plain).count() + with(What::Other).count();
    let objects = with(What::Object).count();
    let arrays: Vec<&Member> = with(What::Array).collect();
    if objects > 0 && objects == members.len() {
        let is_number = |key: &str| key.parse::<u64>().is_ok();
        let is_index = members.iter().all(|member| is_number(&member.name))
            && !members.iter().all(|member| is_number(&member.first_key));
        if is_index || members.len() > MAX_COLUMNS {
            return Ok(Layout::Records {
                start: 0,
                within: Within::Object,
                names: Vec::new(),
                notes: Vec::new(),
            });
        }
        return columns(input, members.iter().collect());
    }
    let same = |length: u64| arrays.iter().filter(|member| member.count == length).count();
    let has_alike = arrays.iter().any(|member| same(member.count) > 1);
    if has_alike || arrays.len() == 1 && plain + objects == 0 {
        return columns(input, arrays);
    }
    // One record, as the only line of a file.
    Ok(Layout::Records { start: 0, within: Within::File, names: Vec::new(), notes: Vec::new() })
}

fn unclear(input: &Input, found: String, names: &str) -> LoadError {
    LoadError::Content {
        path: input.path().into(),
        found,
        expected: if names.is_empty() {
            "an array of records".to_owned()
        } else {
            format!("one of {names}")
        },
        remedy: "name one behind the file, as in file.json:data".to_owned(),
    }
}

/// Records in a member of the object.
fn nested(input: &Input, members: &[Member], member: &Member) -> Layout {
    // pandas, orient split: the names stand beside the data.
    let is_names = |other: &&Member| other.name == "columns" && other.what == What::Array;
    let names = members.iter().find(is_names).map(|names| texts(input, names.start));
    let others: Vec<&str> = members
        .iter()
        .map(|other| other.name.as_str())
        .filter(|name| *name != member.name && !["columns", "index", "schema"].contains(name))
        .collect();
    let mut notes = Vec::new();
    if !others.is_empty() {
        notes.push(format!(
            "records taken: '{}'; beside it: {}",
            shortened(member.name.as_bytes()),
            listed(others.iter().copied())
        ));
    }
    let names = names.unwrap_or_default();
    Layout::Records { start: member.start, within: Within::Array, names, notes }
}

/// The texts of an array; others as they are spelled, as far as that goes.
fn texts(input: &Input, start: u64) -> Vec<String> {
    let mut tokens = Tokens::new(input, start, BUFFER);
    let mut texts = Vec::new();
    if !matches!(tokens.next(), Ok(Event::ArrayStart)) {
        return texts;
    }
    while let Ok(event) = tokens.next() {
        match event {
            Event::Text => texts.push(tokens.text().to_owned()),
            Event::Integer(value) => texts.push(value.to_string()),
            Event::ArrayEnd | Event::End => break,
            event if tokens.skip(event).is_ok() => texts.push(String::new()),
            _ => break,
        }
        if texts.len() > MAX_COLUMNS {
            break;
        }
    }
    texts
}

/// The columns of the length that most have, or x has; others are left out.
fn columns(input: &Input, members: Vec<&Member>) -> Result<Layout, LoadError> {
    let x = members.iter().find(|member| member.name.to_lowercase() == "x");
    let mut lengths: Vec<(usize, u64)> = Vec::new();
    for member in &members {
        if let Some((count, _)) = lengths.iter_mut().find(|(_, known)| *known == member.count) {
            *count += 1;
        } else if lengths.len() < 1000 {
            // More lengths than that are no table.
            lengths.push((1, member.count));
        }
    }
    let most = lengths.iter().max_by_key(|(count, length)| (*count, *length));
    let rows = x.map(|member| member.count).or(most.map(|(_, length)| *length)).unwrap_or(0);
    if rows == 0 {
        return Err(LoadError::Empty {
            path: input.path().into(),
            found: "the columns are empty".to_owned(),
        });
    }
    let (kept, left): (Vec<&Member>, Vec<&Member>) =
        members.into_iter().partition(|member| member.count == rows);
    let notes = if left.is_empty() {
        Vec::new()
    } else {
        let left = listed(left.iter().map(|member| member.name.as_str()));
        vec![format!("left out, because they have another length: {left}")]
    };
    let columns = kept.into_iter().map(|member| (member.name.clone(), member.start)).collect();
    Ok(Layout::Columns { columns, rows, notes })
}
