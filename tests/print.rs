//! A million dots in one column of a journal, in print: how large the files are, whether others read them, and
//! whether all formats show the same.

mod common;
mod program;

use common::{device_test, run_device_tests_with};
use program::Folder;
use resvg::{tiny_skia, usvg};

/// The most bytes of the PDF file.
const MOST: usize = 1_500_000;

fn tool(folder: &Folder, name: &str, arguments: &[&str]) -> String {
    let mut command = std::process::Command::new(name);
    let output = command.args(arguments).current_dir(folder.path("")).output().expect("poppler");
    let complaints = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && complaints.trim().is_empty(), "{name}: {complaints}");
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn pixels(png: &[u8]) -> (Vec<u8>, [u32; 2]) {
    let mut reader = png::Decoder::new(std::io::Cursor::new(png)).read_info().expect("a PNG file");
    let mut pixels = vec![0; reader.output_buffer_size().expect("a picture that fits")];
    let frame = reader.next_frame(&mut pixels).expect("pixels");
    pixels.truncate(frame.buffer_size());
    (pixels, [frame.width, frame.height])
}

fn pixels_of_svg(svg: &[u8], size: [u32; 2]) -> Vec<u8> {
    let tree = usvg::Tree::from_data(svg, &usvg::Options::default()).expect("a drawing");
    let mut canvas = tiny_skia::Pixmap::new(size[0], size[1]).expect("a picture that fits");
    let [across, down] = [0, 1].map(|k| size[k] as f32);
    let scale =
        tiny_skia::Transform::from_scale(across / tree.size().width(), down / tree.size().height());
    resvg::render(&tree, scale, &mut canvas.as_mut());
    canvas.data().chunks_exact(4).flat_map(|pixel| [pixel[0], pixel[1], pixel[2]]).collect()
}

fn difference(a: &[u8], b: &[u8]) -> f64 {
    assert_eq!(a.len(), b.len());
    let sum: u64 = a.iter().zip(b).map(|(a, b)| u64::from(a.abs_diff(*b))).sum();
    sum as f64 / a.len() as f64 / 255.0
}

/// Draws a picture in all formats and holds them against each other; returns the size of the PDF file.
fn agree(flags: &str) -> usize {
    let folder = Folder::new();
    for kind in ["png", "svg", "pdf"] {
        folder.run(&format!("render {flags} --out a.{kind}")).succeeds();
    }
    let (expected, size) = pixels(&folder.read("a.png"));
    let svg = pixels_of_svg(&folder.read("a.svg"), size);
    let [across, down] = size.map(|side| side.to_string());
    let fit = ["-png", "-r", "600", "-scale-to-x", &across, "-scale-to-y", &down, "-singlefile"];
    tool(&folder, "pdftoppm", &[&fit[..], &["a.pdf", "b"]].concat());
    let (pdf, _) = pixels(&folder.read("b.png"));
    let far = [difference(&svg, &expected), difference(&pdf, &expected), difference(&pdf, &svg)];
    let bytes = folder.read("a.pdf").len();
    println!("{flags}: PDF {bytes} bytes; SVG, PDF and PNG differ by {far:.5?} of the range");
    assert!(far.iter().all(|far| *far <= 0.01), "{flags}: {far:?}");
    let fonts = tool(&folder, "pdffonts", &["a.pdf"]);
    let rows: Vec<&str> = fonts.lines().skip(2).collect();
    assert!(!rows.is_empty() && rows.iter().all(|row| row.contains("yes yes yes")), "{fonts}");
    let text = tool(&folder, "pdftotext", &["a.pdf", "-"]);
    assert!(text.contains("kernel sum") && text.contains("−2") && text.contains("x1"), "{text}");
    bytes
}

fn a_million_dots_in_a_column() {
    let bytes = agree("--n 1000000 --m 1000 --sigma 0.3 --preset column");
    assert!(bytes <= MOST, "{bytes} bytes");
}

fn layers_and_shapes_in_a_column() {
    for flags in [
        "--n 3000 --m 3000 --preset column",
        "--n 3000 --m 3000 --preset column --raster --contours 0.5,0.9 --marginals",
        "--n 3000 --m 3000 --preset column --sigma 0.4 --compare 0.1 --compare-at 0.4",
        "--n 3000 --m 3000 --preset column --sigma 0.4 --strip",
        "--n 3000 --m 3000 --preset column --background paper --grid --no-frame --subtitle",
    ] {
        agree(flags);
    }
}

fn main() {
    run_device_tests_with(
        &[("pdftoppm", "poppler-utils")],
        vec![
            device_test("a million dots in a column", a_million_dots_in_a_column),
            device_test("layers and shapes in a column", layers_and_shapes_in_a_column),
        ],
    );
}
