"""What the autoencoder loses on pictures that training never saw: `python -m starter.evaluate_autoencoder`.

Composites of emoji, or with `--renders` the renders that are held back for judging.
"""

import argparse

import numpy as np
import torch

from . import rendered
from .build_set import load_average
from .compose import compose, load_pictures

HELD_OUT_SEED = 777_777


def composites(count: int):
    rng = np.random.default_rng(HELD_OUT_SEED)
    pictures, weights = load_pictures()
    for _ in range(count):
        yield compose(pictures, weights, rng)[0]


def renders(count: int):
    rng = np.random.default_rng(HELD_OUT_SEED)
    for name in rendered.names(judging=True)[:count]:
        yield rendered.pair(name, rng)[0]


def main() -> None:
    args = argparse.ArgumentParser()
    args.add_argument("--count", type=int, default=40)
    args.add_argument("--renders", action="store_true")
    args.add_argument("--threads", type=int, default=0)
    args = args.parse_args()
    if args.threads:
        torch.set_num_threads(args.threads)
    ae = load_average("cpu").to(memory_format=torch.channels_last)
    readings = []
    for picture in renders(args.count) if args.renders else composites(args.count):
        image = torch.from_numpy(np.asarray(picture).copy()).permute(2, 0, 1)[None].float() / 127.5 - 1
        with torch.no_grad():
            error = ae.decode(ae.encode(image.contiguous(memory_format=torch.channels_last)).latent_dist.mean).sample.clamp(-1, 1) - image
        readings.append(10 * np.log10(4 / error.square().mean().item()))
    readings = np.array(readings)
    kind = "renders" if args.renders else "composites"
    print(f"PSNR over {len(readings)} held-out {kind}: mean {readings.mean():.2f} dB, lowest {readings.min():.2f} dB")


if __name__ == "__main__":
    main()
