"""What reused deep features save and cost: `python reuse.py [MODEL] [--dtype f16] [--runs 3]`.

Makes the default job's first picture (image-to-image of the example sketch at 512 by 512) with `--reuse` 1, 2, 3 and 5, alone and
with `--guided 0.6`, in turns, and prints the seconds of all steps, the best of the runs, and the PSNR to the picture that runs the
whole model at every evaluation. Without MODEL it is the starter. On random weights the seconds are those of trained ones, and the
PSNR says little.
"""

import argparse
import json
import subprocess
import time
from pathlib import Path

import numpy as np
from PIL import Image

ROOT = Path(__file__).resolve().parents[1]
PROMPT = "photo of perfect green apple with stem, water droplets, dramatic lighting"


def run(binary: Path, args: argparse.Namespace, seed: int, reuse: int, guided: float, out: Path) -> tuple[float, np.ndarray]:
    """Seconds of the steps, and the picture."""
    command = [binary, "generate", "--init", ROOT / "assets/example.png", "--prompt", PROMPT, "--seed", seed, "--batch", 1]
    command += ["--steps", 20, "--strength", 0.75, "--cfg", 11, "--sampler", "dpm++2m-karras"]
    command += ["--reuse", reuse, "--guided", guided, "--out", out, "--json"]
    command += ["--model", args.model] if args.model else []
    command += ["--dtype", args.dtype] if args.dtype else []
    steps, end, file = [], None, None
    with subprocess.Popen([str(part) for part in command], stdout=subprocess.PIPE, text=True) as process:
        for line in process.stdout:
            event = json.loads(line)
            if event["event"] == "step":
                steps.append(time.monotonic())
            elif event["event"] == "stage" and event["stage"].startswith("decoding"):
                end = time.monotonic()
            elif event["event"] == "made":
                file = event["file"]
    if process.returncode or not steps or file is None:
        raise SystemExit(f"{' '.join(map(str, command))} failed")
    picture = np.asarray(Image.open(file).convert("RGB"), np.float64)
    # The first step begins at an unknown time; it is always a whole evaluation.
    return (end or steps[-1]) - steps[0], picture


def psnr(one: np.ndarray, other: np.ndarray) -> float:
    error = ((one - other) ** 2).mean()
    return float("inf") if error == 0 else 10 * np.log10(255**2 / error)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("model", nargs="?")
    parser.add_argument("--dtype")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--seeds", type=int, default=1, help="pictures over which the PSNR is averaged")
    parser.add_argument("--binary", type=Path, default=ROOT / "target/release/underpaint")
    parser.add_argument("--out", type=Path, default=Path("/tmp/underpaint-reuse"))
    args = parser.parse_args()
    jobs = [(reuse, guided) for guided in (1.0, 0.6) for reuse in (1, 2, 3, 5)]
    best, pictures = dict.fromkeys(jobs, float("inf")), {}
    for seed in [1] * args.runs + list(range(2, args.seeds + 1)):
        for job in jobs:
            seconds, picture = run(args.binary, args, seed, *job, args.out)
            pictures[job, seed] = picture
            if seed == 1:
                best[job] = min(best[job], seconds)
    # One more of the 16 evaluations, the first.
    first = best[1, 1.0] / 15
    print("| interval | guided share | steps, s | factor | PSNR, dB |\n| ---: | ---: | ---: | ---: | ---: |")
    for job in jobs:
        factor = (best[1, 1.0] + first) / (best[job] + first)
        differences = [psnr(pictures[job, seed], pictures[(1, 1.0), seed]) for seed in range(1, args.seeds + 1)]
        print(f"| {job[0]} | {job[1]} | {best[job] + first:.2f} | {factor:.2f} | {np.mean(differences):.1f} |", flush=True)


if __name__ == "__main__":
    main()
