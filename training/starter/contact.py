"""Renders side by side: `python -m starter.contact ../docs/starter-renders.jpg` (a few of each kind, in the order of numbers)."""

import argparse
from pathlib import Path

from PIL import Image

from . import rendered

WIDE, SIDE = 9, 128


def main() -> None:
    args = argparse.ArgumentParser()
    args.add_argument("out", type=Path)
    args.add_argument("--count", type=int, default=45)
    args.add_argument("--folder", type=Path, default=rendered.RENDERS)
    args = args.parse_args()
    by_kind: dict[str, list[str]] = {}
    for file in sorted(args.folder.glob("*.webp")):
        by_kind.setdefault(file.stem.rsplit("-", 1)[0], []).append(file.stem)
    rounds = max(map(len, by_kind.values()), default=0)
    names = [kind[i] for i in range(rounds) for kind in by_kind.values() if i < len(kind)][: args.count]
    page = Image.new("RGB", (WIDE * SIDE, -(-len(names) // WIDE) * SIDE), "white")
    for i, name in enumerate(names):
        picture = Image.open(args.folder / f"{name}.webp").convert("RGB").resize((SIDE, SIDE), Image.LANCZOS)
        page.paste(picture, (i % WIDE * SIDE, i // WIDE * SIDE))
    page.save(args.out, quality=88)


if __name__ == "__main__":
    main()
