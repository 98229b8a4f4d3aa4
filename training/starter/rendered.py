"""Pairs from renders: a picture, a crude sketch of it made from its part masks and base colours, and its caption."""

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFilter
from scipy.ndimage import binary_dilation, distance_transform_edt, gaussian_filter, map_coordinates

from . import paths
from .compose import QUALITY, SIZE, brushed, colour_name, shift_hue, simpler

RENDERS = paths.ROOT / "renders"
BODY, STEM, LEAF, WATER = 1, 2, 3, 9
# One in so many renders of a kind is held back for judging.
HELD = 10
LEAD = ("photo of ", "photo of ", "photo of ", "photo of a ", "photo of perfect ", "picture of ", "image of ", "a photo of a ", "")
TAIL = ("highly detailed", "sharp focus", "glossy")
# How often the thing gets another colour, named in the caption.
RECOLOURED = 0.15
# How often a sketch has outlines that are wrong, which the picture then does not follow.
UNSTEADY, ROUGH = 0.2, 0.12


@dataclass
class Render:
    """A render in memory: picture [n, n, 3], base colour [m, m, 3], part numbers [m, m], and its facts."""

    picture: np.ndarray
    base: np.ndarray
    parts: np.ndarray
    facts: dict


def held(name: str) -> bool:
    """Whether this render is only for judging."""
    return int(name.rsplit("-", 1)[1]) % HELD == HELD - 1


def names(judging: bool = False, folder: Path = RENDERS) -> list[str]:
    return sorted(f.stem for f in folder.glob("*.webp") if held(f.stem) == judging)


def load(name: str, folder: Path = RENDERS) -> Render:
    both = np.asarray(Image.open(folder / f"{name}.png").convert("RGB"))
    side = both.shape[0]
    picture = np.asarray(Image.open(folder / f"{name}.webp").convert("RGB"))
    return Render(picture, both[:, :side], both[:, side:, 0], json.loads((folder / f"{name}.json").read_text()))


def filled(render: Render) -> tuple[np.ndarray, np.ndarray]:
    """Base colour and parts without the drops of water: what is under them is what lies beside them."""
    wet = render.parts == WATER
    if not wet.any():
        return render.base, render.parts
    at = distance_transform_edt(wet, return_distances=False, return_indices=True)
    return render.base[tuple(at)], render.parts[tuple(at)]


def cropped(render: Render, rng: np.random.Generator) -> Render:
    """A closer look: a random square of the render with the whole thing in it."""
    m = render.parts.shape[0]
    ys, xs = np.nonzero(render.parts)
    if not len(ys) or rng.random() < 0.45:
        return render
    low, high = np.array([ys.min(), xs.min()]), np.array([ys.max(), xs.max()]) + 1
    least = max(int((high - low).max()) + 6, int(0.62 * m))
    if least >= m:
        return render
    side = int(rng.integers(least, m))
    y, x = (int(rng.integers(max(0, h + 2 - side), min(l - 2, m - side) + 1)) if max(0, h + 2 - side) <= min(l - 2, m - side) else None for l, h in zip(low, high))
    if y is None or x is None:
        return render
    by = render.picture.shape[0] // m
    cut = lambda image, k: image[y * k : (y + side) * k, x * k : (x + side) * k]
    return Render(cut(render.picture, by), cut(render.base, 1), cut(render.parts, 1), render.facts)


def bent(render: Render, rng: np.random.Generator) -> Render:
    """The render in another shape: a little wider or taller, here thicker and there thinner. The sketch is made from the
    bent parts, so that its outlines are the picture's: where they were not, the network learned the mean of all outlines that
    a sketch could mean, which is blurred."""
    step = rng.normal(0, rng.uniform(0.002, 0.014), (2, 4, 4)).astype(np.float32)
    tall, wide, turn = rng.normal(0, (0.05, 0.05, 0.03))

    def moved(image: np.ndarray, order: int) -> np.ndarray:
        side = image.shape[0]
        y, x = np.mgrid[0:side, 0:side].astype(np.float32)
        down, right = y - side / 2, x - side / 2
        dy, dx = (np.asarray(Image.fromarray(s).resize((side, side), Image.BICUBIC)) * side for s in step)
        at = [y + dy + tall * down + turn * right, x + dx + wide * right - turn * down]
        layers = image[..., None] if image.ndim == 2 else image
        out = np.stack([map_coordinates(layers[..., c], at, order=order, mode="nearest") for c in range(layers.shape[-1])], -1)
        return out[..., 0] if image.ndim == 2 else out

    return Render(moved(render.picture, 1), moved(render.base, 1), moved(render.parts, 0), render.facts)


def recoloured(render: Render, rng: np.random.Generator) -> Render:
    """The thing with its main hue turned, and the colour's new name among its facts."""
    base, parts = filled(render)
    body = np.isin(parts, [p for p in np.unique(parts) if p not in (0, STEM, LEAF)])
    if body.sum() < 50:
        return render
    mean = np.median(base[body], 0)
    hue = np.asarray(Image.fromarray(mean[None, None].astype(np.uint8)).convert("HSV"))[0, 0]
    if hue[1] < 60:
        return render
    by = float(rng.uniform(0.1, 0.9))
    soft = gaussian_filter(binary_dilation(body, iterations=1).astype(np.float32), 0.7)
    turned = lambda image: shift_hue(np.concatenate([image, np.full_like(image[..., :1], 255)], -1), hue[0] / 255, by)[..., :3]
    wide = np.asarray(Image.fromarray((soft * 255).astype(np.uint8)).resize(render.picture.shape[:2], Image.BILINEAR))[..., None] / 255
    new = turned(base)
    facts = render.facts | {"colour": colour_name(np.median(new[body], 0)), "turned": True}
    mix = lambda old, other, share: (old * (1 - share) + other * share).astype(np.uint8)
    return Render(mix(render.picture, turned(render.picture), wide), mix(base, new, soft[..., None]), parts, facts)


def caption(facts: dict, rng: np.random.Generator) -> str:
    """What the picture shows. Light, water and an unusual colour are always said."""
    lead = str(rng.choice(LEAD))
    quality = "" if "perfect" in lead else str(rng.choice(QUALITY))
    coloured = facts["colour"] and (facts.get("turned") or facts["kind"] == "apple" or rng.random() < 0.5)
    words = lead + quality + (facts["colour"] + " " if coloured and rng.random() < 0.95 else "") + facts["name"]
    if "stem" in facts["extra"] and rng.random() < 0.5:
        words += " with stem"
    elif "leaf" in facts["extra"] and rng.random() < 0.2:
        words += " with leaf"
    rest = [w for w in facts["extra"] if w not in ("stem", "leaf") and rng.random() < 0.4]
    rest += ["water droplets"] if facts["wet"] else []
    rest += [w for w in facts["words"] if w == "dramatic lighting" or rng.random() < 0.75]
    if rng.random() < 0.2:
        rest.append(str(rng.choice(TAIL)))
    rng.shuffle(rest)
    return ", ".join([words, *rest])


def paper(facts: dict, picture: np.ndarray, rng: np.random.Generator) -> tuple[int, int, int]:
    """The colour of the sketch's ground: mostly white, whatever the photograph's is."""
    edge = np.concatenate([picture[:8].reshape(-1, 3), picture[-8:].reshape(-1, 3)])
    own = np.median(edge, 0)
    white = {"white": 0.85, "black": 0.6, "dark": 0.6}.get(facts["ground"], 0.35)
    if rng.random() < white:
        return (255, 255, 255) if rng.random() < 0.8 else tuple(int(v) for v in rng.integers(225, 256, 3))
    if facts["ground"] in ("black", "dark") and rng.random() < 0.4:
        grey = int(rng.integers(60, 225))
        return (grey, grey, grey)
    return tuple(int(v) for v in np.clip(own + rng.normal(0, 10, 3), 0, 255))


def axis_of(mask: np.ndarray, count: int) -> tuple[np.ndarray, float]:
    """Points [count, 2] (x, y) along the middle of a long thin mask, and its mean width."""
    ys, xs = np.nonzero(mask)
    away = np.stack([xs - xs.mean(), ys - ys.mean()], 1)
    direction = np.linalg.eigh(np.cov(away.T) + 1e-6 * np.eye(2))[1][:, 1]
    along = away @ direction
    edges = np.quantile(along, np.linspace(0, 1, count + 1))
    points = []
    for a, b in zip(edges, edges[1:]):
        inside = (along >= a) & (along <= b)
        points.append((xs[inside].mean(), ys[inside].mean()))
    ends = [np.array([xs.mean(), ys.mean()]) + direction * along.min(), np.array([xs.mean(), ys.mean()]) + direction * along.max()]
    return np.array([ends[0], *points[1:-1], ends[1]]), len(ys) / max(2.0, np.ptp(along))


def line(pen: ImageDraw.ImageDraw, points: np.ndarray, width: float, colour) -> None:
    """A stroke of a round brush."""
    points = [tuple(p) for p in points]
    pen.line(points, fill=colour, width=max(1, int(width)), joint="curve")
    for x, y in (points[0], points[-1]):
        pen.ellipse([x - width / 2, y - width / 2, x + width / 2, y + width / 2], fill=colour)


def tone(colour, rng: np.random.Generator, spread: float = 7.0) -> tuple[int, int, int]:
    return tuple(int(v) for v in np.clip(np.asarray(colour, float) + rng.normal(0, spread) + rng.normal(0, spread / 2, 3), 0, 255))


def paled(colour, rng: np.random.Generator):
    """A pale part's colour, half of the time nearly white: people take white for cream, also on white paper."""
    colour = np.asarray(colour, float)
    if colour.min() < 140 or rng.random() < 0.5:
        return colour
    return colour + (np.array([252, 249, 242]) - colour) * rng.uniform(0.3, 1)


def sketch(render: Render, rng: np.random.Generator) -> Image.Image:
    """A person's rough version of the render, [512, 512]: flat parts, strokes for stems, a blob of light at most."""
    base, parts = filled(render)
    small = lambda image, how: np.asarray(Image.fromarray(image).resize((128, 128), how))
    base, parts = small(base, Image.BOX), small(parts, Image.NEAREST)
    if render.facts["light"] != "dramatic":
        # People paint what they see, somewhere between the thing's own colour and the lit one.
        base = (base + (small(render.picture, Image.BOX) - base.astype(np.float32)) * rng.uniform(0.3, 1)).astype(np.uint8)
    page = Image.new("RGB", (SIZE, SIZE), paper(render.facts, render.picture, rng))
    whole = parts > 0
    if whole.sum() < 40:
        return page
    # One hand for all parts, seldom an unsteady one: a smooth displacement, and proportions a little wrong.
    unsteady = rng.random() < UNSTEADY
    step = rng.normal(0, rng.uniform(0.3, 1.9) if unsteady else rng.uniform(0, 0.5), (2, 4, 4)).astype(np.float32)
    dx, dy = (np.asarray(Image.fromarray(s).resize((128, 128), Image.BICUBIC)) for s in step)
    y, x = np.mgrid[0:128, 0:128].astype(np.float32)
    rows, columns = np.nonzero(whole)
    down, right = y - rows.mean(), x - columns.mean()
    tall, wide, turn = rng.normal(0, 0.03 if unsteady else 0.008, 3)
    at = [y + dy + tall * down + turn * right, x + dx + wide * right - turn * down]
    moved = lambda mask: map_coordinates(mask.astype(np.float32), at, order=1) > 0.5
    soft = rng.uniform(0.6, 2.2)
    pen = ImageDraw.Draw(page)
    style = rng.random()
    areas = {int(p): int((parts == p).sum()) for p in np.unique(parts) if p}
    order = sorted(areas, key=lambda p: (p in (STEM, LEAF), -areas[p]))
    main = order[0]
    body_colour = tone(paled(np.median(base[parts == main], 0), rng), rng)
    rough = rng.random() < ROUGH
    for part in order:
        # Small parts lie on the first one; under them it goes on.
        mask = parts == part
        if part == main:
            mask = np.isin(parts, [p for p in areas if p not in (STEM, LEAF)])
            if rough:
                mask = simpler(mask, rng)
        elif areas[part] < 3:
            continue
        colour = body_colour if part == main else tone(paled(np.median(base[parts == part], 0), rng), rng)
        if part in (STEM, LEAF) and (rng.random() < 0.06 or areas[part] < 6):
            continue
        shown = moved(mask)
        if part == STEM or (part == LEAF and areas[part] < 0.25 * whole.sum() and rng.random() < 0.5):
            if shown.sum() < 4 or areas.get(part, 0) > 0.2 * whole.sum():
                continue
            points, width = axis_of(shown, 3 if part == LEAF else int(rng.integers(3, 5)))
            width = np.clip(width * 4 * rng.uniform(0.9, 1.7), 9, 44)
            line(pen, points * 4 + 2 + rng.normal(0, 2.5, points.shape), width, colour)
        elif style < 0.16 and shown.sum() > 60:
            regions = np.zeros((128, 128), int)
            page.paste(brushed(page, regions, np.array([colour], float), shown, rng))
            pen = ImageDraw.Draw(page)
        else:
            flat = np.asarray(Image.fromarray(gaussian_filter(shown.astype(np.float32), soft if part == main else min(soft, 0.9))).resize((SIZE, SIZE), Image.BICUBIC))
            cover = Image.fromarray((np.clip((flat - 0.4) * 10, 0, 1) * 255).astype(np.uint8))
            page.paste(colour, mask=cover.filter(ImageFilter.GaussianBlur(rng.uniform(0.5, 1.8))))
        if part == main and rng.random() < 0.62:
            shaded(page, shown, colour, rng)
    return page.filter(ImageFilter.GaussianBlur(rng.uniform(0.3, 1.0)))


def shaded(page: Image.Image, mask: np.ndarray, colour, rng: np.random.Generator) -> None:
    """A lighter blob on the left above, a darker arc below: what a person adds to a flat thing."""
    rows, columns = np.nonzero(mask)
    cx, cy, rx, ry = columns.mean() * 4, rows.mean() * 4, np.ptp(columns) * 2, np.ptp(rows) * 2
    cover = Image.new("L", (SIZE, SIZE))
    own = np.asarray(colour, float)
    kind = rng.random()
    if kind < 0.75:
        pen = ImageDraw.Draw(cover)
        x, y = cx - rx * rng.uniform(0.3, 0.6), cy - ry * rng.uniform(0.15, 0.55)
        tilt = rng.normal(0, 0.25, 2) * 20
        line(pen, np.array([[x, y], [x - tilt[0] * 0.5, y + rng.uniform(8, 40)]]), rng.uniform(0.1, 0.26) * rx * 1.5, 255)
        lighter = own + (np.array([250, 252, 235]) - own) * rng.uniform(0.3, 0.85)
        page.paste(tuple(int(v) for v in lighter), mask=cover.filter(ImageFilter.GaussianBlur(rng.uniform(0.5, 2))))
    if kind > 0.45:
        cover = Image.new("L", (SIZE, SIZE))
        pen = ImageDraw.Draw(cover)
        start = rng.uniform(0.2, 0.9)
        angle = np.linspace(start, start + rng.uniform(0.9, 2.0), 14)
        reach = rng.uniform(0.68, 0.86)
        line(pen, np.stack([cx + rx * reach * np.cos(angle), cy + ry * reach * np.sin(angle)], 1), rng.uniform(0.14, 0.3) * rx, 255)
        inside = np.asarray(Image.fromarray((mask * 255).astype(np.uint8)).resize((SIZE, SIZE), Image.BILINEAR))
        cover = Image.fromarray(np.minimum(np.asarray(cover), inside))
        page.paste(tuple(int(v) for v in own * rng.uniform(0.6, 0.85)), mask=cover.filter(ImageFilter.GaussianBlur(rng.uniform(0.5, 2))))


def full(picture: np.ndarray) -> Image.Image:
    """The render at the starter's size, a little sharpened as cameras do."""
    return Image.fromarray(picture).resize((SIZE, SIZE), Image.LANCZOS).filter(ImageFilter.UnsharpMask(1.6, 60, 2))


def pair(name: str, rng: np.random.Generator, sketches: int = 1, folder: Path = RENDERS):
    """(picture, sketches, captions) of one render, seen a little differently each time."""
    render = bent(cropped(load(name, folder), rng), rng)
    if rng.random() < RECOLOURED:
        render = recoloured(render, rng)
    return full(render.picture), [sketch(render, rng) for _ in range(sketches)], [caption(render.facts, rng) for _ in range(sketches)]
