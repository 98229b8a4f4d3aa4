"""How this program's cost grows with size, batch and threads: `python scaling.py FOLDER OUT.png`.

Runs `underpaint bench` and prints tables, and each reading as it comes on standard error; on SD 1.5's shapes that
takes half an hour on two cores.
"""

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt  # noqa: E402

BINARY = Path(__file__).resolve().parents[1] / "target/release/underpaint"


def bench(folder: Path, dtype: str, size: int = 512, batch: int = 1, threads: int | None = None) -> dict:
    command = [BINARY, "bench", "--model", folder, "--dtype", dtype, "--size", str(size), "--batch", str(batch), "--json"]
    command += ["--threads", str(threads)] if threads else []
    row = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    print(json.dumps(row), file=sys.stderr, flush=True)
    return row


def draw(out: Path, sizes: list[dict], batches: list[dict], threads: list[dict]) -> None:
    figure, axes = plt.subplots(1, 3, figsize=(11, 3.2), layout="constrained")
    for axis, (title, key, rows) in zip(axes, (("side in pixels", "size", sizes), ("batch at 256", "batch", batches), ("threads at 256", "threads", threads))):
        for part, label in (("unet_s", "guided step"), ("vae_decode_s", "decode"), ("vae_encode_s", "encode")):
            axis.plot([row[key] for row in rows], [row[part] for row in rows], "o-", label=label)
        axis.set(xlabel=title, ylabel="seconds", ylim=0, xticks=[row[key] for row in rows])
    axes[0].legend()
    figure.savefig(out, dpi=80)


def main() -> None:
    args = argparse.ArgumentParser()
    args.add_argument("folder", type=Path)
    args.add_argument("out", type=Path)
    args.add_argument("--dtype", default="auto")
    args = args.parse_args()
    threads = [bench(args.folder, args.dtype, size=256, threads=count) for count in range(1, (os.cpu_count() or 1) + 1)]
    batches = [bench(args.folder, args.dtype, size=256, batch=batch) for batch in (1, 2, 4, 8)]
    sizes = [bench(args.folder, args.dtype, size=size) for size in (256, 384, 512, 768, 1024)]
    for title, key, rows in (("pixels", "size", sizes), ("batch at 256", "batch", batches), ("threads at 256", "threads", threads)):
        print(f"\n| {title} | guided step, s | decode, s | encode, s | memory, GB |\n| ---: | ---: | ---: | ---: | ---: |")
        for row in rows:
            cells = [f"{row[k]:.2f}" for k in ("unet_s", "vae_decode_s", "vae_encode_s")]
            print(f"| {row[key]} | {' | '.join(cells)} | {row['peak_rss_bytes'] / 1e9:.1f} |")
    draw(args.out, sizes, batches, threads)


if __name__ == "__main__":
    main()
