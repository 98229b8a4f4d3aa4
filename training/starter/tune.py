"""Choose the recommended settings on held-out sketches: `python -m starter.tune --model runs/starter`.

The sketches are made of held-out renders, in training's hand; those of the evaluation are not looked at. Needs what
`starter.evaluate_sketches` needs. Prints a line for each choice of sampler, strength and CFG scale, and writes a sheet of
the first sketches, a column a choice.
"""

import argparse
import itertools
import json
from pathlib import Path

import numpy as np
import torch
from PIL import Image

from . import classifier, paths, rendered
from .classifier import THINGS
from .evaluate_sketches import ROOT, SEED, generate, measured

# Sketches on the sheet.
SHOWN = 12


def sketches(folder: Path, each: int) -> list[dict]:
    """So many held-out sketches of each thing, drawn once, with their captions."""
    index = folder / "sketches.json"
    if not index.exists():
        rng, made = np.random.default_rng(77), []
        for thing in THINGS:
            names = classifier.renders(True)[classifier.KIND.get(thing, thing)]
            for i in range(each):
                picture, (sketch,), (prompt,) = rendered.pair(names[i % len(names)], rng)
                file = f"{thing}-{i}.png"
                sketch.save(paths.made(folder) / file)
                picture.save(folder / f"{thing}-{i}-render.webp")
                made.append({"file": file, "thing": thing, "prompt": prompt})
        index.write_text(json.dumps(made))
    return json.loads(index.read_text())


@torch.no_grad()
def main() -> None:
    args = argparse.ArgumentParser()
    args.add_argument("--binary", type=Path, default=ROOT / "target/release/underpaint")
    args.add_argument("--model", type=Path, required=True)
    args.add_argument("--out", type=Path, default=paths.ROOT / "tuning")
    args.add_argument("--each", type=int, default=2, help="sketches of each thing")
    args.add_argument("--batch", type=int, default=2, help="results of each sketch")
    args.add_argument("--samplers", nargs="+", default=["euler"])
    args.add_argument("--schedules", nargs="+", default=["exponential"])
    args.add_argument("--steps", nargs="+", default=["5", "6"])
    args.add_argument("--strengths", nargs="+", default=["0.4", "0.5"])
    args.add_argument("--scales", nargs="+", default=["1.5", "2.5"])
    args = args.parse_args()
    drawn = sketches(args.out / "sketches", args.each)
    judges = [classifier.load(seed) for seed in classifier.SEEDS]
    choices = list(itertools.product(args.samplers, args.schedules, args.steps, args.strengths, args.scales))
    side = 160
    page = Image.new("RGB", ((len(choices) + 2) * side, SHOWN * side), "white")
    on_sheet = drawn[:: max(1, len(drawn) // SHOWN)][:SHOWN]
    put = lambda file, x, y: page.paste(Image.open(file).convert("RGB").resize((side, side), Image.LANCZOS), (x * side, y * side))
    for y, sketch in enumerate(on_sheet):
        file = args.out / "sketches" / sketch["file"]
        put(file, 0, y)
        put(file.with_name(f"{file.stem}-render.webp"), len(choices) + 1, y)
    for x, (sampler, schedule, steps, strength, scale) in enumerate(choices):
        folder = args.out / f"{sampler}-{schedule}-{steps}-{strength}-{scale}"
        options = ("--sampler", sampler, "--schedule", schedule, "--steps", steps, "--strength", strength, "--cfg", scale, "--batch", str(args.batch))
        rounds = []
        for sketch in drawn:
            file = args.out / "sketches" / sketch["file"]
            files = generate(args.binary, file, sketch["prompt"], folder / file.stem, "--seed", str(SEED), "--model", str(args.model), *options)
            rounds.append((file, sketch["thing"], files))
            if sketch in on_sheet:
                put(files[0], x + 1, on_sheet.index(sketch))
        said = measured(rounds, judges)
        print(
            sampler, schedule, steps, strength, scale,
            "named", " ".join(f"{j['named']:.2f}" for j in said["judges"]),
            "Frechet", " ".join(f"{j['Frechet distance of results']:.2f}" for j in said["judges"]),
            f"(sketches {said['judges'][0]['Frechet distance of sketches']:.2f})",
            f"colour {said['colour, CIEDE2000']['within 12']:.2f} overlap {said['overlap']['mean']:.2f} sharpness {said['sharpness']['ratio']:.2f}",
            flush=True,
        )  # fmt: skip
        page.save(args.out / "sheet.jpg", quality=88)


if __name__ == "__main__":
    main()
