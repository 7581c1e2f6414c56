//! The chart of `sigmascope bench --plot`: median time against N, with a line for each engine, and for
//! each σ where there are several.

use super::bench::Row;
use crate::{
    figure::{LineChart, Series},
    numbers::format_number,
};

/// The chart of `rows` as an SVG document.
pub(super) fn plot(rows: &[Row]) -> String {
    let several = |differs: &dyn Fn(&Row, &Row) -> bool| {
        rows.iter().any(|row| rows.first().is_some_and(|first| differs(row, first)))
    };
    let many_sigmas = several(&|a, b| a.sigma.to_bits() != b.sigma.to_bits());
    let square = rows.iter().all(|row| row.n == row.m);
    let mut series: Vec<Series> = Vec::new();
    for row in rows {
        let name = if many_sigmas {
            format!("{}, σ = {}", row.engine, format_number(row.sigma, 4))
        } else {
            row.engine.to_string()
        };
        let point = [row.n as f64, row.seconds_median];
        match series.iter_mut().find(|line| line.name == name) {
            Some(line) => line.points.push(point),
            None => series.push(Series { name, points: vec![point] }),
        }
    }
    for line in &mut series {
        line.points.sort_by(|a, b| a[0].total_cmp(&b[0]));
    }
    let chart = LineChart {
        title: "Time of one sum over all pairs".to_owned(),
        subtitle: subtitle(rows, many_sigmas),
        x_label: match rows.first() {
            _ if square => "number of targets and of sources, N = M".to_owned(),
            Some(Row { m, .. }) if !several(&|a, b| a.m != b.m) => {
                format!("number of targets N, with {} sources", format_number(*m as f64, 12))
            }
            _ => "number of targets N".to_owned(),
        },
        y_label: "time".to_owned(),
        series,
    };
    chart.to_svg()
}

fn subtitle(rows: &[Row], many_sigmas: bool) -> String {
    let Some(first) = rows.first() else { return String::new() };
    let mut parts = vec![format!("d = {}", first.dim)];
    if !many_sigmas {
        parts.push(format!("σ = {}", format_number(first.sigma, 4)));
    }
    parts.push(match first.repeats {
        1 => "one run".to_owned(),
        repeats => format!("medians of {repeats} runs"),
    });
    if let Some(threads) = rows.iter().filter_map(|row| row.threads).max() {
        parts.push(format!("{threads} thread{}", if threads == 1 { "" } else { "s" }));
    }
    if let Some(adapter) = rows.iter().find_map(|row| row.adapter.as_ref()) {
        parts.push(adapter.clone());
    }
    parts.join(" · ")
}
