// A part of gauss_sum.wgsl: a loop over the groups of a run.

// Adds the terms of the groups `first` to `end` − 1 of the tile, at most a run.
fn add_groups(before: Sums, x: Targets, quads_at: vec2<u32>, first: u32, end: u32) -> Sums {
    var run = before;
    for (var g = first; g < end; g += AT_ONCE) {
        run = add_group(run, x, quads_at, g, end);
    }
    return run;
}
