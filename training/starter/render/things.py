"""The kinds of things. Each function builds one in the scene, resting anywhere, and says what it is."""

import math
from dataclasses import dataclass

import numpy as np

from .mesh import Surface, add, ball, bent, closed_grid, curve, lathe, leaf, merged, open_grid, rotation, towards, tube, uneven, waves
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
    """A colour close to one of these."""
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



def calyx(at, radius: float, count: int, rng, droop: float, colour=None, width: float = 0.16, part: int = LEAF, turn=None, name="leaf") -> None:
    """A star of narrow leaves around a stem."""
    shapes = []
    start = rng.uniform(0, 6)
    for i in range(count):
        length = radius * rng.uniform(0.85, 1.15)
        one = leaf(length, length * width * rng.uniform(0.85, 1.2), droop * rng.uniform(0.7, 1.3), 0.15, rng, 12, 5)
        shapes.append(one.turned(rotation("z", start + i * 2 * math.pi / count + rng.gauss(0, 0.12)) @ rotation("y", -rng.uniform(0.0, 0.25))))
    star = merged(shapes)
    if turn is not None:
        star = star.turned(turn)
    rib = np.tile(np.tile(np.abs(np.linspace(-1, 1, 5)), 12), count)
    add(star.moved(at), name, leaf_skin(rng, colour), part, values={"rib": rib})


def stalk(points, thick, rng, scene: Scene, colour=None, woody: bool = True) -> np.ndarray:
    """A stem along a curve; returns the points of the curve."""
    path = curve(points)
    skin = bark(rng, colour) if woody else plain("stem", colour or from_bytes(96, 136, 50), 0.5)
    add(tube(path, thick), "stem", skin, STEM)
    scene.parts[STEM] = "stem"
    return path


def mottled(skin: Skin, main, seed: float, dark: float = 0.7, light: float = 1.2, scale: float = 1.5) -> Skin:
    """A colour with darker and lighter patches of it."""
    place = skin.offset(seed)
    skin.over(main).over(scaled(main, dark), skin.between(skin.noise(scale, 3, place), 0.4, 0.75))
    return skin.over(scaled(main, light), skin.between(skin.noise(scale * 1.7, 3, skin.offset(seed + 9)), 0.5, 0.8))


def wet_or_dry(body, colours, rng, stage, scene: Scene, chance: float, size: float = 0.05) -> None:
    """Droplets on the thing, as often as `chance` says."""
    if rng.random() < chance:
        scene.wet = True
        droplets(body, colours, rng, stage, rng.randint(18, 55), size * rng.uniform(0.75, 1.3))


def pear(rng, stage: Stage) -> Scene:
    scene = Scene("pear", {BODY: "body"})
    scene.colour = rng.choices(("green", "yellow", "red", "brown"), (0.4, 0.4, 0.1, 0.1))[0]
    main = near(rng, {"green": [(150, 176, 62), (132, 166, 60)], "yellow": [(222, 196, 76), (206, 184, 70)], "red": [(150, 44, 40)], "brown": [(160, 118, 58)]}[scene.colour])
    t = np.linspace(0, 1, 80)
    neck, tall, hip = rng.uniform(0.36, 0.52), rng.uniform(1.15, 1.45), rng.uniform(0.9, 1.02)
    angle = t * math.pi
    share = 0.5 - 0.5 * np.tanh((t - rng.uniform(0.42, 0.5)) * 6)
    r = np.sin(angle) ** 0.75 * (hip * (1 - share) + neck * share)
    z = np.cos(angle) * tall - 0.1 * np.exp(-((r / 0.12) ** 2)) * (t < 0.5)
    body = uneven(lathe(np.maximum(r, 0.004), z), rng, rng.uniform(0.01, 0.03), 1.2)
    body = bent(body, rng.gauss(0, 0.1)).turned(rotation("y", rng.gauss(0, 0.08)))
    seed, russet = rng.uniform(0, 90), rng.random()

    def colours(skin):
        mottled(skin, main, seed, 0.75, 1.2)
        if scene.colour in ("green", "yellow") and russet < 0.3:
            skin.over((0.5, 0.09, 0.03), skin.maths("MULTIPLY", skin.between(skin.noise(0.6, 2, skin.offset(seed + 3)), 0.52, 0.75), 0.6))
        skin.over(scaled(main, 0.4), skin.maths("MULTIPLY", skin.between(skin.cells(15, skin.offset(seed)), 0.09, 0.03), 0.6))

    skin = Skin("pear", rng.uniform(0.35, 0.5), coat=0.12)
    colours(skin)
    add(body, "pear", skin.bump(skin.noise(14, 3), 0.12, 0.03).done(), BODY)
    top = body.points[:96].mean(0)
    path = stalk([top - [0, 0, 0.1], top + [0, 0, 0.2], top + [rng.gauss(0.1, 0.15), 0, rng.uniform(0.3, 0.55)]], rng.uniform(0.035, 0.055), rng, scene)
    if rng.random() < 0.35:
        put_leaf(path[10], rng.choice((1, 1, -1)), rng.uniform(0.5, 0.8), rng, scene)
    wet_or_dry(body, colours, rng, stage, scene, 0.3)
    return scene


def orange(rng, stage: Stage) -> Scene:
    small = rng.random() < 0.5
    scene = Scene(rng.choice(("tangerine", "tangerine", "mandarin")) if small else "orange", {BODY: "body"}, "orange")
    main = near(rng, [(236, 130, 22), (240, 142, 34), (228, 116, 14)])
    flat = rng.uniform(0.78, 0.88) if small else rng.uniform(0.93, 1.0)
    body = lathe(*round_outline(flat, 0.08, 0.2))
    body = uneven(body, rng, rng.uniform(0.005, 0.02), 1.4).turned(rotation("y", rng.gauss(0, 0.12)) @ rotation("x", rng.uniform(-0.15, 0.3)))
    seed = rng.uniform(0, 90)

    def colours(skin):
        mottled(skin, main, seed, 0.85, 1.12)
        skin.over(scaled(main, 0.75), skin.maths("MULTIPLY", skin.between(skin.cells(26, skin.offset(seed)), 0.3, 0.05), 0.35))

    skin = Skin("orange", rng.uniform(0.3, 0.45), coat=0.1)
    colours(skin)
    add(body, "orange", skin.bump(skin.cells(26), 0.3, 0.02).done(), BODY)
    top = body.points[np.argmax(body.points[:, 2])]
    if rng.random() < 0.75:
        stalk([top - [0, 0, 0.08], top + [0, 0, 0.08], top + [0.03, 0, rng.uniform(0.08, 0.18)]], 0.06, rng, scene, from_bytes(92, 116, 52), False)
        for side in ((1,), (-1,), (1, -1), ())[rng.choices(range(4), (0.45, 0.1, 0.2, 0.25))[0]]:
            put_leaf(top + [0, 0, 0.06], side, rng.uniform(0.6, 1.0), rng, scene)
    wet_or_dry(body, colours, rng, stage, scene, 0.3)
    return scene


def round_outline(flat: float, dip: float, narrow: float, taper: float = 0.0, power: float = 1.0, count: int = 80, below: float = 0.4):
    """Radius and height of a ball flattened to `flat`, with a dimple above and a smaller one below."""
    t = np.linspace(0, math.pi, count)
    r = np.sin(t) ** power * (1 + taper * np.cos(t))
    z = np.cos(t) * flat - np.where(t < math.pi / 2, dip, -dip * below) * np.exp(-((r / narrow) ** 2))
    return np.maximum(r, 0.004), z


def lemon(rng, stage: Stage) -> Scene:
    scene = Scene("lemon", {BODY: "body"}, "yellow")
    if rng.random() < 0.12:
        scene.name, scene.colour = "lime", "green"
    main = near(rng, [(240, 204, 46), (236, 196, 38), (244, 212, 66)] if scene.colour == "yellow" else [(110, 164, 44)])
    t = np.linspace(0, math.pi, 90)
    x = np.cos(t)
    r = rng.uniform(0.74, 0.84) * np.sin(t) ** 0.92
    z = x * 1.0 + np.where(x > 0, 0.26, -0.14) * np.exp(-((r / 0.17) ** 2))
    r = r + 0.05 * np.exp(-(((np.abs(x) - 0.97) / 0.03) ** 2)) * np.sin(t)
    body = uneven(lathe(np.maximum(r, 0.004), z), rng, rng.uniform(0.01, 0.025), 1.6)
    body = body.turned(rotation("z", rng.choice((0, math.pi)) + rng.gauss(0, 0.35)) @ rotation("y", math.pi / 2 - rng.uniform(-0.1, 0.35)))
    seed = rng.uniform(0, 90)

    def colours(skin):
        mottled(skin, main, seed, 0.85, 1.1)
        skin.over(scaled(main, 0.75), skin.maths("MULTIPLY", skin.between(skin.cells(20, skin.offset(seed)), 0.3, 0.05), 0.35))

    skin = Skin("lemon", rng.uniform(0.3, 0.42), coat=0.12)
    colours(skin)
    add(body, "lemon", skin.bump(skin.cells(20), 0.28, 0.02).bump(skin.noise(4, 2), 0.1, 0.1).done(), BODY)
    if rng.random() < 0.35:
        at = body.points[np.argmax(body.points[:, 0])]
        put_leaf(at - [0.08, 0, 0], 1, rng.uniform(0.6, 0.9), rng, scene)
    wet_or_dry(body, colours, rng, stage, scene, 0.3)
    return scene


def tomato(rng, stage: Stage) -> Scene:
    scene = Scene("tomato", {BODY: "body", LEAF: "leaf"}, rng.choices(("red", "orange", "yellow", "green"), (0.8, 0.08, 0.07, 0.05))[0])
    main = near(rng, {"red": [(200, 34, 22), (186, 26, 20), (210, 46, 28)], "orange": [(226, 110, 28)], "yellow": [(232, 186, 46)], "green": [(120, 160, 50)]}[scene.colour])
    body = lathe(*round_outline(rng.uniform(0.72, 0.88), rng.uniform(0.12, 0.22), 0.3, power=0.9))
    p = body.points
    ribs = rng.uniform(0, 0.05) * np.cos(rng.choice((5, 6, 8)) * np.arctan2(p[:, 1], p[:, 0])) * np.clip(p[:, 2] * 1.3, 0, 1)
    body = uneven(Surface(p * (1 + ribs)[:, None], body.faces), rng, rng.uniform(0.008, 0.025), 1.3)
    seed = rng.uniform(0, 90)
    colours = lambda skin: mottled(skin, main, seed, 0.85, 1.1).over((0.55, 0.22, 0.03), skin.maths("MULTIPLY", skin.between(skin.from_axis(), 0.55, 0.15), 0.35))
    skin = Skin("tomato", rng.uniform(0.16, 0.26), coat=0.5)
    colours(skin)
    add(body, "tomato", skin.done(), BODY)
    top = body.points[0] + [0, 0, 0.05]
    green = near(rng, [(70, 120, 40), (88, 138, 50)])
    calyx(top, rng.uniform(0.42, 0.65), rng.choice((5, 5, 6)), rng, rng.uniform(-0.35, 0.15), green, 0.15)
    stalk([top - [0, 0, 0.05], top + [0, 0, 0.15], top + [rng.gauss(0.05, 0.1), 0, rng.uniform(0.15, 0.35)]], 0.045, rng, scene, green, False)
    wet_or_dry(body, colours, rng, stage, scene, 0.4)
    return scene


def cherries(rng, stage: Stage) -> Scene:
    scene = Scene("cherries", {BODY: "body"}, rng.choices(("red", "yellow"), (0.9, 0.1))[0])
    main = near(rng, [(150, 12, 26), (176, 20, 30), (120, 8, 22), (196, 30, 34)] if scene.colour == "red" else [(232, 170, 60)])
    seed = rng.uniform(0, 90)
    colours = lambda skin: mottled(skin, main, seed, 0.7, 1.25)
    spread = rng.uniform(0.85, 1.2)
    joint = np.array([rng.gauss(0.2, 0.35), rng.gauss(0, 0.15), rng.uniform(2.2, 2.9)])
    wet = rng.random() < 0.4
    for side in (-1, 1):
        body = lathe(*round_outline(rng.uniform(0.88, 0.98), 0.2, 0.3, power=0.95))
        middle = np.array([side * spread, rng.gauss(0, 0.25), rng.gauss(0, 0.03)])
        body = uneven(body, rng, 0.015, 1.2).turned(rotation("y", side * rng.uniform(-0.1, 0.3)) @ rotation("x", rng.gauss(0, 0.2))).moved(middle)
        skin = Skin("cherry", rng.uniform(0.12, 0.22), coat=0.6)
        colours(skin)
        add(body, "cherry", skin.done(), BODY)
        root = body.points[:96].mean(0)
        stalk([root - [0, 0, 0.05], root + [0, 0, 0.9], joint - [0, 0, 0.5], joint], np.linspace(0.04, 0.05, 24), rng, scene, near(rng, [(110, 134, 50), (120, 116, 48)]), False)
        if wet:
            droplets(body, colours, rng, stage, rng.randint(8, 25), rng.uniform(0.05, 0.08))
    scene.wet = wet
    if rng.random() < 0.45:
        put_leaf(joint, rng.choice((1, 1, -1)), rng.uniform(0.9, 1.3), rng, scene)
    return scene


def strawberry(rng, stage: Stage) -> Scene:
    scene = Scene("strawberry", {BODY: "body", LEAF: "leaf", SPOTS: "seeds"}, "red")
    main = near(rng, [(206, 26, 30), (190, 20, 28), (220, 44, 40)])
    t = np.linspace(0, 1, 80)
    tall, wide = rng.uniform(1.05, 1.35), rng.uniform(0.85, 1.0)
    angle = t * math.pi
    r = wide * np.sin(angle) ** 0.8 * (1 + rng.uniform(0.28, 0.42) * np.cos(angle))
    z = np.cos(angle) * tall
    body = uneven(lathe(np.maximum(r, 0.004), z), rng, rng.uniform(0.01, 0.03), 1.2)
    lean = rotation("y", rng.gauss(0, 0.25)) @ rotation("x", rng.uniform(-0.2, 0.3))
    p, n = body.points, body.normals()
    # Seeds on a spiral, each in a pit.
    pits = np.zeros(len(p))
    seeds, count = [], rng.randint(90, 130)
    for i in range(count):
        level = 1 - 2 * (i + 0.5) / count
        place = int((0.5 - level / 2) * 79)
        turn = i * 2.39996
        k = place * 96 + int(turn / (2 * math.pi) * 96) % 96
        if level > 0.86 or level < -0.97:
            continue
        at, out = p[k], n[k]
        away = np.linalg.norm(p - at, axis=1)
        pits = np.maximum(pits, np.exp(-((away / 0.075) ** 2)))
        frame = towards(out)
        seeds.append(ball(1, 10, 7).scaled((0.032, 0.052, 0.022)).turned(frame @ rotation("z", 0)).moved(at - out * 0.02))
    body = Surface(p - n * (0.05 * pits)[:, None], body.faces)
    seed = rng.uniform(0, 90)
    colours = lambda skin: mottled(skin, main, seed, 0.8, 1.15).over((0.75, 0.45, 0.2), skin.maths("MULTIPLY", skin.between(skin.axis("Z"), 0.75 * tall, 1.1 * tall), 0.7))
    skin = Skin("strawberry", rng.uniform(0.18, 0.3), coat=0.4)
    colours(skin)
    body = body.turned(lean)
    add(body, "strawberry", skin.done(), BODY)
    add(merged(seeds).turned(lean), "seeds", plain("seed", from_bytes(222, 180, 80), 0.4), SPOTS)
    top = lean @ np.array([0, 0, tall - 0.03])
    green = near(rng, [(76, 130, 40), (92, 150, 52)])
    calyx(top, rng.uniform(0.6, 0.85), rng.randint(7, 9), rng, rng.uniform(-0.25, 0.3), green, 0.24, turn=lean)
    if rng.random() < 0.6:
        stalk([top, top + lean @ [0, 0, 0.15], top + lean @ [rng.gauss(0, 0.1), 0, rng.uniform(0.2, 0.4)]], 0.04, rng, scene, green, False)
    wet_or_dry(body, colours, rng, stage, scene, 0.3)
    return scene


def banana(rng, stage: Stage) -> Scene:
    scene = Scene("banana", {BODY: "body", STEM: "stem"}, rng.choices(("yellow", "green"), (0.88, 0.12))[0])
    main = near(rng, [(238, 198, 56), (230, 190, 50), (244, 208, 76)] if scene.colour == "yellow" else [(150, 178, 60)])
    bend, thick, length = rng.uniform(0.9, 1.9), rng.uniform(0.27, 0.34), 2.6
    t = np.linspace(-0.5, 0.5, 90)
    angle = bend * t
    path = np.stack([np.sin(angle), 0 * t, 1 - np.cos(angle)], 1) * length / bend
    s = t + 0.5
    r = thick * np.clip(np.minimum((s + 0.015) / 0.24, (1.01 - s) / 0.16), 0.02, 1) ** 0.55
    r = np.where(s < 0.085, np.maximum(thick * 0.26, r * 0.55), r)
    around = 50
    rows = []
    ring = np.linspace(0, 2 * math.pi, around, endpoint=False)
    for point, a, radius in zip(path, angle, r):
        edge = 1 + 0.06 * np.cos(5 * ring + 0.6)
        up = np.array([-math.sin(a), 0, math.cos(a)])
        rows.append(point + radius * edge[:, None] * (np.sin(ring)[:, None] * np.array([0, 1.0, 0]) + np.cos(ring)[:, None] * up))
    body = uneven(closed_grid(np.array(rows)), rng, 0.006, 2)
    along = np.repeat(s, around)
    along = np.concatenate([along, [0, 1]])
    turn = rotation("z", rng.gauss(0, 0.15)) @ rotation("y", rng.gauss(0, 0.2)) @ rotation("x", rng.uniform(-0.5, 0.15))
    if rng.random() < 0.5:
        turn = turn @ np.diag([-1.0, -1, 1])
    if rng.random() < 0.2:
        turn = turn @ rotation("x", math.pi)
    body = body.turned(turn)
    skin = Skin("banana", rng.uniform(0.35, 0.5), coat=0.08)
    mottled(skin, main, rng.uniform(0, 90), 0.9, 1.08)
    length_ = skin.value("along")
    skin.over(from_bytes(168, 176, 70), skin.maths("MULTIPLY", skin.maths("ADD", skin.between(length_, 0.2, 0.06), skin.between(length_, 0.88, 1.0)), 0.7))
    skin.over(from_bytes(72, 50, 30), skin.maths("ADD", skin.between(length_, 0.03, 0.01), skin.between(length_, 0.965, 0.985)))
    if rng.random() < 0.5:
        skin.over(from_bytes(92, 60, 28), skin.maths("MULTIPLY", skin.between(skin.noise(7, 4, skin.offset(rng.uniform(0, 90))), 0.66, 0.72), 0.75))
    add(body, "banana", skin.done(), BODY, values={"along": along})
    return scene


def eggplant(rng, stage: Stage) -> Scene:
    scene = Scene("eggplant", {BODY: "body", LEAF: "leaf"}, rng.choices(("purple", "white"), (0.93, 0.07))[0])
    main = near(rng, [(52, 20, 58), (66, 26, 72), (40, 16, 44), (84, 36, 92)] if scene.colour == "purple" else [(226, 218, 196)])
    t = np.linspace(0, math.pi, 90)
    tall, neck = rng.uniform(1.6, 2.1), rng.uniform(0.2, 0.42)
    r = np.sin(t) ** 0.8 * (0.72 - neck * np.cos(t) * 0.9)
    body = uneven(lathe(np.maximum(r, 0.004), np.cos(t) * tall), rng, rng.uniform(0.008, 0.02), 1.0)
    by = rng.gauss(0, 0.14)
    lean = rotation("y", rng.choice((rng.uniform(0.6, 1.2), rng.uniform(-0.25, 0.25), rng.uniform(-1.2, -0.6))))
    place = lambda shape: bent(shape, by).turned(lean)
    seed = rng.uniform(0, 90)
    colours = lambda skin: mottled(skin, main, seed, 0.7, 1.25, 1.0)
    skin = Skin("eggplant", rng.uniform(0.14, 0.24), coat=0.6)
    colours(skin)
    body = place(body)
    add(body, "eggplant", skin.done(), BODY)
    green = near(rng, [(86, 120, 52), (104, 138, 60)])
    shapes, start = [], rng.uniform(0, 6)
    for i in range(6):
        one = leaf(0.75 * rng.uniform(0.85, 1.15), 0.3, rng.uniform(0.75, 1.1), -0.1, rng, 12, 5)
        shapes.append(one.turned(rotation("z", start + i * math.pi / 3)))
    cap = merged(shapes).moved([0, 0, tall + 0.05])
    # The leaves of the cap lie on the body.
    rr = np.hypot(cap.points[:, 0], cap.points[:, 1])
    order = np.argsort(r[:40])
    height = np.interp(rr, r[:40][order], (np.cos(t) * tall)[:40][order])
    cap.points[:, 2] = height + 0.035
    add(place(cap), "leaf", leaf_skin(rng, green), LEAF, values={"rib": np.tile(np.tile(np.abs(np.linspace(-1, 1, 5)), 12), 6)})
    path = curve([(0, 0, tall - 0.1), (0, 0, tall + 0.25), (rng.gauss(0, 0.15), 0, tall + rng.uniform(0.3, 0.55))])
    add(place(tube(path, np.linspace(0.15, 0.1, 24))), "stem", plain("stem", scaled(green, 0.9), 0.6), STEM)
    scene.parts[STEM] = "stem"
    wet_or_dry(body, colours, rng, stage, scene, 0.25)
    return scene


def mushroom(rng, stage: Stage) -> Scene:
    kind = rng.choices(("red", "brown", "white"), (0.6, 0.25, 0.15))[0]
    scene = Scene("mushroom", {TOP: "cap", BODY: "foot"}, kind)
    main = near(rng, {"red": [(200, 28, 20), (186, 22, 22), (212, 50, 28)], "brown": [(140, 92, 52), (116, 74, 44)], "white": [(228, 220, 206)]}[kind])
    wide, high = rng.uniform(0.9, 1.15), rng.uniform(0.45, 0.85)
    t = np.linspace(0, math.pi / 2, 40)
    r, z = wide * np.sin(t), high * np.cos(t)
    under_r, under_z = np.linspace(wide * 0.98, 0.1, 20), -0.06 + 0.12 * np.linspace(0, 1, 20) ** 2
    cap = uneven(lathe(np.concatenate([np.maximum(r, 0.004), under_r]), np.concatenate([z, under_z])), rng, 0.012, 1.3)
    lean = rotation("y", rng.gauss(0, 0.1)) @ rotation("x", rng.uniform(-0.05, 0.12))
    seed = rng.uniform(0, 90)
    colours = lambda skin: mottled(skin, main, seed, 0.75, 1.15)
    skin = Skin("cap", rng.uniform(0.25, 0.45), coat=0.25)
    colours(skin)
    skin.over(from_bytes(226, 210, 180), skin.between(skin.axis("Z"), 0.02, -0.03))
    add(cap.turned(lean), "cap", skin.done(), TOP)
    if kind == "red":
        normals, spots = cap.normals(), []
        for _ in range(rng.randint(12, 26)):
            k = rng.randrange(96 * 2, 96 * 36)
            if any(np.linalg.norm(cap.points[k] - q) < 0.2 for q, _ in spots):
                continue
            size = rng.uniform(0.05, 0.13)
            spots.append((cap.points[k], ball(1, 14, 8).scaled((size, size * rng.uniform(0.8, 1.2), size * 0.45)).turned(towards(normals[k])).moved(cap.points[k])))
        warts = uneven(merged([s for _, s in spots]), rng, 0.01, 12)
        add(warts.turned(lean), "spots", plain("spots", from_bytes(240, 232, 214), 0.8), SPOTS)
        scene.parts[SPOTS] = "spots"
    tall, foot = rng.uniform(1.1, 1.7), rng.uniform(0.24, 0.36)
    s = np.linspace(0, 1, 40)
    stem = lathe(np.concatenate([foot * (0.85 + 0.15 * s + 0.3 * s**4), [0.01]]), np.concatenate([-tall * s + 0.05, [-tall + 0.04]]), 48)
    foot_skin = Skin("foot", 0.7)
    cream = from_bytes(236, 226, 204)
    foot_skin.over(cream).over(scaled(cream, 0.65), foot_skin.between(foot_skin.noise(4, 4, foot_skin.stretched(3, 3, 0.5)), 0.45, 0.75))
    add(bent(uneven(stem, rng, 0.02, 2), rng.gauss(0, 0.06)), "foot", foot_skin.done(), BODY)
    if rng.random() < 0.6:
        ring = lathe(foot * np.array([0.8, 1.1, 1.4, 1.36, 0.8]), np.array([-0.16, -0.3, -0.46, -0.48, -0.3]), 48)
        add(uneven(ring, rng, 0.03, 4), "ring", foot_skin.material, BODY)
    return scene


def pumpkin(rng, stage: Stage) -> Scene:
    scene = Scene("pumpkin", {BODY: "body", STEM: "stem"}, rng.choices(("orange", "green", "white"), (0.85, 0.08, 0.07))[0])
    main = near(rng, {"orange": [(218, 108, 20), (226, 124, 30), (204, 92, 18)], "green": [(70, 100, 52)], "white": [(224, 214, 190)]}[scene.colour])
    body = lathe(*round_outline(rng.uniform(0.66, 0.88), rng.uniform(0.16, 0.26), 0.34, power=0.85, count=70), 160)
    p = body.points
    count = rng.choice((9, 10, 11, 12))
    angle = np.arctan2(p[:, 1], p[:, 0]) + rng.uniform(0, 6)
    groove = np.abs(np.sin(count * angle / 2))
    depth = rng.uniform(0.08, 0.16)
    body = Surface(p * (1 - depth * (1 - groove) ** 1.6 * np.clip(np.hypot(p[:, 0], p[:, 1]) * 2, 0, 1))[:, None], body.faces)
    body = uneven(body, rng, 0.015, 1.2)
    values = np.asarray(groove)
    skin = Skin("pumpkin", rng.uniform(0.35, 0.5), coat=0.1)
    mottled(skin, main, rng.uniform(0, 90), 0.8, 1.15).over(scaled(main, 0.6), skin.between(skin.value("groove"), 0.4, 0.0))
    add(body, "pumpkin", skin.bump(skin.noise(7, 3), 0.12, 0.06).done(), BODY, values={"groove": values})
    top = p[0] - [0, 0, 0.05]
    path = curve([top, top + [0, 0, 0.3], top + [rng.gauss(0.1, 0.2), rng.gauss(0, 0.1), rng.uniform(0.4, 0.65)]])
    stem = tube(path, np.linspace(0.17, 0.1, 24) + 0.08 * np.linspace(1, 0, 24) ** 5, 20)
    add(stem, "stem", bark(rng, from_bytes(112, 104, 58)), STEM)
    return scene


def carrot(rng, stage: Stage) -> Scene:
    scene = Scene("carrot", {BODY: "body", LEAF: "leaf"}, "orange")
    main = near(rng, [(232, 112, 24), (238, 126, 32), (222, 98, 20)])
    s = np.linspace(0, 1, 110)
    wide, tall = rng.uniform(0.36, 0.5), rng.uniform(2.5, 3.1)
    r = wide * np.clip(1.02 - s, 0, 1) ** rng.uniform(0.45, 0.75) * np.clip(s / 0.035, 0.12, 1) ** 0.5
    r = r * (1 - 0.03 * (waves(np.stack([s * 0, s * 0, s * 40], 1), rng, 1.0) > 1.0))
    body = uneven(lathe(np.maximum(r, 0.004), -tall * s, 64), rng, 0.006, 2)
    turn = rotation("z", rng.gauss(0, 0.1)) @ rotation("y", rng.choice((1, 1, -1)) * rng.uniform(0.5, 1.15))
    lean = rng.gauss(0, 0.06)
    place = lambda shape: bent(shape, lean).turned(turn)
    skin = Skin("carrot", rng.uniform(0.4, 0.55))
    mottled(skin, main, rng.uniform(0, 90), 0.85, 1.12)
    rings = skin.noise(1.0, 5, skin.stretched(0.4, 0.4, 9))
    skin.over(scaled(main, 0.55), skin.maths("MULTIPLY", skin.between(rings, 0.58, 0.64), 0.7))
    add(place(body), "carrot", skin.bump(rings, 0.25, 0.04).done(), BODY)
    shapes = []
    green = near(rng, [(70, 128, 40), (88, 146, 52)])
    for _ in range(rng.randint(5, 9)):
        a, out = rng.uniform(0, 2 * math.pi), rng.uniform(0.1, 0.5)
        tip = np.array([out * math.cos(a), out * math.sin(a), rng.uniform(0.7, 1.15)])
        path = curve([(0.08 * math.cos(a), 0.08 * math.sin(a), -0.04), (0.1 * math.cos(a), 0.1 * math.sin(a), 0.5), tip])
        shapes.append(tube(path, np.linspace(0.035, 0.015, 24), 6))
        for i in range(8, 24, 2):
            for side in (-1, 1):
                length = rng.uniform(0.12, 0.24)
                one = leaf(length, length * 0.3, 0.2, 0.1, rng, 6, 3)
                shapes.append(one.turned(rotation("z", a + side * 1.2) @ rotation("y", -rng.uniform(0.2, 0.9))).moved(path[i]))
    top = merged(shapes)
    add(place(top), "leaf", plain("leaf", green, 0.6), LEAF)
    return scene


def grapes(rng, stage: Stage) -> Scene:
    scene = Scene("grapes", {BODY: "body"}, rng.choices(("purple", "green", "red"), (0.5, 0.4, 0.1))[0])
    main = near(rng, {"purple": [(66, 32, 84), (78, 36, 96), (52, 26, 66)], "green": [(160, 186, 74), (146, 176, 66)], "red": [(136, 32, 56)]}[scene.colour])
    seed, r = rng.uniform(0, 90), rng.uniform(0.26, 0.32)
    colours = lambda skin: mottled(skin, main, seed, 0.65, 1.25, 1.2)
    tall, wide = rng.uniform(1.2, 1.5), rng.uniform(0.8, 1.05)
    middles = []
    for _ in range(4000):
        z = rng.uniform(-tall, tall)
        reach = wide * (0.25 + 0.75 * min(1, (z + tall) / (1.3 * tall))) * min(1.0, 0.45 + (tall - z) / 0.8)
        a, q = rng.uniform(0, 6.3), math.sqrt(rng.uniform(0.25, 1))
        p = np.array([reach * q * math.cos(a), reach * q * math.sin(a) * 0.8, z])
        if all(np.linalg.norm(p - m) > 1.72 * r for m in middles):
            middles.append(p)
    shapes = [ball(r * rng.uniform(0.92, 1.08), 24, 16).scaled((1, 1, rng.uniform(1, 1.12))).moved(m) for m in middles]
    body = merged(shapes)
    skin = Skin("grape", rng.uniform(0.2, 0.35), coat=0.35)
    colours(skin)
    skin.over((0.6, 0.62, 0.7), skin.maths("MULTIPLY", skin.between(skin.noise(2.5, 4, skin.offset(seed + 5)), 0.45, 0.75), 0.22))
    add(body, "grapes", skin.done(), BODY)
    path = stalk([(0, 0, tall * 0.6), (0, 0, tall + 0.3), (rng.gauss(0.1, 0.15), 0, tall + rng.uniform(0.45, 0.75))], np.linspace(0.06, 0.08, 24), rng, scene, from_bytes(112, 92, 52))
    if rng.random() < 0.6:
        put_leaf(path[14], rng.choice((1, 1, -1)), rng.uniform(0.8, 1.1), rng, scene)
    if rng.random() < 0.3:
        scene.wet = True
        droplets(body, colours, rng, stage, rng.randint(15, 40), rng.uniform(0.04, 0.06))
    return scene


def peach(rng, stage: Stage) -> Scene:
    scene = Scene("peach", {BODY: "body"}, rng.choice(("", "orange", "pink")))
    main = near(rng, [(240, 170, 90), (236, 156, 84), (244, 184, 110)])
    body = lathe(*round_outline(rng.uniform(0.88, 0.98), rng.uniform(0.16, 0.26), 0.26, taper=-0.02))
    p = body.points
    angle = np.arctan2(p[:, 1], p[:, 0]) + math.pi / 2 + rng.uniform(-0.6, 0.6)
    angle = (angle + math.pi) % (2 * math.pi) - math.pi
    seam = np.exp(-((angle / 0.16) ** 2)) * np.clip(np.hypot(p[:, 0], p[:, 1]) * 3, 0, 1)
    body = uneven(Surface(p * (1 - 0.07 * seam)[:, None], body.faces), rng, 0.012, 1.2)
    skin = Skin("peach", 0.7, sheen=0.5, specular=0.2)
    seed = rng.uniform(0, 90)
    mottled(skin, main, seed, 0.9, 1.1).over(from_bytes(206, 62, 66), skin.maths("MULTIPLY", skin.between(skin.noise(0.8, 4, skin.offset(seed + 2)), 0.42, 0.66), 0.85))
    skin.over((0.3, 0.04, 0.04), skin.maths("MULTIPLY", skin.value("seam"), 0.3))
    add(body, "peach", skin.bump(skin.noise(60, 2), 0.1, 0.02).done(), BODY, values={"seam": seam})
    top = body.points[0]
    path = stalk([top - [0, 0, 0.05], top + [0, 0, 0.15], top + [0.05, 0, rng.uniform(0.2, 0.35)]], 0.06, rng, scene)
    if rng.random() < 0.65:
        for side in ((1,), (-1,), (1, -1))[rng.choices(range(3), (0.55, 0.15, 0.3))[0]]:
            put_leaf(path[14], side, rng.uniform(0.6, 1.0), rng, scene)
    return scene


def doughnut(rng, stage: Stage) -> Scene:
    icing = rng.choices(("pink", "brown", "white", "blue", "green", "purple", "yellow"), (0.36, 0.26, 0.14, 0.07, 0.05, 0.07, 0.05))[0]
    scene = Scene(rng.choice(("doughnut", "doughnut", "donut")), {BODY: "dough", TOP: "icing"}, icing)
    tone = {"pink": (238, 140, 168), "brown": (82, 46, 28), "white": (240, 232, 220), "blue": (92, 150, 222), "green": (140, 196, 110), "purple": (150, 108, 190), "yellow": (240, 208, 98)}[icing]
    big, thick = 1.0, rng.uniform(0.42, 0.52)
    u, v = 96, 40
    a, b = np.meshgrid(np.linspace(0, 2 * math.pi, u, endpoint=False), np.linspace(0, 2 * math.pi, v, endpoint=False))

    def ring(grow: float, part: slice | None = None, edge=None):
        r = thick + grow
        x = (big + r * np.cos(b)) * np.cos(a)
        y = (big + r * np.cos(b)) * np.sin(a)
        z = r * np.sin(b) * 0.78
        return np.stack([x, y, z], -1)

    faces = [(j * u + i, j * u + (i + 1) % u, ((j + 1) % v) * u + (i + 1) % u, ((j + 1) % v) * u + i) for j in range(v) for i in range(u)]
    dough = uneven(Surface(ring(0).reshape(-1, 3), faces), rng, 0.012, 2)
    dough_tone = from_bytes(206, 150, 86)
    skin = Skin("dough", 0.7)
    skin.over(dough_tone).over(scaled(dough_tone, 0.6), skin.between(skin.noise(3, 5), 0.45, 0.75)).over(from_bytes(236, 202, 146), skin.between(skin.maths("ABSOLUTE", skin.axis("Z"), 0), 0.1, 0.02))
    turn = rotation("x", rng.uniform(0, 0.12)) @ rotation("y", rng.gauss(0, 0.06))
    add(dough.turned(turn), "dough", skin.bump(skin.noise(16, 4), 0.3, 0.03).done(), BODY)
    # The icing: the upper half, its edge running down in lobes.
    run = 0.18 * waves(np.stack([np.cos(a[0]) * 3, np.sin(a[0]) * 3, 0 * a[0]], 1), rng, 1.2)
    inner, outer = math.pi - 0.15 + run * 0.6, 0.15 + run
    c = np.linspace(0, 1, 28)[:, None]
    bb = outer[None] * (1 - c) + inner[None] * c
    grow = 0.035 * np.minimum(1, np.minimum(c, 1 - c) * 9) ** 0.5 + 0.004
    r = thick + grow
    rows = np.stack([(big + r * np.cos(bb)) * np.cos(a[:1]), (big + r * np.cos(bb)) * np.sin(a[:1]), r * np.sin(bb) * 0.78], -1)
    icing_faces = [(j * u + i, j * u + (i + 1) % u, (j + 1) * u + (i + 1) % u, (j + 1) * u + i) for j in range(27) for i in range(u)]
    top = Surface(rows.reshape(-1, 3), icing_faces)
    add(top.turned(turn), "icing", plain("icing", near(rng, [tone], 6), rng.uniform(0.15, 0.3), coat=0.5), TOP)
    if rng.random() < 0.65:
        normals, groups = top.normals(), {}
        tones = [(240, 220, 90), (90, 170, 220), (240, 240, 240), (120, 200, 110), (230, 90, 60), (240, 130, 180)]
        for _ in range(rng.randint(50, 110)):
            k = rng.randrange(u * 3, u * 25)
            one = tube([(-0.07, 0, 0), (-0.035, 0, 0), (0.035, 0, 0), (0.07, 0, 0)], [0.014, 0.024, 0.024, 0.014], 6)
            one = one.turned(towards(normals[k]) @ rotation("z", rng.uniform(0, 3.1))).moved(top.points[k] + normals[k] * 0.015)
            groups.setdefault(rng.randrange(len(tones)), []).append(one)
        for k, shapes in groups.items():
            add(merged(shapes).turned(turn), "sprinkles", plain("sprinkle", from_bytes(*tones[k]), 0.4), SPOTS)
        scene.parts[SPOTS] = "sprinkles"
        scene.extra.append("sprinkles")
    return scene


def cookie(rng, stage: Stage) -> Scene:
    scene = Scene("cookie", {BODY: "dough", SPOTS: "chips"}, "brown" if rng.random() < 0.5 else "")
    tone = near(rng, [(206, 150, 88), (190, 130, 70), (216, 164, 104)])
    t = np.linspace(0, math.pi, 60)
    body = lathe(np.maximum(np.sin(t) ** 0.45, 0.004), np.cos(t) * 0.17, 120)
    p = body.points
    angle = np.arctan2(p[:, 1], p[:, 0])
    edge = 1 + 0.025 * waves(np.stack([np.cos(angle) * 3, np.sin(angle) * 3, 0 * angle], 1), rng, 1.0)
    p = p * np.stack([edge, edge, np.ones_like(edge)], 1)
    p[:, 2] += np.where(p[:, 2] > 0, 0.025 * waves(p, rng, 4) + 0.012 * waves(p, rng, 11), 0)
    body = Surface(p, body.faces)
    skin = Skin("dough", 0.8, specular=0.25)
    place = skin.offset(rng.uniform(0, 90))
    skin.over(tone).over(scaled(tone, 0.6), skin.between(skin.noise(5, 6, place), 0.45, 0.7)).over(scaled(tone, 1.25), skin.between(skin.noise(3, 5, skin.offset(7)), 0.5, 0.75))
    add(body, "cookie", skin.bump(skin.noise(14, 6, place), 0.5, 0.05).done(), BODY)
    chips, places = [], []
    for _ in range(rng.randint(8, 22)):
        a, q = rng.uniform(0, 6.3), 0.86 * math.sqrt(rng.random())
        at = np.array([q * math.cos(a), q * math.sin(a), 0.165])
        if any(np.linalg.norm(at - o) < 0.2 for o in places):
            continue
        places.append(at)
        size = rng.uniform(0.07, 0.13)
        chips.append(uneven(ball(1, 16, 10).scaled((size, size * rng.uniform(0.75, 1.2), size * 0.55)), rng, 0.1, 14).turned(rotation("z", rng.uniform(0, 3))).moved(at))
    add(merged(chips), "chips", plain("chips", near(rng, [(62, 36, 24), (50, 28, 20)], 4), 0.3, coat=0.2), SPOTS)
    if rng.random() < 0.3:
        scene.extra.append("chocolate chips")
    return scene


def cup(rng, stage: Stage) -> Scene:
    tone_name = rng.choice(("white", "white", "red", "blue", "green", "yellow", "black", "orange"))
    tone = {"white": (236, 234, 228), "red": (180, 38, 36), "blue": (52, 96, 168), "green": (70, 132, 84), "yellow": (232, 190, 66), "black": (30, 30, 32), "orange": (222, 116, 40)}[tone_name]
    scene = Scene(rng.choice(("cup", "mug")), {BODY: "body", OTHER: "handle"}, tone_name)
    wide, tall, foot = rng.uniform(0.75, 0.95), rng.uniform(1.3, 1.9), rng.uniform(0.65, 1.0)
    s = np.linspace(0, 1, 40)
    outer = wide * (foot + (1 - foot) * s ** rng.uniform(0.4, 1.0))
    outer[0] *= 0.93
    lip = np.array([wide, wide * 0.98, wide * 0.95, wide * 0.93])
    inner_z = np.linspace(1, 0.06, 30)
    inner = (wide * (foot + (1 - foot) * inner_z)) - 0.08
    radius = np.concatenate([[0.004], outer, lip, inner, [0.004]])
    height = np.concatenate([[0], s, [1.012, 1.02, 1.015, 1.0], inner_z, [0.06]]) * tall
    body = lathe(radius[::-1], height[::-1], 96)
    skin = plain("glaze", near(rng, [tone], 4), rng.uniform(0.12, 0.25), coat=0.5)
    add(body, "cup", skin, BODY)
    side = rng.choice((1, 1, -1))
    edge = wide * (foot + (1 - foot) * 0.5)
    path = curve([(side * edge * 0.97, 0, tall * 0.8), (side * (edge + 0.75), 0, tall * 0.9), (side * (edge + 0.7), 0, tall * 0.1), (side * edge * 0.94, 0, tall * 0.25)])
    add(tube(path, 0.085, 16).turned(rotation("z", rng.uniform(-0.4, 0.15) * side)), "handle", skin, OTHER)
    if rng.random() < 0.6:
        t = np.linspace(0.004, wide * (foot + (1 - foot) * 0.85) - 0.07, 6)
        add(lathe(t, np.full(6, tall * 0.85), 64), "drink", plain("drink", from_bytes(58, 32, 18), 0.08, coat=0.4), INSIDE)
        scene.parts[INSIDE] = "coffee"
        scene.extra.append("coffee")
    return scene


def watermelon(rng, stage: Stage) -> Scene:
    """A slice standing on its rind."""
    scene = Scene("watermelon", {BODY: "flesh", OTHER: "rind", SPOTS: "seeds"}, rng.choice(("", "red")))
    thick, edge = rng.uniform(0.22, 0.42), rng.uniform(0.84, 0.88)
    half = rng.uniform(0.82, 1.0) * math.pi / 2
    angle = np.linspace(-math.pi / 2 - half, -math.pi / 2 + half, 60)

    def ring(inner: float, outer: float) -> Surface:
        rows = [
            np.stack([r * np.cos(angle), np.full(60, y), r * np.sin(angle)], 1)
            for r, y in ((inner, -thick), (outer, -thick), (outer * 1.005, 0.0), (outer, thick), (inner, thick))
        ]
        flat = [np.linspace(rows[0], rows[1], 16), np.linspace(rows[1], rows[3], 8)[1:], np.linspace(rows[3], rows[4], 16)[1:]]
        return open_grid(np.concatenate(flat))

    turn = rotation("z", rng.uniform(-0.35, 0.35)) @ rotation("y", rng.gauss(0, 0.08)) @ rotation("x", rng.uniform(-0.3, 0.05))
    red = near(rng, [(226, 58, 62), (214, 44, 52), (232, 76, 78)])
    skin = Skin("flesh", 0.35, coat=0.25)
    mottled(skin, red, rng.uniform(0, 90), 0.8, 1.2, 3)
    add(uneven(ring(0.02, edge), rng, 0.002, 6).turned(turn), "flesh", skin.bump(skin.noise(18, 4), 0.25, 0.03).done(), BODY)
    caps = [np.stack([np.linspace(0.0, edge, 12) * math.cos(a), 0 * np.linspace(0, 1, 12), np.linspace(0.0, edge, 12) * math.sin(a)], 1) for a in (angle[0], angle[-1])]
    for cap in caps:
        add(open_grid(np.stack([cap + [0, -thick, 0], cap + [0, thick, 0]])).turned(turn), "cut", skin.material, BODY)
    green = near(rng, [(46, 110, 50), (60, 128, 58), (36, 88, 44)])
    rind = Skin("rind", 0.35, coat=0.3)
    band = rind.value("reach")
    pale = from_bytes(226, 236, 196)
    rind.over(green).over(scaled(green, 0.4), rind.between(rind.noise(2.5, 5, rind.stretched(3, 0.6, 3)), 0.48, 0.56)).over(pale, rind.between(band, 0.965, 0.94))
    shape = ring(edge, 1.0)
    reach = np.hypot(shape.points[:, 0], shape.points[:, 2])
    add(shape.turned(turn), "rind", rind.done(), OTHER, values={"reach": reach})
    seeds = []
    for _ in range(rng.randint(10, 22)):
        a, q = rng.uniform(angle[4], angle[-5]), edge * rng.uniform(0.35, 0.85)
        one = ball(1, 12, 8).scaled((0.026, 0.012, 0.045)).turned(rotation("y", -a - math.pi / 2 + rng.gauss(0, 0.3)))
        seeds.append(one.moved((q * math.cos(a), -thick - 0.004, q * math.sin(a))))
    add(merged(seeds).turned(turn), "seeds", plain("seed", from_bytes(36, 24, 20), 0.25, coat=0.3), SPOTS)
    return scene


def sunflower(rng, stage: Stage) -> Scene:
    scene = Scene("sunflower", {BODY: "petals", INSIDE: "middle", STEM: "stem", LEAF: "leaf"}, rng.choice(("", "yellow")))
    middle = rng.uniform(0.34, 0.46)
    petals, ribs = [], []
    yellow = near(rng, [(246, 188, 28), (240, 170, 20), (250, 204, 50)])
    for row, count in ((0, rng.randint(15, 19)), (1, rng.randint(14, 18))):
        for i in range(count):
            length = rng.uniform(0.58, 0.78) * (1 - 0.08 * row)
            one = leaf(length, length * rng.uniform(0.17, 0.23), rng.uniform(-0.1, 0.25), 0.25, rng, 12, 5)
            spin = (i + 0.5 * row) * 2 * math.pi / count + rng.gauss(0, 0.06)
            petals.append(one.turned(rotation("y", rng.uniform(-0.25, 0.1) - 0.12 * row)).moved((middle * 0.85, 0, 0.04 * row)).turned(rotation("z", spin)))
            ribs.append(np.tile(np.abs(np.linspace(-1, 1, 5)), 12))
    face = rotation("x", math.pi / 2 - rng.uniform(0.1, 0.35)) @ rotation("z", rng.uniform(0, 1))
    face = rotation("z", rng.gauss(0, 0.15)) @ face
    add(merged(petals).turned(face), "petals", leaf_skin(rng, yellow), BODY, values={"rib": np.concatenate(ribs)})
    t = np.linspace(0.004, 1, 30)
    brown = from_bytes(84, 52, 24)
    disc = lathe(middle * t, 0.13 * np.cos(t * 1.3) - 0.02, 64)
    skin = Skin("middle", 0.85)
    from_middle = skin.from_axis()
    skin.over(brown).over(scaled(brown, 0.4), skin.between(from_middle, middle * 0.55, middle * 0.2)).over(from_bytes(150, 100, 30), skin.between(skin.cells(38), 0.3, 0.1))
    add(disc.turned(face), "middle", skin.bump(skin.cells(38), 0.9, 0.04).done(), INSIDE)
    back = face @ np.array([0, 0, -0.05])
    length = rng.uniform(1.4, 2.0)
    green = near(rng, [(84, 130, 52), (98, 146, 60)])
    path = stalk([back, back + [0, 0.3, -0.2], [rng.gauss(0, 0.15), 0.25, -length * 0.6], [rng.gauss(0, 0.15), 0.25, -length]], 0.06, rng, scene, green, False)
    for side in rng.choice(((1,), (-1,), (1, -1), (1, -1))):
        put_leaf(path[rng.randint(12, 19)], side, rng.uniform(0.6, 0.85), rng, scene, green)
    scene.extra.remove("leaf")
    return scene


def tulip(rng, stage: Stage) -> Scene:
    colours = {"red": (206, 36, 40), "yellow": (244, 200, 50), "pink": (232, 120, 160), "purple": (112, 50, 130), "white": (238, 234, 226), "orange": (236, 130, 46)}
    name = rng.choices(list(colours), (0.35, 0.2, 0.15, 0.1, 0.1, 0.1))[0]
    scene = Scene("tulip", {BODY: "flower", STEM: "stem", LEAF: "leaf"}, name)
    main = near(rng, [colours[name]])
    tall, wide, open_ = rng.uniform(0.85, 1.1), rng.uniform(0.42, 0.54), rng.uniform(-0.25, 0.3)
    shapes, ups = [], []
    start = rng.uniform(0, 1)
    for i in range(6):
        h = np.linspace(0, 1, 22)[:, None]
        half = (0.78 * np.sin(np.pi * np.clip(h * 0.93 + 0.07, 0, 1)) ** 0.55) * (1 - h**5)
        across = np.linspace(-1, 1, 11)[None]
        r = wide * (0.9 if i % 2 else 1.0) * (np.sin(np.pi * (0.12 + 0.6 * h)) ** 0.9 * (1 + open_ * h**2)) * (1 - 0.1 * (1 - np.abs(across)) * 0)
        a = start + i * math.pi / 3 + half * across
        rows = np.stack([r * np.cos(a), r * np.sin(a), tall * h + 0 * a], -1)
        rows[..., 2] += 0.04 * np.abs(across) ** 2 * h * -1
        shapes.append(open_grid(rows))
        ups.append(np.repeat(h[:, 0], 11))
    skin = Skin("petal", 0.45, coat=0.08)
    up = skin.value("up")
    skin.over(main).over(scaled(main, 0.7), skin.between(skin.noise(3, 4, skin.stretched(4, 4, 0.5)), 0.45, 0.75))
    skin.over(mixed(main, (0.6, 0.65, 0.2), 0.6), skin.between(up, 0.25, 0.0)).over(scaled(main, 1.25), skin.between(up, 0.75, 1.0))
    add(merged(shapes), "flower", skin.done(), BODY, values={"up": np.concatenate(ups)})
    length = rng.uniform(1.5, 2.1)
    green = near(rng, [(96, 146, 70), (84, 134, 60)])
    stalk([(0, 0, 0.05), (0, 0, -0.6), (rng.gauss(0, 0.2), 0, -length * 0.8), (rng.gauss(0, 0.12), 0, -length)], 0.055, rng, scene, green, False)
    leaves, count = [], rng.choice((1, 2, 2))
    for side in (1, -1)[:count]:
        one = leaf(rng.uniform(1.1, 1.6), rng.uniform(0.14, 0.22), rng.uniform(0.1, 0.35), 0.6, rng, 18, 9)
        turn = rotation("z", (0 if side > 0 else math.pi) + rng.gauss(0, 0.3)) @ rotation("y", -rng.uniform(1.0, 1.35))
        leaves.append(one.turned(turn).moved((0, 0, -length + 0.05)))
    add(merged(leaves), "leaf", leaf_skin(rng, green), LEAF, values={"rib": np.tile(np.tile(np.abs(np.linspace(-1, 1, 9)), 18), count)})
    return scene


def cactus(rng, stage: Stage) -> Scene:
    scene = Scene("cactus", {BODY: "body"}, rng.choice(("", "green")))
    main = near(rng, [(82, 130, 64), (70, 116, 60), (96, 142, 76)])
    ribs = rng.choice((8, 9, 10, 12))

    def limb(path: np.ndarray, radius: float) -> Surface:
        n = len(path)
        s = np.linspace(0, 1, n)
        end = np.sqrt(np.clip(1 - ((s - 1) / 0.16 + 1).clip(0) ** 2, 0.0008, 1))
        start = np.sqrt(np.clip(1 - (1 - s / 0.1).clip(0) ** 2, 0.25, 1))
        shape = tube(path, radius * end * start, ribs * 8)
        rows = shape.points[: n * ribs * 8].reshape(n, ribs * 8, 3)
        wave = 1 + 0.1 * np.abs(np.cos(np.arange(ribs * 8) * math.pi / 8)) - 0.05
        rows[:] = path[:, None] + (rows - path[:, None]) * wave[None, :, None]
        return shape

    tall, wide = rng.uniform(2.0, 2.6), rng.uniform(0.34, 0.44)
    limbs = [limb(curve([(0, 0, 0), (0, 0, tall / 2), (rng.gauss(0, 0.06), 0, tall)], 60), wide)]
    for side in rng.choice(((1,), (1, -1), (1, -1), (-1,))):
        z, out, up = rng.uniform(0.7, 1.2), rng.uniform(0.7, 0.95), rng.uniform(0.5, 0.9)
        limbs.append(limb(curve([(side * 0.1, 0, z), (side * out * 1.3, 0, z - 0.05), (side * out, 0, z + up)], 50), wide * rng.uniform(0.55, 0.72)))
    body = merged(limbs)
    skin = Skin("cactus", 0.55)
    mottled(skin, main, rng.uniform(0, 90), 0.75, 1.15)
    add(body, "cactus", skin.bump(skin.noise(9, 3), 0.15, 0.03).done(), BODY)
    normals, spines = body.normals(), []
    for _ in range(260):
        k = rng.randrange(len(body.points))
        tip = normals[k] + np.array([rng.gauss(0, 0.4) for _ in range(3)])
        spines.append(tube([body.points[k], body.points[k] + tip * 0.045, body.points[k] + tip * rng.uniform(0.07, 0.11)], [0.009, 0.006, 0.001], 3))
    add(merged(spines), "spines", plain("spine", from_bytes(232, 220, 180), 0.6), BODY)
    if rng.random() < 0.5:
        pot = lathe(np.array([0.004, 0.62, 0.66, 0.7, 0.7, 0.64, 0.5, 0.004]), np.array([-0.02, -0.02, 0.06, 0.06, -0.12, -0.12, -0.75, -0.75]), 64)
        terracotta = near(rng, [(184, 96, 62), (172, 88, 56)])
        add(pot, "pot", plain("pot", terracotta, 0.8), OTHER)
        scene.parts[OTHER] = "pot"
    return scene


def fish(rng, stage: Stage) -> Scene:
    colours = {"orange": (236, 120, 30), "blue": (52, 110, 190), "red": (206, 50, 40), "yellow": (242, 196, 52), "green": (90, 150, 90), "gray": (140, 148, 156), "purple": (120, 76, 160)}
    name = rng.choices(list(colours), (0.35, 0.25, 0.1, 0.1, 0.05, 0.1, 0.05))[0]
    scene = Scene("fish", {BODY: "body", OTHER: "fins", SPOTS: "eye"}, name)
    main = near(rng, [colours[name]])
    t = np.linspace(0, 1, 80)
    deep = rng.uniform(0.5, 0.72)
    r = deep * (np.sin(np.pi * t**0.72) ** 0.85 * (1 - 0.28 * t)) + 0.09 * np.clip((t - 0.6) / 0.4, 0, 1) * (t < 0.995)
    body = lathe(np.maximum(r, 0.004), 1.2 - 2.4 * t, 80).scaled((1, rng.uniform(0.42, 0.55), 1)).turned(rotation("y", -math.pi / 2))
    seed = rng.uniform(0, 90)
    skin = Skin("fish", 0.28, coat=0.4)
    mottled(skin, main, seed, 0.75, 1.2)
    skin.over(mixed(main, (0.85, 0.82, 0.72), 0.75), skin.between(skin.axis("Z"), -0.05, -0.75 * deep)).over(scaled(main, 0.5), skin.between(skin.axis("Z"), 0.35 * deep, 0.95 * deep))
    scales = skin.cells(rng.uniform(7, 10), skin.stretched(1, 0.8, 1.3))
    skin.over(scaled(main, 1.3), skin.maths("MULTIPLY", skin.between(scales, 0.4, 0.1), 0.35))
    place = rotation("z", rng.gauss(0, 0.25)) @ rotation("y", rng.gauss(0, 0.12))
    if rng.random() < 0.2:
        place = place @ np.diag([-1.0, 1, 1])
    add(body.turned(place), "fish", skin.bump(scales, 0.4, 0.04).done(), BODY)
    fin_colour = mixed(main, scaled(main, 1.3), 0.5) if rng.random() < 0.6 else scaled(main, 0.6)
    fin_skin = Skin("fin", 0.4)
    fin_skin.over(fin_colour).over(scaled(fin_colour, 0.55), fin_skin.between(fin_skin.value("ray"), 0.35, 0.75))

    def fin(root: np.ndarray, tip: np.ndarray, side: float = 0.0) -> None:
        """A sheet from a line of roots to a line of tips, with rays."""
        s = np.linspace(0, 1, 10)[:, None, None]
        rows = root[None] * (1 - s) + tip[None] * s
        n = len(root)
        rows[..., 1] += 0.02 * np.sin(np.arange(n) * 1.7)[None] * s[..., 0] + side * s[..., 0]
        ray = np.tile(np.abs(np.sin(np.arange(n) * 0.9)), 10)
        add(open_grid(rows).turned(place), "fin", fin_skin.material, OTHER, values={"ray": ray})

    fin_skin.done()
    u = np.linspace(-1, 1, 24)
    spread, length = rng.uniform(0.5, 0.75), rng.uniform(0.45, 0.7)
    x = 1.1
    fin(np.stack([np.full(24, x), 0 * u, 0.13 * u], 1), np.stack([x + length * (0.55 + 0.45 * np.abs(u) ** 1.2), 0 * u, spread * u], 1))
    v = np.linspace(0, 1, 24)
    root = np.stack([-0.45 + 1.0 * v, 0 * v, np.interp(-0.45 + 1.0 * v, -1.2 + 2.4 * t, r) - 0.03], 1)
    high = rng.uniform(0.25, 0.42)
    fin(root, root + np.stack([0.15 + 0.15 * v, 0 * v, high * np.sin(np.pi * (0.15 + 0.8 * v)) ** 0.7], 1))
    low = np.stack([0.1 + 0.4 * v, 0 * v, -np.interp(0.1 + 0.4 * v, -1.2 + 2.4 * t, r) + 0.03], 1)
    fin(low, low + np.stack([0.2 + 0.1 * v, 0 * v, -0.22 * np.sin(np.pi * (0.2 + 0.7 * v))], 1))
    near_side = -0.5 * deep * 0.9
    chest = np.stack([-0.35 + 0.05 * v, np.full(24, near_side + 0.06), -0.16 + 0.12 * v], 1)
    fin(chest, chest + np.stack([0.32 + 0.1 * v, 0 * v, -0.2 + 0.35 * v], 1), -0.12)
    eye = np.array([-0.82, -np.interp(-0.82, -1.2 + 2.4 * t, r) * 0.44, 0.13])
    add(ball(0.1, 24, 16).scaled((1, 0.6, 1)).moved(eye).turned(place), "eye", plain("eye", from_bytes(238, 232, 214), 0.15, coat=0.5), SPOTS)
    add(ball(0.058, 24, 16).scaled((1, 0.6, 1)).moved(eye - [0, 0.042, 0]).turned(place), "pupil", plain("pupil", (0.006, 0.006, 0.008), 0.1, coat=0.5), SPOTS)
    return scene


KINDS = {
    "apple": apple, "pear": pear, "orange": orange, "lemon": lemon, "tomato": tomato, "cherries": cherries,
    "strawberry": strawberry, "banana": banana, "eggplant": eggplant, "mushroom": mushroom, "pumpkin": pumpkin,
    "carrot": carrot, "grapes": grapes, "peach": peach, "doughnut": doughnut, "cookie": cookie, "cup": cup,
    "watermelon": watermelon, "sunflower": sunflower, "tulip": tulip, "cactus": cactus, "fish": fish,
}  # fmt: skip


@dataclass(frozen=True)
class Look:
    """How a kind wants to be seen: camera heights, and how often each light and ground is taken."""

    elevation: tuple = (0.12, 0.42)
    lights: tuple = (0.42, 0.16, 0.3, 0.07, 0.05)
    grounds: tuple = (0.62, 0.14, 0.14, 0.05, 0.05)


FLAT = Look(elevation=(0.75, 1.35))
LOOKS = {
    "apple": Look(elevation=(0.1, 0.4), lights=(0.36, 0.14, 0.42, 0.05, 0.03), grounds=(0.75, 0.1, 0.1, 0.03, 0.02)),
    "doughnut": FLAT,
    "cookie": FLAT,
    "banana": Look(elevation=(0.2, 0.7)),
    "carrot": Look(elevation=(0.3, 0.9)),
    "cup": Look(elevation=(0.25, 0.6)),
    "mushroom": Look(elevation=(0.02, 0.3)),
    "strawberry": Look(elevation=(0.05, 0.4)),
    "watermelon": Look(elevation=(0.05, 0.35)),
    "sunflower": Look(elevation=(0.0, 0.2)),
    "tulip": Look(elevation=(0.0, 0.25)),
    "cactus": Look(elevation=(0.05, 0.3)),
    "fish": Look(elevation=(0.0, 0.25)),
}
# How much of the set each kind is.
WEIGHTS = dict.fromkeys(KINDS, 0.75) | {"apple": 16.0}


def look_of(kind: str) -> Look:
    return LOOKS.get(kind, Look())
