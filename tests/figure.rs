//! Exported figures: what a reader of the finished picture would notice.

#![expect(clippy::unwrap_used, reason = "a test may end here")]

use resvg::usvg;
use sigmascope::color::{Scale, lut};
use sigmascope::figure::{
    FigureError, FigureSpec, Layout, Palette, Style, TextLine, ViewBox, check_size, font_options,
    layout, png, svg,
};
use sigmascope::model::{ColorMap, Scaling};

fn spec(size: [u32; 2], scale: f32) -> FigureSpec {
    FigureSpec {
        size: size.map(f64::from),
        scale,
        dark: false,
        transparent: false,
        style: Style::SCREEN,
        title: "Gaussian kernel sum <σ = 0.3> & more".into(),
        subtitle: "3000 targets × 3000 sources · standard normal · seed 1".to_owned(),
        x_label: "Longitude [°]".into(),
        y_label: "Latitude [°]".into(),
        view: ViewBox { x: [-3.6, 3.6], y: [-3.4, 3.4] },
        logarithmic: [false; 2],
        equal_aspect: true,
        bar: true,
        lut: lut(ColorMap::Viridis, false),
        scale_of_values: Scale::new(Scaling::Linear, 0.0, 131.0),
        value_label: "f (sum)".to_owned(),
        legend: Vec::new(),
        outlines: Vec::new(),
        marginals: None,
        space: None,
        split: None,
        panels: Vec::new(),
    }
}

fn empty_points(layout: &Layout) -> Vec<u8> {
    vec![0; layout.plot.width as usize * layout.plot.height as usize * 4]
}

struct Picture {
    width: u32,
    height: u32,
    rgb: Vec<u8>,
    info: png::Info<'static>,
}

impl Picture {
    fn decode(bytes: &[u8]) -> Self {
        let mut reader = png::Decoder::new(std::io::Cursor::new(bytes)).read_info().unwrap();
        let mut rgb = vec![0; reader.output_buffer_size().unwrap()];
        reader.next_frame(&mut rgb).unwrap();
        reader.finish().unwrap();
        let info = reader.info().clone();
        Self { width: info.width, height: info.height, rgb, info }
    }

    fn at(&self, x: u32, y: u32) -> [u8; 3] {
        let start = (y as usize * self.width as usize + x as usize) * 3;
        [self.rgb[start], self.rgb[start + 1], self.rgb[start + 2]]
    }
}

/// The boxes of all texts, in device pixels: left, top, right, bottom.
fn text_boxes(group: &usvg::Group, scale: f32, boxes: &mut Vec<([f32; 4], String)>) {
    for node in group.children() {
        match node {
            usvg::Node::Group(group) => text_boxes(group, scale, boxes),
            usvg::Node::Text(text) => {
                let area = text.abs_bounding_box();
                let says = text.chunks().iter().map(usvg::TextChunk::text).collect();
                let sides = [area.left(), area.top(), area.right(), area.bottom()];
                boxes.push((sides.map(|side| side * scale), says));
            }
            _ => {}
        }
    }
}

/// Checks that no text leaves the picture, enters the plot or touches another text.
fn assert_texts_are_clear(spec: &FigureSpec) -> usize {
    let layout = layout(spec);
    let tree = usvg::Tree::from_str(&svg(spec, &layout), &font_options()).unwrap();
    let mut boxes = Vec::new();
    text_boxes(tree.root(), spec.scale, &mut boxes);
    let what = format!("{:?} × {}", spec.size, spec.scale);
    let [width, height] = layout.size.map(|pixels| pixels as f32);
    let plot = layout.plot;
    let plot_box =
        [plot.x, plot.y, plot.x + plot.width, plot.y + plot.height].map(|side| side as f32);
    let touch = |a: [f32; 4], b: [f32; 4]| a[0] < b[2] && b[0] < a[2] && a[1] < b[3] && b[1] < a[3];
    for (k, (area, says)) in boxes.iter().enumerate() {
        let [left, top, right, bottom] = *area;
        let inside = left >= -0.5 && top >= -0.5 && right <= width + 0.5 && bottom <= height + 0.5;
        assert!(inside, "{what}: '{says}' leaves the picture: {area:?}");
        assert!(!touch(*area, plot_box), "{what}: '{says}' enters the plot: {area:?}");
        for (other, other_says) in &boxes[..k] {
            assert!(!touch(*area, *other), "{what}: '{says}' touches '{other_says}'");
        }
    }
    boxes.len()
}

const SIZES: [[u32; 2]; 12] = [
    [1, 1],
    [40, 30],
    [96, 64],
    [200, 150],
    [260, 900],
    [320, 240],
    [480, 360],
    [640, 480],
    [1280, 800],
    [1400, 240],
    [2560, 1440],
    [8192, 8192],
];

#[test]
fn texts_keep_clear_of_each_other_at_every_size() {
    let long = "an endless name of a file or column that somebody chose with care ".repeat(5);
    for size in SIZES {
        for scale in [1.0, 2.0, 4.0] {
            let normal = spec(size, scale);
            let texts = assert_texts_are_clear(&normal);
            assert!(texts > 12 || size[0].min(size[1]) < 400, "{size:?}: {texts} texts");
            let view = ViewBox { x: [1e9, 1e9 + 1e-3], y: [-2e-7, 3e-7] };
            let log = Scale::new(Scaling::Log, 2e-9, 1.3);
            let offset = FigureSpec {
                view,
                equal_aspect: false,
                scale_of_values: log,
                title: long.clone().into(),
                subtitle: long.clone(),
                x_label: long.clone().into(),
                y_label: long.clone().into(),
                value_label: long.clone(),
                ..normal.clone()
            };
            assert_texts_are_clear(&offset);
            let wide_log = Scale::new(Scaling::Log, 0.11, 9.0);
            let view = ViewBox { x: [-123_456.0, 98_765.0], y: [-1e5, 1e5] };
            let bare = FigureSpec {
                view,
                scale_of_values: wide_log,
                title: TextLine::default(),
                subtitle: String::new(),
                ..normal.clone()
            };
            assert_texts_are_clear(&bare);
        }
    }
}

#[test]
fn a_picture_of_usual_size_has_all_its_texts() {
    let spec = spec([640, 480], 2.0);
    let layout = layout(&spec);
    let svg = svg(&spec, &layout);
    for text in
        ["Gaussian kernel sum &lt;σ = 0.3&gt; &amp; more", "seed 1", "Longitude [°]", "f (sum)"]
    {
        assert!(svg.contains(text), "{text} is missing");
    }
    assert!(layout.x_ticks.len() >= 3 && layout.y_ticks.len() >= 3);
    assert!(layout.bar.unwrap().marks.len() >= 3);
}

#[test]
fn small_pictures_keep_the_points_and_drop_the_rest() {
    for size in SIZES {
        let layout = layout(&spec(size, 1.0));
        let part = |plot: u32, whole: u32| f64::from(plot) / f64::from(whole);
        assert!(part(layout.plot.width, layout.size[0]) > 0.44, "{size:?}");
        assert!(part(layout.plot.height, layout.size[1]) > 0.44, "{size:?}");
        assert!(layout.plot.x + layout.plot.width <= layout.size[0]);
        assert!(layout.plot.y + layout.plot.height <= layout.size[1]);
    }
}

#[test]
fn the_colour_bar_shows_the_table_itself() {
    for (size, scale) in [([480, 360], 1.0), ([500, 400], 2.0), ([1280, 800], 1.0)] {
        let spec = spec(size, scale);
        let layout = layout(&spec);
        let bytes = png(&spec, &layout, &empty_points(&layout), &[]).unwrap();
        let picture = Picture::decode(&bytes);
        let bar = layout.bar.as_ref().unwrap();
        for row in 0..bar.rect.height {
            let [r, g, b, _] = spec.lut[bar.entry_of_row(row)];
            for x in [bar.rect.x, bar.rect.x + bar.rect.width - 1] {
                assert_eq!(picture.at(x, bar.rect.y + row), [r, g, b], "row {row}");
            }
        }
        assert_eq!(bar.entry_of_row(0), 255);
        assert_eq!(bar.entry_of_row(bar.rect.height - 1), 0);
    }
}

#[test]
fn points_lie_on_the_background_exactly_in_the_plot() {
    let mut spec = spec([320, 240], 2.0);
    spec.dark = true;
    let layout = layout(&spec);
    let plot = layout.plot;
    let color = [200, 100, 50, 255];
    let points = color.repeat(plot.width as usize * plot.height as usize);
    let picture = Picture::decode(&png(&spec, &layout, &points, &[]).unwrap());
    assert_eq!([picture.width, picture.height], [640, 480]);
    let (right, bottom) = (plot.x + plot.width - 1, plot.y + plot.height - 1);
    for (x, y) in [(plot.x, plot.y), (right, plot.y), (plot.x, bottom), (right, bottom)] {
        assert_eq!(picture.at(x, y), [200, 100, 50]);
    }
    for (x, y) in [(plot.x - 1, plot.y), (right + 1, bottom), (plot.x, bottom + 1)] {
        assert_ne!(picture.at(x, y), [200, 100, 50]);
    }
    assert_eq!(picture.at(0, 0), Palette::DARK.background);
}

#[test]
fn metadata_and_resolution_are_in_the_file() {
    let spec = spec([200, 150], 2.0);
    let layout = layout(&spec);
    let metadata =
        [("Software", "sigmascope".to_owned()), ("Description", "σ = 0.3, n = 3000".to_owned())];
    let bytes = png(&spec, &layout, &empty_points(&layout), &metadata).unwrap();
    let info = Picture::decode(&bytes).info;
    let software = &info.uncompressed_latin1_text[0];
    assert_eq!((software.keyword.as_str(), software.text.as_str()), ("Software", "sigmascope"));
    assert_eq!(info.utf8_text[0].keyword, "Description");
    assert_eq!(info.utf8_text[0].get_text().unwrap(), "σ = 0.3, n = 3000");
    assert_eq!(info.pixel_dims.unwrap().xppu, 7559);
    let bad = [("", String::new())];
    assert!(matches!(
        png(&spec, &layout, &empty_points(&layout), &bad),
        Err(FigureError::Encode(_))
    ));
}

#[test]
fn what_cannot_be_drawn_is_refused_its_sizes() {
    assert!(check_size([16_384, 16_384]).is_ok());
    assert!(check_size([16_384, 16_385]).is_err());
    assert!(check_size([u32::MAX, u32::MAX]).is_err());
    let normal = spec([200, 150], 1.0);
    let placed = layout(&normal);
    let message = png(&normal, &placed, &[0; 12], &[]).unwrap_err().to_string();
    assert!(message.contains("12 bytes"), "{message}");
    let huge = spec([8192, 8192], 4.0);
    let message = png(&huge, &layout(&huge), &[], &[]).unwrap_err().to_string();
    assert!(message.contains("32768 × 32768"), "{message}");
    let absurd = spec([u32::MAX, u32::MAX], f32::INFINITY);
    assert!(png(&absurd, &layout(&absurd), &[], &[]).is_err());
}

#[test]
fn odd_input_still_gives_a_picture() {
    let odd = [0.0, 1e9, f64::NAN, f64::INFINITY, f64::MIN];
    for size in [[0, 0], [1, 300], [300, 1], [200, 150]] {
        for scale in [1.0, f32::NAN, -1.0, 0.3] {
            for (k, &a) in odd.iter().enumerate() {
                let b = odd[(k + 1) % odd.len()];
                let odd_scale = Scale::new(Scaling::ALL[k % 2], a as f32, b as f32);
                let spec = FigureSpec {
                    view: ViewBox { x: [a, b], y: [b, b] },
                    scale_of_values: odd_scale,
                    title: "漢字 \0 \u{1b} ]]> 🙂 \u{202e}abc".into(),
                    ..spec(size, scale)
                };
                let layout = layout(&spec);
                png(&spec, &layout, &empty_points(&layout), &[]).unwrap();
            }
        }
    }
}

#[test]
fn the_same_figure_is_the_same_bytes() {
    let spec = spec([200, 150], 1.0);
    let draw = || {
        let layout = layout(&spec);
        png(&spec, &layout, &empty_points(&layout), &[]).unwrap()
    };
    assert_eq!(draw(), draw());
}

#[test]
fn characters_that_no_font_has_are_told() {
    let told = |title: &str| {
        layout(&FigureSpec { title: title.into(), ..spec([640, 480], 1.0) }).told.join("\n")
    };
    assert_eq!(told("‖x‖ 🔭 σ⁻²"), "");
    // A character that will never be one.
    let found = told("a\u{378}b\u{378}");
    assert!(found.contains("no font has") && found.contains("2 empty boxes"), "{found}");
}

#[test]
fn nothing_but_the_data_has_colours_on_paper() {
    let style = Style { plain: true, ..Style::SCREEN };
    let drawn = |style: Style| {
        let spec = FigureSpec { style, bar: false, ..spec([640, 480], 1.0) };
        let layout = layout(&spec);
        Picture::decode(&png(&spec, &layout, &empty_points(&layout), &[]).unwrap()).rgb
    };
    let is_grey = |pixels: &[u8]| pixels.chunks_exact(3).all(|p| p[0] == p[1] && p[1] == p[2]);
    assert!(is_grey(&drawn(style)) && !is_grey(&drawn(Style::SCREEN)));
    let grey = drawn(Style { grid: false, frame: false, ..style });
    assert!(grey != drawn(style));
}
