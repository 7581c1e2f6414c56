//! Colours of dots: each scale against the colour bar, ranks, columns, categories, and which dot lies on which.

mod asking;
mod common;
mod harness;

use std::{fmt::Write as _, path::Path};

use asking::{ask, file_params, params, scene, session};
use common::{device_test, run_device_tests};
use eframe::egui::{self, accesskit::Role};
use egui_kittest::kittest::Queryable;
use harness::App;
use sigmascope::{
    color::{CATEGORIES, Quantiles, below_range, category_lut},
    figure::ViewBox,
    gpu::ColorTable,
    model::{ColorBy, ColorMap, Dim, DrawOrder, Params, Scaling, Sigma},
    session::{Scene, Session},
};

fn main() {
    run_device_tests(vec![
        device_test("each dot has the colour of its value, on every scale", dots_have_colors),
        device_test("device and processor draw the same dots", both_draw_the_same),
        device_test("percentiles leave out the ends, and ranks are told", percentiles_and_ranks),
        device_test("a column of text is categories", text_is_categories),
        device_test("a column that is not there is refused", a_missing_column_is_refused),
        device_test("later dots lie on earlier ones", the_order_decides_which_is_on_top),
        device_test("axes are swapped, and drawn logarithmically", axes_are_drawn_as_wanted),
        device_test("what colours show is chosen in the window", colors_are_chosen),
        device_test("another scale is offered where one hides most", another_scale_is_offered),
        device_test("limits and percentiles of colours are set", limits_of_colors_are_set),
        device_test("the panel of the axes sets limits, scales and sides", axes_panel_works),
        device_test("two σ are shown in three ways", two_sigmas_in_three_ways),
        device_test("columns follow the rows that are targets", columns_follow_the_targets),
    ]);
}

/// Dots on a square of 6 × 6 places, with a column of numbers of both signs and a column of text; one cell
/// of each is empty.
fn square(folder: &Path) -> Params {
    let mut text = "x,y,v,positive,kind\n".to_owned();
    for k in 0..36_i32 {
        let v = f64::from(k - 12).powi(3) / 100.0 + 0.01;
        let (v, kind) = if k == 17 { (String::new(), "") } else { (v.to_string(), "abc") };
        let kind = if kind.is_empty() { "" } else { &kind[(k % 3) as usize..=(k % 3) as usize] };
        let positive = 10_f64.powf(f64::from(k) / 6.0);
        // No two places have the same neighbours, so that no two values of f are nearly the same.
        let (x, y) = (f64::from(k % 6), f64::from(k / 6));
        let (x, y) = (x + 0.004 * f64::from(k), y + 0.003 * x * x);
        writeln!(text, "{x},{y},{v},{positive},{kind}").expect("a string grows");
    }
    let path = folder.join("square.csv");
    std::fs::write(&path, text).expect("a file");
    Params { sigma: Sigma::new(0.7).ok(), ..file_params(&path) }
}

/// The colour in the middle of each target's dot, as drawn by the device, on black.
fn drawn(session: &Session, scene: &Scene) -> Vec<[u8; 4]> {
    let view = &scene.params.view;
    let scale = scene.scale(view);
    let quantiles = scale.quantiles.as_ref().map(Quantiles::table);
    let colors = ColorTable::new(session.gpu(), &scene.lut(view), quantiles.as_ref());
    let part = ViewBox { x: [-0.5, 5.5], y: [-0.5, 5.5] };
    let view = scene.shown.scatter_view(&part, [120.0; 2], 5.0, 1.0, &scale, false);
    let dots = scene.dots(session.gpu()).expect("dots");
    let colors = colors.expect("a table");
    let pixels = session.gpu().picture(&dots, &colors, &view).expect("a picture");
    // As the processor draws many dots for a software adapter; only edges and overlaps round otherwise.
    let twin = session.gpu().picture_on_processor(&dots, &colors, &view).expect("a picture");
    let apart = pixels.iter().zip(&twin).map(|(a, b)| a.abs_diff(*b)).max();
    assert!(pixels.len() == twin.len() && apart <= Some(4), "{apart:?} of 255 apart");
    (0..scene.shown.n())
        .map(|i| {
            let [x, y] = scene.shown.place(i);
            let (column, row) = ((20.0 * (x + 0.5)) as usize, (20.0 * (5.5 - y)) as usize);
            let start = 4 * (120 * row + column);
            pixels[start..start + 4].try_into().expect("a pixel")
        })
        .collect()
}

/// In the plane with marks and without, hidden and not, and on a line, with the tile of a picture on its own.
fn both_draw_the_same() {
    let mut session = session();
    for (dim, marked, hides) in
        [(1, false, false), (2, false, false), (2, true, false), (2, true, true)]
    {
        ask(&mut session, &Params { dim: Dim::new(dim).ok(), ..params(3000, 500, 0.3) });
        let (scene, gpu) = (scene(&session), session.gpu());
        let look = &scene.params.view;
        let scale = scene.scale(look);
        let colors = ColorTable::new(gpu, &scene.lut(look), None).expect("a table");
        let mut dots = scene.dots(gpu).expect("dots");
        if marked {
            let bits = vec![0x0f0f_3c3c; 94];
            dots = dots.marked(gpu, &scene.places, &bits).expect("marks");
        }
        for (size, radius, opacity, dark) in
            [([301.0, 200.0], 2.5, 0.9, true), ([90.0, 700.0], 6.3, 0.2, false)]
        {
            let mut view =
                scene.shown.scatter_view(&scene.most(), size, radius, opacity, &scale, dark);
            (view.hides_rest, view.rimmed) = (hides, opacity < 0.5);
            let drawn = gpu.picture(&dots, &colors, &view).expect("a picture");
            let twin = gpu.picture_on_processor(&dots, &colors, &view).expect("a picture");
            assert!(drawn.iter().any(|level| *level > 0));
            let apart: Vec<u8> = drawn.iter().zip(&twin).map(|(a, b)| a.abs_diff(*b)).collect();
            let mean =
                apart.iter().map(|apart| f64::from(*apart)).sum::<f64>() / apart.len() as f64;
            // Eight bits round at every dot; a hundred of them may lie on each other.
            let most = apart.iter().max();
            let what = format!("d {dim}, marked {marked}, radius {radius}");
            assert!(drawn.len() == twin.len() && most <= Some(&12), "{what}: {most:?} apart");
            assert!(mean < 1.0, "{what}: {mean} apart");
        }
    }
}

/// What the colour bar says of a value.
fn on_the_bar(scene: &Scene, value: f32) -> [u8; 4] {
    let view = &scene.params.view;
    let scale = scene.scale(view);
    if value.is_nan() || (scale.scaling == Scaling::Log && value <= 0.0) {
        return below_range(false);
    }
    let place = 255.0 * scale.normalise(value);
    let colors = scene.lut(view);
    let [low, high] = [place.floor(), place.ceil()].map(|place| colors[place as usize]);
    let part = place.fract();
    std::array::from_fn(|c| {
        (f32::from(low[c]) * (1.0 - part) + f32::from(high[c]) * part).round() as u8
    })
}

fn dots_have_colors() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut params = square(folder.path());
    let mut session = session();
    for by in [ColorBy::Field, ColorBy::Column("v".into()), ColorBy::Column("positive".into())] {
        for &scaling in Scaling::ALL {
            for (map, reversed, percentile) in [
                (ColorMap::Viridis, false, None),
                (ColorMap::BlueRed, false, None),
                (ColorMap::Turbo, true, Some([5.0, 90.0])),
            ] {
                params.color_by = by.clone();
                params.view.scaling = scaling;
                params.view.color_map = map;
                (params.view.reversed, params.view.percentile) = (reversed, percentile);
                ask(&mut session, &params);
                let scene = scene(&session);
                assert_eq!(scene.colored.by, by);
                let values = scene.colored.values.read(session.gpu()).expect("values");
                for (k, (found, value)) in drawn(&session, &scene).iter().zip(&*values).enumerate()
                {
                    let wanted = on_the_bar(&scene, *value);
                    let off = found.iter().zip(wanted).map(|(a, b)| a.abs_diff(b)).max();
                    // The device interpolates between 1025 quantiles, and two neighbours in a table
                    // differ by up to 16.
                    let most = if scaling == Scaling::Equalised { 18 } else { 3 };
                    assert!(
                        off <= Some(most),
                        "{by:?} {scaling} {map}: dot {k}, {value}: {found:?} for {wanted:?}"
                    );
                }
            }
        }
    }
    // A diverging map has its middle at zero.
    params.view =
        sigmascope::model::ViewParams { color_map: ColorMap::BlueRed, ..Default::default() };
    params.color_by = ColorBy::Column("v".into());
    ask(&mut session, &params);
    let scale = scene(&session).scale(&params.view);
    assert!((scale.normalise(0.0) - 0.5).abs() < 1e-6);
}

fn percentiles_and_ranks() {
    let mut session = session();
    let mut params = asking::params(2000, 2000, 0.4);
    params.view.percentile = Some([10.0, 90.0]);
    ask(&mut session, &params);
    let now = scene(&session);
    let mut sorted = now.field.read(session.gpu()).expect("values").to_vec();
    sorted.sort_by(f32::total_cmp);
    let scale = now.scale(&params.view);
    // As NumPy's percentile: between neighbours in proportion.
    let at = |part: f64| {
        let place = part * (sorted.len() - 1) as f64;
        let low = sorted[place as usize];
        f64::from(low) + place.fract() * f64::from(sorted[place as usize + 1] - low)
    };
    assert!((f64::from(scale.low) / at(0.1) - 1.0).abs() < 1e-5, "{scale:?}");
    assert!((f64::from(scale.high) / at(0.9) - 1.0).abs() < 1e-5, "{scale:?}");
    let (counted, histogram) = now.histogram.clone().expect("counted");
    assert_eq!(counted, scale);
    assert_eq!([histogram.below, histogram.above], [200, 200]);

    params.view.percentile = None;
    params.color_by = ColorBy::Rank;
    ask(&mut session, &params);
    let now = scene(&session);
    let scale = now.scale(&params.view);
    assert!(scale.ranks && now.value_label() == "rank of f");
    for (rank, value) in sorted.iter().enumerate().step_by(97) {
        let place = f64::from(scale.normalise(*value));
        assert!((place - rank as f64 / 1999.0).abs() < 1e-4, "{rank}: {place}");
    }
    let labels: Vec<String> = scale.ticks(6).into_iter().map(|tick| tick.label).collect();
    assert!(labels.contains(&"20 %".to_owned()) && labels.contains(&"100 %".to_owned()));
    // Colours follow f to another σ.
    params.sigma = Sigma::new(0.05).ok();
    ask(&mut session, &params);
    let now = scene(&session);
    let median = now.scale(&params.view).value_at(0.5);
    let mut sorted = now.field.read(session.gpu()).expect("values").to_vec();
    sorted.sort_by(f32::total_cmp);
    assert!((median / sorted[1000] - 1.0).abs() < 0.02, "{median} for {}", sorted[1000]);
}

fn text_is_categories() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut params = square(folder.path());
    params.color_by = ColorBy::Column("kind".into());
    let mut session = session();
    ask(&mut session, &params);
    let now = scene(&session);
    let categories = now.colored.categories.clone().expect("categories");
    assert_eq!(categories.missing, 1);
    let counts: Vec<(&str, u64)> =
        categories.named.iter().map(|(name, count)| (name.as_str(), *count)).collect();
    // Row 17 would have been a c; of two that are as frequent the first in the alphabet is in front.
    assert_eq!(counts, [("a", 12), ("b", 12), ("c", 11)]);
    let colors = category_lut();
    for (k, found) in drawn(&session, &now).iter().enumerate() {
        let wanted = if k == 17 { below_range(false) } else { colors[k % 3] };
        let off = found.iter().zip(wanted).map(|(a, b)| a.abs_diff(b)).max();
        assert!(off <= Some(2), "dot {k}: {found:?} for {wanted:?}");
    }
    // Numbers as categories, more of them than there are colours.
    params.color_by = ColorBy::Categories("positive".into());
    ask(&mut session, &params);
    let categories = scene(&session).colored.categories.clone().expect("categories");
    assert_eq!((categories.named.len(), categories.rest), (CATEGORIES, [16, 16]));
}

fn a_missing_column_is_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut params = square(folder.path());
    let mut session = session();
    ask(&mut session, &params);
    params.color_by = ColorBy::Column("none".into());
    ask(&mut session, &params);
    let notice = session.take_notices().pop().expect("a notice");
    assert!(notice.text.contains("no column 'none'") && notice.text.contains("'positive'"));
    assert_eq!(scene(&session).colored.by, ColorBy::Field, "the last good colours stay");
    let mut params = asking::params(50, 50, 0.4);
    params.color_by = ColorBy::Column("none".into());
    ask(&mut session, &params);
    let notice = session.take_notices().pop().expect("a notice");
    assert!(notice.text.contains("x1, x2"), "{}", notice.text);
    params.color_by = ColorBy::Column("x2".into());
    ask(&mut session, &params);
    let now = scene(&session);
    let values = now.colored.values.read(session.gpu()).expect("values");
    for (i, value) in values.iter().enumerate() {
        let place = now.shown.place(i);
        assert!((f64::from(*value) - place[1]).abs() < 1e-6, "{value} at {place:?}");
    }
}

/// Targets at one place in the picture but not in the data, the sources to their right.
fn the_order_decides_which_is_on_top() {
    let folder = tempfile::tempdir().expect("a folder");
    let (targets, sources) = (folder.path().join("x.csv"), folder.path().join("y.csv"));
    std::fs::write(&targets, "x,y\n0.002,0\n0.004,0\n0,0\n0.003,0\n0.001,0\n").expect("a file");
    std::fs::write(&sources, "x,y\n1,0\n").expect("a file");
    let mut params = file_params(&targets);
    if let sigmascope::model::Input::Files { sources: of, .. } = &mut params.input {
        *of = Some(sources);
    }
    params.sigma = Sigma::new(0.1).ok();
    params.color_by = ColorBy::Rank;
    let mut session = session();
    let mut top = |order: DrawOrder, seed: u64| {
        params.view.order = order;
        params.seed = seed;
        ask(&mut session, &params);
        let now = scene(&session);
        let color = drawn(&session, &now)[2];
        // Which rank has this colour.
        let nearest = |k: usize| {
            let wanted = on_the_bar(&now, now.scale(&params.view).value_at(k as f32 / 4.0));
            color.iter().zip(wanted).map(|(a, b)| u32::from(a.abs_diff(b))).sum::<u32>()
        };
        (0..5).min_by_key(|&k| nearest(k)).expect("one of them")
    };
    assert_eq!(top(DrawOrder::Dense, 1), 4);
    assert_eq!(top(DrawOrder::Sparse, 1), 0);
    // The last row is that at 0.001.
    assert_eq!(top(DrawOrder::File, 1), 1);
    let random: Vec<usize> = (1..20).map(|seed| top(DrawOrder::Random, seed)).collect();
    assert!(random.iter().any(|k| *k != random[0]), "it goes by the seed: {random:?}");
    assert_eq!(top(DrawOrder::Random, 1), random[0], "and by nothing else");
}

fn axes_are_drawn_as_wanted() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("p.csv");
    std::fs::write(&path, "x,y\n1,5\n100,6\n-3,7\n10,8\n").expect("a file");
    let mut params = Params { sigma: Sigma::new(5.0).ok(), ..file_params(&path) };
    let mut session = session();
    ask(&mut session, &params);
    let plain = scene(&session);
    let f = plain.field.read(session.gpu()).expect("values");
    params.projection = sigmascope::model::Projection::Axes([1, 0]);
    params.view.log_axes = [false, true];
    ask(&mut session, &params);
    let now = scene(&session);
    assert_eq!(now.labels(), ["y", "x"]);
    assert_eq!((now.shown.place(0), now.shown.place(1)), ([5.0, 0.0], [6.0, 2.0]));
    assert!(now.shown.place(2)[1].is_nan() && now.shown.is_warped());
    assert_eq!((now.shown.logarithmic(), now.shown.outside()), ([false, true], 1));
    assert!((now.all().y[1] - 2.08).abs() < 1e-9, "what has no place does not widen the view");
    assert_eq!(*now.field.read(session.gpu()).expect("values"), *f, "sums know nothing of it");
    // Summed in logarithms the same axis is drawn as it is.
    params.reading.log = vec!["x".to_owned()];
    ask(&mut session, &params);
    let now = scene(&session);
    assert_eq!(now.shown.n(), 3);
    assert!(!now.shown.is_warped() && now.shown.logarithmic() == [false, true]);
}

/// A window with the points of [`square`].
fn app(folder: &Path) -> App {
    App::with(square(folder))
}

impl App {
    fn press(&mut self, role: Role, label: &str) {
        self.harness.get_by_role_and_label(role, label).click();
        self.settle();
    }

    fn fill(&mut self, field: &str, text: &str) {
        self.harness.get_by_role_and_label(Role::TextInput, field).click();
        self.harness.run_steps(2);
        self.harness.key_press_modifiers(egui::Modifiers::COMMAND, egui::Key::A);
        self.harness.event(egui::Event::Text(text.to_owned()));
        self.harness.run_steps(2);
    }
}

fn colors_are_chosen() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut app = app(folder.path());
    assert!(app.sees("Scatter plot of 36 targets coloured by f"));
    app.pick("Colour by", "Column kind");
    assert_eq!(app.params().color_by, ColorBy::Column("kind".into()));
    for entry in ["a: 12 targets", "b: 12 targets", "c: 11 targets", "no value: 1 targets"] {
        assert!(app.sees(entry), "{entry}");
    }
    assert!(app.sees("coloured by kind") && !app.sees("Colour bar from"));
    app.pick("Colour by", "Column positive, as categories");
    assert!(app.sees("16 more: 16 targets"));
    app.pick("Colour by", "Rank of f");
    assert!(app.scene().scale(&app.params().view).ranks && app.sees("Colour bar from"));
    app.pick("Colour by", "Column v");
    app.pick("Colour scale", "Inverse hyperbolic sine");
    assert_eq!(app.params().view.scaling, Scaling::Asinh);
    app.pick("Order", "Sparse on top");
    assert_eq!(app.params().view.order, DrawOrder::Sparse);
}

fn another_scale_is_offered() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("p.csv");
    let mut text = "x,y,w\n".to_owned();
    for k in 0..400 {
        // A crowd at one place, and three times as many alone.
        let (x, y) = if k < 100 { (0, 0) } else { (10 * (k % 20 + 1), 10 * (k / 20)) };
        writeln!(text, "{x},{y},{}", if k % 2 == 0 { 1 } else { -2 }).expect("a string grows");
    }
    std::fs::write(&path, text).expect("a file");
    let params = Params { sigma: Sigma::new(0.5).ok(), ..file_params(&path) };
    let mut app = App::with(params.clone());
    app.press(Role::Button, "Take scale: Equalised");
    assert_eq!(app.params().view.scaling, Scaling::Equalised);
    assert!(!app.sees("Take scale"), "there is no more to offer");
    app.pick("Colour scale", "Linear");
    app.press(Role::Button, "Take scale: Logarithmic");
    assert_eq!(app.params().view.scaling, Scaling::Log);
    // Values of both signs have a map around zero.
    let weights = Some(sigmascope::model::Weights::Column("w".into()));
    let mut app = App::with(Params { weights, ..params });
    app.press(Role::Button, "Diverging colour map");
    let view = app.params().view;
    assert!(view.color_map.is_diverging());
    assert!((app.scene().scale(&view).normalise(0.0) - 0.5).abs() < 1e-6);
}

fn limits_of_colors_are_set() {
    let mut app = App::new();
    app.press(Role::Button, "Colours…");
    app.press(Role::CheckBox, "Reversed");
    assert!(app.params().view.reversed);
    app.press(Role::Button, "1–99 %");
    assert_eq!(app.params().view.percentile, Some([1.0, 99.0]));
    assert!(app.sees("f (sum), 1–99 %"));
    let range = app.scene().field.range();
    let scale = app.scene().scale(&app.params().view);
    assert!(scale.low > range.min && scale.high < range.max);
    // Fixed limits take the place of percentiles.
    app.press(Role::CheckBox, "Fix limits");
    assert!(app.params().view.clip.is_some() && app.sees("f (sum), fixed"));
    app.press(Role::Button, "1–99 %");
    assert_eq!((app.params().view.clip, app.params().view.percentile), (None, Some([1.0, 99.0])));
}

fn axes_panel_works() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("p.csv");
    std::fs::write(&path, "mass,age\n1,5\n100,6.5\n-3,7\n10,8.2\n").expect("a file");
    let mut app = App::with(Params { sigma: Sigma::new(5.0).ok(), ..file_params(&path) });
    app.harness.key_press(egui::Key::X);
    app.settle();
    for (field, limit) in
        [("Left limit", "2"), ("Right limit", "20"), ("Lower limit", "4,5"), ("Upper limit", "9")]
    {
        app.fill(field, limit);
    }
    app.press(Role::Button, "Set limits");
    let view = app.harness.state().view();
    assert!((view.x[0] - 2.0).abs() < 1e-9 && (view.x[1] - 20.0).abs() < 1e-9, "{view:?}");
    assert!((view.y[0] - 4.5).abs() < 1e-9 && (view.y[1] - 9.0).abs() < 1e-9, "{view:?}");
    app.fill("Right limit", "1");
    app.press(Role::Button, "Set limits");
    assert!(app.sees("the lower limit of each axis first"));

    app.pick("Scale of x", "Logarithmic, only drawn so");
    assert!(app.params().view.log_axes[0] && app.scene().shown.is_warped());
    assert_eq!(app.scene().shown.n(), 4);
    app.pick("Scale of x", "Logarithmic, summed so (σ in decades)");
    assert_eq!(app.params().reading.log, ["mass"]);
    let scene = app.scene();
    assert_eq!((scene.shown.n(), scene.shown.is_warped()), (3, false));
    assert!(app.sees("summed in logarithms") || app.sees("1 of 4 rows left out"));
    app.press(Role::Button, "Swap axes");
    assert_eq!(app.scene().labels(), ["age", "mass"]);
    app.pick("Scale of y", "Linear");
    assert!(app.params().reading.log.is_empty() && app.scene().shown.n() == 4);
    app.harness.key_press(egui::Key::Escape);
    app.settle();
    assert!(!app.sees("Set limits"));
}

fn two_sigmas_in_three_ways() {
    let mut app = App::new();
    app.press(Role::Button, "Compare");
    let kept = app.scene();
    app.harness.key_press_modifiers(egui::Modifiers::SHIFT, egui::Key::ArrowRight);
    app.settle();
    let plots = |app: &App| app.harness.query_all_by_label_contains("Scatter plot of").count();
    assert_eq!(plots(&app), 1);
    app.press(Role::Button, "Side by side");
    assert_eq!(plots(&app), 2);
    assert!(app.sees("A: σ = 0.3") && app.sees("B: σ = 0.33"));
    app.harness.key_press_modifiers(egui::Modifiers::SHIFT, egui::Key::H);
    app.wait_for(|app| app.sees("density B − A"));
    app.settle();
    assert_eq!(plots(&app), 1);
    // The middle of a normal cloud is flatter with the wider kernel.
    let now = app.scene();
    let density = |scene: &Scene| {
        let sigma = scene.sigma().get();
        let f = scene.field.values().expect("they were read")[0];
        f64::from(f) / (3000.0 * 2.0 * std::f64::consts::PI * sigma * sigma)
    };
    let shown = app.harness.state().shown_scene().expect("a scene").clone();
    let difference = shown.colored.values.values().expect("on the processor")[0];
    let wanted = density(&now) - density(&kept);
    assert!((f64::from(difference) - wanted).abs() < 1e-6, "{difference} for {wanted}");
    let scale = shown.scale(&app.params().view);
    assert!((scale.normalise(0.0) - 0.5).abs() < 1e-6);
    app.press(Role::Button, "Curtain");
    assert!(app.sees("Line between A and B"));
}

fn columns_follow_the_targets() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("p.csv");
    let mut text = "x,y,v\n".to_owned();
    for k in 0..500 {
        // Every seventh row is dropped.
        let x = if k % 7 == 0 { String::new() } else { k.to_string() };
        writeln!(text, "{x},{},{}", k % 10, 3 * k).expect("a string grows");
    }
    std::fs::write(&path, text).expect("a file");
    let mut params = Params { sigma: Sigma::new(5.0).ok(), ..file_params(&path) };
    params.color_by = ColorBy::Column("v".into());
    let mut session = session();
    for n in [None, sigmascope::model::Count::new(120).ok()] {
        params.n = n;
        ask(&mut session, &params);
        let now = scene(&session);
        let values = now.colored.values.read(session.gpu()).expect("values");
        assert_eq!(values.len(), n.map_or(428, sigmascope::model::Count::get));
        for (i, value) in values.iter().enumerate() {
            let x = now.shown.place(i)[0];
            assert!((f64::from(*value) - 3.0 * x).abs() < 1e-3, "{value} at {x}");
        }
    }
}
