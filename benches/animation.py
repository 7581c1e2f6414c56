#!/usr/bin/env python3
"""How long animations take: a sweep of σ over 60 frames, 1280 × 800, at 10⁵ targets and sources.

    benches/animation.py [PROGRAM]   (default target/release/sigmascope)

Prints seconds, bytes and the most memory for an animated PNG file, a GIF file and a folder of PNG files,
and for a turn of points in space, with the machine named. What the program needs to start and for its
first sum is part of the time.
"""

import json
import os
import pathlib
import platform
import resource
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
POINTS = ["--n", "100000", "--m", "100000", "--size", "1280x800"]
SWEEP = [*POINTS, "--sweep", "0.05:1", "--frames", "60"]
TURN = [*POINTS, "--dim", "3", "--sigma", "0.3", "--turn", "360", "--frames", "60"]
CASES = [
    ("sweep, APNG", [*SWEEP, "--out", "a.apng"]),
    ("sweep, logarithmic colours, APNG", [*SWEEP, "--scaling", "log", "--out", "log.apng"]),
    ("sweep, raster without dots, APNG", [*SWEEP, "--raster", "--no-dots", "--out", "raster.apng"]),
    ("sweep, GIF", [*SWEEP, "--out", "a.gif"]),
    ("sweep, folder", [*SWEEP, "--out", "frames/"]),
    ("turn, APNG", [*TURN, "--out", "turn.apng"]),
    ("turn, GIF", [*TURN, "--out", "turn.gif"]),
]


def processor():
    """The name of the processor."""
    try:
        lines = pathlib.Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
        return next(line.split(":", 1)[1].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor() or platform.machine()


def run(program, arguments, folder):
    """Seconds, processor seconds, and the report."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    started = time.monotonic()
    done = subprocess.run([program, "render", *arguments, "--json"], cwd=folder, check=True,
                          capture_output=True, text=True)
    seconds = time.monotonic() - started
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return seconds, used, after.ru_maxrss, json.loads(done.stdout)


def main():
    program = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else ROOT / "target/release/sigmascope")
    program = str(program.resolve())
    print(f"{processor()}, {len(os.sched_getaffinity(0))} cores, load {os.getloadavg()[0]:.1f}")
    print(f"{'60 frames, 1280 × 800, 10⁵ × 10⁵':38} {'seconds':>8} {'processor':>10} {'MB':>7} {'MiB, peak':>10}")
    adapter = None
    with tempfile.TemporaryDirectory() as folder:
        for name, arguments in CASES:
            seconds, used, peak, report = run(program, arguments, folder)
            adapter = report["adapter"]
            assert report["animation"]["frames"] == 60, report
            size = report["animation"]["bytes"] / 1e6
            # The most of all runs so far: it only grows.
            print(f"{name:38} {seconds:8.1f} {used:8.1f} s {size:7.1f} {peak / 1024:10.0f}", flush=True)
    print(f"drawn on {adapter}")


if __name__ == "__main__":
    main()
