"""Everything around the thing: renderer, ground, lights, camera, and the passes that come out."""

import math
from dataclasses import dataclass, field
from pathlib import Path

import bpy
import numpy as np
from mathutils import Vector

from .mesh import add, open_grid
from .skin import Skin, from_bytes, plain, scaled
from .words import COLOURED, GROUND_WORDS, LIGHT_WORDS, LIGHTS

@dataclass
class Scene:
    """What a thing says about itself."""

    name: str
    # Names of its parts by the number that they have in the part mask.
    parts: dict = field(default_factory=dict)
    # A colour's name, or nothing where it has its usual one.
    colour: str = ""
    # What else can be seen of it, such as its stem.
    extra: list = field(default_factory=list)
    # Whether there are drops of water on it.
    wet: bool = False


def fresh(pixels: int, samples: int, threads: int) -> None:
    """An empty scene with the renderer set up."""
    bpy.ops.wm.read_factory_settings(use_empty=True)
    scene = bpy.context.scene
    scene.render.engine = "CYCLES"
    cycles = scene.cycles
    cycles.device, cycles.samples, cycles.use_adaptive_sampling = "CPU", samples, False
    cycles.use_denoising, cycles.denoiser = True, "OPENIMAGEDENOISE"
    cycles.denoising_prefilter = "FAST"
    # Cheap light transport: subsurface and further bounces cost as much again and hardly show.
    cycles.max_bounces, cycles.diffuse_bounces, cycles.glossy_bounces = 2, 1, 1
    cycles.use_light_tree = False
    cycles.caustics_reflective = cycles.caustics_refractive = False
    cycles.sample_clamp_indirect = 4.0
    cycles.use_auto_tile = False
    scene.render.resolution_x = scene.render.resolution_y = pixels
    scene.render.threads_mode, scene.render.threads = "FIXED", threads
    scene.view_settings.view_transform = "Standard"
    layer = scene.view_layers[0]
    layer.use_pass_object_index = layer.use_pass_diffuse_color = True
    settings = scene.render.image_settings
    settings.media_type = "MULTI_LAYER_IMAGE"
    settings.file_format = "OPEN_EXR_MULTILAYER"
    settings.color_depth, settings.exr_codec = "16", "NONE"


@dataclass
class Stage:
    """The surroundings of one picture, drawn before its thing so that the thing can look at the light."""

    light: str
    ground: str
    words: list
    ground_colour: tuple
    camera: np.ndarray
    key: np.ndarray
    elevation: float


def direction(azimuth: float, elevation: float) -> np.ndarray:
    """From the thing outwards; azimuth 0 is the camera's side, positive to the right."""
    return np.array([math.sin(azimuth) * math.cos(elevation), -math.cos(azimuth) * math.cos(elevation), math.sin(elevation)])


def choose(rng, elevation: tuple, light_weights, ground_weights) -> Stage:
    """Light, ground and camera of one picture.

    The key light always comes from the left, as in most still lifes: where it comes from either side, a network that
    has to guess learns the mean of both, which is flat.
    """
    light = rng.choices(LIGHTS, light_weights)[0]
    height = rng.uniform(*elevation)
    azimuth = {"daylight": (-1.1, -0.3), "studio": (-1.0, -0.5), "dramatic": (-1.5, -0.7), "golden": (-1.4, -0.8), "backlit": (-2.6, -2.2)}[light]
    lift = {"daylight": (0.6, 1.1), "studio": (0.5, 0.9), "dramatic": (0.45, 0.9), "golden": (0.25, 0.45), "backlit": (0.45, 0.7)}[light]
    key = direction(rng.uniform(*azimuth), rng.uniform(*lift) + 0.4 * max(0.0, height - 0.5))
    words = [w for w in (rng.choice(LIGHT_WORDS[light]),) if w]
    if light == "dramatic":
        ground = rng.choices(("black", "dark"), (0.6, 0.4))[0]
        tint = rng.choice([(1, 1, 1), (1, 1, 1), (1.1, 1, 0.85), (0.85, 0.95, 1.15)])
        level = rng.uniform(0.008, 0.025) if ground == "black" else rng.uniform(0.03, 0.08)
        colour = tuple(level * t for t in tint)
        if rng.random() < 0.3:
            words.append("on a black background" if ground == "black" else "dark background")
    else:
        ground = rng.choices(("white", "coloured", "wood", "marble", "cloth"), ground_weights)[0]
        colour = (0.88, 0.88, 0.88)
        if ground == "white" and rng.random() < 0.4:
            words.append("on a white background")
        elif ground == "coloured":
            name = rng.choice(list(COLOURED))
            colour = from_bytes(*COLOURED[name])
            words.append(f"on a {name} background")
        elif ground != "white":
            words.append(rng.choice(GROUND_WORDS[ground]))
    return Stage(light, ground, words, colour, direction(rng.uniform(-0.12, 0.12), height), key, height)


def ground_material(rng, stage: Stage):
    if stage.ground == "wood":
        base = from_bytes(*rng.choice([(168, 122, 80), (130, 88, 56), (196, 156, 112), (92, 62, 42)]))
        skin = Skin("wood", rng.uniform(0.35, 0.6))
        seed = rng.uniform(0, 50)
        grain = skin.noise(1.6, 6, skin.offset(seed, skin.stretched(0.25, 3.5, 1)))
        fine = skin.noise(9, 3, skin.offset(seed, skin.stretched(0.12, 6, 1)))
        skin.over(base).over(scaled(base, 0.45), skin.between(grain, 0.42, 0.68)).over(scaled(base, 1.25), skin.between(fine, 0.5, 0.75))
        gap = skin.maths("PINGPONG", skin.axis("Y"), rng.uniform(0.7, 1.1))
        skin.over(scaled(base, 0.12), skin.between(gap, 0.02, 0.0))
        return skin.bump(fine, 0.15, 0.03).done()
    if stage.ground == "marble":
        skin = Skin("marble", 0.2, coat=0.3)
        place = skin.offset(rng.uniform(0, 50))
        vein = skin.maths("ABSOLUTE", skin.maths("SUBTRACT", skin.noise(0.7, 6, place), 0.5), 0.0)
        skin.over((0.8, 0.8, 0.79)).over((0.32, 0.33, 0.35), skin.between(vein, 0.035, 0.0)).over((0.6, 0.6, 0.6), skin.between(skin.noise(1.5, 4, place), 0.5, 0.8))
        return skin.done()
    if stage.ground == "cloth":
        base = from_bytes(*rng.choice([(225, 215, 200), (190, 60, 55), (90, 115, 150), (235, 235, 230)]))
        skin = Skin("cloth", 0.9, sheen=0.4)
        weave = skin.node("ShaderNodeTexWave", Vector=skin.place, Scale=14.0).outputs[1]
        skin.over(base).over(scaled(base, 0.75), weave)
        return skin.bump(weave, 0.3, 0.03).bump(skin.noise(0.8, 2), 0.6, 0.6).done()
    return plain("ground", stage.ground_colour, 0.5, specular=0.12 if stage.light == "dramatic" else 0.3)


def lamp(position, size: float, power: float, colour=(1, 1, 1)) -> None:
    data = bpy.data.lights.new("lamp", "AREA")
    data.energy, data.size, data.color = power, size, colour
    data.shape = "DISK"
    lamp = bpy.data.objects.new("lamp", data)
    lamp.location = Vector(position)
    lamp.rotation_euler = (-Vector(position)).to_track_quat("-Z", "Y").to_euler()
    bpy.context.scene.collection.objects.link(lamp)


def light_up(rng, stage: Stage) -> None:
    world = bpy.data.worlds.new("world")
    bpy.context.scene.world = world
    world.use_nodes = True
    background = world.node_tree.nodes["Background"]

    def around(colour, strength):
        background.inputs[0].default_value, background.inputs[1].default_value = (*colour, 1), strength

    key = stage.key
    far = 7.0
    if stage.light == "daylight":
        around((0.93, 0.96, 1.0), rng.uniform(0.38, 0.55))
        lamp(key * far, rng.uniform(1.2, 3.5), rng.uniform(520, 760), (1, 0.97, 0.92))
    elif stage.light == "studio":
        around((1, 1, 1), rng.uniform(0.22, 0.36))
        lamp(key * far, rng.uniform(2.5, 4.0), rng.uniform(600, 850))
        lamp(direction(rng.uniform(0.7, 1.2), 0.5) * far, 3.0, rng.uniform(120, 260))
    elif stage.light == "dramatic":
        around((0.7, 0.8, 1.0), rng.uniform(0.008, 0.025))
        lamp(key * far, rng.uniform(0.8, 2.2), rng.uniform(1000, 1500), (1, 0.96, 0.9))
        if rng.random() < 0.75:
            lamp(direction(rng.uniform(1.9, 2.6), rng.uniform(0.3, 0.7)) * far, 1.6, rng.uniform(250, 600), rng.choice([(1, 1, 1), (0.8, 0.9, 1)]))
    elif stage.light == "golden":
        around((0.75, 0.65, 0.6), rng.uniform(0.22, 0.34))
        lamp(key * far, rng.uniform(0.6, 1.5), rng.uniform(700, 1000), (1, 0.62, 0.28))
    else:
        around((0.9, 0.95, 1.0), rng.uniform(0.22, 0.34))
        lamp(key * far, rng.uniform(1.5, 3.0), rng.uniform(1200, 1700), (1, 0.95, 0.85))
        lamp(direction(0.5, 0.5) * far, 3.0, 150)


def put_ground(rng, stage: Stage, floor: float) -> None:
    """A sweep: level under the thing, rising behind it without an edge."""
    material = ground_material(rng, stage)
    if stage.ground in ("wood", "marble", "cloth"):
        flat = open_grid(np.array([[[x, y, floor] for x in (-14.0, 14.0)] for y in (-9.0, rng.uniform(4, 9))]))
        add(flat, "ground", material, 0)
        wall_colour = rng.choice([(0.75, 0.74, 0.72), (0.55, 0.56, 0.58), (0.3, 0.31, 0.33), (0.65, 0.6, 0.52), (0.2, 0.24, 0.22)])
        wall = open_grid(np.array([[[x, 16.0, z] for x in (-40.0, 40.0)] for z in (floor - 6, 30.0)]))
        add(wall, "wall", plain("wall", wall_colour, 0.9), 0)
        return
    back, radius = rng.uniform(3.5, 6.0), rng.uniform(2.5, 4.0)
    angle = np.linspace(0, np.pi / 2, 14)
    y = np.concatenate([[-16.0], back + radius * np.sin(angle), [back + radius + 0.5]])
    z = np.concatenate([[0.0], radius * (1 - np.cos(angle)), [28.0]]) + floor
    rows = np.array([[[x, a, b] for x in (-30.0, 30.0)] for a, b in zip(y, z)])
    add(open_grid(rows), "ground", material, 0)


def put_camera(rng, stage: Stage, points: np.ndarray, pixels: int) -> None:
    """So that the thing fills 45 to 78 % of the page and lies near its middle."""
    data = bpy.data.cameras.new("camera")
    data.lens, data.sensor_width = rng.uniform(55, 85), 36
    middle = (points.max(0) + points.min(0)) / 2
    look = -stage.camera
    right = np.cross(look, [0, 0, 1])
    right /= np.linalg.norm(right)
    up = np.cross(right, look)
    extent = max(np.ptp(points @ right), np.ptp(points @ up))
    share = rng.uniform(0.45, 0.78)
    distance = extent / share * data.lens / data.sensor_width
    slack = (1 - share) / 2 * extent / share
    across = (points @ right).max() / 2 + (points @ right).min() / 2
    along = (points @ up).max() / 2 + (points @ up).min() / 2
    target = right * (across + rng.uniform(-0.6, 0.6) * slack) + up * (along + rng.uniform(-0.35, 0.55) * slack) + look * (middle @ look)
    camera = bpy.data.objects.new("camera", data)
    camera.location = Vector(target - look * distance)
    camera.rotation_euler = Vector(look).to_track_quat("-Z", "Y").to_euler()
    if rng.random() < 0.6:
        data.dof.use_dof = True
        data.dof.focus_distance = distance - 0.4 * extent
        data.dof.aperture_fstop = rng.uniform(1.5, 6) / max(0.3, extent / 2) / 8
    bpy.context.scene.collection.objects.link(camera)
    bpy.context.scene.camera = camera


def all_points() -> np.ndarray:
    points = []
    for thing in bpy.context.scene.objects:
        if thing.type == "MESH" and thing.pass_index:
            flat = np.empty(len(thing.data.vertices) * 3, np.float32)
            thing.data.vertices.foreach_get("co", flat)
            points.append(flat.reshape(-1, 3))
    return np.concatenate(points).astype(float)


def render(folder: Path) -> dict[str, np.ndarray]:
    """The passes: linear picture [h, w, 3], base colour [h, w, 3], part numbers [h, w]."""
    import OpenEXR

    file = folder / "frame.exr"
    bpy.context.scene.render.filepath = str(file)
    bpy.ops.render.render(write_still=True)
    channels = {name: c for part in OpenEXR.File(str(file), separate_channels=True).parts for name, c in part.channels.items()}
    find = lambda *ends: np.asarray(next(c.pixels for name, c in channels.items() if name.endswith(ends)), np.float32)
    rgb = lambda *names: np.stack([find(*(f"{name}.{c}" for name in names)) for c in "RGB"], -1)
    return {
        "picture": rgb("Combined"),
        "base": rgb("Diffuse Color", "DiffCol"),
        "parts": np.rint(find("Object Index.X", "IndexOB.X")).astype(np.uint8),
    }


def developed(linear: np.ndarray, exposure: float = 1.0) -> np.ndarray:
    """Linear light as bytes: straight up to 0.7, a soft shoulder above, then sRGB's curve."""
    x = np.maximum(linear * exposure, 0)
    knee = 0.7
    x = np.where(x > knee, 1 - (1 - knee) * np.exp(-(x - knee) / (1 - knee)), x)
    x = np.where(x <= 0.0031308, x * 12.92, 1.055 * np.power(np.maximum(x, 1e-6), 1 / 2.4) - 0.055)
    return (x * 255 + 0.5).clip(0, 255).astype(np.uint8)
