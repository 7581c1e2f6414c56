//! The flags that say which rows are written.

use clap::Args;

use crate::{
    selection::{Expression, Share},
    session::RowChoice,
};

/// Which rows are written, where not all are: at most one of these.
#[derive(Args, Clone, Debug)]
#[group(id = "rows", multiple = false, requires = "out")]
#[command(next_help_heading = "Output")]
pub(super) struct RowOptions {
    /// Write only the rows where a comparison of f, row and columns of FILE holds, as in
    /// "f < 0.01 and not (kind == 'star' or mag > 20)"; names with spaces in double quotes or backquotes
    #[arg(long, value_name = "EXPRESSION")]
    select: Option<Expression>,
    /// Write only the rows with the highest f: so many, or so many percent, as 30 or 5%
    #[arg(long, value_name = "ROWS|PERCENT")]
    select_top: Option<Share>,
    /// Write only the rows with the lowest f: so many, or so many percent
    #[arg(long, value_name = "ROWS|PERCENT")]
    select_bottom: Option<Share>,
}

impl RowOptions {
    /// The rows that are to be written, where not all are.
    pub(super) fn choice(&self) -> Option<RowChoice> {
        let expression = self.select.clone().map(RowChoice::Where);
        let top = self.select_top.map(RowChoice::Top);
        expression.or(top).or(self.select_bottom.map(RowChoice::Bottom))
    }
}
