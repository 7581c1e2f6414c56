//! What the colours of the dots show: f, or a column of the targets' file with its categories.

use std::{collections::HashMap, ops::ControlFlow, sync::Arc};

use super::{Prepared, SourceError, TargetRows};
use crate::{
    color::{CATEGORIES, below_range, category_lut},
    engine::Observer,
    escape::escaped,
    io::{Holds, LoadError, Values},
    model::ColorBy,
    numbers::format_number,
};

/// The categories of a column, the most frequent first.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Categories {
    /// The names of those that have a colour of their own, and how many targets they have.
    pub named: Vec<(String, u64)>,
    /// How many more categories there are, which are all grey, and how many targets they have.
    pub rest: [u64; 2],
    /// How many targets have none.
    pub missing: u64,
}

/// A row of the legend of categories.
#[derive(Clone, Debug, PartialEq)]
pub struct LegendEntry {
    /// Its colour, RGBA.
    pub color: [u8; 4],
    /// Its name, safe to draw.
    pub text: String,
    /// How many targets have it.
    pub count: u64,
}

impl Categories {
    /// The categories of these cells, and the code of each cell: from 0 on for those that have a colour of
    /// their own, [`CATEGORIES`] for the rest, NaN where there is none. Of two that are as frequent the
    /// first in the alphabet is in front.
    fn of(cells: &[Option<u32>], names: &[String]) -> (Self, Vec<f32>) {
        let mut counts = vec![0_u64; names.len()];
        cells.iter().flatten().for_each(|&cell| counts[cell as usize] += 1);
        let mut order: Vec<usize> = (0..names.len()).filter(|&k| counts[k] > 0).collect();
        order.sort_by(|&a, &b| counts[b].cmp(&counts[a]).then_with(|| names[a].cmp(&names[b])));
        let mut codes = vec![CATEGORIES as f32; names.len()];
        order.iter().take(CATEGORIES).enumerate().for_each(|(code, &k)| codes[k] = code as f32);
        let named = order.iter().take(CATEGORIES).map(|&k| (names[k].clone(), counts[k]));
        let others = order.iter().skip(CATEGORIES);
        let categories = Self {
            named: named.collect(),
            rest: [others.clone().count() as u64, others.map(|&k| counts[k]).sum()],
            missing: cells.iter().filter(|cell| cell.is_none()).count() as u64,
        };
        let code = |cell: &Option<u32>| cell.map_or(f32::NAN, |cell| codes[cell as usize]);
        (categories, cells.iter().map(code).collect())
    }

    /// What a legend tells: the categories with their colours, then what is left.
    pub fn entries(&self, dark: bool) -> Vec<LegendEntry> {
        let colors = category_lut();
        let entry = |color, text, count| LegendEntry { color, text, count };
        let mut entries: Vec<LegendEntry> = self
            .named
            .iter()
            .zip(colors)
            .map(|((name, count), color)| {
                let name = if name.is_empty() { "(empty)".to_owned() } else { escaped(name) };
                entry(color, name, *count)
            })
            .collect();
        let [kinds, others] = self.rest;
        if kinds > 0 {
            let text = format!("{} more", format_number(kinds as f64, 12));
            entries.push(entry(colors[CATEGORIES], text, others));
        }
        if self.missing > 0 {
            entries.push(entry(below_range(dark), "no value".to_owned(), self.missing));
        }
        entries
    }

    /// The name of the category with this code.
    pub fn name_of(&self, code: f32) -> &str {
        if code.is_nan() {
            return "no value";
        }
        self.named.get(code as usize).map_or("one of the rest", |(name, _)| name)
    }
}

/// A column as colours show it, shape (n,): numbers, or the codes of categories.
#[derive(Clone, Debug)]
pub(super) struct ColumnValues {
    /// One for each target.
    pub(super) values: Arc<[f32]>,
    /// What the codes stand for, where they are such.
    pub(super) categories: Option<Arc<Categories>>,
}

impl ColumnValues {
    /// What `by` shows of these points; `None` where it is no column.
    ///
    /// # Errors
    /// When there is no such column, the file cannot be read, or the observer ended the work.
    pub(super) fn of(
        by: &ColorBy,
        prepared: &Prepared,
        observer: &mut dyn Observer,
    ) -> Result<Option<Self>, SourceError> {
        let Some(name) = by.column() else { return Ok(None) };
        let targets = prepared.drawn.targets();
        let axis = targets.axes().iter().position(|axis| axis == name);
        if let (Some(axis), ColorBy::Column(_)) = (axis, by) {
            let values = (0..targets.len()).map(|i| targets.point(i)[axis] as f32).collect();
            return Ok(Some(Self { values, categories: None }));
        }
        let Some(rows) = &prepared.target_rows else {
            return Err(SourceError::NoColumn {
                wanted: escaped(name),
                available: escaped(&targets.axes().join(", ")),
            });
        };
        let as_categories = matches!(by, ColorBy::Categories(_));
        Ok(Some(Self::read(rows, name, as_categories, targets.len(), observer)?))
    }

    /// Reads the column called `name`.
    fn read(
        rows: &TargetRows,
        name: &str,
        as_categories: bool,
        n: usize,
        observer: &mut dyn Observer,
    ) -> Result<Self, LoadError> {
        let mut file = rows.open(observer)?;
        let column = file.find(name, "the column to colour by")?;
        let holds = file.columns().nth(column).map_or(Holds::Texts, |(_, holds)| holds);
        let mut targets = rows.targets();
        if as_categories || matches!(holds, Holds::Texts | Holds::Booleans | Holds::Nothing) {
            let mut codes: HashMap<String, u32> = HashMap::new();
            let mut cells: Vec<Option<u32>> = Vec::with_capacity(n);
            file.values(&[], &[column], observer, &mut |columns| {
                for values in columns {
                    let Values::Texts(texts) = values.held_as(Holds::Texts) else { continue };
                    for text in texts {
                        if targets.next().flatten().is_none() {
                            continue;
                        }
                        let next = codes.len() as u32;
                        cells.push(text.map(|text| *codes.entry(text).or_insert(next)));
                    }
                }
                ControlFlow::Continue(())
            })?;
            cells.resize(n, None);
            let mut names = vec![String::new(); codes.len()];
            for (name, code) in codes {
                names[code as usize] = name;
            }
            let (categories, values) = Categories::of(&cells, &names);
            return Ok(Self { values: values.into(), categories: Some(Arc::new(categories)) });
        }
        let mut values = Vec::with_capacity(n);
        file.values(&[column], &[], observer, &mut |columns| {
            for column in columns {
                let Values::Numbers(numbers) = column.held_as(Holds::Numbers) else { continue };
                for number in numbers {
                    if targets.next().flatten().is_some() {
                        values.push(number as f32);
                    }
                }
            }
            ControlFlow::Continue(())
        })?;
        values.resize(n, f32::NAN);
        Ok(Self { values: values.into(), categories: None })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_most_frequent_categories_have_colours_of_their_own() {
        let names: Vec<String> = (0..30).map(|k| format!("c{k:02}")).collect();
        // Category k stands there k times, and one cell is empty.
        let mut cells: Vec<Option<u32>> =
            (0..30).flat_map(|k| std::iter::repeat_n(Some(k), k as usize)).collect();
        cells.push(None);
        let (categories, codes) = Categories::of(&cells, &names);
        assert_eq!(categories.named[0], ("c29".to_owned(), 29));
        assert_eq!(categories.named.len(), CATEGORIES);
        // One to nine: those that are left; none has category 0.
        assert_eq!((categories.rest, categories.missing), ([9, 45], 1));
        assert_eq!((codes[0], codes[434]), (CATEGORIES as f32, 0.0));
        assert!(codes[435].is_nan());
        assert_eq!(categories.name_of(0.0), "c29");
        assert_eq!(categories.name_of(20.0), "one of the rest");
    }
}
