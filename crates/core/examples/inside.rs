//! Tells which points are inside a polygon: for `benches/peers/lasso.py`, which compares them with those of
//! another program.
//!
//! ```text
//!   inside POINTS CORNERS OUT     f64 in pairs, little-endian; OUT gets a byte for each point, 0 or 1
//! ```
//!
//! Prints the seconds that marking the cells and testing all points took.

use std::{fs, time::Instant};

use sigmascope_core::selection::Polygon;

fn pairs(path: &str) -> Vec<[f64; 2]> {
    let bytes = fs::read(path).expect("a file of pairs");
    let number = |bytes: &[u8]| f64::from_le_bytes(bytes.try_into().expect("eight bytes"));
    bytes.chunks_exact(16).map(|pair| [number(&pair[..8]), number(&pair[8..])]).collect()
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [points, corners, out] = arguments.as_slice() else { panic!("three files are needed") };
    let (points, corners) = (pairs(points), pairs(corners));
    let started = Instant::now();
    let polygon = Polygon::new(&corners).expect("three different corners");
    let words = polygon.contained(points.len(), &|i| points[i]);
    println!("{}", started.elapsed().as_secs_f64());
    let inside = |i: usize| (words[i / 64] >> (i % 64) & 1) as u8;
    fs::write(out, (0..points.len()).map(inside).collect::<Vec<u8>>()).expect("written");
}
