#!/usr/bin/env python3
"""Times pictures of many dots, drawn without a window: wall time, processor time, most memory.

    benches/dots.py target/release/sigmascope [OTHER] [--n 10000000] [--repeat 3]

With two builds they run by turns, so that what else the machine does meets both alike.
`/usr/bin/time -v` prints the same of one run.
"""

import argparse
import os
import statistics
import tempfile
import time

arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
arguments.add_argument("program", nargs="+", help="one build of sigmascope, or several")
arguments.add_argument("--n", type=int, default=10_000_000, help="number of dots")
arguments.add_argument("--repeat", type=int, default=3)
given = arguments.parse_args()


def run(program, picture):
    """Wall seconds, processor seconds and bytes of one picture."""
    words = [program, "render", "--n", str(given.n), "--out", picture, "--force"]
    started = time.monotonic()
    child = os.posix_spawn(program, words, os.environ)
    _, status, used = os.wait4(child, 0)
    wall = time.monotonic() - started
    if status:
        raise SystemExit(f"{' '.join(words)} failed")
    return wall, used.ru_utime + used.ru_stime, used.ru_maxrss * 1024


runs = {program: [] for program in given.program}
with tempfile.TemporaryDirectory() as folder:
    for _ in range(given.repeat):
        for program in given.program:
            runs[program].append(run(os.path.abspath(program), f"{folder}/picture.png"))
load = os.getloadavg()[0]
print(f"{given.n:,} dots, {os.cpu_count()} cores, load {load:.1f} at the end\n")
print("| program | wall, median | wall, least | processor, median | most memory |")
print("|---|---|---|---|---|")
for program, taken in runs.items():
    wall, processor, memory = zip(*taken)
    print(
        f"| {program} | {statistics.median(wall):.1f} s | {min(wall):.1f} s "
        f"| {statistics.median(processor):.1f} s | {max(memory) / 2**30:.2f} GiB |"
    )
