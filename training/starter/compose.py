"""One training picture: an object on a background, its caption, and a crude sketch of it."""

import json
from collections import Counter
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw, ImageFilter
from scipy.ndimage import binary_opening, distance_transform_edt, gaussian_filter, map_coordinates

from . import paths
from .render.words import vocabulary as rendered_words

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
    "animal-mammal": 0.35,
    "food-asian": 0.5,
}
# Things people sketch less often are there to be known, not to fill the model.
SELDOM = {"travel-places": 0.2, "activities": 0.15, "objects": 0.15}
OFTEN = dict.fromkeys(
    "house tree rose star sun cat dog bird butterfly airplane car sailboat hamburger pizza teapot hat key book balloon".split(), 2.5
)
# What the evaluation asks for, and a newcomer draws first: most of the set, each as often as the others.
FIRST = (
    "red apple,green apple,pear,tangerine,lemon,banana,tomato,strawberry,cherries,grapes,watermelon,"
    "peach,eggplant,carrot,mushroom,doughnut,cookie,sunflower,tulip,cactus,fish"
).split(",")
FIRST_SHARE = 0.7
# How often a thing is given a shape of its own.
RESHAPED = 0.5
# How often each kind of ground is drawn.
GROUNDS = {"white": 0.43, "black": 0.05, "flat": 0.33, "graded": 0.12, "dramatic": 0.07}
COLOUR_WORDS = ("red", "green", "black", "white", "yellow", "orange", "blue", "purple", "pink", "brown")
LEAD = ("photo of ", "photo of a ", "a ", "", "", "3d render of a ", "picture of a ", "a photo of a ", "image of ", "an icon of a ")
QUALITY = ("perfect ", "shiny ", "glossy ", "fresh ", "beautiful ", "perfect ", "", "", "", "", "")
TAIL = ("studio lighting", "water droplets", "highly detailed", "glossy", "smooth shading", "soft light", "3d", "sharp focus")


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
    weights = np.array(weights) / sum(weights)
    first = np.array([picture.name in FIRST for picture in pictures])
    alike = Counter(picture.name for picture in pictures)
    share = np.array([FIRST_SHARE / len(FIRST) / alike[picture.name] for picture in pictures])
    return pictures, np.where(first, share, weights * (1 - FIRST_SHARE) / weights[~first].sum())


def vocabulary() -> list[str]:
    """Every word a caption can have."""
    words = [entry["name"] for entry in json.loads(paths.INDEX.read_text())]
    for entry in json.loads(paths.INDEX.read_text()):
        words += entry["tags"]
    return words + rendered_words() + [*COLOUR_WORDS, "gray", *LEAD, *QUALITY, *TAIL, "", "with stem, and dramatic lighting, on a background"]


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


@dataclass
class Ground:
    """What lies behind: the picture's ground, the sketch's, the words for it."""

    picture: Image.Image
    sketch: Image.Image
    words: str
    dramatic: bool = False


def background(rng: np.random.Generator) -> Ground:
    """White, black, one colour, a gradient (in the sketch too), or light that falls on one spot.

    Only dramatic light is not in the sketch: those words alone bring it.
    """
    kind = rng.choice(list(GROUNDS), p=list(GROUNDS.values()))
    plain = lambda colour: Image.new("RGB", (SIZE, SIZE), tuple(int(c) for c in colour))
    if kind in ("white", "black"):
        page = plain([255 if kind == "white" else 0] * 3)
        return Ground(page, page.copy(), f"on a {kind} background")
    one = rng.integers(0, 256, 3).astype(np.float32)
    if rng.random() < 0.6:  # most grounds are pale or grey, as people paint them
        one = one * 0.3 + rng.choice([40.0, 120.0, 178.0], p=[0.2, 0.2, 0.6])
    if kind == "dramatic" and rng.random() < 0.6:
        one = np.full(3, 255.0)
    one = np.clip(one, 0, 255)
    if kind == "flat":
        return Ground(plain(one), plain(one), f"on a {colour_name(one)} background")
    y, x = np.mgrid[0:SIZE, 0:SIZE].astype(np.float32) / SIZE
    if kind == "dramatic":
        two = one * 0.3
        mix = np.clip(np.hypot(x - rng.uniform(0.35, 0.65), y - rng.uniform(0.3, 0.6)) * 1.5 - 0.15, 0, 1)
    else:
        two = np.clip(one * rng.uniform(0.2, 0.8) + rng.uniform(0, 40), 0, 255)
        angle = rng.uniform(0, 2 * np.pi)
        mix = np.clip((x - 0.5) * np.cos(angle) + (y - 0.5) * np.sin(angle) + 0.5, 0, 1)
    page = Image.fromarray((one * (1 - mix[..., None]) + two * mix[..., None]).astype(np.uint8))
    if kind == "dramatic":
        return Ground(page, plain(one), "dramatic lighting", True)
    return Ground(page, page.copy(), f"on a {colour_name((one + two) / 2)} background")


def lit(layer: Image.Image, rng: np.random.Generator) -> Image.Image:
    """The thing in dramatic light: bright on one upper side, dark on the other."""
    y, x = np.mgrid[0:SIZE, 0:SIZE].astype(np.float32)
    left, top, right, bottom = layer.getchannel("A").getbbox() or (0, 0, SIZE, SIZE)
    angle = rng.choice([-1, 1]) * rng.uniform(0.3, 1.2)
    along = ((x - (left + right) / 2) * np.sin(angle) - (y - (top + bottom) / 2) * np.cos(angle)) / max(right - left, bottom - top)
    # Not as dark as it might be: guidance makes it more so.
    light = np.clip(0.95 + along * 0.8, 0.5, 1.25)
    pixels = np.asarray(layer).astype(np.float32)
    pixels[..., :3] *= light[..., None]
    return Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8), "RGBA")


def toned(rgba: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """The same thing paler or richer, lighter or darker."""
    rgb = rgba[..., :3].astype(np.float32)
    grey = rgb.mean(-1, keepdims=True)
    rgb = grey + (rgb - grey) * rng.uniform(0.7, 1.25)
    # Grapes are dark in the source and the banana is light: a sixth goes further, so that they can be either.
    far = 0.35 if rng.random() < 5 / 6 else 0.8
    rgb = 255 * (rgb.clip(0, 255) / 255) ** np.exp(rng.uniform(-far, far))
    return np.concatenate([rgb.clip(0, 255).astype(np.uint8), rgba[..., 3:]], axis=-1)


def named(picture: Picture, rng: np.random.Generator, colour: str, shifted: bool) -> str:
    """The thing in words, with its colour when that is news."""
    noun = picture.name
    for word in COLOUR_WORDS:
        noun = noun.removeprefix(word + " ")
    if picture.tags and rng.random() < 0.12:
        noun = str(rng.choice(picture.tags))
    coloured = shifted or picture.name != noun or rng.random() < 0.35
    return str(rng.choice(QUALITY)) + (colour + " " if coloured and rng.random() < 0.9 else "") + noun


def caption(things: list[str], fruit: bool, rng: np.random.Generator, ground: Ground) -> str:
    words = str(rng.choice(LEAD)) + " and ".join(things)
    if fruit and rng.random() < 0.25:
        words += " with stem"
    extra = [str(t) for t in rng.choice(TAIL, size=int(rng.integers(0, 3)), replace=False)]
    if ground.dramatic or rng.random() < 0.4:
        extra.append(ground.words)
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


def in_hues(lightness: float) -> np.ndarray:
    """A matrix [3, 3] that keeps the differences between channels and shrinks what they have in common."""
    return np.eye(3, dtype=np.float32) - (1 - lightness) / 3


def nearest_of(pixels: np.ndarray, centres: np.ndarray) -> np.ndarray:
    """Which of the colours each pixel is nearest to, [h, w]."""
    return ((pixels.astype(np.float32)[:, :, None] - centres) ** 2).sum(-1).argmin(-1)


def strokes_over(mask: np.ndarray, finest: float, most: int, rng: np.random.Generator) -> list[tuple]:
    """Strokes of a round brush that roughly cover a mask [128, 128]: (x, y, x, y, radius), coarse ones first.

    The brush is put where most room is left, as wide as the room, and drawn from the nearest place
    it was at before if the way there lies inside.
    """
    room = distance_transform_edt(np.pad(mask, 1))[1:-1, 1:-1]
    y, x = np.mgrid[0:128, 0:128]
    left, at, strokes = room.copy(), [], []
    while len(strokes) < most and left.max() >= finest and (left > 0).sum() > 0.06 * mask.sum():
        cy, cx = np.unravel_index(left.argmax(), left.shape)
        radius = room[cy, cx] * rng.uniform(0.88, 1.08)
        px, py = cx, cy
        if at:
            ox, oy, other = min(at, key=lambda o: (o[0] - cx) ** 2 + (o[1] - cy) ** 2)
            if mask[(oy + cy) // 2, (ox + cx) // 2] and other >= radius * 0.6:
                px, py = ox, oy
        along = np.array([cx - px, cy - py], np.float32)
        share = np.clip(((x - px) * along[0] + (y - py) * along[1]) / max(1e-3, along @ along), 0, 1)
        near = np.hypot(x - px - share * along[0], y - py - share * along[1]) < radius * 1.02
        left[near] = 0
        at.append((cx, cy, radius))
        strokes.append((px, py, cx, cy, radius))
    return strokes


def brushed(canvas: Image.Image, colours: np.ndarray, centres: np.ndarray, mask: np.ndarray, rng: np.random.Generator) -> Image.Image:
    """`canvas` with the thing painted on it: all of it in its commonest colour, then the others over that."""
    page = canvas.copy()
    pen = ImageDraw.Draw(page)
    areas = [int(((colours == i) & mask).sum()) for i in range(len(centres))]
    for turn, i in enumerate(np.argsort(areas)[::-1]):
        region = mask if turn == 0 else binary_opening((colours == i) & mask)
        if region.sum() < 0.012 * mask.sum():
            continue
        fill = tuple(int(c) for c in centres[i])
        for px, py, cx, cy, radius in strokes_over(region, 2.0 if turn == 0 else 1.2, 40 if turn == 0 else 14, rng):
            px, py, cx, cy = ((v + 0.5) * 4 + rng.normal(0, 2.5) for v in (px, py, cx, cy))
            r = radius * 4
            pen.line([(px, py), (cx, cy)], fill=fill, width=max(1, int(2 * r)))
            for ex, ey in ((px, py), (cx, cy)):
                pen.ellipse([ex - r, ey - r, ex + r, ey + r], fill=fill)
    return page.filter(ImageFilter.GaussianBlur(rng.uniform(0.5, 2.0)))


def parted(regions: np.ndarray, centres: np.ndarray, mask: np.ndarray, rng: np.random.Generator) -> tuple[Image.Image, Image.Image]:
    """A clean drawing of flat parts with smooth borders, and what of the page it covers."""
    soft = rng.uniform(0.8, 3.0)

    def smooth(part: np.ndarray) -> np.ndarray:
        return np.asarray(Image.fromarray(gaussian_filter(part.astype(np.float32), soft)).resize((SIZE, SIZE), Image.BICUBIC))

    parts = np.stack([smooth((regions == i) & mask) for i in range(len(centres))])
    cover = np.clip((smooth(mask) - 0.4) * 12, 0, 1)
    return Image.fromarray(centres[parts.argmax(0)].astype(np.uint8)), Image.fromarray((cover * 255).astype(np.uint8))


def simpler(mask: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """The silhouette [128, 128] as a hand that does not look closely draws it: its body rounder, or a mere ellipse,
    of the same area; thin parts such as stems as they are, or forgotten."""
    inside = distance_transform_edt(np.pad(mask, 1))[1:-1, 1:-1]
    thick = max(2.0, inside.max() * rng.uniform(0.2, 0.45))
    core = inside > thick
    body = mask & (distance_transform_edt(~core) <= thick)
    if body.sum() < 0.4 * mask.sum():
        return mask
    y, x = np.mgrid[0:128, 0:128]
    ys, xs = np.nonzero(body)
    if rng.random() < 0.35 and body.sum() > 0.6 * (np.ptp(ys) + 1) * (np.ptp(xs) + 1):
        away = np.stack([y - ys.mean(), x - xs.mean()], -1)
        depth = -np.einsum("hwi,ij,hwj->hw", away, np.linalg.inv(np.cov(ys, xs) + np.eye(2)), away)
    else:
        depth = gaussian_filter(body.astype(np.float32), np.sqrt(body.sum()) * rng.uniform(0.04, 0.16))
    rounder = depth >= np.partition(depth.ravel(), -int(body.sum()))[-int(body.sum())]
    return rounder | (mask & ~body) if rng.random() < 0.8 else rounder


def unlike(colours: np.ndarray, count: int, rng: np.random.Generator) -> list[int]:
    """`count` places in `colours` [n, 3], each the more likely the less it is like those before (k-means++), so that a
    small leaf keeps a colour of its own."""
    chosen = [int(rng.integers(len(colours)))]
    apart = np.full(len(colours), np.inf)
    while len(chosen) < count:
        apart = np.minimum(apart, ((colours - colours[chosen[-1]]) ** 2).sum(-1))
        chosen.append(int(rng.choice(len(colours), p=(apart + 1e-3) / (apart + 1e-3).sum())))
    return chosen


def crude(canvas: Image.Image, layer: Image.Image, rng: np.random.Generator) -> None:
    """Paints a person's rough version on `canvas`: few flat colours, wobbled outline, no shading."""
    rgba = np.asarray(layer.filter(ImageFilter.GaussianBlur(rng.uniform(3, 9)))).astype(np.float32)
    alpha = rgba[..., 3] / 255
    small = Image.fromarray(np.clip(rgba[..., :3], 0, 255).astype(np.uint8)).resize((128, 128))
    mask = np.asarray(Image.fromarray((alpha * 255).astype(np.uint8)).resize((128, 128))) > 128
    pixels = np.asarray(small)[mask].astype(np.float32)
    if len(pixels) < 50:
        return
    # A few k-means rounds give the sketch's palette. People choose a colour for each part of a thing and leave
    # out its light and shade, so mostly differences in lightness count little.
    turned = in_hues(rng.choice([0.3, 1.0], p=[0.7, 0.3]))
    centres = pixels[unlike(pixels @ turned, int(rng.choice([1, 2, 3, 4, 5], p=[0.12, 0.2, 0.28, 0.25, 0.15])), rng)]
    for _ in range(5):
        nearest = (((pixels @ turned)[:, None] - centres @ turned) ** 2).sum(-1).argmin(1)
        centres = np.stack([pixels[nearest == i].mean(0) if (nearest == i).any() else c for i, c in enumerate(centres)])
    small = np.asarray(small)
    if rng.random() < 0.55:
        simple = simpler(mask, rng)
        # What the rounder shape takes in has the colour of the thing's nearest pixel.
        inside = distance_transform_edt(~mask, return_distances=False, return_indices=True)
        small, mask = small[tuple(inside)], simple
    regions = nearest_of(small @ turned, centres @ turned)
    centres = np.clip(centres + rng.normal(0, 8, 3), 0, 255)
    flat = centres[regions]
    drawn = Image.fromarray(flat.astype(np.uint8)).filter(ImageFilter.MedianFilter(5))
    outline = Image.fromarray((mask * 255).astype(np.uint8)).filter(ImageFilter.MedianFilter(7))
    # The wobble: a coarse random displacement of both.
    step = rng.normal(0, rng.uniform(0.7, 3.5), (2, 4, 4)).astype(np.float32)
    dx, dy = (np.asarray(Image.fromarray(s).resize((128, 128), Image.BICUBIC)) for s in step)
    y, x = np.mgrid[0:128, 0:128]
    # And wrong proportions: too wide, too tall, a little turned.
    rows, columns = np.nonzero(mask)
    down, right = y - rows.mean(), x - columns.mean()
    tall, wide, turn = rng.normal(0, (0.07, 0.07, 0.08))
    dx, dy = dx + wide * right - turn * down, dy + tall * down + turn * right
    at = (np.clip(y + dy, 0, 127).astype(int), np.clip(x + dx, 0, 127).astype(int))
    drawn = Image.fromarray(np.asarray(drawn)[at]).resize((SIZE, SIZE), Image.BILINEAR)
    outline = Image.fromarray(np.asarray(outline)[at]).resize((SIZE, SIZE), Image.BILINEAR)
    kind = rng.random()
    if kind < 0.2:  # painted with a round brush, colour by colour
        canvas.paste(brushed(canvas, regions[at], centres, mask[at], rng))
        return
    ys, xs = np.nonzero(mask[at])
    round_enough = len(ys) > 0.62 * (np.ptp(ys) + 1) * (np.ptp(xs) + 1)
    if kind < 0.72:  # flat parts, neatly drawn
        drawn, outline = parted(regions[at], centres, mask[at], rng)
    elif kind < 0.81 and round_enough:  # the crudest kind: one ellipse in the mean colour
        box = [int(v * 4) for v in (xs.min(), ys.min(), xs.max(), ys.max())]
        outline = Image.new("L", (SIZE, SIZE))
        ImageDraw.Draw(outline).ellipse(box, fill=255)
        if rng.random() < 0.5:
            drawn = Image.new("RGB", (SIZE, SIZE), tuple(int(c) for c in centres[0]))
    elif 0.81 <= kind < 0.85:  # scribbled: fat strokes to and fro over the thing
        outline = scribbles(mask, rng)
    if rng.random() < 0.3:
        drawn = with_strokes(drawn, mask, rng)
    edge = outline.filter(ImageFilter.GaussianBlur(rng.uniform(0.5, 2 if kind < 0.72 else 4)))
    canvas.paste(drawn, mask=edge)


def reshaped(rgba: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """The same thing [h, w, 4] in a shape of its own: wider or taller, bent, here thicker and there thinner.

    Each thing has one picture. Were its shape always the same, a sketch of another would be taken for a bad drawing of
    it and put right; so some of the pictures have the sketch's shape.
    """
    side = rgba.shape[0]
    y, x = np.mgrid[0:side, 0:side].astype(np.float32) / side - 0.5
    stretch = np.exp(rng.normal(0, 0.1))
    bend = rng.normal(0, 0.25)
    u, v = x / max(1, stretch) * stretch, y * max(1, stretch)
    u, v = u * 1.08 + bend * (v * v - 0.08), v * 1.08
    step = rng.normal(0, 0.018, (2, 4, 4)).astype(np.float32)
    du, dv = (np.asarray(Image.fromarray(s).resize((side, side), Image.BICUBIC)) for s in step)
    at = [((v + dv) + 0.5) * side, ((u + du) + 0.5) * side]
    # Colours premultiplied, or the clear ground's black would show at the edges.
    full = rgba.astype(np.float32)
    full[..., :3] *= full[..., 3:] / 255
    full = np.stack([map_coordinates(full[..., c], at, order=1) for c in range(4)], -1)
    full[..., :3] *= 255 / np.maximum(full[..., 3:], 1)
    return full.clip(0, 255).astype(np.uint8)


def placed(rgba: np.ndarray, side: int, at: tuple[int, int], rng: np.random.Generator) -> Image.Image:
    """The thing on a clear layer, `side` pixels wide with its corner `at`, turned a little.

    Never mirrored: the light comes from the same side in all pictures, and where it comes from either side the
    mean of both, which is flat, is the best guess.
    """
    thing = Image.fromarray(rgba).resize((side, side), Image.BICUBIC)
    if rng.random() < 0.6:
        thing = thing.rotate(rng.normal(0, 8), Image.BICUBIC)
    layer = Image.new("RGBA", (SIZE, SIZE))
    layer.paste(thing, at)
    return layer


def places(count: int, largest: float, rng: np.random.Generator) -> list[tuple[int, tuple[int, int]]]:
    """Side and corner of one thing anywhere, at most `largest` of the whole, or of two or three side by side."""
    if count == 1:
        side = int(SIZE * rng.uniform(0.36, largest))
        room = SIZE - side
        return [(side, (int(rng.uniform(0.1, 0.9) * room), int(rng.uniform(0.1, 0.9) * room)))]
    column = SIZE // count
    return [
        (side := int(column * rng.uniform(0.8, 1.0)), (i * column + (column - side) // 2, int(rng.uniform(0.3, 0.7) * (SIZE - side))))
        for i in range(count)
    ]


def compose(pictures: list[Picture], weights: np.ndarray, rng: np.random.Generator, several: float = 0.04, sketched: bool = True, largest: float = 1.0):
    """Returns (picture, sketch, caption); both images are [512, 512, 3].

    `several` is how often there are two or three things; without `sketched` the sketch is an empty ground. A single
    thing takes at most `largest` of the picture's side.
    """
    ground = background(rng)
    count = 1 if rng.random() >= several else int(rng.choice([2, 3], p=[0.75, 0.25]))
    chosen = [pictures[i] for i in rng.choice(len(pictures), size=count, p=weights)]
    things = []
    for picture, (side, at) in zip(chosen, places(len(chosen), largest, rng)):
        rgba, shifted = picture.rgba, False
        if picture.hue is not None and rng.random() < 0.3:
            rgba, shifted = shift_hue(rgba, picture.hue, float(rng.uniform(0.1, 0.9))), True
        if rng.random() < 0.5:
            rgba = toned(rgba, rng)
        if rng.random() < RESHAPED:
            rgba = reshaped(rgba, rng)
        solid = rgba[..., 3] > 128
        colour = colour_name(np.median(rgba[solid][:, :3], axis=0)) if solid.any() else "white"
        things.append(named(picture, rng, colour, shifted))
        layer = placed(rgba, side, at, rng)
        if sketched:
            crude(ground.sketch, layer, rng)
        if ground.dramatic:
            layer = lit(layer, rng)
        ground.picture.paste(layer, mask=layer.getchannel("A"))
    fruit = len(chosen) == 1 and chosen[0].subgroup == "food-fruit"
    return ground.picture, ground.sketch, caption(things, fruit, rng, ground)
