// A part of gauss_sum.wgsl: up to four coordinates, with a loop over the groups of a run.

// Adds the terms of the groups `first` to `end` − 1 of the tile, at most a run.
fn add_groups(
    before: Sums,
    x: Targets,
    quad_0: u32,
    quad_1: u32,
    first: u32,
    end: u32,
) -> Sums {
    var run = before;
    for (var g = first; g < end; g++) {
        run = add_group(run, x, g);
    }
    return run;
}
