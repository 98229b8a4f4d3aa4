"""The judge: a small network that names a thing, trained on real pictures alone: `python -m starter.classifier`.

It sees composites of the source pictures (never a generated picture, never a sketch), 64 by 64
pixels, and names one of the 20 things of the evaluation. Its last hidden layer serves as features.
"""

import argparse

import numpy as np
import torch
from PIL import Image
from torch import nn

from . import paths
from .compose import compose, load_pictures

THINGS = (
    "apple pear tangerine lemon banana tomato strawberry cherries grapes watermelon "
    "peach eggplant carrot mushroom doughnut cookie sunflower tulip cactus fish"
).split()
NAMES = {"red apple": "apple", "green apple": "apple"} | {thing: thing for thing in THINGS}
SIDE = 64
FILE = paths.ROOT / "classifier.pt"


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


def real_pictures(count: int, seed: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Composites of the 20 things, equally often, and which each is."""
    rng = np.random.default_rng(seed)
    pictures, _ = load_pictures()
    images, labels = [], []
    for i in range(count):
        thing = THINGS[i % len(THINGS)]
        weights = np.array([NAMES.get(p.name) == thing for p in pictures], float)
        picture, _, _ = compose(pictures, weights / weights.sum(), rng, several=0, sketched=False)
        images.append(as_input(picture))
        labels.append(i % len(THINGS))
    return torch.stack(images), torch.tensor(labels)


def load() -> Classifier:
    model = Classifier()
    model.load_state_dict(torch.load(FILE, weights_only=True))
    return model.eval()


def main() -> None:
    args = argparse.ArgumentParser()
    args.add_argument("--count", type=int, default=4000)
    args.add_argument("--steps", type=int, default=1500)
    args = args.parse_args()
    torch.manual_seed(0)
    images, labels = real_pictures(args.count, seed=55)
    unseen, unseen_labels = real_pictures(400, seed=56)
    model = Classifier()
    optimizer = torch.optim.AdamW(model.parameters(), lr=2e-3, weight_decay=0.02)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 2e-3, total_steps=args.steps)
    for step in range(args.steps):
        pick = torch.randint(len(images), (64,))
        batch = images[pick]
        # Small shifts, noise and blur: it must look at the thing, not at single pixels.
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
    model.eval()
    with torch.no_grad():
        right = (model(unseen).argmax(1) == unseen_labels).float().mean().item()
    torch.save(model.state_dict(), FILE)
    print(f"names {right:.1%} of 400 unseen composites")


if __name__ == "__main__":
    main()
