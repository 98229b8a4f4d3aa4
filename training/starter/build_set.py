"""Compose and encode the diffusion set: `python -m starter.build_set --count 6000`.

Writes latents/part-0000.pt, …: pictures and sketches as latents [n, 2, c, side, side] (f16) and captions,
and latents/scale.pt: the mean and deviation of each channel, which export folds into the autoencoder.
Training may begin with the first part and takes up the others as they come. Goes on where it stopped.
"""

import argparse

import numpy as np
import torch
from torch.utils.data import DataLoader, Dataset

from . import paths
from .autoencoder import LATENT_CHANNELS, build
from .compose import SIZE, compose, load_pictures
from .precision import autocast

PART = 400
# Which pictures a set holds: another number, other pictures.
SEED = 1100
# Sides of the pictures of each part in turn, in pixels. Most things are small enough for a square cut from the
# whole, which is encoded and learned from in half the time; but norms see more empty ground in whole pictures.
SIDES = (SIZE, 352)
# Source pictures of things that are rendered; `--rest` leaves them out.
RENDERED = (
    "red apple,green apple,pear,tangerine,lemon,banana,tomato,strawberry,cherries,grapes,peach,eggplant,carrot,mushroom,doughnut,cookie,jack-o-lantern"
).split(",")


class Pairs(Dataset):
    """Composed pictures and their sketches; the same number and seed always give the same pair."""

    def __init__(self, first: int, count: int, seed: int, side: int = SIZE, rest: bool = False):
        self.first, self.count, self.seed, self.side, self.rest, self.pictures = first, count, seed, side, rest, None

    def __len__(self):
        return self.count

    def __getitem__(self, index: int):
        if index >= self.count:
            raise IndexError(index)
        if self.pictures is None:  # in the worker, once
            self.pictures, self.weights = load_pictures()
            if self.rest:
                self.weights = np.where([p.name in RENDERED for p in self.pictures], 0, self.weights)
                self.weights /= self.weights.sum()
        rng = np.random.default_rng([self.seed, self.first + index])
        picture, sketch, caption = compose(self.pictures, self.weights, rng, largest=min(1.0, 0.94 * self.side / SIZE))
        both = square(np.stack([np.asarray(picture), np.asarray(sketch)]), self.side, rng)
        return torch.from_numpy(both).permute(0, 3, 1, 2), caption


def square(both: np.ndarray, side: int, rng: np.random.Generator) -> np.ndarray:
    """Of picture and sketch [2, h, w, 3] the same square, the one of 24 random ones with most edges in it."""
    coarse = both[0, ::8, ::8].astype(np.int16)
    change = np.zeros(coarse.shape[:2])
    change[1:, 1:] = (np.abs(coarse[1:, 1:] - coarse[:-1, 1:]) + np.abs(coarse[1:, 1:] - coarse[1:, :-1])).sum(-1)
    places = rng.integers(0, (both.shape[1] - side) // 8 + 1, (24, 2))
    y, x = max(places, key=lambda at: change[at[0] : at[0] + side // 8, at[1] : at[1] + side // 8].sum()) * 8
    return both[:, y : y + side, x : x + side].copy()


def load_average(device):
    """The averaged weights of the trained autoencoder."""
    state = torch.load(paths.AUTOENCODER / "checkpoint.pt", map_location=device, weights_only=True)["average"]
    ae = build()
    ae.load_state_dict({k.removeprefix("module."): v for k, v in state.items() if k.startswith("module.")})
    return ae.to(device).eval().requires_grad_(False)


def main() -> None:
    args = argparse.ArgumentParser()
    args.add_argument("--count", type=int, default=6000)
    args.add_argument("--seed", type=int, default=SEED)
    args.add_argument("--keep-scale", action="store_true", help="take the latents as they are: for an autoencoder that was exported once")
    args.add_argument("--rest", action="store_true", help="what is not rendered, whole pictures alone: to be remembered while renders are learned")
    args.add_argument("--part", type=int, default=PART, help="pairs in one file")
    args.add_argument("--workers", type=int, default=2)
    args.add_argument("--threads", type=int, default=0)
    args.add_argument("--compile", action="store_true", help="half again as fast on a CPU, where there is a C++ compiler")
    args = args.parse_args()
    if args.threads:
        torch.set_num_threads(args.threads)
    device = "cuda" if torch.cuda.is_available() else "cpu"
    ae = load_average(device)
    means = lambda image: ae.quant_conv(ae.encoder(image)).chunk(2, 1)[0]
    if args.compile:
        means = torch.compile(means)
    folder = paths.made(paths.LATENTS)
    scale = folder / "scale.pt"
    if args.keep_scale and not scale.exists():
        torch.save({"mean": torch.zeros(LATENT_CHANNELS), "deviation": torch.ones(LATENT_CHANNELS)}, scale)
    for number in range(-(-args.count // args.part)):
        file = folder / f"part-{number:04}.pt"
        if file.exists():
            continue
        latents, captions = [], []
        pairs = Pairs(number * args.part, args.part, args.seed, SIZE if args.rest else SIDES[number % len(SIDES)], args.rest)
        for images, words in DataLoader(pairs, batch_size=4, num_workers=args.workers):
            image = images.flatten(0, 1).to(device).float() / 127.5 - 1
            with torch.no_grad(), autocast(device):
                latents.append(means(image).float().cpu().unflatten(0, (-1, 2)))
            captions += words
        latents = torch.cat(latents)
        if not scale.exists():
            measured = {"mean": latents[:, 0].mean((0, 2, 3)), "deviation": latents[:, 0].std((0, 2, 3))}
            print(measured)
            torch.save(measured, scale)
        by = torch.load(scale, weights_only=True)
        latents = (latents - by["mean"][:, None, None]) / by["deviation"][:, None, None]
        part = file.with_suffix(".part")
        torch.save({"latents": latents.half(), "captions": captions}, part)
        part.replace(file)
        print(file.name, flush=True)


if __name__ == "__main__":
    main()
