// A part of gauss_sum.wgsl: up to four coordinates, the eight groups of a run one after the other.

// Adds the terms of a run of the tile, from the group `first` on.
fn add_groups(
    before: Sums,
    x: Targets,
    quad_0: u32,
    quad_1: u32,
    first: u32,
    end: u32,
) -> Sums {
    var run = add_group(before, x, first);
    run = add_group(run, x, first + 1u);
    run = add_group(run, x, first + 2u);
    run = add_group(run, x, first + 3u);
    run = add_group(run, x, first + 4u);
    run = add_group(run, x, first + 5u);
    run = add_group(run, x, first + 6u);
    run = add_group(run, x, first + 7u);
    return run;
}
