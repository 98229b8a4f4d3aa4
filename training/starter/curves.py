"""Draw the training curves from the logs: `python -m starter.curves --out ../docs/training.png`."""

import argparse
import json
from pathlib import Path

from PIL import Image, ImageDraw

from . import paths

WIDTH, HEIGHT, MARGIN = 460, 240, 34


def read(path: Path, key: str) -> list[tuple[float, float]]:
    rows = [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []
    return [(row["step"], row[key]) for row in rows if key in row]


def smooth(points: list[tuple[float, float]], over: int = 7) -> list[tuple[float, float]]:
    values = [v for _, v in points]
    mean = lambda i: sum(values[max(0, i - over) : i + 1]) / len(values[max(0, i - over) : i + 1])
    return [(step, mean(i)) for i, (step, _) in enumerate(points)]


def panel(title: str, points: list[tuple[float, float]]) -> Image.Image:
    page = Image.new("RGB", (WIDTH, HEIGHT), "white")
    draw = ImageDraw.Draw(page)
    draw.text((MARGIN, 8), title, fill="black")
    if len(points) < 2:
        return page
    last = points[-1][0]
    low, high = min(v for _, v in points), max(v for _, v in points)
    place = lambda p: (
        MARGIN + p[0] / last * (WIDTH - 2 * MARGIN),
        HEIGHT - MARGIN - (p[1] - low) / (high - low or 1) * (HEIGHT - 2 * MARGIN),
    )
    draw.rectangle((MARGIN, MARGIN, WIDTH - MARGIN, HEIGHT - MARGIN), outline="lightgray")
    draw.line([place(p) for p in points], fill=(190, 215, 175))
    draw.line([place(p) for p in smooth(points)], fill=(62, 105, 40), width=2)
    draw.text((4, MARGIN - 4), f"{high:.2f}", fill="gray")
    draw.text((4, HEIGHT - MARGIN - 8), f"{low:.2f}", fill="gray")
    draw.text((WIDTH - MARGIN - 60, HEIGHT - MARGIN + 6), f"{last:.0f} steps", fill="gray")
    return page


def main() -> None:
    args = argparse.ArgumentParser()
    args.add_argument("--out", type=Path, default=Path("../docs/training.png"))
    out = args.parse_args().out
    left = panel("autoencoder: PSNR of training crops, dB", read(paths.AUTOENCODER / "log.jsonl", "psnr"))
    right = panel("UNet: loss", read(paths.DIFFUSION / "log.jsonl", "loss"))
    page = Image.new("RGB", (2 * WIDTH, HEIGHT), "white")
    page.paste(left, (0, 0))
    page.paste(right, (WIDTH, 0))
    page.save(out, optimize=True)


if __name__ == "__main__":
    main()
