"""Encode pairs of sketch and render: `python -m starter.build_renders` (goes on where it stopped; `--watch` waits for more).

Writes latents/part-KIND-0000.pt, ...: the latents of pictures and sketches [n, 2, c, side, side] (f16), captions, and the
group that training draws from. Held-out renders go to latents/held.pt.
"""

import argparse
import time
from concurrent.futures import ProcessPoolExecutor

import numpy as np
import torch

from . import paths, rendered
from .autoencoder import LATENT_CHANNELS
from .build_set import load_average
from .precision import autocast

# Renders in one file, how often each is looked at, and sketches of each look.
FILE, LOOKS, SKETCHES = 12, 2, 2


def drawn(job: tuple[str, int, int, int]) -> tuple[np.ndarray, list[str]]:
    """A look at a render: the picture and sketches of it as bytes [1 + sketches, 3, h, w], and a caption for each sketch."""
    name, look, sketches, seed = job
    picture, rough, words = rendered.pair(name, np.random.default_rng([seed, look, *name.encode()]), sketches)
    return np.stack([np.asarray(i) for i in (picture, *rough)]).transpose(0, 3, 1, 2), words


@torch.no_grad()
def encode(ae, names: list[str], looks: range, sketches: int, seed: int, device: str, workers: ProcessPoolExecutor | None) -> dict:
    """Latents of every pair of these renders, and their captions."""
    latents, captions = [], []
    jobs = [(name, look, sketches, seed) for name in names for look in looks]
    for images, words in (workers.map(drawn, jobs) if workers else map(drawn, jobs)):
        pixels = torch.from_numpy(images).to(device).float() / 127.5 - 1
        with autocast(device):
            coded = ae.encode(pixels.contiguous(memory_format=torch.channels_last)).latent_dist.mean.float().cpu()
        latents.append(torch.stack([coded[:1].expand(sketches, -1, -1, -1), coded[1:]], 1).half())
        captions += words
    return {"latents": torch.cat(latents), "captions": captions}


def write(data: dict, file) -> None:
    part = file.with_suffix(".part")
    torch.save(data, part)
    part.replace(file)


def main() -> None:
    args = argparse.ArgumentParser()
    args.add_argument("--watch", type=float, default=0, help="minutes to wait for more renders")
    args.add_argument("--threads", type=int, default=0)
    args.add_argument("--workers", type=int, default=0, help="processes that draw sketches; without any this one does")
    args.add_argument("--looks", type=int, default=LOOKS, help="how often each render is looked at")
    args.add_argument("--first", type=int, default=0, help="number of the first look: to add looks to a set that is encoded already")
    args.add_argument("--held-only", action="store_true", help="encode the held-out renders alone")
    args.add_argument("--held", type=int, default=40, help="held-out renders to encode for judging")
    args = args.parse_args()
    if args.threads:
        torch.set_num_threads(args.threads)
    device = "cuda" if torch.cuda.is_available() else "cpu"
    ae = load_average(device).to(memory_format=torch.channels_last)
    folder = paths.made(paths.LATENTS)
    scale = folder / "scale.pt"
    if not scale.exists():
        # The shipped autoencoder's latents are normalised already.
        torch.save({"mean": torch.zeros(LATENT_CHANNELS), "deviation": torch.ones(LATENT_CHANNELS)}, scale)
    workers = ProcessPoolExecutor(args.workers) if args.workers else None
    begun = time.time()
    while not args.held_only:
        by_kind: dict[str, list[str]] = {}
        for name in rendered.names():
            by_kind.setdefault(name.rsplit("-", 1)[0], []).append(name)
        waiting = time.time() - begun < args.watch * 60
        for kind, names in sorted(by_kind.items()):
            for number in range(-(-len(names) // FILE)):
                chosen = names[number * FILE : (number + 1) * FILE]
                again = f"-{args.first}" if args.first else ""
                file = folder / f"part-{kind}-{number:04}{again}.pt"
                if file.exists() or len(chosen) < FILE and waiting:
                    continue
                write(encode(ae, chosen, range(args.first, args.first + args.looks), SKETCHES, 0, device, workers) | {"group": "apple" if kind == "apple" else "render"}, file)
                print(file.name, flush=True)
        if not waiting:
            break
        time.sleep(20)
    # Spread over all kinds, not the first ones of the alphabet alone.
    judging = rendered.names(judging=True)
    judging = judging[:: max(1, len(judging) // args.held)][: args.held]
    if judging:
        write(encode(ae, judging, range(1), 2, 1, device, workers), folder / "held.pt")


if __name__ == "__main__":
    main()
