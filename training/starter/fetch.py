"""Fetch the pictures and their names: `python -m starter.fetch`.

Pictures: Microsoft's Fluent 3D emoji (MIT) from the npm package @lobehub/fluent-emoji-3d.
Names, keywords and groups: the npm package emojibase-data (MIT).
Bananas in their skin are drawn here (`drawn.py`).
Writes pictures/* and pictures.json: [{file, name, tags, group, subgroup}].
"""

import json
import shutil
import subprocess
import tarfile
import tempfile
from pathlib import Path

from . import paths
from .drawn import bananas

PICTURE_PACKAGE = "@lobehub/fluent-emoji-3d@1.1.0"
NAME_PACKAGE = "emojibase-data@17.0.0"
# The groups the starter is taught: things a person would sketch as one object.
GROUPS = {3: "animals-nature", 4: "food-drink", 5: "travel-places", 6: "activities", 7: "objects"}
# Nearly the same picture many times over (clock faces).
LEFT_OUT = {"time"}


def unpack(package: str, into: Path) -> Path:
    """`npm pack` one package and unpack it; returns the package folder."""
    done = subprocess.run(
        ["npm", "pack", "--silent", package], cwd=into, check=True, capture_output=True, text=True
    )
    archive = into / done.stdout.strip().splitlines()[-1]
    with tarfile.open(archive) as tar:
        tar.extractall(into / archive.stem, filter="data")
    return into / archive.stem / "package"


def main() -> None:
    with tempfile.TemporaryDirectory() as scratch:
        pictures = unpack(PICTURE_PACKAGE, Path(scratch)) / "assets"
        names = unpack(NAME_PACKAGE, Path(scratch)) / "en"
        entries = json.loads((names / "data.json").read_text())
        subgroups = {s["order"]: s["key"] for s in json.loads((names / "messages.json").read_text())["subgroups"]}
        out = paths.made(paths.PICTURES)
        index = []
        for entry in entries:
            if entry.get("group") not in GROUPS or subgroups[entry["subgroup"]] in LEFT_OUT:
                continue
            code = entry["hexcode"].lower()
            for candidate in (code, code.replace("-fe0f", ""), code + "-fe0f"):
                file = pictures / f"{candidate}.webp"
                if file.exists():
                    shutil.copy(file, out / file.name)
                    index.append(
                        {
                            "file": file.name,
                            "name": entry["label"],
                            "tags": entry.get("tags", []),
                            "group": GROUPS[entry["group"]],
                            "subgroup": subgroups[entry["subgroup"]],
                        }
                    )
                    break
    for number, image in enumerate(bananas()):
        file = f"banana-{number}.png"
        image.save(out / file)
        kind = {"group": "food-drink", "subgroup": "food-fruit"}
        index.append({"file": file, "name": "banana", "tags": ["fruit", "potassium"], **kind})
    paths.INDEX.write_text(json.dumps(index, indent=1, ensure_ascii=False))
    print(f"{len(index)} pictures in {out}")


if __name__ == "__main__":
    main()
