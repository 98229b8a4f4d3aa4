"""Renders and source pictures as one file to take elsewhere, and large files in parts.

    python -m starter.pack set renders.zip             # all renders and source pictures, stored
    python -m starter.pack unpack renders.zip          # back into their folders
    python -m starter.pack split FILE FOLDER           # parts of at most 15 MB
    python -m starter.pack join FOLDER FILE
    python -m starter.pack small CHECKPOINT FILE       # a checkpoint's averages alone, in f16: an eighth of it
"""

import argparse
import zipfile
from pathlib import Path

from . import paths
from .rendered import RENDERS

PART = 15 * 1000 * 1000


def pack(out: Path) -> None:
    """Pictures are compressed already, so they are only stored. The same files always give the same archive."""
    renders = sorted(f for end in ("webp", "png", "json") for f in RENDERS.glob(f"*.{end}"))
    sources = [paths.INDEX, *sorted(paths.PICTURES.glob("*"))] if paths.INDEX.exists() else []
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        for file in renders + sources:
            archive.writestr(zipfile.ZipInfo(str(file.relative_to(paths.ROOT))), file.read_bytes())
    print(f"{len(renders) // 3} renders, {len(sources)} other files, {out.stat().st_size / 1e6:.1f} MB in {out}")


def unpack(source: Path) -> None:
    with zipfile.ZipFile(source) as archive:
        for name in archive.namelist():
            target = (paths.ROOT / name).resolve()
            if not target.is_relative_to(paths.ROOT.resolve()):
                raise SystemExit(f"{source} has a file that would lie outside {paths.ROOT}: {name}")
            if not target.exists():
                paths.made(target.parent)
                target.write_bytes(archive.read(name))


def split(file: Path, folder: Path) -> None:
    paths.made(folder)
    data = file.read_bytes()
    for number in range(-(-len(data) // PART)):
        (folder / f"{file.name}.{number:03}").write_bytes(data[number * PART : (number + 1) * PART])


def join(folder: Path, file: Path) -> None:
    file.write_bytes(b"".join(part.read_bytes() for part in sorted(folder.glob(f"{file.name}.[0-9][0-9][0-9]"))))


def small(checkpoint: Path, out: Path) -> None:
    import torch

    state = torch.load(checkpoint, map_location="cpu", weights_only=True)
    half = lambda tensors: {k: v.half() if v.is_floating_point() else v for k, v in tensors.items()}
    model = half(state["model"] | state["average"])
    kept = {"model": model, "average": {k: model[k] for k in state["average"]}, "words": state["words"], "step": state["step"]}
    torch.save(kept, out)
    print(f"{out.stat().st_size / 1e6:.1f} MB in {out}")


def main() -> None:
    args = argparse.ArgumentParser()
    args.add_argument("what", choices=("set", "unpack", "split", "join", "small"))
    args.add_argument("files", type=Path, nargs="+")
    args = args.parse_args()
    {"set": pack, "unpack": unpack, "split": split, "join": join, "small": small}[args.what](*args.files)


if __name__ == "__main__":
    main()
