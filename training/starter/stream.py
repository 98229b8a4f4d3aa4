"""Keeps drawing new pairs while training runs on a GPU: `python -m starter.stream --minutes 10`.

One process a core draws: renders seen anew, each with new sketches, and source pictures composed anew. This process
encodes them on the GPU and writes latents/part-fresh-GROUP-0000.pt, ..., which `starter.train_renders` takes up. A small set
is then seen in as many ways as there are cores and minutes for, and no pair is learned by heart.
"""

import argparse
import time
from collections import defaultdict
from concurrent.futures import FIRST_COMPLETED, ProcessPoolExecutor, wait

import numpy as np
import torch

from . import paths, rendered
from .build_renders import SKETCHES, drawn, write
from .build_set import Pairs, load_average
from .compose import SIZE
from .precision import autocast

# Pairs in one file, and how often each group is drawn.
FILE = 64
SHARES = {"apple": 0.25, "render": 0.67, "other": 0.08}
# Pictures encoded at once.
AT_ONCE = 48
# Numbers of the first look and the first source picture: others than in a set encoded before.
FIRST = 1000

pairs: Pairs | None = None


def job(group: str, name: str, number: int) -> tuple[str, np.ndarray, list[str]]:
    """A picture and sketches of it as bytes [1 + sketches, 3, h, w], and a caption for each sketch."""
    global pairs
    if group != "other":
        return group, *drawn((name, FIRST + number, SKETCHES, 0))
    if pairs is None:
        pairs = Pairs(FIRST, 1 << 40, 1, SIZE, rest=True)
    both, caption = pairs[number]
    return group, both.numpy(), [caption]


class Draws:
    """Chooses what is drawn next; every render of a group comes once before any comes again."""

    def __init__(self):
        self.names: dict[str, list[str]] = {"apple": [], "render": [], "other": [""]}
        for name in rendered.names():
            self.names["apple" if name.startswith("apple-") else "render"].append(name)
        self.rng, self.order, self.count = np.random.default_rng(0), defaultdict(list), 0

    def next(self) -> tuple[str, str, int]:
        groups = [g for g in SHARES if self.names[g]]
        shares = np.array([SHARES[g] for g in groups])
        group = str(self.rng.choice(groups, p=shares / shares.sum()))
        if not self.order[group]:
            self.order[group] = list(self.rng.permutation(self.names[group]))
        self.count += 1
        return group, str(self.order[group].pop()), self.count


@torch.no_grad()
def main() -> None:
    args = argparse.ArgumentParser()
    args.add_argument("--minutes", type=float, default=10)
    args.add_argument("--workers", type=int, default=2, help="processes that draw")
    args = args.parse_args()
    ends = time.time() + args.minutes * 60
    torch.set_num_threads(1)
    device = "cuda" if torch.cuda.is_available() else "cpu"
    folder = paths.made(paths.LATENTS)
    draws, numbers = Draws(), defaultdict(int)
    ready: dict[str, list] = {g: [] for g in SHARES}
    with ProcessPoolExecutor(args.workers) as workers:
        # The processes start before this one opens the GPU, which a forked process could not use.
        waiting = {workers.submit(job, *draws.next()) for _ in range(3 * args.workers)}
        ae = load_average(device).to(memory_format=torch.channels_last)
        batch = []
        while time.time() < ends:
            done, waiting = wait(waiting, return_when=FIRST_COMPLETED)
            waiting |= {workers.submit(job, *draws.next()) for _ in done}
            batch += [d.result() for d in done]
            if sum(len(images) for _, images, _ in batch) < AT_ONCE:
                continue
            pixels = torch.from_numpy(np.concatenate([images for _, images, _ in batch])).to(device).float() / 127.5 - 1
            with autocast(device):
                coded = ae.encode(pixels.contiguous(memory_format=torch.channels_last)).latent_dist.mean.half().cpu()
            for (group, _, captions), of_one in zip(batch, coded.split([len(images) for _, images, _ in batch])):
                ready[group] += [(torch.stack([of_one[0], sketch]), caption) for sketch, caption in zip(of_one[1:], captions)]
            batch = []
            for group, kept in ready.items():
                while len(kept) >= FILE:
                    latents, captions = zip(*kept[:FILE])
                    del kept[:FILE]
                    data = {"latents": torch.stack(latents), "captions": list(captions), "group": group}
                    write(data, folder / f"part-fresh-{group}-{numbers[group]:05}.pt")
                    numbers[group] += 1
        workers.shutdown(cancel_futures=True)
    print("drawn", {g: n * FILE for g, n in numbers.items()})


if __name__ == "__main__":
    main()
