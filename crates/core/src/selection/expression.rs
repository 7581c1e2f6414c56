//! Expressions that say which rows are taken: comparisons of numbers and texts, with and, or, not.
//!
//! ```text
//! or          =  and { "or" and }
//! and         =  not { "and" not }
//! not         =  "not" not | "(" or ")" | comparison
//! comparison  =  value sign value { sign value }          1 < f <= 2 is 1 < f and f <= 2
//! value       =  name | "name" | `name` | number | 'text'
//! ```
//!
//! Beside a number a text that is one counts as that number. A comparison with a cell that is missing, or of
//! another text with a number, is false, but for `!=` of the two; `not` of what is false is true.

use std::{cmp::Ordering, fmt, str::FromStr};

use super::tokens::{Comparison, ExpressionError, Placed, Token, tokens};

/// A value of a row.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Cell<'a> {
    /// A number; NaN counts as missing.
    Number(f64),
    /// A text.
    Text(&'a str),
    /// None.
    Missing,
}

/// Says of each row whether it is taken.
#[derive(Clone, Debug, PartialEq)]
pub struct Expression {
    names: Vec<String>,
    /// What must hold.
    root: Node,
}

#[derive(Clone, Debug, PartialEq)]
enum Node {
    /// Values, each compared with the next.
    Compare(Value, Vec<(Comparison, Value)>),
    Not(Box<Self>),
    And(Vec<Self>),
    Or(Vec<Self>),
}

#[derive(Clone, Debug, PartialEq)]
enum Value {
    /// That of the name with this number.
    Name(usize),
    Number(f64),
    Text(String),
}

/// Parentheses and `not`s within each other, at most.
const DEEPEST: usize = 100;

impl Expression {
    /// The names of what it compares, each once.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// Whether it holds for the row in which `cell(k)` is the value of name `k`.
    pub fn holds<'a>(&self, cell: &mut dyn FnMut(usize) -> Cell<'a>) -> bool {
        self.root.holds(cell)
    }
}

impl Node {
    fn holds<'a>(&self, cell: &mut dyn FnMut(usize) -> Cell<'a>) -> bool {
        match self {
            Self::Not(node) => !node.holds(cell),
            Self::And(nodes) => nodes.iter().all(|node| node.holds(cell)),
            Self::Or(nodes) => nodes.iter().any(|node| node.holds(cell)),
            Self::Compare(first, rest) => {
                let mut left = first;
                rest.iter().all(|(comparison, right)| {
                    let holds = compared(left, *comparison, right, cell);
                    left = right;
                    holds
                })
            }
        }
    }
}

fn compared<'a>(
    left: &Value,
    comparison: Comparison,
    right: &Value,
    cell: &mut dyn FnMut(usize) -> Cell<'a>,
) -> bool {
    // Cells may live longer than the expression: each is looked at where it is.
    fn of<'b>(value: &'b Value, cell: Option<Cell<'b>>) -> Cell<'b> {
        match value {
            Value::Name(_) => cell.unwrap_or(Cell::Missing),
            Value::Number(number) => Cell::Number(*number),
            Value::Text(text) => Cell::Text(text),
        }
    }
    let mut cell_of = |value: &Value| match value {
        Value::Name(k) => Some(cell(*k)),
        _ => None,
    };
    let cells = [cell_of(left), cell_of(right)];
    let (left, right) = match (of(left, cells[0]), of(right, cells[1])) {
        (number @ Cell::Number(_), Cell::Text(text)) => (number, as_number(text)),
        (Cell::Text(text), number @ Cell::Number(_)) => (as_number(text), number),
        cells => cells,
    };
    match (left, right) {
        (Cell::Number(a), Cell::Number(b)) if !a.is_nan() && !b.is_nan() => match comparison {
            Comparison::Less => a < b,
            Comparison::LessOrEqual => a <= b,
            Comparison::Greater => a > b,
            Comparison::GreaterOrEqual => a >= b,
            Comparison::Equal => a.partial_cmp(&b).is_some_and(Ordering::is_eq),
            Comparison::NotEqual => a.partial_cmp(&b).is_some_and(Ordering::is_ne),
        },
        (Cell::Text(a), Cell::Text(b)) => match comparison {
            Comparison::Equal => a == b,
            Comparison::NotEqual => a != b,
            _ => false,
        },
        (Cell::Text(_), Cell::Number(n)) | (Cell::Number(n), Cell::Text(_)) => {
            comparison == Comparison::NotEqual && !n.is_nan()
        }
        _ => false,
    }
}

/// The number that a text is, or else the text.
fn as_number(text: &str) -> Cell<'_> {
    text.trim().parse().map_or(Cell::Text(text), Cell::Number)
}

impl FromStr for Expression {
    type Err = ExpressionError;

    fn from_str(text: &str) -> Result<Self, ExpressionError> {
        let tokens = tokens(text)?;
        let end = text.trim_end().chars().count() + 1;
        let mut parser = Parser { tokens, next: 0, end, names: Vec::new(), depth: 0 };
        let root = parser.or()?;
        match parser.tokens.get(parser.next) {
            None => Ok(Self { names: parser.names, root }),
            Some(_) => Err(parser.wrong("'and', 'or', or the end")),
        }
    }
}

struct Parser {
    tokens: Vec<Placed>,
    next: usize,
    /// Where the text ends, in characters from 1.
    end: usize,
    names: Vec<String>,
    depth: usize,
}

impl Parser {
    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.next).map(|(_, token)| token)
    }

    fn takes(&mut self, wanted: &Token) -> bool {
        let is = self.peek() == Some(wanted);
        self.next += usize::from(is);
        is
    }

    /// That the next word is none that may stand here.
    fn wrong(&self, expected: &str) -> ExpressionError {
        let (at, found) = match self.tokens.get(self.next) {
            Some((at, token)) => (*at, token.found()),
            None => (self.end, "found the end".to_owned()),
        };
        ExpressionError { at, found, expected: expected.to_owned() }
    }

    fn or(&mut self) -> Result<Node, ExpressionError> {
        let mut nodes = vec![self.and()?];
        while self.takes(&Token::Or) {
            nodes.push(self.and()?);
        }
        Ok(if nodes.len() == 1 { nodes.remove(0) } else { Node::Or(nodes) })
    }

    fn and(&mut self) -> Result<Node, ExpressionError> {
        let mut nodes = vec![self.not()?];
        while self.takes(&Token::And) {
            nodes.push(self.not()?);
        }
        Ok(if nodes.len() == 1 { nodes.remove(0) } else { Node::And(nodes) })
    }

    fn not(&mut self) -> Result<Node, ExpressionError> {
        if !matches!(self.peek(), Some(Token::Not | Token::Open)) {
            return self.comparison();
        }
        if self.depth == DEEPEST {
            return Err(self.wrong(&format!("no more than {DEEPEST} within each other")));
        }
        self.depth += 1;
        let node = if self.takes(&Token::Not) {
            Node::Not(Box::new(self.not()?))
        } else {
            self.next += 1;
            let node = self.or()?;
            if !self.takes(&Token::Close) {
                return Err(self.wrong("')'"));
            }
            node
        };
        self.depth -= 1;
        Ok(node)
    }

    fn comparison(&mut self) -> Result<Node, ExpressionError> {
        let start = self.next;
        let first = self.value()?;
        let mut rest = Vec::new();
        while let Some(Token::Comparison(comparison)) = self.peek() {
            let (comparison, at) = (*comparison, self.next);
            self.next += 1;
            let value = self.value()?;
            let is_text = |value: &Value| matches!(value, Value::Text(_));
            let before = rest.last().map_or(&first, |(_, value)| value);
            if !matches!(comparison, Comparison::Equal | Comparison::NotEqual)
                && (is_text(before) || is_text(&value))
            {
                self.next = at;
                return Err(self.wrong("== or != beside a text"));
            }
            rest.push((comparison, value));
        }
        if rest.is_empty() {
            return Err(self.wrong("a comparison: <, <=, >, >=, == or !="));
        }
        let is_name = |value: &Value| matches!(value, Value::Name(_));
        if !is_name(&first) && !rest.iter().any(|(_, value)| is_name(value)) {
            self.next = start;
            return Err(self.wrong("f, row, or the name of a column on one side"));
        }
        Ok(Node::Compare(first, rest))
    }

    fn value(&mut self) -> Result<Value, ExpressionError> {
        let value = match self.peek() {
            Some(Token::Number(number)) => Value::Number(*number),
            Some(Token::Text(text)) => Value::Text(text.clone()),
            Some(Token::Name(name)) => {
                let name = name.clone();
                let known = self.names.iter().position(|known| *known == name);
                Value::Name(known.unwrap_or_else(|| {
                    self.names.push(name);
                    self.names.len() - 1
                }))
            }
            _ => return Err(self.wrong("a name, a number, or a text in single quotes")),
        };
        self.next += 1;
        Ok(value)
    }
}

impl fmt::Display for Expression {
    /// In a form that reads as the same expression again.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.root.fmt_with(&self.names, f, false)
    }
}

impl Node {
    fn fmt_with(&self, names: &[String], f: &mut fmt::Formatter<'_>, within: bool) -> fmt::Result {
        let joined = |nodes: &[Self], word: &str, f: &mut fmt::Formatter<'_>| {
            f.write_str(if within { "(" } else { "" })?;
            for (k, node) in nodes.iter().enumerate() {
                f.write_str(if k > 0 { word } else { "" })?;
                node.fmt_with(names, f, true)?;
            }
            f.write_str(if within { ")" } else { "" })
        };
        let value = |value: &Value, f: &mut fmt::Formatter<'_>| match value {
            Value::Name(k) if is_plain(&names[*k]) => f.write_str(&names[*k]),
            Value::Name(k) => write!(f, "\"{}\"", names[*k].replace('"', "\"\"")),
            Value::Number(number) => write!(f, "{number:?}"),
            Value::Text(text) => write!(f, "'{}'", text.replace('\'', "''")),
        };
        match self {
            Self::Not(node) => {
                f.write_str("not ")?;
                node.fmt_with(names, f, true)
            }
            Self::And(nodes) => joined(nodes, " and ", f),
            Self::Or(nodes) => joined(nodes, " or ", f),
            Self::Compare(first, rest) => {
                value(first, f)?;
                for (comparison, right) in rest {
                    write!(f, " {} ", comparison.sign())?;
                    value(right, f)?;
                }
                Ok(())
            }
        }
    }
}

/// Whether a name needs no quotes.
fn is_plain(name: &str) -> bool {
    let words = tokens(name);
    words.is_ok_and(|words| matches!(&words[..], [(1, Token::Name(word))] if word == name))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row<'a>(name: &str) -> Cell<'a> {
        match name {
            "f" => Cell::Number(0.5),
            "mag" => Cell::Number(21.0),
            "Mag [V]" => Cell::Number(-3.0),
            "kind" => Cell::Text("it's"),
            "zip" => Cell::Text("00501"),
            "nan" => Cell::Number(f64::NAN),
            _ => Cell::Missing,
        }
    }

    fn holds(text: &str) -> bool {
        let expression: Expression = text.parse().unwrap_or_else(|err| panic!("{text}: {err}"));
        let again: Expression = expression.to_string().parse().expect("what it writes");
        assert_eq!(again, expression, "{expression}");
        let names = expression.names().to_vec();
        expression.holds(&mut |k| row(&names[k]))
    }

    #[test]
    fn comparisons_hold_where_they_are_true() {
        for text in [
            "f < 1",
            "f<=.5",
            "0.1 < f <= 0.5 < mag",
            "1e-3 < f",
            "f == 0.5 and not mag < 21",
            "F != 1 or f = 5e-1",
            "\"Mag [V]\" = -3",
            "`Mag [V]` < −2.9e0",
            "kind == 'it''s'",
            "kind != 'star' && !(mag < 3 || mag > 30)",
            "kind != 3",
            "zip == 501",
            "zip == '00501' and 500 < zip",
            "not gone < 3",
            "not nan == nan",
            "((f > 0.4))",
            "f>=0.5 AND mag≥21",
        ] {
            assert!(holds(text), "{text}");
        }
        for text in [
            "f > 0.5",
            "gone == gone",
            "gone != 1",
            "nan < 1",
            "kind == 3",
            "not f == 0.5",
            "f < 1 and f > 2",
        ] {
            assert!(!holds(text), "{text}");
        }
    }

    #[test]
    fn what_is_no_expression_is_told_with_its_place() {
        for (text, at, found, expected) in [
            ("", 1, "the end", "a name"),
            ("f", 2, "the end", "a comparison"),
            ("f < ", 4, "the end", "a name"),
            ("f < 1 mag", 7, "the name 'mag'", "'and'"),
            ("1 < 2", 1, "the number 1", "a column"),
            ("kind < 'a'", 6, "<", "== or !="),
            ("f < 1 and (mag > 2", 19, "the end", "')'"),
            ("f < 1e999", 5, "'1e999'", "finite"),
            ("f # 1", 3, "'#'", "a name"),
            ("kind == 'open", 9, "without another", "at the end"),
            ("é < 1 and ü\u{1b} > 2", 12, "found", "a name"),
            ("f < 1)", 6, "')'", "the end"),
        ] {
            let err = text.parse::<Expression>().expect_err(text);
            assert_eq!(err.at, at, "{text}: {err}");
            assert!(err.found.contains(found), "{text}: {err}");
            assert!(err.expected.contains(expected), "{text}: {err}");
            assert!(!err.to_string().contains('\u{1b}'), "{err}");
        }
    }

    #[test]
    fn nothing_that_is_typed_does_harm() {
        let deep = "(".repeat(100_000);
        assert!(deep.parse::<Expression>().is_err());
        assert!("not ".repeat(100_000).parse::<Expression>().is_err());
        let words =
            ["f", "<", "1", "'a'", "and", "or", "not", "(", ")", "\"", "`", "-", "e", ".", "é"];
        let mut state = 7_u64;
        for _ in 0..20_000 {
            let mut text = String::new();
            for _ in 0..12 {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                text += words[(state >> 33) as usize % words.len()];
                text += if state >> 62 == 0 { " " } else { "" };
            }
            if let Ok(expression) = text.parse::<Expression>() {
                let again: Expression = expression.to_string().parse().expect("what it writes");
                assert_eq!(again, expression, "{text}");
            }
        }
    }
}
