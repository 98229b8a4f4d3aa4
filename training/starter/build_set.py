"""Compose and encode the diffusion set: `python -m starter.build_set --count 6000`.

Writes latents/set.pt: pictures and sketches as latents [n, 2, 8, 32, 32] (f16), captions, and the
per-channel mean and deviation that export folds into the autoencoder.
"""

import argparse

import numpy as np
import torch
from torch.utils.data import DataLoader, IterableDataset

from . import paths
from .autoencoder import build
from .compose import compose, load_pictures


class Pairs(IterableDataset):
    def __init__(self, count: int, seed: int):
        self.count, self.seed = count, seed

    def __iter__(self):
        rng = np.random.default_rng(self.seed)
        pictures, weights = load_pictures()
        for _ in range(self.count):
            picture, sketch, caption = compose(pictures, weights, rng)
            both = np.stack([np.asarray(picture), np.asarray(sketch)])
            yield torch.from_numpy(both).permute(0, 3, 1, 2), caption


def load_average(device):
    """The averaged weights of the trained autoencoder."""
    state = torch.load(paths.AUTOENCODER / "checkpoint.pt", map_location=device, weights_only=True)["average"]
    ae = build()
    ae.load_state_dict({k.removeprefix("module."): v for k, v in state.items() if k.startswith("module.")})
    return ae.to(device, memory_format=torch.channels_last).eval().requires_grad_(False)


def main() -> None:
    args = argparse.ArgumentParser()
    args.add_argument("--count", type=int, default=6000)
    args.add_argument("--seed", type=int, default=1000)
    args = args.parse_args()
    device = "cuda" if torch.cuda.is_available() else "cpu"
    ae = load_average(device)
    latents, captions = [], []
    for images, words in DataLoader(Pairs(args.count, args.seed), batch_size=4, num_workers=1):
        image = images.flatten(0, 1).to(device, memory_format=torch.channels_last).float() / 127.5 - 1
        with torch.no_grad(), torch.autocast(device, torch.bfloat16):
            latents.append(ae.encode(image).latent_dist.mean.float().cpu().unflatten(0, (-1, 2)))
        captions += words
        if len(captions) % 400 == 0:
            print(len(captions), flush=True)
    latents = torch.cat(latents)
    mean = latents[:, 0].mean((0, 2, 3))
    deviation = latents[:, 0].std((0, 2, 3))
    latents = (latents - mean[:, None, None]) / deviation[:, None, None]
    torch.save(
        {"latents": latents.half(), "captions": captions, "mean": mean, "deviation": deviation},
        paths.made(paths.LATENTS) / "set.pt",
    )
    print("mean", mean.tolist(), "deviation", deviation.tolist())


if __name__ == "__main__":
    main()
