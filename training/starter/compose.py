"""One training picture: an object on a background, its caption, and a crude sketch of it."""

import json
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from . import paths

SIZE = 512
# How often each kind of picture is drawn, relative to the rest: what people sketch first.
WEIGHTS = {
    "food-fruit": 5.0,
    "food-vegetable": 2.5,
    "food-sweet": 2.0,
    "plant-flower": 1.5,
    "plant-other": 1.5,
    "drink": 1.2,
    "dishware": 0.7,
    "animal-bug": 0.7,
}
# Things people sketch less often are there to be known, not to fill the model.
SELDOM = {"travel-places": 0.25, "activities": 0.25, "objects": 0.25}
OFTEN = {"red apple": 3.0, "green apple": 4.0, "pear": 1.5, "tomato": 1.3}
COLOUR_WORDS = ("red", "green", "black", "white", "yellow", "orange", "blue", "purple", "pink", "brown")
LEAD = ("photo of ", "photo of a ", "a ", "", "", "3d render of a ", "picture of a ", "a photo of a ", "image of ", "an icon of a ")
QUALITY = ("perfect ", "shiny ", "glossy ", "fresh ", "beautiful ", "perfect ", "", "", "", "", "")
TAIL = ("dramatic lighting", "studio lighting", "water droplets", "highly detailed", "glossy", "smooth shading", "soft light", "3d", "sharp focus")


@dataclass
class Picture:
    """One source picture: `rgba` is [256, 256, 4] bytes, hue of its main colour in 0..1 (or None)."""

    name: str
    tags: list
    subgroup: str
    rgba: np.ndarray
    hue: float | None


def load_pictures() -> tuple[list[Picture], np.ndarray]:
    """All source pictures and the probability of drawing each."""
    pictures, weights = [], []
    for entry in json.loads(paths.INDEX.read_text()):
        rgba = np.asarray(Image.open(paths.PICTURES / entry["file"]).convert("RGBA").resize((256, 256)))
        pictures.append(Picture(entry["name"], entry["tags"], entry["subgroup"], rgba, main_hue(rgba)))
        often = WEIGHTS.get(entry["subgroup"], SELDOM.get(entry["group"], 1.0))
        weights.append(often * OFTEN.get(entry["name"], 1.0))
    weights = np.array(weights)
    return pictures, weights / weights.sum()


def main_hue(rgba: np.ndarray) -> float | None:
    hsv = np.asarray(Image.fromarray(rgba[..., :3]).convert("HSV")).astype(np.float32) / 255
    weight = hsv[..., 1] * hsv[..., 2] * (rgba[..., 3] > 128)
    if weight.sum() < 0.12 * (rgba[..., 3] > 128).sum():
        return None
    angle = hsv[..., 0] * 2 * np.pi
    mean = np.arctan2((np.sin(angle) * weight).sum(), (np.cos(angle) * weight).sum())
    return float(mean / (2 * np.pi) % 1)


def colour_name(rgb: np.ndarray) -> str:
    """A plain word for a mean colour given in 0..255."""
    r, g, b = (float(c) / 255 for c in rgb)
    high, low = max(r, g, b), min(r, g, b)
    if high - low < 0.12:
        return "black" if high < 0.25 else "white" if low > 0.75 else "gray"
    hue, sat, val = Image.new("RGB", (1, 1), tuple(int(c) for c in rgb)).convert("HSV").getpixel((0, 0))
    degrees = hue / 255 * 360
    if val < 130 and 10 < degrees < 50:
        return "brown"
    for limit, name in ((14, "red"), (40, "orange"), (68, "yellow"), (165, "green"), (255, "blue"), (292, "purple"), (340, "pink")):
        if degrees < limit:
            return name
    return "red"


def shift_hue(rgba: np.ndarray, around: float, by: float) -> np.ndarray:
    """Turn the hues within 50 degrees of `around` by `by` (both in turns); the rest stays."""
    hsv = np.asarray(Image.fromarray(rgba[..., :3]).convert("HSV")).copy()
    hue = hsv[..., 0].astype(np.float32) / 255
    near = np.abs((hue - around + 0.5) % 1 - 0.5) < 0.14
    hsv[..., 0] = np.where(near, ((hue + by) % 1 * 255).astype(np.uint8), hsv[..., 0])
    rgb = np.asarray(Image.fromarray(hsv, "HSV").convert("RGB"))
    return np.concatenate([rgb, rgba[..., 3:]], axis=-1)


def background(rng: np.random.Generator) -> tuple[Image.Image, str, np.ndarray]:
    """The ground, the words for it and its flat colour."""
    kind = rng.choice(["white", "black", "flat", "graded", "spot"], p=[0.35, 0.08, 0.27, 0.2, 0.1])
    if kind == "white":
        return Image.new("RGB", (SIZE, SIZE), "white"), "on a white background", np.full(3, 255.0)
    if kind == "black":
        return Image.new("RGB", (SIZE, SIZE), "black"), "on a black background", np.zeros(3)
    one = rng.integers(0, 256, 3).astype(np.float32)
    if rng.random() < 0.5:  # half of the grounds are pale or grey, as people paint them
        one = one * 0.3 + rng.choice([40.0, 120.0, 178.0])
    one = np.clip(one, 0, 255)
    words = f"on a {colour_name(one)} background"
    if kind == "flat":
        return Image.new("RGB", (SIZE, SIZE), tuple(int(c) for c in one)), words, one
    two = np.clip(one * rng.uniform(0.2, 0.8) + rng.uniform(0, 40), 0, 255)
    y, x = np.mgrid[0:SIZE, 0:SIZE].astype(np.float32) / SIZE
    if kind == "graded":
        angle = rng.uniform(0, 2 * np.pi)
        mix = np.clip((x - 0.5) * np.cos(angle) + (y - 0.5) * np.sin(angle) + 0.5, 0, 1)
    else:
        mix = np.clip(np.hypot(x - rng.uniform(0.3, 0.7), y - rng.uniform(0.2, 0.6)) * 1.4, 0, 1)
        words = "dramatic lighting"
    ground = one * (1 - mix[..., None]) + two * mix[..., None]
    return Image.fromarray(ground.astype(np.uint8)), words, (one + two) / 2


def named(picture: Picture, rng: np.random.Generator, colour: str, shifted: bool) -> str:
    """The thing in words, with its colour when that is news."""
    noun = picture.name
    for word in COLOUR_WORDS:
        noun = noun.removeprefix(word + " ")
    if picture.tags and rng.random() < 0.12:
        noun = str(rng.choice(picture.tags))
    coloured = shifted or picture.name != noun or rng.random() < 0.35
    return str(rng.choice(QUALITY)) + (colour + " " if coloured and rng.random() < 0.9 else "") + noun


def caption(things: list[str], fruit: bool, rng: np.random.Generator, ground: str) -> str:
    words = str(rng.choice(LEAD)) + " and ".join(things)
    if fruit and rng.random() < 0.25:
        words += " with stem"
    extra = [str(t) for t in rng.choice(TAIL, size=int(rng.integers(0, 3)), replace=False)]
    if rng.random() < 0.4:
        extra.append(ground)
    rng.shuffle(extra)
    return ", ".join([words] + extra)


def scribbles(mask: np.ndarray, rng: np.random.Generator) -> Image.Image:
    """What fat strokes between random places of the mask (128 by 128) cover, at full size."""
    ys, xs = np.nonzero(mask)
    order = np.argsort(ys + rng.normal(0, 12, len(ys)))  # roughly from top to bottom, as hands do
    picked = order[np.linspace(0, len(order) - 1, int(rng.integers(8, 18))).astype(int)]
    points = [(int(xs[i]) * 4, int(ys[i]) * 4) for i in picked]
    cover = Image.new("L", (SIZE, SIZE))
    width = int(np.clip(np.sqrt(mask.sum()) * 4 * rng.uniform(0.15, 0.3), 14, 90))
    ImageDraw.Draw(cover).line(points, fill=255, width=width, joint="curve")
    return cover


def with_strokes(drawn: Image.Image, mask: np.ndarray, rng: np.random.Generator) -> Image.Image:
    """A lighter or darker stroke or two, where a person hints at light and shade."""
    drawn = drawn.copy()
    ys, xs = np.nonzero(mask)
    for _ in range(int(rng.integers(1, 4))):
        i = rng.integers(0, len(ys))
        x, y = float(xs[i]) * 4, float(ys[i]) * 4
        own = np.array(drawn.getpixel((int(x), int(y))), np.float32)
        colour = own + (255 - own) * rng.uniform(0.2, 0.8) if rng.random() < 0.5 else own * rng.uniform(0.4, 0.85)
        length, angle, bend = rng.uniform(20, 130), rng.uniform(0, 2 * np.pi), rng.normal(0, 0.25)
        points = []
        for _ in range(8):
            points.append((x, y))
            x, y, angle = x + np.cos(angle) * length / 8, y + np.sin(angle) * length / 8, angle + bend
        ImageDraw.Draw(drawn).line(points, fill=tuple(int(c) for c in colour), width=int(rng.integers(8, 36)), joint="curve")
    return drawn


def crude(canvas: Image.Image, layer: Image.Image, rng: np.random.Generator) -> None:
    """Paints a person's rough version on `canvas`: few flat colours, wobbled outline, no shading."""
    rgba = np.asarray(layer.filter(ImageFilter.GaussianBlur(rng.uniform(3, 9)))).astype(np.float32)
    alpha = rgba[..., 3] / 255
    small = Image.fromarray(np.clip(rgba[..., :3], 0, 255).astype(np.uint8)).resize((128, 128))
    mask = np.asarray(Image.fromarray((alpha * 255).astype(np.uint8)).resize((128, 128))) > 128
    pixels = np.asarray(small)[mask].astype(np.float32)
    if len(pixels) < 50:
        return
    # A few k-means rounds give the sketch's palette.
    centres = pixels[rng.integers(0, len(pixels), int(rng.integers(1, 5)))]
    for _ in range(5):
        nearest = ((pixels[:, None] - centres[None]) ** 2).sum(-1).argmin(1)
        centres = np.stack([pixels[nearest == i].mean(0) if (nearest == i).any() else c for i, c in enumerate(centres)])
    flat = np.asarray(small).astype(np.float32)
    flat = centres[((flat[:, :, None] - centres) ** 2).sum(-1).argmin(-1)]
    flat = np.clip(flat + rng.normal(0, 10, 3), 0, 255)
    drawn = Image.fromarray(flat.astype(np.uint8)).filter(ImageFilter.MedianFilter(5))
    outline = Image.fromarray((mask * 255).astype(np.uint8)).filter(ImageFilter.MedianFilter(7))
    # The wobble: a coarse random displacement of both.
    step = rng.normal(0, rng.uniform(1, 4), (2, 5, 5)).astype(np.float32)
    dx, dy = (np.asarray(Image.fromarray(s).resize((128, 128), Image.BICUBIC)) for s in step)
    y, x = np.mgrid[0:128, 0:128]
    at = (np.clip(y + dy, 0, 127).astype(int), np.clip(x + dx, 0, 127).astype(int))
    drawn = Image.fromarray(np.asarray(drawn)[at]).resize((SIZE, SIZE), Image.BILINEAR)
    outline = Image.fromarray(np.asarray(outline)[at]).resize((SIZE, SIZE), Image.BILINEAR)
    kind = rng.random()
    if kind < 0.3:  # the crudest kind: one ellipse in the mean colour
        ys, xs = np.nonzero(mask)
        box = [int(v * 4) for v in (xs.min(), ys.min(), xs.max(), ys.max())]
        outline = Image.new("L", (SIZE, SIZE))
        ImageDraw.Draw(outline).ellipse(box, fill=255)
        if rng.random() < 0.5:
            drawn = Image.new("RGB", (SIZE, SIZE), tuple(int(c) for c in centres[0]))
    elif kind < 0.45:  # scribbled: fat strokes to and fro over the thing
        outline = scribbles(mask, rng)
    if rng.random() < 0.3:
        drawn = with_strokes(drawn, mask, rng)
    edge = outline.filter(ImageFilter.GaussianBlur(rng.uniform(0.5, 4)))
    canvas.paste(drawn, mask=edge)


def placed(rgba: np.ndarray, side: int, at: tuple[int, int], rng: np.random.Generator) -> Image.Image:
    """The thing on a clear layer, `side` pixels wide with its corner `at`, turned and mirrored a little."""
    thing = Image.fromarray(rgba).resize((side, side), Image.BICUBIC)
    if rng.random() < 0.5:
        thing = thing.transpose(Image.FLIP_LEFT_RIGHT)
    if rng.random() < 0.5:
        thing = thing.rotate(rng.normal(0, 8), Image.BICUBIC)
    layer = Image.new("RGBA", (SIZE, SIZE))
    layer.paste(thing, at)
    return layer


def places(count: int, rng: np.random.Generator) -> list[tuple[int, tuple[int, int]]]:
    """Side and corner of one thing anywhere, or of two side by side."""
    if count == 1:
        side = int(SIZE * rng.uniform(0.55, 1.0))
        room = SIZE - side
        return [(side, (int(rng.uniform(0.1, 0.9) * room), int(rng.uniform(0.1, 0.9) * room)))]
    half = SIZE // 2
    return [
        (side := int(half * rng.uniform(0.8, 1.0)), (column * half + (half - side) // 2, int(rng.uniform(0.3, 0.7) * (SIZE - side))))
        for column in range(2)
    ]


def compose(pictures: list[Picture], weights: np.ndarray, rng: np.random.Generator, pairs: float = 0.12, sketched: bool = True):
    """Returns (picture, sketch, caption); both images are [512, 512, 3].

    `pairs` is how often there are two things; without `sketched` the sketch is an empty ground.
    """
    ground, ground_words, ground_colour = background(rng)
    sketch = Image.new("RGB", (SIZE, SIZE), tuple(int(c) for c in ground_colour))
    chosen = [pictures[i] for i in rng.choice(len(pictures), size=2 if rng.random() < pairs else 1, p=weights)]
    things = []
    for picture, (side, at) in zip(chosen, places(len(chosen), rng)):
        rgba, shifted = picture.rgba, False
        if picture.hue is not None and rng.random() < 0.3:
            rgba, shifted = shift_hue(rgba, picture.hue, float(rng.uniform(0.1, 0.9))), True
        solid = rgba[..., 3] > 128
        colour = colour_name(np.median(rgba[solid][:, :3], axis=0)) if solid.any() else "white"
        things.append(named(picture, rng, colour, shifted))
        layer = placed(rgba, side, at, rng)
        if sketched:
            crude(sketch, layer, rng)
        ground.paste(layer, mask=layer.getchannel("A"))
    fruit = len(chosen) == 1 and chosen[0].subgroup == "food-fruit"
    return ground, sketch, caption(things, fruit, rng, ground_words)
