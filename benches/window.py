#!/usr/bin/env python3
"""How the window feels, in figures: drives the real program on a virtual display.

    benches/window.py [PROGRAM [ENGINE]]   (default target/release/sigmascope auto)

Drags sigma at N = M = 20,000 and prints the gaps between frames, how long a new sigma waits for the
work on the old one to stop, and the work that an idle window does; how soon the curves under the slider
are complete; the same drag at a million with the engine fast, and how soon after it all points are drawn;
the same with the raster and contours, how many of them a second, and how soon the raster is full; the gaps
between frames while a million dots turn in space, and how soon all of them are drawn after that; and, with a program built with `--features
faults`, how soon the picture is back after the device was lost in the middle of a sum.
Needs Xvfb, xdotool and ImageMagick's `import`, which `scripts/setup test` installs.
"""

import csv
import os
import pathlib
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
WIDTH, HEIGHT = 1280, 800


class Desk:
    """The program on a display of its own."""

    def __init__(self, program, *arguments):
        self.folder = tempfile.TemporaryDirectory()
        self.private = pathlib.Path(self.folder.name)
        self.faults = self.private / "faults"
        self.faults.mkdir()
        self.log = self.private / "frames.csv"
        self.display = subprocess.Popen(
            ["Xvfb", "-displayfd", "1", "-noreset", "-nolisten", "tcp", "-screen", "0",
             f"{WIDTH}x{HEIGHT}x24"],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        )
        self.environment = {
            **os.environ,
            "DISPLAY": ":" + self.display.stdout.readline().decode().strip(),
            "HOME": str(self.private),
            "XDG_RUNTIME_DIR": str(self.private),
            "SIGMASCOPE_SETTINGS": str(self.private / "settings"),
            "SIGMASCOPE_FAULTS": str(self.faults),
        }
        self.environment.pop("WAYLAND_DISPLAY", None)
        self.program = subprocess.Popen(
            [program, *arguments, "--frame-log", str(self.log)],
            env=self.environment, stdout=subprocess.DEVNULL,
        )

    def __enter__(self):
        self.until(lambda frames: frames and frames[-1]["current"] == "true")
        self.focus()
        return self

    def __exit__(self, *_):
        for process in (self.program, self.display):
            process.terminate()
            process.wait()
        self.folder.cleanup()

    def xdotool(self, *words):
        words = [str(word) for word in words]
        return subprocess.run(
            ["xdotool", *words], env=self.environment, check=True, capture_output=True, text=True
        ).stdout

    def focus(self):
        window = self.xdotool("search", "--onlyvisible", "--sync", "--name", "sigmascope").split()[0]
        self.xdotool("windowfocus", window)

    def frames(self):
        with open(self.log, newline="") as file:
            return list(csv.DictReader(file)) if self.log.exists() else []

    def until(self, good, seconds=60):
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if self.log.exists() and good(self.frames()):
                return
            time.sleep(0.05)
        sys.exit("error: the window never came to what was waited for")

    def sliders(self):
        """The middles of the sliders' handles, from top to bottom."""
        taken = subprocess.run(
            ["import", "-silent", "-window", "root", "-depth", "8", "rgb:-"],
            env=self.environment, check=True, capture_output=True,
        ).stdout

        def is_accent(x, y):
            r, g, b = taken[3 * (y * WIDTH + x):][:3]
            return g > r + 30 and b > r + 30 and abs(g - b) < 20

        def start(y):
            """Where a rail begins in this row of pixels."""
            # Curves and their legend may be of that colour too, but are nowhere level for so long.
            return 12 if all(is_accent(12 + k, y) for k in range(40)) else None

        tops = [y for y in range(30, 760) if start(y) and not start(y - 1)]
        ends = [next(x for x in range(start(y) + 4, 305) if not is_accent(x, y + 2)) for y in tops]
        return [(x + 9, y + 2) for x, y in zip(ends, tops)]

    def rests(self, seconds=60):
        """Waits until the program has done nothing for two seconds."""
        deadline, before = time.monotonic() + seconds, self.worked()
        while time.monotonic() < deadline:
            time.sleep(2)
            before, now = self.worked(), before
            if before - now < 0.02:
                return
        sys.exit("error: the window never came to rest")

    def worked(self):
        """Seconds of work of the program so far."""
        stat = pathlib.Path(f"/proc/{self.program.pid}/stat").read_text()
        fields = stat.rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def quantile(values, part):
    values = sorted(values)
    return values[min(len(values) - 1, int(part * len(values)))] if values else float("nan")


def drag(desk, seconds):
    """Moves the handle of sigma to and fro, a pixel at a time, and returns the frames of it."""
    deadline = time.monotonic() + 10
    # The frame log is ahead of the screen.
    while len(sliders := desk.sliders()) < 3 and time.monotonic() < deadline:
        time.sleep(0.2)
    # Those of σ, N and M.
    x, y = sliders[0]
    desk.xdotool("mousemove", x, y)
    time.sleep(0.5)
    desk.xdotool("mousedown", 1)
    first = len(desk.frames())
    path = [*range(0, 30), *range(30, -30, -1), *range(-30, 0)]
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        # One call moves for about two seconds: starting one takes longer than a step.
        words = []
        for dx in path:
            words += ["mousemove", x + dx, y, "sleep", "0.016"]
        desk.xdotool(*words)
    last = len(desk.frames())
    desk.xdotool("mouseup", 1)
    return desk.frames()[first:last]


def turn(desk, seconds):
    """Turns the camera to and fro around what lies in space, and returns the frames of it."""
    desk.xdotool("mousemove", 640, 380)
    time.sleep(0.5)
    desk.xdotool("mousedown", 1)
    first = len(desk.frames())
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        words = []
        for step in [*range(0, 60), *range(60, 0, -1)]:
            words += ["mousemove", 640 + 3 * step, 380 + step // 2, "sleep", "0.016"]
        desk.xdotool(*words)
    last = len(desk.frames())
    desk.xdotool("mouseup", 1)
    return desk.frames()[first:last]


def sway(desk, until, seconds=60):
    """Moves the pointer to and fro over the plot until something is so."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and not until(desk.frames()):
        words = []
        for dx in [*range(0, 25), *range(25, 0, -1)]:
            words += ["mousemove", 500 + 10 * dx, 400, "sleep", "0.016"]
        desk.xdotool(*words)


def report(name, text):
    print(f"{name:<44} {text}", flush=True)


def main():
    program = sys.argv[1] if len(sys.argv) > 1 else str(ROOT / "target" / "release" / "sigmascope")
    engine = sys.argv[2] if len(sys.argv) > 2 else "auto"
    with Desk(program, "--n", "20000", "--m", "20000", "--engine", engine) as desk:
        frames = drag(desk, 12)
        at = [float(frame["at"]) for frame in frames]
        gaps = [1e3 * (b - a) for a, b in zip(at, at[1:])]
        pictures = len({frame["version"] for frame in frames})
        waited = [1e3 * float(frame["waited"]) for frame in frames]
        took = [1e3 * float(frame["took"]) for frame in frames]
        report(f"sigma dragged, N = M = 20,000, engine {engine}",
               f"{len(frames)} frames, {pictures / (at[-1] - at[0]):.1f} fields a second")
        report("  gap between frames, median / p99 / worst",
               f"{quantile(gaps, 0.5):.0f} / {quantile(gaps, 0.99):.0f} / {max(gaps):.0f} ms")
        report("  the program's part of a frame, median / p99",
               f"{quantile(took, 0.5):.1f} / {quantile(took, 0.99):.1f} ms")
        report("  until the old work stopped, median / p99",
               f"{quantile(waited, 0.5):.1f} / {quantile(waited, 0.99):.1f} ms")
        released = time.monotonic()
        desk.until(lambda frames: frames[-1]["current"] == "true")
        report("  exact picture after release", f"{1e3 * (time.monotonic() - released):.0f} ms")

        # The curves under the slider are worked out once the picture is there.
        desk.rests()
        before, frames = desk.worked(), len(desk.frames())
        time.sleep(30)
        idle = (desk.worked() - before) / 30
        report("idle for 30 s", f"{100 * idle:.2f} % of a core, {len(desk.frames()) - frames} frames")

    for count in ("3000", "100000"):
        with Desk(program, "--n", count, "--m", count) as desk:
            first = len(desk.frames())
            began = next(float(f["at"]) for f in desk.frames() if f["current"] == "true")
            sway(desk, lambda frames: frames[-1]["advised"] == "true")
            frames = desk.frames()
            at = [float(frame["at"]) for frame in frames[first:]]
            gaps = [1e3 * (b - a) for a, b in zip(at, at[1:])] or [float("nan")]
            done = next(float(frame["at"]) for frame in frames if frame["advised"] == "true")
            report(f"curves of N = M = {int(count):,}, the pointer moving", f"{done - began:.2f} s")
            report("  gap between frames meanwhile, median / p99",
                   f"{quantile(gaps, 0.5):.0f} / {quantile(gaps, 0.99):.0f} ms")
        with Desk(program, "--n", count, "--m", count) as desk:
            desk.until(lambda frames: frames[-1]["advised"] == "true")
            frames = desk.frames()
            began = next(float(f["at"]) for f in frames if f["current"] == "true")
            done = next(float(frame["at"]) for frame in frames if frame["advised"] == "true")
            report("  with the pointer at rest", f"{done - began:.2f} s")

    with Desk(program, "--n", "1000000", "--m", "1000000", "--engine", "fast") as desk:
        desk.until(lambda frames: frames[-1]["drawn"] == frames[-1]["n"])
        frames = drag(desk, 12)
        released = time.monotonic()
        at = [float(frame["at"]) for frame in frames]
        gaps = [1e3 * (b - a) for a, b in zip(at, at[1:])]
        pictures = len({frame["version"] for frame in frames})
        report("N = M = 1,000,000, engine fast, sigma dragged",
               f"{pictures / (at[-1] - at[0]):.1f} fields a second")
        report("  gap between frames, median / p99 / worst",
               f"{quantile(gaps, 0.5):.0f} / {quantile(gaps, 0.99):.0f} / {max(gaps):.0f} ms")
        desk.until(lambda frames: frames[-1]["current"] == "true" and frames[-1]["draft"] == "false"
                   and frames[-1]["drawn"] == frames[-1]["n"])
        report("  all points of the full field after release",
               f"{1e3 * (time.monotonic() - released):.0f} ms")

    with Desk(program, "--n", "1000000", "--m", "1000000", "--engine", "fast") as desk:
        # Raster and contours instead of dots.
        desk.xdotool("key", "g")
        desk.until(lambda frames: frames[-1]["raster_full"] == "true")
        desk.xdotool("key", "c")
        desk.until(lambda frames: frames[-1]["contours"] == frames[-1]["sigma"])
        frames = drag(desk, 12)
        released = time.monotonic()
        at = [float(frame["at"]) for frame in frames]
        gaps = [1e3 * (b - a) for a, b in zip(at, at[1:])]
        rasters = int(frames[-1]["rasters"]) - int(frames[0]["rasters"])
        lines = sum(a["contours"] != b["contours"] for a, b in zip(frames, frames[1:]))
        report("raster and contours of 1,000,000 sources, sigma dragged",
               f"{rasters / (at[-1] - at[0]):.1f} rasters, {lines / (at[-1] - at[0]):.1f} contours a second")
        report("  gap between frames, median / p99 / worst",
               f"{quantile(gaps, 0.5):.0f} / {quantile(gaps, 0.99):.0f} / {max(gaps):.0f} ms")
        desk.until(lambda frames: frames[-1]["current"] == "true" and frames[-1]["raster_full"] == "true")
        report("  full raster after release", f"{1e3 * (time.monotonic() - released):.0f} ms")

    with Desk(program, "--dim", "3", "--axes", "1,2,3", "--n", "1000000", "--m", "3000",
              "--engine", "fast") as desk:
        desk.until(lambda frames: frames[-1]["drawn"] == frames[-1]["n"])
        desk.rests()
        frames = turn(desk, 12)
        released = time.monotonic()
        at = [float(frame["at"]) for frame in frames]
        gaps = [1e3 * (b - a) for a, b in zip(at, at[1:])]
        report("1,000,000 dots turned in space", f"{len(gaps) / (at[-1] - at[0]):.0f} frames a second")
        report("  gap between frames, median / p99 / worst",
               f"{quantile(gaps, 0.5):.0f} / {quantile(gaps, 0.99):.0f} / {max(gaps):.0f} ms")
        desk.until(lambda frames: frames[-1]["drawn"] == frames[-1]["n"])
        report("  all dots after release", f"{1e3 * (time.monotonic() - released):.0f} ms")

    with Desk(program, "--n", "20000", "--m", "20000", "--engine", "gpu") as desk:
        (desk.faults / "loss-in-sum").touch()
        desk.xdotool("key", "r")
        deadline = time.monotonic() + 5
        while (desk.faults / "loss-in-sum").exists() and time.monotonic() < deadline:
            time.sleep(0.005)
        if (desk.faults / "loss-in-sum").exists():
            report("after a lost device", "not measured: built without --features faults")
            return
        lost = time.monotonic()
        desk.until(lambda frames: frames[-1]["window"] == "1" and frames[-1]["current"] == "true")
        report("right picture after a lost device", f"{time.monotonic() - lost:.2f} s")


if __name__ == "__main__":
    main()
