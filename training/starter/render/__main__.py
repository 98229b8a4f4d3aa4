"""Renders pictures: `python -m starter.render apple=600 pear=150 --worker 0 --workers 2`.

Each picture is a picture (webp), its base colour and part numbers at a quarter of the size (png), and what it shows
(json), in the folder `renders`. A kind and a number always give the same picture; what is there already is kept.
Run one process a core.
"""

import argparse
import json
import os
import random
import tempfile
import time
import zlib
from pathlib import Path

import numpy as np
from PIL import Image

from .. import paths
from . import stage as stages
from .things import KINDS, WEIGHTS, look_of

PIXELS, SAMPLES = 320, 4


def quiet(run):
    """Calls `run` without the renderer's words on standard output."""
    kept = os.dup(1)
    with open(os.devnull, "w") as nowhere:
        os.dup2(nowhere.fileno(), 1)
        try:
            return run()
        finally:
            os.dup2(kept, 1)
            os.close(kept)


def one(kind: str, number: int, pixels: int, samples: int, folder: Path):
    """(picture, base colour, parts, facts) of this number's picture of this kind."""
    rng = random.Random(zlib.crc32(kind.encode()) * 100_003 + number)
    stages.fresh(pixels, samples, 1)
    stages.bpy.context.scene.cycles.seed = number
    look = look_of(kind)
    stage = stages.choose(rng, look.elevation, look.lights, look.grounds)
    scene = KINDS[kind](rng, stage)
    points = stages.all_points()
    stages.put_ground(rng, stage, points[:, 2].min())
    stages.light_up(rng, stage)
    stages.put_camera(rng, stage, points, pixels)
    passes = stages.render(folder)
    parts, base = passes["parts"], passes["base"]
    picture = stages.developed(passes["picture"], rng.uniform(0.9, 1.1))
    facts = {
        "kind": kind, "number": number, "name": scene.name, "colour": scene.colour, "extra": scene.extra, "wet": scene.wet,
        "light": stage.light, "ground": stage.ground, "words": stage.words, "parts": scene.parts,
    }  # fmt: skip
    return picture, base, parts, facts


def save(folder: Path, name: str, picture, base, parts, facts) -> None:
    side = picture.shape[0] // 2
    small = base.reshape(side, 2, side, 2, 3).mean((1, 3))
    screen = np.where(small <= 0.0031308, small * 12.92, 1.055 * np.maximum(small, 1e-6) ** (1 / 2.4) - 0.055)
    rgba = np.concatenate([(screen * 255).clip(0, 255), parts[::2, ::2, None]], -1).astype(np.uint8)
    # Part numbers lie in a band of their own: an alpha channel would let encoders drop colours where it is zero.
    both = np.concatenate([rgba[..., :3], np.repeat(rgba[..., 3:], 3, -1)], 1)
    Image.fromarray(both).save(folder / f"{name}.png")
    (folder / f"{name}.json").write_text(json.dumps(facts))
    part = folder / f"{name}.part"
    Image.fromarray(picture).save(part, "WEBP", quality=92, method=4)
    part.replace(folder / f"{name}.webp")


def main() -> None:
    args = argparse.ArgumentParser()
    args.add_argument("wanted", nargs="*", help="KIND=COUNT; without any, the whole set")
    args.add_argument("--total", type=int, default=3000, help="size of the whole set")
    args.add_argument("--first", type=int, default=0, help="number of the first picture of each kind")
    args.add_argument("--worker", type=int, default=0)
    args.add_argument("--workers", type=int, default=1)
    args.add_argument("--pixels", type=int, default=PIXELS)
    args.add_argument("--samples", type=int, default=SAMPLES)
    args.add_argument("--out", type=Path, default=paths.ROOT / "renders")
    args = args.parse_args()
    folder = paths.made(args.out)
    if args.wanted:
        counts = {kind: int(count) for kind, count in (w.split("=") for w in args.wanted)}
    else:
        counts = {kind: round(args.total * w / sum(WEIGHTS.values())) for kind, w in WEIGHTS.items()}
    # Every kind grows at the same pace, so that the set may be used while it grows.
    order = sorted(((n + 0.5) / count, kind, args.first + n) for kind, count in counts.items() for n in range(count))
    with tempfile.TemporaryDirectory() as scratch:
        for turn, (_, kind, number) in enumerate(order):
            name = f"{kind}-{number:04}"
            if turn % args.workers != args.worker or (folder / f"{name}.webp").exists():
                continue
            begun = time.time()
            made = quiet(lambda: one(kind, number, args.pixels, args.samples, Path(scratch)))
            save(folder, name, *made)
            print(f"{name} {time.time() - begun:.1f} s", flush=True)


if __name__ == "__main__":
    main()
