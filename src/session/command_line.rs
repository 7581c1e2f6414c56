//! The command that draws again what is on screen: `sigmascope render …`, with the flags that differ from
//! their defaults.

use std::path::Path;

use super::{OnScreen, SplitPlace, Viewport};
use crate::{
    figure::ViewBox,
    model::{
        Chunk, ColorBy, Count, Dim, Header, Input, Params, Projection, Reading, Sigma, ViewParams,
        Weights,
    },
    space::Camera,
};

/// What the command draws.
#[derive(Clone, Debug)]
pub struct Drawn<'a> {
    /// The parameters.
    pub params: &'a Params,
    /// What is shown of them.
    pub on_screen: &'a OnScreen,
    /// The flags of its page, as [`PageChoice::flags`](super::PageChoice::flags) makes them.
    pub page: Vec<String>,
    /// Number of coordinates of a point, if it is known.
    pub dim: Option<usize>,
    /// What stands on the three axes of a space.
    pub labels: &'a [String; 3],
}

/// The arguments so far, and what they cannot say.
#[derive(Default)]
struct Arguments {
    words: Vec<String>,
    unsaid: Vec<&'static str>,
}

impl Arguments {
    fn word(&mut self, word: impl Into<String>) {
        self.words.push(word.into());
    }

    fn flag(&mut self, is_given: bool, flag: &str) {
        if is_given {
            self.word(flag);
        }
    }

    /// A flag with a value, in one word where it would look like a flag itself.
    fn value(&mut self, flag: &str, value: impl std::fmt::Display) {
        let value = value.to_string();
        if value.starts_with('-') {
            self.word(format!("{flag}={value}"));
        } else {
            self.word(flag);
            self.word(value);
        }
    }

    fn value_unless<T: PartialEq + std::fmt::Display>(&mut self, flag: &str, value: &T, usual: &T) {
        if value != usual {
            self.value(flag, value);
        }
    }

    fn number<T: std::fmt::Display>(&mut self, flag: &str, value: Option<T>) {
        if let Some(value) = value {
            self.value(flag, value);
        }
    }

    /// Names with commas between.
    fn list(&mut self, flag: &str, names: &[String], what: &'static str) {
        if names.iter().any(|name| name.contains(',')) {
            self.unsaid.push(what);
        } else if !names.is_empty() {
            self.value(flag, names.join(","));
        }
    }

    fn path(&mut self, flag: Option<&str>, path: &Path) {
        let full = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
        match full.to_str() {
            // Standard input is gone.
            _ if path.to_str().is_some_and(|text| text == "-" || text.starts_with("-:")) => {
                self.unsaid.push("points from standard input");
            }
            None => self.unsaid.push("a file whose name is no text"),
            Some(text) => match flag {
                Some(flag) => self.value(flag, text),
                None => self.word(text),
            },
        }
    }
}

/// The command in one line, quoted for a shell; `out` is the file that it writes.
///
/// # Errors
/// With what flags cannot say, in words.
pub fn command_line(drawn: &Drawn<'_>, out: &str) -> Result<String, Vec<&'static str>> {
    let mut arguments = Arguments::default();
    add_points(&mut arguments, drawn.params);
    add_kernel(&mut arguments, drawn);
    add_look(&mut arguments, &drawn.params.view);
    add_view(&mut arguments, drawn);
    arguments.value("--out", out);
    let Arguments { words, unsaid } = arguments;
    if !unsaid.is_empty() {
        return Err(unsaid);
    }
    quoted(&words).ok_or_else(|| vec!["a name with a zero character"])
}

/// The command that draws the picture of a session again.
pub fn command_from(session: &str, out: &str) -> Option<String> {
    quoted(&["--from", session, "--out", out].map(ToOwned::to_owned))
}

fn quoted(words: &[String]) -> Option<String> {
    let words = ["sigmascope", "render"].into_iter().chain(words.iter().map(String::as_str));
    let words: Result<Vec<_>, _> = words.map(shlex::try_quote).collect();
    words.ok().map(|words| words.join(" "))
}

fn add_points(arguments: &mut Arguments, params: &Params) {
    let Params { input, reading, weights, only, .. } = params;
    if only.is_some() {
        arguments.unsaid.push("that only some rows are taken");
    }
    if let Input::Files { targets, sources, columns } = input {
        for file in std::iter::once(targets).chain(&reading.more) {
            arguments.path(None, file);
        }
        if let Some(sources) = sources {
            arguments.path(Some("--sources"), sources);
        }
        arguments.list("--columns", columns, "a column with a comma in its name");
        let Reading { header, skip_rows, strict, missing, transpose, log, .. } = reading;
        arguments.value_unless("--header", header, &Header::default());
        arguments.value_unless("--skip-rows", skip_rows, &0);
        arguments.flag(*strict, "--strict");
        arguments.list("--missing", missing, "a missing value with a comma");
        arguments.flag(*transpose, "--transpose");
        arguments.list("--log", log, "a column with a comma in its name");
        let is_array =
            |path: &Path| path.extension().is_some_and(|e| e.eq_ignore_ascii_case("npy"));
        match weights {
            None => {}
            Some(Weights::Column(name)) if is_array(Path::new(name)) || name.trim().is_empty() => {
                arguments.unsaid.push("a column that is called like a file");
            }
            Some(Weights::Column(name)) => arguments.value("--weights", name),
            Some(Weights::File(path)) if is_array(path) => arguments.path(Some("--weights"), path),
            Some(Weights::File(_)) => arguments.unsaid.push("weights in such a file"),
        }
    } else {
        arguments.value_unless(
            "--distribution",
            &params.distribution,
            &Params::default().distribution,
        );
    }
    arguments.number("--dim", params.dim.map(Dim::get));
    arguments.number("--n", params.n.map(Count::get));
    arguments.number("--m", params.m.map(Count::get));
    arguments.value_unless("--seed", &params.seed, &Params::default().seed);
    arguments.flag(params.merge_duplicates, "--merge-duplicates");
}

fn add_kernel(arguments: &mut Arguments, drawn: &Drawn<'_>) {
    let (params, usual) = (drawn.params, Params::default());
    arguments.value_unless("--whiten", &params.axis_scaling, &usual.axis_scaling);
    arguments.number("--sigma", params.sigma.map(Sigma::get));
    arguments.value_unless("--normalise", &params.normalisation, &usual.normalisation);
    arguments.value_unless("--engine", &params.engine, &usual.engine);
    if let Chunk::Of(chunk) = params.chunk {
        arguments.value("--chunk", chunk);
    }
    arguments.value_unless("--tolerance", &params.tolerance.get(), &usual.tolerance.get());
    let dim = drawn.dim.or(params.dim().map(Dim::get));
    let projection = dim.map_or(params.projection, |dim| params.projection.within(dim));
    let numbers = |axes: &[usize]| {
        axes.iter().map(|axis| (axis + 1).to_string()).collect::<Vec<_>>().join(",")
    };
    match projection {
        other if other == usual.projection => {}
        Projection::Axes(axes) => arguments.value("--axes", numbers(&axes)),
        Projection::Space(axes) => arguments.value("--axes", numbers(&axes)),
        Projection::Principal => arguments.value("--axes", "principal"),
        Projection::SpacePrincipal => arguments.unsaid.push("principal components in space"),
        Projection::Automatic => arguments.unsaid.push("axes of points that are not there yet"),
    }
    match &params.color_by {
        ColorBy::Field => {}
        ColorBy::Rank => arguments.value("--color-by", "rank"),
        ColorBy::Column(name) | ColorBy::Categories(name) if name.trim() != name => {
            arguments.unsaid.push("a column with spaces around its name");
        }
        ColorBy::Column(name) => arguments.value("--color-by", format!("column:{name}")),
        ColorBy::Categories(name) => arguments.value("--color-by", format!("categories:{name}")),
    }
}

fn add_look(arguments: &mut Arguments, view: &ViewParams) {
    let usual = ViewParams::default();
    let pair = |ends: Option<[f32; 2]>| ends.map(|[low, high]| format!("{low}:{high}"));
    arguments.value_unless("--color-map", &view.color_map, &usual.color_map);
    arguments.flag(view.reversed, "--reversed");
    arguments.value_unless("--scaling", &view.scaling, &usual.scaling);
    arguments.number("--range", pair(view.clip));
    arguments.number("--percentile", pair(view.percentile.filter(|_| view.clip.is_none())));
    arguments.value_unless("--order", &view.order, &usual.order);
    arguments.value_unless("--point-size", &view.point_size, &usual.point_size);
    arguments.value_unless("--opacity", &view.opacity, &usual.opacity);
    arguments.flag(!view.equal_aspect, "--stretch");
    let names = ["x", "y"].into_iter().zip(view.log_axes);
    let log: Vec<String> = names.filter(|(_, is)| *is).map(|(name, _)| name.to_owned()).collect();
    arguments.list("--log-axes", &log, "");
    arguments.number("--contours", view.contours);
    arguments.flag(view.raster, "--raster");
    arguments.flag(view.marginals, "--marginals");
    arguments.flag(!view.dots, "--no-dots");
    if view.raster && view.raster_opacity < 1.0 {
        arguments.unsaid.push("the opacity of the raster");
    }
}

fn add_view(arguments: &mut Arguments, drawn: &Drawn<'_>) {
    let OnScreen { viewport, space, rows, compared_sigma, compared_place, strip, .. } =
        drawn.on_screen;
    if !rows.is_empty() {
        arguments.unsaid.push("which rows are selected");
    }
    if let Some(sigma) = compared_sigma {
        arguments.value("--compare", sigma.get());
        let SplitPlace { at, swapped, difference } = *compared_place;
        if difference {
            arguments.word("--difference");
        } else {
            arguments.value_unless("--compare-at", &at, &SplitPlace::default().at);
            arguments.flag(swapped, "--compare-swapped");
        }
    }
    if !strip.is_empty() {
        let sigmas: Vec<String> = strip.iter().map(|sigma| sigma.get().to_string()).collect();
        arguments.word(format!("--strip={}", sigmas.join(",")));
    }
    let dim = drawn.dim.unwrap_or(2);
    let is_space = drawn.params.projection.within(dim).is_space();
    if is_space {
        if let Some(Camera { yaw, pitch, distance, target: [x, y, z], perspective }) = space.camera
        {
            arguments.word(format!("--camera={yaw},{pitch}"));
            arguments.word(format!("--look-at={x},{y},{z},{distance}"));
            arguments.flag(!perspective, "--parallel");
        }
        if let Some(slab) = space.slab {
            let names = drawn.labels.each_ref().map(String::as_str);
            arguments.value("--slab", slab.to_text(&names));
        }
        arguments.flag(space.all, "--all");
    } else {
        match viewport {
            Viewport::Home => {}
            Viewport::All => arguments.word("--all"),
            Viewport::Free(ViewBox { x, .. }) if dim == 1 => {
                arguments.value("--bounds", format!("{},{}", x[0], x[1]));
                arguments.unsaid.push("the height of the curve that is shown");
            }
            Viewport::Free(ViewBox { x, y }) => {
                arguments.value("--bounds", format!("{},{},{},{}", x[0], x[1], y[0], y[1]));
            }
        }
    }
    arguments.words.extend(drawn.page.iter().cloned());
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::{selection::RowBits, session::SpaceViewport};

    fn line(params: &Params, on_screen: &OnScreen) -> Result<String, Vec<&'static str>> {
        let page = ["--size", "800x600"].map(str::to_owned).to_vec();
        command_line(
            &Drawn { params, on_screen, page, dim: Some(2), labels: &Default::default() },
            "sigmascope.png",
        )
    }

    #[test]
    fn only_what_differs_is_said_and_it_is_quoted() {
        let usual = OnScreen::default();
        let plain = line(&Params::default(), &usual).expect("sayable");
        assert_eq!(plain, "sigmascope render --size 800x600 --out sigmascope.png");
        let targets = std::path::absolute("it's here.csv").expect("a path");
        let input =
            Input::Files { targets, sources: None, columns: vec!["a b".into(), "c".into()] };
        let view = ViewParams { raster: true, clip: Some([-1.5, 2.0]), ..ViewParams::default() };
        let sigma = Sigma::new(0.1 + 0.2).ok();
        let params = Params { input, sigma, view, ..Params::default() };
        let viewport = Viewport::Free(ViewBox { x: [-1.0, 1e-9], y: [0.0, 2.5] });
        let said = line(&params, &OnScreen { viewport, ..usual.clone() }).expect("sayable");
        let words = shlex::split(&said).expect("quoted");
        for word in [
            "a b,c",
            "0.30000000000000004",
            "--range=-1.5:2",
            "--raster",
            "--bounds=-1,0.000000001,0,2.5",
        ] {
            assert!(words.iter().any(|found| found == word), "{word} in {said}");
        }
        assert!(words[2].ends_with("it's here.csv"), "{said}");
        let space = SpaceViewport {
            camera: Some(Camera {
                yaw: -12.5,
                pitch: 30.0,
                distance: 1.0 / 3.0,
                target: [0.0, -0.125, 1e-7],
                perspective: false,
            }),
            ..SpaceViewport::default()
        };
        let compared_sigma = Sigma::new(0.25).ok();
        let compared_place = SplitPlace { at: 0.3, swapped: true, difference: false };
        let strip = vec![Sigma::new(0.1).expect("legal"), Sigma::new(0.2).expect("legal")];
        let shown = OnScreen { space, compared_sigma, compared_place, strip, ..usual.clone() };
        let in_space = Params { projection: Projection::Space([0, 1, 2]), ..Params::default() };
        let drawn = Drawn {
            params: &in_space,
            on_screen: &shown,
            page: Vec::new(),
            dim: Some(3),
            labels: &Default::default(),
        };
        let said = command_line(&drawn, "a.png").expect("sayable");
        let said = shlex::split(&said).expect("quoted").join(" ");
        for words in [
            "--compare 0.25 --compare-at 0.3 --compare-swapped --strip=0.1,0.2",
            "--camera=-12.5,30 --look-at=0,-0.125,0.0000001,0.3333333333333333 --parallel",
        ] {
            assert!(said.contains(words), "{words} in {said}");
        }
        let rows = Arc::new(RowBits::of([3]));
        assert_eq!(
            line(&params, &OnScreen { rows, ..usual }),
            Err(vec!["which rows are selected"])
        );
    }
}
