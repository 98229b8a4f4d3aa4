"""Everything in one command: `python -m starter.all --minutes 60`.

Renders (or takes a packed set), encodes, trains on from the shipped weights, judges on held-out renders and exports. Every
stage goes on where it stopped when the command is run again. On a GPU the training is one process in bfloat16, and the
processor's cores draw new sketches for it all the time; rendering is always on the CPU, so with a GPU and little time take a
packed set: `--set renders.zip`.
"""

import argparse
import os
import subprocess
import sys
import time
from pathlib import Path

from . import paths

# Shares of the time: rendering takes this much where there is no packed set, training what is left at the end.
RENDERING, ENDING = 0.4, 1.5


def run(*words: object, together: int = 1, seconds: float | None = None) -> None:
    """Runs `python -m starter.…`, or several of it with a worker number each, for at most so many seconds."""
    command = [sys.executable, "-m", *map(str, words)]
    print(" ".join(command[1:]), flush=True)
    if together == 1:
        subprocess.run(command, check=True)
        return
    workers = [subprocess.Popen([*command, "--worker", str(w), "--workers", str(together)], stdout=subprocess.DEVNULL) for w in range(together)]
    ends = time.time() + (seconds or 1e9)
    for worker in workers:
        try:
            code = worker.wait(max(0.1, ends - time.time()))
            if code:
                raise SystemExit(f"Rendering failed with status {code}.")
        except subprocess.TimeoutExpired:
            worker.terminate()
            worker.wait()


def main() -> None:
    args = argparse.ArgumentParser()
    args.add_argument("--minutes", type=float, default=60, help="of everything together")
    args.add_argument("--set", type=Path, help="a file made by `starter.pack set`, instead of rendering")
    args.add_argument("--total", type=int, default=3000, help="renders of the whole set")
    args.add_argument("--rest", type=int, default=240, help="pairs of source pictures of other things, which should not be forgotten")
    args.add_argument("--batch", type=int, default=0, help="pictures a step; without it 6 a core, or 60 on a GPU")
    args.add_argument("--walked", type=float, default=0, help="share of the steps that learn from the sampler's own way (walk.py)")
    args.add_argument("--contested", type=float, default=0, help="weight of the adversary on those steps (adversary.py)")
    args.add_argument("--model", type=Path, default=Path("../assets/starter"), help="weights to begin from")
    args.add_argument("--out", type=Path, default=paths.ROOT / "starter", help="where the trained starter goes")
    args = args.parse_args()
    import torch

    gpu = torch.cuda.is_available()
    begun = time.time()
    cores = os.cpu_count() or 1
    if args.set:
        run("starter.pack", "unpack", args.set)
    if not paths.INDEX.exists():
        run("starter.fetch")
    if not args.set:
        run("starter.render", "--total", args.total, together=max(2, cores), seconds=args.minutes * 60 * RENDERING)
    if not (paths.AUTOENCODER / "checkpoint.pt").exists():
        run("starter.restore", "autoencoder", "--model", args.model)
    if not (paths.DIFFUSION / "checkpoint.pt").exists():
        run("starter.restore", "diffusion", "--model", args.model)
    left = lambda: args.minutes - (time.time() - begun) / 60 - ENDING
    if gpu and left() > 1:
        stream = [sys.executable, "-m", "starter.stream", "--minutes", str(left()), "--workers", str(max(1, cores - 2))]
        drawing = subprocess.Popen(stream)
        try:
            run("starter.train_renders", "--minutes", left() - 0.2, "--batch", args.batch or 60, "--rate", 5e-4, "--average", 0.995, "--contested", args.contested, "--wait-for", 500, "--walked", args.walked)
        finally:
            drawing.terminate()
            drawing.wait()
        run("starter.build_renders", "--held-only")
    elif not gpu:
        run("starter.build_renders")
        run("starter.build_set", "--rest", "--count", args.rest, "--part", 60, "--keep-scale", "--workers", 0)
        if left() > 0:
            run("starter.train_renders", "--minutes", left(), "--batch", args.batch or 6, "--walked", args.walked, "--contested", args.contested)
    if (paths.LATENTS / "held.pt").exists():
        run("starter.evaluate_pairs")
    run("starter.preview", paths.ROOT / "preview.png")
    run("starter.export", "--out", args.out)
    for file in args.out.rglob("*.safetensors"):
        run("starter.pack", "split", file, paths.ROOT / "parts" / file.parent.name)


if __name__ == "__main__":
    main()
