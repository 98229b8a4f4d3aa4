"""The kinds of things. Each function builds one in the scene, resting anywhere, and says what it is."""

import math
from dataclasses import dataclass

import numpy as np

from .mesh import Surface, add, ball, bent, curve, lathe, leaf, merged, open_grid, rotation, towards, tube, uneven, waves
from .skin import Skin, bark, from_bytes, leaf_skin, mixed, plain, scaled
from .stage import Scene, Stage

BODY, STEM, LEAF, TOP, SPOTS, INSIDE, OTHER, WATER = 1, 2, 3, 4, 5, 6, 7, 9


def put_leaf(at, towards_x: float, length: float, rng, scene: Scene, colour=None) -> None:
    """A leaf on a stem, to the right for a positive `towards_x`."""
    across = 9
    shape = leaf(length, length * rng.uniform(0.2, 0.3), rng.uniform(-0.1, 0.25), rng.uniform(0.1, 0.45), rng, across=across)
    rib = np.tile(np.abs(np.linspace(-1, 1, across)), 18)
    turn = rotation("z", rng.uniform(-0.5, 0.35)) @ rotation("y", -rng.uniform(0.05, 0.6)) @ rotation("x", rng.uniform(0.3, 1.0))
    if towards_x < 0:
        turn = np.diag([-1.0, 1, 1]) @ turn
    add(shape.turned(turn).moved(at), "leaf", leaf_skin(rng, colour), LEAF, values={"rib": rib})
    scene.parts[LEAF] = "leaf"
    scene.extra.append("leaf")


def droplets(body: Surface, skin_colour, rng, stage: Stage, count: int, size: float, roughness=0.03) -> None:
    """Water drops on the side that is seen: low domes whose colour is the skin's, dark where the light enters and
    bright where it leaves."""
    normals = body.normals()
    facing = normals @ stage.camera
    able = np.flatnonzero((facing > 0.12) & (normals[:, 2] > -0.55))
    if not len(able):
        return
    placed, surfaces, lens = [], [], []
    rings, around = 6, 14
    for _ in range(count * 3):
        if len(placed) >= count:
            break
        i = rng.choice(able)
        r = size * math.exp(rng.gauss(0, 0.5))
        r = min(r, size * 2.2)
        p, n = body.points[i] , normals[i]
        if any(np.linalg.norm(p - q) < (r + s) * 1.05 for q, s in placed):
            continue
        placed.append((p, r))
        frame = towards(n)
        down = np.array([0, 0, -1.0]) - n * (-n[2])
        down = down / max(1e-6, np.linalg.norm(down))
        light = stage.key - n * (stage.key @ n)
        light = light / max(1e-6, np.linalg.norm(light))
        theta = np.linspace(0.12, 1, rings) * math.pi / 2
        angle = np.linspace(0, 2 * math.pi, around, endpoint=False)
        squash, phase, odd = rng.uniform(0.4, 0.62), rng.uniform(0, 6), rng.uniform(0, 0.12)
        out = 1 + odd * np.cos(2 * angle + phase) + odd / 2 * np.cos(3 * angle)
        flat = (np.sin(theta)[:, None, None] * (frame[:, 0] * np.cos(angle)[None, :, None] + frame[:, 1] * np.sin(angle)[None, :, None])) * out[None, :, None]
        sag = rng.uniform(0, 0.25) * (1 - abs(n[2]))
        flat = flat + (flat @ down)[..., None].clip(0) * down * sag
        rows = p + r * (flat + n * (np.cos(theta) * squash - 0.06)[:, None, None])
        value = (flat @ light).reshape(-1)
        u, v = around, rings
        faces = [(j * u + i, (j + 1) * u + i, (j + 1) * u + (i + 1) % u, j * u + (i + 1) % u) for j in range(v - 1) for i in range(u)]
        faces += [tuple(range(u))]
        surfaces.append(Surface(rows.reshape(-1, 3), faces))
        lens.append(value)
    if not surfaces:
        return
    skin = Skin("water", roughness, specular=0.8)
    skin_colour(skin)
    side = skin.value("lens")
    # Away from the light a drop gathers it.
    skin.over((0.25, 0.25, 0.25), skin.between(side, -0.35, 0.9), "MULTIPLY")
    skin.over((1.0, 1.0, 0.92), skin.maths("MULTIPLY", skin.between(side, -0.1, -0.95), 0.65))
    shape = merged(surfaces)
    drops = add(shape, "water", skin.done(), WATER, values={"lens": np.concatenate(lens)})
    drops.visible_shadow = True


GREENS = [(112, 168, 40), (128, 178, 48), (100, 156, 44), (140, 190, 60), (120, 172, 30)]
REDS = [(176, 28, 30), (190, 36, 36), (156, 20, 28), (200, 48, 44)]
YELLOWS = [(232, 196, 70), (226, 184, 56), (238, 206, 96)]


def near(rng, colours, spread: int = 9):
    c = rng.choice(colours)
    return from_bytes(*(max(0, min(255, int(v + rng.gauss(0, spread)))) for v in c))


def apple(rng, stage: Stage) -> Scene:
    scene = Scene("apple", {BODY: "body", STEM: "stem"})
    scene.colour = rng.choices(("green", "red", "yellow"), (0.6, 0.28, 0.12))[0]
    main = near(rng, {"green": GREENS, "red": REDS, "yellow": YELLOWS}[scene.colour])
    t = np.linspace(0, math.pi, 90)
    wide, tall = rng.uniform(0.96, 1.1), rng.uniform(0.84, 1.0)
    taper = rng.uniform(0.06, 0.2)
    r = np.sin(t) ** rng.uniform(0.82, 0.98) * (1 + taper * np.cos(t)) * wide
    z = np.cos(t) * tall
    dip, narrow = rng.uniform(0.3, 0.45), rng.uniform(0.24, 0.36)
    z = z - np.where(t < math.pi / 2, dip, -0.2) * np.exp(-((r / narrow) ** 2))
    # Rows lie close together in the dimple, where the curve is sharp.
    body = lathe(np.maximum(r, 0.004), z, 120)
    p = body.points
    angle = np.arctan2(p[:, 1], p[:, 0]) + rng.uniform(0, 6)
    lobes = rng.uniform(0.0, 0.045) * np.cos(5 * angle) * np.clip(-p[:, 2], -0.3, 1) + rng.uniform(0, 0.03) * np.cos(5 * angle + 1) * np.clip(p[:, 2], 0, 1)
    body = uneven(Surface(p * (1 + lobes)[:, None], body.faces), rng, rng.uniform(0.008, 0.028), 1.4)
    lean = rotation("y", rng.gauss(0, 0.09)) @ rotation("x", rng.gauss(0, 0.08))
    seed, streak, blush = rng.uniform(0, 90), rng.uniform(0.15, 0.55), rng.uniform(0, 1)

    def colours(skin: Skin) -> None:
        place = skin.offset(seed)
        skin.over(main).over(scaled(main, 0.7), skin.between(skin.noise(1.4, 3, place), 0.4, 0.75))
        light = mixed(scaled(main, 1.35), (0.62, 0.6, 0.16), 0.3) if scene.colour != "red" else (0.55, 0.22, 0.06)
        lines = skin.noise(3.2, 4, skin.offset(seed, skin.stretched(3.2, 3.2, 0.5)))
        skin.over(light, skin.maths("MULTIPLY", skin.between(lines, 0.5, 0.8), streak))
        if scene.colour == "green" and blush < 0.25 or scene.colour == "yellow" and blush < 0.6:
            where = skin.between(skin.noise(0.7, 2, place), 0.52, 0.72)
            skin.over((0.5, 0.08, 0.03), skin.maths("MULTIPLY", where, 0.65))
        dots = skin.cells(13, place)
        skin.over(mixed(scaled(main, 1.5), (0.75, 0.72, 0.4), 0.5), skin.maths("MULTIPLY", skin.between(dots, 0.11, 0.05), 0.7))
        # Yellowish towards the dimple, and russet in it.
        depth = skin.from_axis()
        skin.over((0.5, 0.46, 0.1), skin.maths("MULTIPLY", skin.between(depth, 0.62, 0.3), 0.5))
        skin.over((0.2, 0.11, 0.03), skin.maths("MULTIPLY", skin.between(depth, 0.3, 0.08), 0.6))

    skin = Skin("apple", rng.uniform(0.22, 0.38), coat=rng.uniform(0.15, 0.5))
    colours(skin)
    skin.bump(skin.noise(5, 3), 0.06, 0.1)
    body = body.turned(lean)
    add(body, "apple", skin.done(), BODY)
    top = z[0]
    tip = np.array([rng.gauss(0.08, 0.14), rng.gauss(0, 0.08), tall + rng.uniform(0.12, 0.42)])
    path = curve([(0, 0, top - 0.05), (0, 0, top + 0.35), tip - [0.03, 0, 0.15], tip])
    thick = rng.uniform(0.03, 0.05)
    stem = tube(path, thick * np.linspace(0.8, 1.0, 24) + thick * 0.5 * np.linspace(0, 1, 24) ** 6)
    add(stem.turned(lean), "stem", bark(rng), STEM)
    if rng.random() < 0.5:
        put_leaf(lean @ path[rng.randint(13, 19)], 1 if rng.random() < 0.75 else -1, rng.uniform(0.55, 0.95), rng, scene)
    if rng.random() < 0.45:
        scene.wet = True
        droplets(body, colours, rng, stage, rng.randint(18, 60), rng.uniform(0.038, 0.065))
    scene.extra.append("stem")
    return scene



KINDS = {"apple": apple}


@dataclass(frozen=True)
class Look:
    """How a kind wants to be seen: camera heights, and how often each light and ground is taken."""

    elevation: tuple = (0.12, 0.42)
    lights: tuple = (0.42, 0.16, 0.3, 0.07, 0.05)
    grounds: tuple = (0.62, 0.14, 0.14, 0.05, 0.05)


LOOKS = {"apple": Look(elevation=(0.1, 0.4), lights=(0.36, 0.14, 0.42, 0.05, 0.03), grounds=(0.75, 0.1, 0.1, 0.03, 0.02))}
# How much of the set each kind is.
WEIGHTS = {"apple": 8.0}


def look_of(kind: str) -> Look:
    return LOOKS.get(kind, Look())
