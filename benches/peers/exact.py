#!/usr/bin/env python3
"""The exact sum as others compute it, and sigmascope, on the same arrays in one run.

    cargo build --release && benches/peers/exact.py [--sizes 3000,30000,30000x300000] [--repeat 5]

Installs what `requirements.txt` names into `target/peers` on first use; nothing else is touched.
Prints a table in Markdown: medians after a warm-up, pairs a second, the largest error against
float64 on a sample of the targets, and how many times as long as sigmascope's engines each took.
A peer that is not there, or fails, is told as missing with its reason.

All get float32 coordinates, and all cores. Only torch's code for the processor is timed; it does not
load without the libraries of CUDA, some gigabytes, and they are installed with it.
"""

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
TARGET = ROOT / os.environ.get("CARGO_TARGET_DIR", "target")
PROGRAM = TARGET / "release" / "sigmascope"
HOME = TARGET / "peers"
REQUIREMENTS = Path(__file__).resolve().parent / "requirements.txt"
SIGMA = 0.3
SAMPLE = 256
# No run of a peer begins after this many seconds of runs.
PATIENCE = 20.0
# Numbers in one array of those that make arrays of targets × sources.
BLOCK = 1 << 22


def main():
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--sizes", default="3000,30000", help="N or NxM, separated by commas")
    options.add_argument("--repeat", type=int, default=5, help="timed runs of each")
    options.add_argument("--only", default="", help="peers to run, by the start of their names")
    options = options.parse_args()
    if Path(sys.prefix).resolve() != HOME.resolve():
        go_on_in_environment()
    print(machine(), flush=True)
    for size in options.sizes.split(","):
        n, _, m = size.partition("x")
        compare(int(n), int(m or n), options)


# The environment


def go_on_in_environment():
    """Starts this script anew with the Python that has the peers."""
    python = HOME / "bin" / "python"
    stamp = HOME / "installed.txt"
    wanted = REQUIREMENTS.read_text()
    if not stamp.exists() or stamp.read_text() != wanted:
        print(f"installing the peers into {HOME.relative_to(TARGET.parent)} …", file=sys.stderr)
        subprocess.run([sys.executable, "-m", "venv", HOME], check=True)
        # The list is complete.
        install = [python, "-m", "pip", "install", "--quiet", "--no-deps"]
        if subprocess.run([*install, "-r", REQUIREMENTS]).returncode == 0:
            stamp.write_text(wanted)
        else:
            print("not all could be installed: going on one by one", file=sys.stderr)
            for line in filter(None, (line.partition("#")[0].strip() for line in wanted.splitlines())):
                subprocess.run([*install, line])
    environment = {**os.environ, "KEOPS_CACHE_FOLDER": str(HOME / "keops"), "HOME": str(HOME)}
    environment["TORCHINDUCTOR_CACHE_DIR"] = str(HOME / "inductor")
    environment["JAX_PLATFORMS"] = "cpu"
    # What tells NumPy's BLAS to act as if this were another processor.
    for name in ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE"):
        environment.pop(name, None)
    (HOME / "keops").mkdir(exist_ok=True)
    os.execve(python, [str(python), __file__, *sys.argv[1:]], environment)


def machine():
    """The processor, its cores, and how busy they are already."""
    name = platform.processor() or platform.machine()
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        name = next(line.split(":")[1].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        pass
    return f"{name}, {cores()} cores; Python {platform.python_version()}"


def cores():
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()


def load():
    return f"{os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else "not known"


# The peers: each takes x and y and returns its name with its version, and a function without
# arguments that gives f as a NumPy array.


def rows(x, y):
    """Blocks of targets for those that would else make N×M numbers at once."""
    step = max(1, BLOCK // len(y))
    return [slice(start, start + step) for start in range(0, len(x), step)]


def numpy_differences(x, y):
    import numpy as np

    factor = np.float32(-0.5 / SIGMA**2)

    def block(part):
        squares = np.zeros((len(part), len(y)), np.float32)
        for axis in range(x.shape[1]):
            squares += np.square(part[:, axis, None] - y[None, :, axis])
        return np.exp(factor * squares).sum(1)

    blocks = rows(x, y)
    return f"NumPy {np.__version__}, differences", lambda: np.concatenate([block(x[b]) for b in blocks])


def numpy_blas(x, y):
    import numpy as np

    factor = np.float32(-0.5 / SIGMA**2)
    one, other = factor * np.square(x).sum(1), factor * np.square(y).sum(1)
    turned = np.float32(-2) * factor * y.T
    ones = np.ones(len(y), np.float32)

    def block(b):
        exponents = x[b] @ turned
        exponents += one[b, None]
        exponents += other[None]
        return np.exp(exponents, out=exponents) @ ones

    blocks = rows(x, y)
    return f"NumPy {np.__version__}, BLAS", lambda: np.concatenate([block(b) for b in blocks])


def scipy_cdist(x, y):
    import numpy as np
    import scipy
    from scipy.spatial.distance import cdist

    factor = -0.5 / SIGMA**2

    def block(b):
        squares = cdist(x[b], y, "sqeuclidean")
        squares *= factor
        return np.exp(squares, out=squares).sum(1)

    blocks = rows(x, y)
    return f"SciPy {scipy.__version__}, cdist", lambda: np.concatenate([block(b) for b in blocks])


def torch_compiled(x, y):
    import torch

    torch.set_num_threads(cores())
    # Each coordinate in an array of its own: several times as fast here as rows of points.
    a, b = ([torch.from_numpy(p[:, k].copy()) for k in range(p.shape[1])] for p in (x, y))
    factor = -0.5 / SIGMA**2

    def reduce(x, y):
        squares = sum((x_k[:, None] - y_k[None]) ** 2 for x_k, y_k in zip(x, y))
        return torch.exp(factor * squares).sum(-1)

    compiled = torch.compile(reduce)

    def run():
        with torch.no_grad():
            return compiled(a, b).numpy()

    return f"torch.compile {torch.__version__}", run


def jax_jit(x, y):
    import jax
    import numpy as np

    a, b = ([jax.numpy.asarray(p[:, k]) for k in range(p.shape[1])] for p in (x, y))
    factor = -0.5 / SIGMA**2

    @jax.jit
    def reduce(x, y):
        squares = sum((x_k[:, None] - y_k[None]) ** 2 for x_k, y_k in zip(x, y))
        return jax.numpy.exp(factor * squares).sum(1)

    return f"JAX jit {jax.__version__}", lambda: np.asarray(reduce(a, b))


def pykeops_numpy(x, y):
    # A torch that cannot be loaded must not keep pykeops from being loaded.
    hidden = not hasattr(sys.modules.get("torch"), "compile")
    if hidden:
        sys.modules["torch"] = None
    import pykeops
    from pykeops.numpy import Genred

    if hidden:
        del sys.modules["torch"]

    pykeops.verbose = False
    axes = x.shape[1]
    variables = [f"x = Vi({axes})", f"y = Vj({axes})", "g = Pm(1)"]
    reduce = Genred("Exp(-g * SqDist(x, y))", variables, reduction_op="Sum", axis=1)
    import numpy as np

    factor = np.array([0.5 / SIGMA**2], np.float32)
    return f"pykeops {pykeops.__version__}, CPU", lambda: reduce(x, y, factor, backend="CPU")[:, 0]


PEERS = {
    "torch.compile": torch_compiled,
    "JAX": jax_jit,
    "NumPy, BLAS": numpy_blas,
    "NumPy, differences": numpy_differences,
    "SciPy": scipy_cdist,
    "pykeops": pykeops_numpy,
}


# Timing


def exact(x, y):
    import numpy as np

    x, y = x.astype(np.float64), y.astype(np.float64)
    return np.array([np.exp(((row - y) ** 2).sum(1) * (-0.5 / SIGMA**2)).sum() for row in x])


def error(f, reference):
    """Largest |f - reference| / max(reference, 1e-3 max reference)."""
    import numpy as np

    return np.max(np.abs(f - reference) / np.maximum(reference, 1e-3 * reference.max()))


def time_peer(prepare, x, y, repeat):
    """The peer's name, its median in seconds, and f."""
    name, run = prepare(x, y)
    f = run()
    seconds, began = [], time.perf_counter()
    while len(seconds) < repeat and (not seconds or time.perf_counter() - began < PATIENCE):
        started = time.perf_counter()
        f = run()
        seconds.append(time.perf_counter() - started)
    return name, statistics.median(seconds), f


def time_own(engine, instructions, folder, repeat):
    """The same for the program, which reads the arrays anew each time and times the sum alone."""
    environment = dict(os.environ)
    environment.pop("SIGMASCOPE_SIMD", None)
    if instructions:
        environment["SIGMASCOPE_SIMD"] = instructions
    command = [PROGRAM, "reduce", "--targets", folder / "x.npy", "--sources", folder / "y.npy"]
    command += ["--sigma", str(SIGMA), "--engine", engine, "--json", "--force"]
    command += ["--out", folder / "f.npy"]
    seconds = []
    for _ in range(repeat):
        done = subprocess.run(command, capture_output=True, text=True, env=environment)
        if done.returncode != 0:
            raise RuntimeError(done.stderr.strip())
        report = json.loads(done.stdout)
        seconds.append(report["seconds"])
    import numpy as np

    where = f" on {report['adapter']}" if report["adapter"] else ""
    name = f"sigmascope {engine}{where}" + (f", {instructions}" if instructions else "")
    return name, statistics.median(seconds), np.load(folder / "f.npy")


def compare(n, m, options):
    import numpy as np

    random = np.random.default_rng(1)
    x, y = (random.standard_normal((count, 2)).astype(np.float32) for count in (n, m))
    sample = np.unique(np.linspace(0, n - 1, SAMPLE).astype(int))
    reference = exact(x[sample], y)
    own, found, missing = {}, [], []
    before = load()

    def attempt(what, run, key=None):
        try:
            name, seconds, f = run()
        except Exception as err:  # Whatever a peer does, the others go on.
            missing.append((what, (str(err).strip().splitlines() or [type(err).__name__])[0][:60]))
            return
        found.append((name, seconds, error(np.asarray(f, np.float64)[sample], reference)))
        if key:
            own[key] = seconds

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        np.save(folder / "x.npy", x)
        np.save(folder / "y.npy", y)
        for key, engine, instructions in [
            ("simd", "simd", ""),
            ("avx2", "simd", "avx2"),
            ("gpu", "gpu", ""),
        ]:
            run = lambda: time_own(engine, instructions, folder, options.repeat)
            attempt(f"sigmascope {engine} {instructions}".strip(), run, key)
        for what, prepare in PEERS.items():
            if any(what.startswith(start) for start in options.only.split(",")):
                attempt(what, lambda: time_peer(prepare, x, y, options.repeat))

    print(f"\nN = {n:,}, M = {m:,}, d = 2, σ = {SIGMA}, float32, medians of {options.repeat};")
    print(f"load average {before} before and {load()} after.\n")
    print("| | time | pairs/s | error | ÷ simd | ÷ simd, avx2 | ÷ gpu |")
    print("|---|---|---|---|---|---|---|")
    for name, seconds, wrong in found:
        ratios = [f"{seconds / own[key]:.2g}" if key in own else "–" for key in ("simd", "avx2", "gpu")]
        time_text = f"{seconds:.2f} s" if seconds >= 1 else f"{1e3 * seconds:.3g} ms"
        cells = [name, time_text, f"{n * m / seconds:.2e}", f"{wrong:.1e}", *ratios]
        print("| " + " | ".join(cells) + " |")
    for what, why in missing:
        print(f"| {what} | missing: {why} | | | | | |")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
