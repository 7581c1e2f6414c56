//! Figures as SVG and PDF files: that they show what the PNG file shows, and can be read by others.

#![expect(clippy::unwrap_used, reason = "a test may end here")]

use std::sync::{Mutex, OnceLock};

use libtest_mimic::{Arguments, Trial};
use resvg::{tiny_skia, usvg};
use sigmascope::color::{Scale, lut};
use sigmascope::figure::{
    DotList, FigureSpec, Layout, POINT, PanelSpec, PlotContent, Rect, SplitLine, Style, TextLine,
    ViewBox, layout, pdf, png, png_with_panels, svg, svg_file,
};
use sigmascope::gpu::PlacedDot;
use sigmascope::model::{ColorMap, Scaling};

/// One column of a journal, at a density that is quick to draw.
fn column(scale: f32) -> FigureSpec {
    FigureSpec {
        size: [8.6 / 2.54 * 96.0, 6.45 / 2.54 * 96.0],
        scale,
        dark: false,
        transparent: false,
        style: Style::PRINT,
        title: "Gaussian kernel sum, σ = 0.3".into(),
        subtitle: String::new(),
        x_label: "Longitude [°]".into(),
        y_label: "Latitude [°]".into(),
        view: ViewBox { x: [-3.6, 3.6], y: [-3.4, 3.4] },
        logarithmic: [false; 2],
        equal_aspect: true,
        bar: true,
        lut: lut(ColorMap::Viridis, false),
        scale_of_values: Scale::new(Scaling::Log, 0.001, 131.0),
        value_label: "f (sum)".to_owned(),
        legend: Vec::new(),
        outlines: Vec::new(),
        marginals: None,
        space: None,
        split: None,
        panels: Vec::new(),
    }
}

/// An image with two areas, one of them half transparent.
fn image(layout: &Layout) -> Vec<u8> {
    let [width, height] = [layout.plot.width, layout.plot.height];
    let pixels = (0..height).flat_map(|y| (0..width).map(move |x| (x, y)));
    let color = |(x, y): (u32, u32)| {
        if x > width / 4 && x < width / 2 && y > height / 4 && y < height / 2 {
            [200, 30, 60, 255]
        } else if x > width / 2 && y > height / 2 {
            [20, 60, 100, 128]
        } else {
            [0; 4]
        }
    };
    pixels.flat_map(color).collect()
}

fn contents(layout: &Layout) -> [PlotContent; 2] {
    let [width, height] = [layout.plot.width as f32, layout.plot.height as f32];
    let dots = (0..400)
        .map(|k| {
            let (a, b) = ((k as f32 * 0.7).sin(), (k as f32 * 1.3).cos());
            PlacedDot {
                middle: [width * (0.5 + 0.5 * a), height * (0.5 + 0.5 * b)],
                radius: 3.5,
                color: [[200, 30, 60, 230], [20, 120, 40, 230]][k % 2],
            }
        })
        .collect();
    let list = DotList { dots, rim: 0.2, opacity: 1.0, across: [0.0, width] };
    [
        PlotContent { image: Some(image(layout)), dots: Vec::new(), panels: Vec::new() },
        PlotContent { image: None, dots: vec![list], panels: Vec::new() },
    ]
}

/// Warnings of the libraries, told apart from other messages.
struct Warnings;

static WARNED: Mutex<Vec<String>> = Mutex::new(Vec::new());

impl log::Log for Warnings {
    fn enabled(&self, metadata: &log::Metadata<'_>) -> bool {
        metadata.level() <= log::Level::Warn
    }

    fn log(&self, record: &log::Record<'_>) {
        if self.enabled(record.metadata()) {
            WARNED.lock().unwrap().push(record.args().to_string());
        }
    }

    fn flush(&self) {}
}

fn pixels_of_svg(file: &[u8], [width, height]: [u32; 2]) -> Vec<u8> {
    let _ = log::set_logger(&Warnings);
    log::set_max_level(log::LevelFilter::Warn);
    // No fonts at all: letters are shapes.
    let tree = usvg::Tree::from_data(file, &usvg::Options::default()).unwrap();
    let mut canvas = tiny_skia::Pixmap::new(width, height).unwrap();
    let scale = tiny_skia::Transform::from_scale(
        width as f32 / tree.size().width(),
        height as f32 / tree.size().height(),
    );
    resvg::render(&tree, scale, &mut canvas.as_mut());
    assert_eq!(*WARNED.lock().unwrap(), Vec::<String>::new());
    canvas.data().chunks_exact(4).flat_map(|pixel| [pixel[0], pixel[1], pixel[2]]).collect()
}

fn pixels_of_png(bytes: &[u8]) -> Vec<u8> {
    let mut reader = png::Decoder::new(std::io::Cursor::new(bytes)).read_info().unwrap();
    let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
    let frame = reader.next_frame(&mut pixels).unwrap();
    pixels.truncate(frame.buffer_size());
    pixels
}

/// The mean difference of two pictures, as a part of the range.
fn difference(a: &[u8], b: &[u8]) -> f64 {
    assert_eq!(a.len(), b.len());
    let sum: u64 = a.iter().zip(b).map(|(a, b)| u64::from(a.abs_diff(*b))).sum();
    sum as f64 / a.len() as f64 / 255.0
}

fn contains(bytes: &[u8], words: &[u8]) -> bool {
    bytes.windows(words.len()).any(|window| window == words)
}

/// What a tool of poppler says of a PDF file.
fn poppler(tool: &str, file: &[u8], arguments: &[&str]) -> Vec<u8> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.pdf");
    std::fs::write(&path, file).unwrap();
    let output = std::process::Command::new(tool).arg(&path).args(arguments).output();
    let output = output.expect("poppler-utils: scripts/setup test installs them");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}

fn svg_shows_what_png_shows() {
    let spec = column(2.0);
    let layout = layout(&spec);
    let [image, dots] = contents(&layout);
    let drawn = svg_file(&spec, &layout, &image, &[]).unwrap();
    let rgba = image.image.clone().unwrap();
    let expected = pixels_of_png(&png(&spec, &layout, &rgba, &[]).unwrap());
    let found = pixels_of_svg(&drawn, layout.size);
    assert!(difference(&found, &expected) < 0.002, "{}", difference(&found, &expected));
    assert!(contains(&drawn, b"width=\"86mm\"") && !contains(&drawn, b"<text"));
    let with_dots = svg_file(&spec, &layout, &dots, &[]).unwrap();
    let found = pixels_of_svg(&with_dots, layout.size);
    assert!(difference(&found, &expected) > 0.01, "dots are seen");
    assert_eq!(with_dots.windows(8).filter(|part| part == b"<circle ").count(), 400);
}

fn pdf_shows_what_png_shows() {
    let spec = column(2.0);
    let layout = layout(&spec);
    for content in contents(&layout) {
        let file = pdf(&spec, &layout, &content, &[("Title", spec.title.plain())]).unwrap();
        let dpi = format!("{}", 72.0 * f64::from(layout.size[0]) / (8.6 / 2.54 * 72.0));
        let size = layout.size.map(|side| side.to_string());
        let arguments =
            ["-png", "-r", &dpi, "-scale-to-x", &size[0], "-scale-to-y", &size[1], "-singlefile"];
        let drawn = poppler("pdftoppm", &file, &arguments);
        let found = pixels_of_png(&drawn);
        let svg = svg_file(&spec, &layout, &content, &[]).unwrap();
        let expected = pixels_of_svg(&svg, layout.size);
        let far = difference(&found, &expected);
        assert!(far < 0.01, "{far}");
    }
}

fn pdf_is_the_same_twice() {
    let spec = column(6.25);
    let layout = layout(&spec);
    let [_, dots] = contents(&layout);
    let told = [("Title", spec.title.plain()), ("Software", "sigmascope".to_owned())];
    let file = pdf(&spec, &layout, &dots, &told).unwrap();
    assert!(file.starts_with(b"%PDF-1.7"));
    assert!(contains(&file, b"/MediaBox[0 0 243.77"), "8.6 cm are 243.78 points");
    assert!(contains(&file, b"/FontFile") && contains(&file, b"/ToUnicode"));
    assert!(contains(&file, b"/Title"));
    assert_eq!(file, pdf(&spec, &layout, &dots, &told).unwrap(), "the same bytes twice");
}

fn pdf_has_its_size_its_title_and_its_fonts() {
    let spec = column(6.25);
    let layout = layout(&spec);
    let [_, dots] = contents(&layout);
    let told = [("Title", spec.title.plain()), ("Software", "sigmascope".to_owned())];
    let file = pdf(&spec, &layout, &dots, &told).unwrap();
    let text = says(&file);
    for words in [spec.title.plain().as_str(), "Longitude [°]", "f (sum)", "−2", "10"] {
        assert!(text.contains(words), "'{words}' is not in: {text}");
    }
    assert_fonts_are_embedded(&file);
    let facts = String::from_utf8(poppler("pdfinfo", &file, &[])).unwrap();
    assert!(facts.contains("σ = 0.3") && facts.contains("243.78 x 182.8"), "{facts}");
}

/// All text of a PDF file.
fn says(file: &[u8]) -> String {
    String::from_utf8(poppler("pdftotext", file, &["-"])).unwrap()
}

fn assert_fonts_are_embedded(file: &[u8]) {
    let fonts = String::from_utf8(poppler("pdffonts", file, &[])).unwrap();
    let rows: Vec<&str> = fonts.lines().skip(2).collect();
    assert!(!rows.is_empty() && rows.iter().all(|row| row.contains("yes yes yes")), "{fonts}");
}

/// A column with this title, as PDF; and what its layout tells.
fn titled(title: &str) -> (Vec<u8>, String) {
    let spec = FigureSpec { title: title.into(), ..column(2.0) };
    let layout = layout(&spec);
    let told = layout.told.join("\n");
    let svg = svg_file(&spec, &layout, &PlotContent::default(), &[]).unwrap();
    assert_eq!(
        pixels_of_svg(&svg, layout.size).len(),
        3 * (layout.size[0] * layout.size[1]) as usize
    );
    (pdf(&spec, &layout, &PlotContent::default(), &[]).unwrap(), told)
}

fn what_users_type_is_raised_lowered_and_found() {
    let typed = TextLine::from_markup("p_{max} in m^{-2} of x\\_y");
    let spec = FigureSpec { x_label: typed, ..column(2.0) };
    let layout = layout(&spec);
    let file = pdf(&spec, &layout, &PlotContent::default(), &[]).unwrap();
    let text = says(&file).replace(char::is_whitespace, "");
    for words in ["max", "−2", "x_y"] {
        assert!(text.contains(words), "'{words}' is not in: {text}");
    }
    let plain = FigureSpec { x_label: "p max in m −2 of x_y".into(), ..column(2.0) };
    let drawn = |spec: &FigureSpec| svg(spec, &sigmascope::figure::layout(spec));
    assert!(drawn(&spec).matches("<tspan").count() > drawn(&plain).matches("<tspan").count());
}

fn fonts_of_the_program_lend_signs_and_emoji() {
    let (file, told) = titled("‖x‖ ⁻ 🔭 measured.csv");
    assert_eq!(told, "");
    let text = says(&file);
    for words in ["‖x‖", "🔭", "measured.csv"] {
        assert!(text.contains(words), "'{words}' is not in: {text}");
    }
    assert_fonts_are_embedded(&file);
}

/// Those for which it has one.
static FOUND: OnceLock<Vec<&str>> = OnceLock::new();

/// Texts in scripts for which the system may have a font.
const SCRIPTS: [&str; 5] = ["数据", "مثال", "שלום", "Данные", "データ"];

/// Whether the system has a font for a text.
fn has_font(text: &str) -> bool {
    let spec = FigureSpec { title: text.into(), ..column(2.0) };
    !layout(&spec).told.join("").contains("no font has")
}

fn texts_in_scripts_of_the_system_are_found() {
    for text in FOUND.get().expect("main has looked").iter().copied() {
        let (file, told) = titled(&format!("{text} 2024.csv"));
        assert_eq!(told, "");
        let said = says(&file);
        // Behind Arabic and Hebrew a number stands on the left.
        for words in [text, "2024", ".csv"] {
            assert!(said.contains(words), "'{words}' is not in: {said}");
        }
        assert_fonts_are_embedded(&file);
    }
}

fn panels_have_frames_and_names() {
    let panel = |k: usize| PanelSpec { name: format!("σ = 0.{k}"), is_present: k == 2 };
    let spec = FigureSpec { panels: [1, 2, 4].map(panel).to_vec(), ..column(2.0) };
    let layout = layout(&spec);
    assert_eq!((layout.panels.len(), &layout.told), (3, &Vec::new()));
    let bottom = layout.plot.y + layout.plot.height;
    for [one, next] in [[0, 1], [1, 2]].map(|pair| pair.map(|k| layout.panels[k].rect)) {
        assert!(one.y > bottom && one.x + one.width < next.x && next.y == one.y);
        assert!(next.x + next.width < layout.size[0] && next.y + next.height < layout.size[1]);
    }
    // Whatever fills them is seen in all formats alike.
    let image = |rect: Rect| [20, 160, 90, 255].repeat((rect.width * rect.height) as usize);
    let panels: Vec<Vec<u8>> = layout.panels.iter().map(|panel| image(panel.rect)).collect();
    let plot = image(layout.plot);
    let fill =
        |image: &Vec<u8>| PlotContent { image: Some(image.clone()), ..PlotContent::default() };
    let content = PlotContent { panels: panels.iter().map(fill).collect(), ..fill(&plot) };
    let expected = pixels_of_png(&png_with_panels(&spec, &layout, &plot, &panels, &[]).unwrap());
    let svg = svg_file(&spec, &layout, &content, &[]).unwrap();
    assert!(difference(&pixels_of_svg(&svg, layout.size), &expected) < 0.002);
    let text = String::from_utf8(svg).unwrap();
    assert!(["σ = 0.1", "σ = 0.2", "σ = 0.4"].iter().all(|name| text.contains(name)));
    let tiny = FigureSpec { size: [100.0, 80.0], ..spec };
    assert!(sigmascope::figure::layout(&tiny).told.join("").contains("strip"));
}

fn texts_in_print_can_be_read_and_each_axis_has_numbers() {
    for scale in [3.125, 6.25] {
        let wide = ViewBox { x: [1e5, 9e5], y: [-1e-4, 3e-4] };
        for (view, equal_aspect) in [(column(scale).view, true), (wide, false)] {
            let spec = FigureSpec { view, equal_aspect, ..column(scale) };
            let layout = layout(&spec);
            assert_eq!(layout.told, Vec::<String>::new());
            for label in &layout.labels {
                let points = label.size / layout.unit / POINT;
                assert!(points >= 6.0, "{} has {points} points", label.text.plain());
            }
            for ticks in [&layout.x_ticks, &layout.y_ticks] {
                assert!((3..=7).contains(&ticks.len()), "{} numbers", ticks.len());
            }
            let part = |axis: u32, whole: u32| f64::from(axis) / f64::from(whole);
            assert!(part(layout.plot.width, layout.size[0]) > 0.62);
            assert!(part(layout.plot.height, layout.size[1]) > 0.68);
        }
    }
}

fn a_transparent_picture_has_no_background() {
    let spec = FigureSpec { transparent: true, ..column(2.0) };
    let layout = layout(&spec);
    let image = image(&layout);
    let bytes = png(&spec, &layout, &image, &[]).unwrap();
    let pixels = pixels_of_png(&bytes);
    assert_eq!(pixels[..4], [0; 4]);
    let at = |x: u32, y: u32| {
        let start = 4 * (y * layout.size[0] + x) as usize;
        [pixels[start], pixels[start + 1], pixels[start + 2], pixels[start + 3]]
    };
    let plot = layout.plot;
    // What was premultiplied in memory is not in the file.
    let half = at(plot.x + 3 * plot.width / 4, plot.y + 3 * plot.height / 4);
    assert!(half[3] == 128 && half[2].abs_diff(199) <= 2, "{half:?}");
    let content = PlotContent { image: Some(image), dots: Vec::new(), panels: Vec::new() };
    let svg = svg_file(&spec, &layout, &content, &[]).unwrap();
    assert!(!contains(&svg, b"<rect width"));
    assert!(contains(&pdf(&spec, &layout, &content, &[]).unwrap(), b"/SMask"));
}

fn a_line_between_two_fields_has_both_names() {
    let names = ["A: σ = 0.1", "B: σ = 0.4"].map(str::to_owned);
    let spec = FigureSpec { split: Some(SplitLine { at: 0.4, names }), ..column(2.0) };
    let layout = layout(&spec);
    let svg = svg_file(&spec, &layout, &PlotContent::default(), &[]).unwrap();
    let text = String::from_utf8(svg).unwrap();
    assert!(text.contains("A: σ = 0.1") && text.contains("B: σ = 0.4"));
}

fn what_is_cut_is_told() {
    let long = "an endless name that somebody chose with care ".repeat(8);
    let spec = FigureSpec { title: long.clone().into(), x_label: long.into(), ..column(2.0) };
    let told = layout(&spec).told.join("\n");
    assert!(told.contains("the title is too long") && told.contains("for its axis"), "{told}");
    let tiny = FigureSpec { size: [80.0, 60.0], ..column(1.0) };
    assert!(layout(&tiny).told.join("").contains("too small for"));
}

/// Tests that need poppler show as ignored where it is not installed, or fail where `REQUIRE_GPU=1` demands all.
fn main() {
    let is_required = std::env::var("REQUIRE_GPU").is_ok_and(|value| value == "1");
    let answers = |tool: &str| std::process::Command::new(tool).arg("-v").output().is_ok();
    let has_poppler = ["pdftoppm", "pdftotext", "pdffonts", "pdfinfo"].into_iter().all(answers);
    // What the system's fonts have differs from machine to machine: never demanded.
    // The library warns of the others: before warnings count.
    let found = FOUND.get_or_init(|| SCRIPTS.into_iter().filter(|text| has_font(text)).collect());
    let has_fonts = has_poppler && !found.is_empty();
    let test = |name: &str, runs: bool, run: fn()| {
        Trial::test(name, move || {
            run();
            Ok(())
        })
        .with_ignored_flag(!runs)
    };
    let poppler = has_poppler || is_required;
    let trials = vec![
        test("svg shows what png shows", true, svg_shows_what_png_shows),
        test("pdf is the same twice", true, pdf_is_the_same_twice),
        test("panels have frames and names", true, panels_have_frames_and_names),
        test(
            "texts in print can be read and each axis has numbers",
            true,
            texts_in_print_can_be_read_and_each_axis_has_numbers,
        ),
        test(
            "a transparent picture has no background",
            true,
            a_transparent_picture_has_no_background,
        ),
        test(
            "a line between two fields has both names",
            true,
            a_line_between_two_fields_has_both_names,
        ),
        test("what is cut is told", true, what_is_cut_is_told),
        test("pdf shows what png shows", poppler, pdf_shows_what_png_shows),
        test(
            "pdf has its size its title and its fonts",
            poppler,
            pdf_has_its_size_its_title_and_its_fonts,
        ),
        test(
            "what users type is raised lowered and found",
            poppler,
            what_users_type_is_raised_lowered_and_found,
        ),
        test(
            "fonts of the program lend signs and emoji",
            poppler,
            fonts_of_the_program_lend_signs_and_emoji,
        ),
        test(
            "texts in scripts of the system are found",
            has_fonts,
            texts_in_scripts_of_the_system_are_found,
        ),
    ];
    libtest_mimic::run(&Arguments::from_args(), trials).exit();
}
