"""Judge the starter by what it makes of 60 sketches: `python -m starter.evaluate_sketches`.

Needs the release build (`cargo build --release --example evaluation_sketches` and
`cargo build --release`) and the trained judges (`python -m starter.classifier`). Writes the pictures,
`report.json`, `sheet.jpg` (a sketch of each thing, four results, a second round) and
`neighbours.jpg` (results beside the renders of training that are most like them).
"""

import argparse
import json
import subprocess
from pathlib import Path

import numpy as np
import torch
from PIL import Image, ImageDraw
from scipy.linalg import sqrtm
from scipy.ndimage import binary_erosion
from skimage.color import deltaE_ciede2000, rgb2lab

from . import classifier, paths, rendered
from .classifier import THINGS, as_input, cut_to

ROOT = Path(__file__).resolve().parents[2]
# A pixel belongs to the thing when it differs from the ground by more than this (CIEDE2000).
APART = 10.0
SEED = 1000


def generate(binary: Path, init: Path, prompt: str, out: Path, *more: str) -> list[Path]:
    """The files of one round, made by the program itself unless they are there already."""
    if not any(out.glob("*.png")):
        command = [binary, "generate", "--init", init, "--prompt", prompt, "--out", out, *more]
        subprocess.run(command, check=True, capture_output=True)
    return sorted(out.glob("*.png"))


def lab(path: Path) -> np.ndarray:
    return rgb2lab(np.asarray(Image.open(path).convert("RGB").resize((256, 256), Image.BOX)))


def mask(image: np.ndarray) -> np.ndarray:
    """Where the thing is: what differs from the middle colour of the border, [256, 256]."""
    border = np.concatenate([image[:6].reshape(-1, 3), image[-6:].reshape(-1, 3), image[:, :6].reshape(-1, 3), image[:, -6:].reshape(-1, 3)])
    return deltaE_ciede2000(image, np.broadcast_to(np.median(border, 0), image.shape)) > APART


def framed(path: Path, sketch: Path) -> Image.Image:
    """The picture cut to where its sketch has the thing, as the judge's own pictures are cut to theirs: cut to all that
    differs from the ground, a result's shadow would count as part of it."""
    return cut_to(Image.open(path).convert("RGB").resize((256, 256), Image.BOX), mask(lab(sketch)))


def sharpness(image: Image.Image) -> float:
    """The mean gradient of lightness inside the thing of a picture cut to it, in L* a pixel of 192."""
    small = rgb2lab(np.asarray(image.resize((192, 192), Image.BOX)))
    inside = binary_erosion(mask(small), iterations=4)
    down, right = np.gradient(small[..., 0])
    return float(np.hypot(down, right)[inside].mean()) if inside.any() else 0.0


def sharpness_of_renders(count: int) -> float:
    """The same of held-out renders of the 20 things."""
    rng = np.random.default_rng(58)
    return float(np.mean([sharpness(classifier.render(THINGS[i % len(THINGS)], rng, True)) for i in range(count)]))


def frechet(a: np.ndarray, b: np.ndarray) -> float:
    """Fréchet distance of two sets of features [n, d] taken as normal distributions."""
    mean = ((a.mean(0) - b.mean(0)) ** 2).sum()
    one, two = np.cov(a, rowvar=False), np.cov(b, rowvar=False)
    return float(mean + np.trace(one + two - 2 * sqrtm(one @ two).real))


def spread(features: torch.Tensor) -> float:
    """Mean distance between the features [4, d] of one sketch's results."""
    return torch.pdist(features).mean().item() if len(features) > 1 else 0.0


@torch.no_grad()
def main() -> None:
    args = argparse.ArgumentParser()
    args.add_argument("--binary", type=Path, default=ROOT / "target/release/underpaint")
    args.add_argument("--sketches", type=Path, default=paths.ROOT / "evaluation/sketches")
    args.add_argument("--out", type=Path, default=paths.ROOT / "evaluation")
    args.add_argument("--model", default="starter")
    args.add_argument("--every", type=int, default=1, help="judge every so many sketches only")
    args = args.parse_args()
    if not (args.sketches / "sketches.json").exists():
        subprocess.run([args.binary.parent / "examples/evaluation_sketches", args.sketches], check=True)
    sketches = json.loads((args.sketches / "sketches.json").read_text())[:: args.every]
    judges = [classifier.load(seed) for seed in classifier.SEEDS]
    model = ("--model", args.model)

    results = {}
    for sketch in sketches:
        file = args.sketches / sketch["file"]
        results[file.stem] = generate(args.binary, file, sketch["prompt"], args.out / file.stem, "--seed", str(SEED), *model)
    report = measured([(args.sketches / s["file"], s["thing"], results[Path(s["file"]).stem]) for s in sketches], judges)
    report["settings"] = knobs(args, judges[0])
    (args.out / "report.json").write_text(json.dumps(report, indent=1, default=float))
    print(json.dumps(report, indent=1, default=float))
    sheet(args, sketches, results)
    neighbours(args, results)


def look(files: list[Path], sketch: Path) -> torch.Tensor:
    """What a judge sees of these results of a sketch, [n, 3, 64, 64]."""
    return torch.stack([as_input(framed(f, sketch)) for f in files])


def measured(rounds: list[tuple[Path, str, list[Path]]], judges: list) -> dict:
    """All measures of these rounds, each a sketch, the thing it shows, and the results."""
    colour, overlap, sharp, seen, drawn = [], [], [], [], []
    for sketch, _, files in rounds:
        before = lab(sketch)
        where = mask(before)
        for after in map(lab, files):
            mean = lambda image: image[where].mean(0)
            colour.append(float(deltaE_ciede2000(mean(before), mean(after))))
            there = mask(after)
            overlap.append(float((where & there).sum() / max(1, (where | there).sum())))
        sharp += [sharpness(framed(f, sketch)) for f in files]
        seen.append(look(files, sketch))
        drawn.append(look([sketch], sketch))
    labels = torch.tensor([THINGS.index(thing) for _, thing, _ in rounds])
    wanted = sharpness_of_renders(200)
    return {
        "results": len(colour),
        "colour, CIEDE2000": {"mean": np.mean(colour), "within 12": np.mean(np.array(colour) <= 12)},
        "overlap": {"mean": np.mean(overlap), "at least 0.75": np.mean(np.array(overlap) >= 0.75)},
        "sharpness": {"mean": np.mean(sharp), "of renders": wanted, "ratio": np.mean(sharp) / wanted},
        "judges": [opinion(judge, seen, drawn, labels) for judge in judges],
    }


def opinion(judge, seen: list[torch.Tensor], drawn: list[torch.Tensor], labels: torch.Tensor) -> dict:
    """What one judge says of the results [4, 3, 64, 64] and the sketch [1, 3, 64, 64] of each label."""
    features = [judge.features(s) for s in seen]
    sketches = judge.features(torch.cat(drawn))
    real = judge.features(classifier.real_pictures(600, seed=57, judging=True)[0]).numpy()
    right = [(judge.head(f).argmax(1) == label).float() for f, label in zip(features, labels)]
    variety = [spread(f) for f in features]
    ours, theirs = frechet(torch.cat(features).numpy(), real), frechet(sketches.numpy(), real)
    return {
        "named": torch.cat(right).mean().item(),
        "sketches named": (judge.head(sketches).argmax(1) == labels).float().mean().item(),
        "Frechet distance of results": ours,
        "Frechet distance of sketches": theirs,
        "share of the sketches' distance": ours / theirs,
        "feature distance between four seeds": {"mean": np.mean(variety), "least": np.min(variety)},
        "by thing": {t: torch.cat([r for r, l in zip(right, labels) if THINGS[l] == t] or [torch.zeros(0)]).mean().item() for t in THINGS},
    }


def knobs(args, judge) -> dict:
    """What turning each setting does to one apple: distance of the result from the sketch, in pixels and features."""
    init, prompt = args.sketches / "apple-0.png", "photo of perfect green apple"
    before = np.asarray(Image.open(init).convert("RGB"), np.float32)
    runs = {f"strength {s}": (prompt, "--strength", str(s)) for s in (0.3, 0.5, 0.7, 0.9)}
    runs |= {f"cfg {c}": (prompt, "--cfg", str(c)) for c in (1, 3, 6, 11)}
    runs |= {f"prompt {p}": (f"photo of perfect {p}",) for p in ("green apple", "red tomato", "orange")}
    changes = {}
    for name, (words, *more) in runs.items():
        out = args.out / "settings" / name.replace(" ", "-")
        files = generate(args.binary, init, words, out, "--seed", str(SEED), "--batch", "2", "--model", args.model, *more)
        pixels = np.mean([np.abs(np.asarray(Image.open(f).convert("RGB"), np.float32) - before).mean() for f in files])
        chance = judge(look(files, init)).softmax(1).mean(0)
        best = int(chance.argmax())
        changes[name] = {"mean change of a pixel": float(pixels), "named": THINGS[best], "sure": chance[best].item()}
    return changes


def sheet(args, sketches, results) -> None:
    """For each thing: a sketch, its four results, and a second round from the first result."""
    side, wide = 128, 6
    shown = [s for i, s in enumerate(sketches) if s["variant"] == (i // 3) % 3]
    page = Image.new("RGB", (2 * wide * side + 16, -(-len(shown) // 2) * side), "white")
    for number, sketch in enumerate(shown):
        stem = Path(sketch["file"]).stem
        first = results[stem][0]
        again = generate(args.binary, first, sketch["prompt"], args.out / "again" / stem, "--seed", str(SEED + 50), "--batch", "1", "--model", args.model)
        row = [args.sketches / sketch["file"], *results[stem][:4], *again]
        for column, file in enumerate(row):
            place = ((number % 2) * (wide * side + 16) + column * side, number // 2 * side)
            page.paste(Image.open(file).convert("RGB").resize((side, side), Image.LANCZOS), place)
    page.save(args.out / "sheet.jpg", quality=88)


def neighbours(args, results) -> None:
    """Twenty results beside the renders of training nearest to them (by pixels, 32 by 32)."""
    small = lambda image: np.asarray(image.convert("RGB").resize((32, 32), Image.BOX), np.float32).ravel()
    side, training = 112, []
    for name in rendered.names():
        training.append(Image.open(rendered.RENDERS / f"{name}.webp").convert("RGB").resize((side, side), Image.BOX))
    table = np.stack([small(t) for t in training])
    page = Image.new("RGB", (10 * (side * 2 + 8), 2 * (side + 8)), "white")
    draw = ImageDraw.Draw(page)
    stems = sorted(results)[::3][:20]
    for number, stem in enumerate(stems):
        image = Image.open(results[stem][0]).convert("RGB")
        distance = np.abs(table - small(image)).mean(1)
        nearest = int(distance.argmin())
        x, y = number % 10 * (side * 2 + 8), number // 10 * (side + 8)
        page.paste(image.resize((side, side), Image.BOX), (x, y))
        page.paste(training[nearest], (x + side, y))
        draw.text((x + side + 4, y + 4), f"{distance[nearest]:.0f}", fill="gray")
    page.save(args.out / "neighbours.jpg", quality=88)


if __name__ == "__main__":
    main()
