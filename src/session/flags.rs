//! The flags of the command line that ask for what is computed and how it is shown.

use crate::model::{
    AxisScaling, Chunk, ColorBy, Header, Input, Params, Projection, Reading, ViewParams, Weights,
};

/// Flags in the making.
#[derive(Default)]
struct Flags(Vec<String>);

impl Flags {
    fn add(&mut self, name: &str, value: impl ToString) {
        self.0.extend([name.to_owned(), value.to_string()]);
    }

    fn some(&mut self, name: &str, value: Option<impl ToString>) {
        if let Some(value) = value {
            self.add(name, value);
        }
    }

    fn list(&mut self, name: &str, values: &[String]) {
        if !values.is_empty() {
            self.add(name, values.join(","));
        }
    }

    fn switch(&mut self, name: &str, is_on: bool) {
        if is_on {
            self.0.push(name.to_owned());
        }
    }

    /// A choice, unless it is the usual one.
    fn choice<T: PartialEq + ToString>(&mut self, name: &str, value: T, usual: T) {
        if value != usual {
            self.add(name, value);
        }
    }
}

/// The flags that ask for `params`, and what of them no flag asks for.
pub fn flags(params: &Params) -> (Vec<String>, Vec<&'static str>) {
    let mut flags = Flags::default();
    let usual = Params::default();
    if let Input::Files { targets, sources, columns } = &params.input {
        flags.add("--targets", targets.display());
        flags.some("--sources", sources.as_ref().map(|sources| sources.display()));
        flags.list("--columns", columns);
    } else {
        flags.add("--distribution", params.distribution);
    }
    let Reading { header, skip_rows, strict, missing, transpose, more, log } = &params.reading;
    flags.choice("--header", *header, Header::default());
    flags.choice("--skip-rows", *skip_rows, 0);
    flags.switch("--strict", *strict);
    flags.list("--missing", missing);
    flags.switch("--transpose", *transpose);
    flags.list("--log", log);
    flags.some("--n", params.n.map(|n| n.get()));
    flags.some("--m", params.m.map(|m| m.get()));
    flags.some("--dim", params.dim.map(|dim| dim.get()));
    flags.some(
        "--weights",
        params.weights.as_ref().map(|weights| match weights {
            Weights::Column(name) => name.clone(),
            Weights::File(path) => path.display().to_string(),
        }),
    );
    flags.switch("--merge-duplicates", params.merge_duplicates);
    flags.choice("--whiten", params.axis_scaling, AxisScaling::default());
    flags.choice("--seed", params.seed, usual.seed);
    flags.some("--sigma", params.sigma.map(|sigma| sigma.get()));
    flags.choice("--normalise", params.normalisation, usual.normalisation);
    flags.choice("--engine", params.engine, usual.engine);
    if let Chunk::Of(size) = params.chunk {
        flags.add("--chunk", size);
    }
    if params.tolerance != usual.tolerance {
        flags.add("--tolerance", params.tolerance.get());
    }
    match params.projection {
        Projection::Automatic => {}
        Projection::Axes(axes) => flags.add("--axes", numbers(&axes)),
        Projection::Space(axes) => flags.add("--axes", numbers(&axes)),
        Projection::Principal => flags.add("--axes", "principal"),
        Projection::SpacePrincipal => {}
    }
    match &params.color_by {
        ColorBy::Field => {}
        ColorBy::Rank => flags.add("--color-by", "rank"),
        ColorBy::Column(name) => flags.add("--color-by", format!("column:{name}")),
        ColorBy::Categories(name) => flags.add("--color-by", format!("categories:{name}")),
    }
    look(&mut flags, &params.view);
    let untold = [
        (params.only.is_some(), "the rows that alone are taken"),
        (!more.is_empty(), "further files of the cloud"),
        (params.projection == Projection::SpacePrincipal, "principal components in space"),
        (params.view.raster_opacity < 1.0, "the opacity of the raster"),
    ];
    let untold = untold.into_iter().filter_map(|(is, what)| is.then_some(what)).collect();
    (flags.0, untold)
}

fn look(flags: &mut Flags, view: &ViewParams) {
    let usual = ViewParams::default();
    flags.choice("--color-map", view.color_map, usual.color_map);
    flags.switch("--reversed", view.reversed);
    flags.choice("--scaling", view.scaling, usual.scaling);
    let pair = |ends: Option<[f32; 2]>| ends.map(|[low, high]| format!("{low}:{high}"));
    flags.some("--range", pair(view.clip));
    flags.some("--percentile", pair(view.percentile.filter(|_| view.clip.is_none())));
    flags.choice("--point-size", view.point_size, usual.point_size);
    flags.choice("--opacity", view.opacity, usual.opacity);
    flags.choice("--order", view.order, usual.order);
    flags.switch("--stretch", !view.equal_aspect);
    let axes: Vec<String> = ["x", "y"]
        .iter()
        .zip(view.log_axes)
        .filter_map(|(name, is)| is.then(|| (*name).to_owned()))
        .collect();
    flags.list("--log-axes", &axes);
    flags.some("--contours", view.contours);
    flags.switch("--raster", view.raster);
    flags.switch("--marginals", view.marginals);
    flags.switch("--no-dots", !view.dots);
}

fn numbers(axes: &[usize]) -> String {
    axes.iter().map(|axis| (axis + 1).to_string()).collect::<Vec<_>>().join(",")
}
