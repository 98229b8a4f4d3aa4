"""OpenRaster files in another program: `pip install pyora==0.3.11`, then

    python open_raster.py make           # writes the files in tests/fixtures that the tests compare with
    python open_raster.py check FILE...  # whether pyora reads and draws files of this program as they are meant
"""

import io
import sys
import zipfile
from pathlib import Path

import numpy as np
from PIL import Image
from pyora import Project

FIXTURES = Path(__file__).resolve().parents[1] / "tests/fixtures"
# pyora has no exclusion, and its soft light is not W3C's.
MODES = (
    "src-over multiply screen overlay darken lighten color-dodge color-burn hard-light difference hue saturation "
    "color luminosity"
).split()


def ramps(width: int, height: int, seed: int) -> Image.Image:
    """Smooth colours with an alpha between 0 and 1."""
    y, x = np.mgrid[0:height, 0:width] / max(width, height)
    turn = np.random.default_rng(seed).uniform(0, 6, 4)
    waves = [np.sin(turn[i] + 5 * x * (i + 1) + 3 * y * (4 - i)) for i in range(4)]
    return Image.fromarray(np.uint8(np.dstack(waves) * 127 + 128), "RGBA")


def make() -> None:
    modes = Project.new(64, 60)
    modes.add_layer(ramps(64, 60, 1), "below")
    for number, mode in enumerate(MODES):
        place = (number % 4 * 16, number // 4 * 15)
        modes.add_layer(ramps(15, 14, 2 + number), mode, offsets=place, opacity=0.9, composite_op=f"svg:{mode}")
    modes.save(FIXTURES / "modes.ora")

    groups = Project.new(40, 40)
    groups.add_layer(ramps(40, 40, 30), "below")
    groups.add_group("isolated", isolated=True, opacity=0.7, composite_op="svg:multiply")
    groups["isolated"].add_layer(ramps(20, 20, 31), "base", offsets=(4, 4))
    groups["isolated"].add_layer(ramps(20, 20, 32), "screen", offsets=(10, 10), composite_op="svg:screen")
    groups.add_group("clipped", isolated=True)
    groups["clipped"].add_layer(ramps(20, 20, 33), "base", offsets=(18, -6))
    groups["clipped"].add_layer(ramps(20, 20, 34), "atop", offsets=(22, 0), composite_op="svg:src-atop")
    groups.add_layer(ramps(40, 8, 35), "hidden", offsets=(0, 30), visible=False)
    groups.save(FIXTURES / "groups.ora")

    small = Project.new(48, 32)
    small.add_layer(ramps(48, 32, 40), "Ebene 1 – größer", opacity=0.5)
    stored = io.BytesIO()
    small.save(stored)
    # Krita compresses everything but the type.
    with zipfile.ZipFile(stored) as old, zipfile.ZipFile(FIXTURES / "deflated.ora", "w") as new:
        for name in old.namelist():
            how = zipfile.ZIP_STORED if name == "mimetype" else zipfile.ZIP_DEFLATED
            new.writestr(name, old.read(name), how)


def check(path: Path) -> None:
    project = Project.load(path)
    with zipfile.ZipFile(path) as archive:
        assert archive.infolist()[0].filename == "mimetype" and archive.read("mimetype") == b"image/openraster"
        merged = np.asarray(Image.open(archive.open("mergedimage.png")).convert("RGBA"), int)
    drawn = np.asarray(project.get_image_data(use_original=False), int)
    alpha = lambda picture: picture[..., 3:] / 255
    far = np.abs(np.dstack((merged[..., :3] * alpha(merged), merged[..., 3:])) - np.dstack((drawn[..., :3] * alpha(drawn), drawn[..., 3:])))
    print(f"{path.name}: {project.dimensions}, merged image and pyora's own drawing differ by {far.max():.1f} of 255")
    for layer in project.iter_tree:
        print("   ", layer.name, layer.composite_op, layer.opacity, "visible" if layer.visible else "hidden")


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["make"]:
            make()
        case ["check", *paths] if paths:
            for path in paths:
                check(Path(path))
        case _:
            sys.exit(__doc__)
