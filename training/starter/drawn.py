"""Things as people draw them that the fetched pictures lack, shaded by formula in the same glossy style.

The only fetched banana is peeled, and nobody paints it so. A banana here is a tube: spheres along an arc, of which
each pixel sees the one nearest to the eye.
"""

import numpy as np
from PIL import Image

SIDE = 256
YELLOW, ORANGE, BROWN = np.array([[255, 209, 64], [240, 140, 38], [104, 70, 44]], np.float32)
LIGHT = np.array([-0.35, -0.65, 0.67], np.float32)
# Bananas by how far they bend (radians), how thick they are for their length, and how they lie (degrees).
BANANAS = ((1.5, 0.105, 0.0), (2.1, 0.095, 12.0), (1.1, 0.12, -30.0), (1.8, 0.11, 160.0))


def banana(bend: float, thick: float, turn: float) -> Image.Image:
    """A whole banana on a clear ground, [256, 256, 4]; with `turn` 0 it lies like a smile, its stem at the right."""
    side = 2 * SIDE
    along = np.linspace(0, 1, 160, dtype=np.float32)
    angle = np.pi / 2 + bend * (0.5 - along)
    middle = np.stack([np.cos(angle), np.sin(angle)], 1) / bend
    inward = np.clip(np.minimum(along / 0.3, (1 - along) / 0.36), 0, 1)
    radius = thick * (0.4 + 0.6 * inward * inward * (3 - 2 * inward))
    angle = np.deg2rad(turn)
    spin = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]], np.float32)
    middle = middle @ spin
    low, high = (middle - radius[:, None]).min(0), (middle + radius[:, None]).max(0)
    scale = 0.94 * side / (high - low).max()
    middle, radius = (middle - (low + high) / 2) * scale + side / 2, radius * scale

    y, x = np.mgrid[0:side, 0:side].astype(np.float32)
    depth, nearest = np.full((side, side), -1.0, np.float32), np.zeros((side, side), int)
    for i, ((cx, cy), r) in enumerate(zip(middle, radius)):
        square = r * r - (x - cx) ** 2 - (y - cy) ** 2
        front = np.where(square > 0, np.sqrt(np.maximum(square, 0)), -1.0)
        depth, nearest = np.maximum(depth, front), np.where(front > depth, i, nearest)
    inside, r = depth >= 0, radius[nearest]
    normal = np.stack([x - middle[nearest, 0], y - middle[nearest, 1], depth], -1) / r[..., None]

    bright = normal @ (LIGHT / np.linalg.norm(LIGHT))
    colour = ORANGE + (YELLOW - ORANGE) * np.clip(0.45 + 0.75 * bright, 0, 1)[..., None]
    # Flat sides meet in ridges along the fruit, where the light breaks.
    out = np.stack([np.cos(np.pi / 2 + bend * (0.5 - along)), np.sin(np.pi / 2 + bend * (0.5 - along))], 1) @ spin
    across = (normal[..., :2] * out[nearest]).sum(-1)
    for ridge in (-0.15, 0.6):
        colour -= 26 * np.exp(-(((across - ridge) / 0.05) ** 2))[..., None] * np.array([0.6, 1, 1])
    colour += 90 * np.clip(bright, 0, 1)[..., None] ** 24
    ends = np.clip((np.maximum(0.05 - along, along - 0.95) / 0.02 + 1) / 2, 0, 1)[nearest][..., None]
    colour += (BROWN * (0.6 + 0.5 * np.clip(bright, 0, 1)[..., None]) - colour) * ends * 0.85
    rgba = np.concatenate([np.clip(colour, 0, 255), 255.0 * inside[..., None]], -1).astype(np.uint8)
    return Image.fromarray(rgba).resize((SIDE, SIDE), Image.LANCZOS)


def bananas() -> list[Image.Image]:
    return [banana(*how) for how in BANANAS]
