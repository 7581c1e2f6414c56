// A part of gauss_sum.wgsl: the eight groups of a run one after the other.

// Adds the terms of a run of the tile, from the group `first` on.
fn add_groups(before: Sums, x: Targets, quads_at: vec2<u32>, first: u32, end: u32) -> Sums {
    var run = add_group(before, x, quads_at, first, end);
    run = add_group(run, x, quads_at, first + 1u, end);
    run = add_group(run, x, quads_at, first + 2u, end);
    run = add_group(run, x, quads_at, first + 3u, end);
    run = add_group(run, x, quads_at, first + 4u, end);
    run = add_group(run, x, quads_at, first + 5u, end);
    run = add_group(run, x, quads_at, first + 6u, end);
    run = add_group(run, x, quads_at, first + 7u, end);
    return run;
}
