"""The judge: a small network that names a thing, trained on real pictures alone: `python -m starter.classifier`.

It sees renders and composites of the source pictures (never a generated picture, never a sketch), cut to their
thing, 64 by 64 pixels, and names one of the 20 things of the evaluation. Its last hidden layer serves as
features. Renders that are held back for judging are not among those it learns from. Two seeds make two judges.
"""

import argparse
from concurrent.futures import ProcessPoolExecutor
from functools import cache
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import nn

from . import paths, rendered
from .compose import compose, load_pictures

THINGS = (
    "apple pear tangerine lemon banana tomato strawberry cherries grapes watermelon "
    "peach eggplant carrot mushroom doughnut cookie sunflower tulip cactus fish"
).split()
NAMES = {"red apple": "apple", "green apple": "apple"} | {thing: thing for thing in THINGS}
# What a thing is called among the renders, where that is another word.
KIND = {"tangerine": "orange"}
SIDE = 64
SEEDS = (0, 1)
BATCH = 32
# How many of a judge's real pictures are renders, and how many of those get another colour: the evaluation asks for
# an odd one in every third sketch.
RENDERED, RECOLOURED = 0.6, 0.3


def file_of(seed: int) -> Path:
    return paths.ROOT / f"classifier-{seed}.pt"



class Classifier(nn.Module):
    def __init__(self):
        super().__init__()
        widths = (3, 32, 64, 96, 128)
        layers = []
        for a, b in zip(widths, widths[1:]):
            layers += [nn.Conv2d(a, b, 3, padding=1), nn.GroupNorm(8, b), nn.SiLU(), nn.Conv2d(b, b, 3, 2, 1), nn.GroupNorm(8, b), nn.SiLU()]
        self.body = nn.Sequential(*layers)
        self.head = nn.Linear(128, len(THINGS))

    def features(self, image: torch.Tensor) -> torch.Tensor:
        """`image` [n, 3, 64, 64] in -1..1 to features [n, 128]."""
        return self.body(image).mean((2, 3))

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        return self.head(self.features(image))


def as_input(image: Image.Image) -> torch.Tensor:
    small = image.convert("RGB").resize((SIDE, SIDE), Image.BOX)
    return torch.from_numpy(np.asarray(small).copy()).permute(2, 0, 1).float() / 127.5 - 1


def cut_to(image: Image.Image, where: np.ndarray) -> Image.Image:
    """The picture cut to the thing at `where` (a mask of its size), which then fills four fifths of it: drawn
    small in a corner, a judge takes a banana for nothing. Whole where there is hardly anything."""
    rows, columns = (np.flatnonzero(where.any(axis)) for axis in (1, 0))
    side = image.width
    if len(rows) < side // 16 or len(columns) < side // 16:
        return image
    half = max(np.ptp(rows), np.ptp(columns)) / 1.6
    x, y = (columns[0] + columns[-1]) / 2, (rows[0] + rows[-1]) / 2
    ground = tuple(int(v) for v in np.median(np.asarray(image)[:6].reshape(-1, 3), 0))
    page = Image.new("RGB", (2 * side, 2 * side), ground)
    page.paste(image, (side // 2, side // 2))
    return page.crop([int(v) + side // 2 for v in (x - half, y - half, x + half, y + half)])


@cache
def sources():
    return load_pictures()[0]


def composite(thing: str, rng: np.random.Generator) -> Image.Image:
    """A composite of this thing alone, cut to it."""
    weights = np.array([NAMES.get(p.name) == thing for p in sources()], float)
    picture, empty, _ = compose(sources(), weights / weights.sum(), rng, several=0, sketched=False)
    small, behind = (im.resize((256, 256), Image.BOX) for im in (picture, empty))
    return cut_to(small, np.abs(np.asarray(small, np.int16) - np.asarray(behind)).max(-1) > 24)


@cache
def renders(judging: bool) -> dict[str, list[str]]:
    """Names of the renders by kind: those held back, or the others."""
    by_kind: dict[str, list[str]] = {}
    for name in rendered.names(judging):
        by_kind.setdefault(name.rsplit("-", 1)[0], []).append(name)
    return by_kind


def render(thing: str, rng: np.random.Generator, judging: bool) -> Image.Image:
    """A render of this thing, cut to it."""
    shown = rendered.load(rng.choice(renders(judging)[KIND.get(thing, thing)]))
    shown = rendered.cropped(shown, rng)
    if rng.random() < RECOLOURED:
        shown = rendered.recoloured(shown, rng)
    picture = rendered.full(shown.picture).resize((256, 256), Image.BOX)
    parts = Image.fromarray(((shown.parts > 0) * 255).astype(np.uint8)).resize((256, 256), Image.NEAREST)
    return cut_to(picture, np.asarray(parts) > 0)


def real_picture(number: tuple[int, int, bool]) -> np.ndarray:
    """Thing `i % 20` cut to it, as bytes [64, 64, 3]; `number` is (seed, i, whether only held-out renders count)."""
    seed, i, judging = number
    rng = np.random.default_rng([seed, i])
    thing = THINGS[i % len(THINGS)]
    picture = render(thing, rng, judging) if judging or rng.random() < RENDERED else composite(thing, rng)
    return np.asarray(picture.resize((SIDE, SIDE), Image.BOX))


def real_pictures(count: int, seed: int, judging: bool = False) -> tuple[torch.Tensor, torch.Tensor]:
    """Real pictures of the 20 things, equally often, and which each is; of held-out renders alone for `judging`."""
    with ProcessPoolExecutor() as workers:
        images = list(workers.map(real_picture, [(seed, i, judging) for i in range(count)], chunksize=20))
    return torch.stack([as_input(Image.fromarray(image)) for image in images]), torch.arange(count) % len(THINGS)


def load(seed: int) -> Classifier:
    model = Classifier()
    model.load_state_dict(torch.load(file_of(seed), weights_only=True))
    return model.eval()


def train(seed: int, steps: int, images: torch.Tensor, labels: torch.Tensor) -> Classifier:
    torch.manual_seed(seed)
    model = Classifier().to(memory_format=torch.channels_last)
    optimizer = torch.optim.AdamW(model.parameters(), lr=2e-3, weight_decay=0.02)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 2e-3, total_steps=steps)
    for step in range(steps):
        pick = torch.randint(len(images), (BATCH,))
        batch = images[pick]
        # Small shifts, noise and blur: it must look at the thing, not at single pixels.
        batch = batch.contiguous(memory_format=torch.channels_last)
        batch = torch.roll(batch, tuple(torch.randint(-4, 5, (2,)).tolist()), (2, 3))
        batch = batch + torch.randn_like(batch) * 0.1 * torch.rand(len(batch), 1, 1, 1)
        if step % 3 == 0:
            batch = nn.functional.avg_pool2d(batch, 3, 1, 1)
        loss = nn.functional.cross_entropy(model(batch), labels[pick], label_smoothing=0.05)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
        if step % 100 == 0:
            print(step, loss.item(), flush=True)
    return model.eval()


def main() -> None:
    args = argparse.ArgumentParser()
    args.add_argument("--count", type=int, default=2400)
    args.add_argument("--steps", type=int, default=700)
    args.add_argument("--threads", type=int, default=0)
    args = args.parse_args()
    if args.threads:
        torch.set_num_threads(args.threads)
    images, labels = real_pictures(args.count, seed=55)
    unseen, unseen_labels = real_pictures(400, seed=56, judging=True)
    for seed in SEEDS:
        model = train(seed, args.steps, images, labels)
        with torch.no_grad():
            right = (model(unseen).argmax(1) == unseen_labels).float().mean().item()
        torch.save(model.state_dict(), file_of(seed))
        print(f"judge {seed} names {right:.1%} of 400 pictures from held-out renders")


if __name__ == "__main__":
    main()
