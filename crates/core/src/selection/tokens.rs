//! The words of an expression that selects rows: names, numbers, texts and operators.

use crate::escape::escaped;

/// Why a text is no expression.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "at character {at}: {found}; expected {expected}, as in f < 0.01 and not (kind == 'star' or \"Mag [V]\" > 20)"
)]
pub struct ExpressionError {
    /// Where in the text, in characters from 1.
    pub at: usize,
    /// What was found there.
    pub found: String,
    /// What was expected.
    pub expected: String,
}

/// How two values are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Comparison {
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Equal,
    NotEqual,
}

/// A word.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Token {
    Name(String),
    Number(f64),
    Text(String),
    Comparison(Comparison),
    And,
    Or,
    Not,
    Open,
    Close,
}

/// A word, and where it begins, in characters from 1.
pub(super) type Placed = (usize, Token);

impl Token {
    /// The word as an error names it.
    pub(super) fn found(&self) -> String {
        match self {
            Self::Name(name) => format!("found the name '{}'", escaped(name)),
            Self::Number(number) => format!("found the number {number}"),
            Self::Text(text) => format!("found the text '{}'", escaped(text)),
            Self::Comparison(comparison) => format!("found {}", comparison.sign()),
            Self::And => "found 'and'".to_owned(),
            Self::Or => "found 'or'".to_owned(),
            Self::Not => "found 'not'".to_owned(),
            Self::Open => "found '('".to_owned(),
            Self::Close => "found ')'".to_owned(),
        }
    }
}

impl Comparison {
    pub(super) fn sign(self) -> &'static str {
        match self {
            Self::Less => "<",
            Self::LessOrEqual => "<=",
            Self::Greater => ">",
            Self::GreaterOrEqual => ">=",
            Self::Equal => "==",
            Self::NotEqual => "!=",
        }
    }
}

/// Signs with what they mean, the longer ones first.
const SIGNS: [(&str, Token); 15] = [
    ("<=", Token::Comparison(Comparison::LessOrEqual)),
    (">=", Token::Comparison(Comparison::GreaterOrEqual)),
    ("==", Token::Comparison(Comparison::Equal)),
    ("!=", Token::Comparison(Comparison::NotEqual)),
    ("<>", Token::Comparison(Comparison::NotEqual)),
    ("&&", Token::And),
    ("||", Token::Or),
    ("<", Token::Comparison(Comparison::Less)),
    (">", Token::Comparison(Comparison::Greater)),
    ("=", Token::Comparison(Comparison::Equal)),
    ("≤", Token::Comparison(Comparison::LessOrEqual)),
    ("≥", Token::Comparison(Comparison::GreaterOrEqual)),
    ("(", Token::Open),
    (")", Token::Close),
    ("!", Token::Not),
];

/// The words of a text, in turn.
pub(super) fn tokens(text: &str) -> Result<Vec<Placed>, ExpressionError> {
    let (mut found, mut rest, mut at) = (Vec::new(), text, 1);
    loop {
        let trimmed = rest.trim_start();
        at += rest[..rest.len() - trimmed.len()].chars().count();
        rest = trimmed;
        let Some(first) = rest.chars().next() else { return Ok(found) };
        let (token, length) = token(rest, first, at)?;
        found.push((at, token));
        at += rest[..length].chars().count();
        rest = &rest[length..];
    }
}

/// The word with which `rest` begins, and its length in bytes.
fn token(rest: &str, first: char, at: usize) -> Result<(Token, usize), ExpressionError> {
    if let Some((sign, token)) = SIGNS.iter().find(|(sign, _)| rest.starts_with(sign)) {
        return Ok((token.clone(), sign.len()));
    }
    if let '\'' | '"' | '`' = first {
        let (text, length) = quoted(rest, first).ok_or_else(|| ExpressionError {
            at,
            found: format!("found a {first} without another one"),
            expected: format!("{first} at the end, and two of them for one within"),
        })?;
        return Ok((if first == '\'' { Token::Text(text) } else { Token::Name(text) }, length));
    }
    let is_digit = |c: char| c.is_ascii_digit();
    let after_sign = rest.trim_start_matches(['-', '+', '−']);
    let is_number = after_sign.trim_start_matches('.').starts_with(is_digit);
    if is_number && rest.len() - after_sign.len() <= '−'.len_utf8() {
        let length = number_length(rest);
        let written = rest[..length].replace('−', "-");
        return match written.parse::<f64>() {
            Ok(number) if number.is_finite() => Ok((Token::Number(number), length)),
            _ => Err(ExpressionError {
                at,
                found: format!("found '{}'", escaped(&rest[..length])),
                expected: "a finite number".to_owned(),
            }),
        };
    }
    let in_name = |c: char| c.is_alphanumeric() || c == '_' || c == '.';
    let length = rest.find(|c| !in_name(c)).unwrap_or(rest.len());
    if length == 0 {
        return Err(ExpressionError {
            at,
            found: format!("found '{}'", escaped(&first.to_string())),
            expected: "a name, a number, a text in single quotes, or a comparison".to_owned(),
        });
    }
    let name = &rest[..length];
    let token = match name.to_lowercase().as_str() {
        "and" => Token::And,
        "or" => Token::Or,
        "not" => Token::Not,
        _ => Token::Name(name.to_owned()),
    };
    Ok((token, length))
}

/// The text between quotes, in which two of them are one, and its length with them in bytes.
fn quoted(rest: &str, quote: char) -> Option<(String, usize)> {
    let mut text = String::new();
    let mut chars = rest.char_indices().skip(1).peekable();
    while let Some((at, c)) = chars.next() {
        if c != quote {
            text.push(c);
        } else if chars.next_if(|(_, next)| *next == quote).is_some() {
            text.push(quote);
        } else {
            return Some((text, at + quote.len_utf8()));
        }
    }
    None
}

/// The length in bytes of the number with which `rest` begins: a sign, digits with a point, an exponent.
fn number_length(rest: &str) -> usize {
    let mut before = ' ';
    let mut digits = false;
    for (at, c) in rest.char_indices() {
        let goes_on = match c {
            '0'..='9' => true,
            '.' => !matches!(before, 'e' | 'E'),
            'e' | 'E' => digits,
            '-' | '+' | '−' => at == 0 || matches!(before, 'e' | 'E'),
            _ => false,
        };
        if !goes_on {
            return at;
        }
        digits |= c.is_ascii_digit();
        before = c;
    }
    rest.len()
}
