"""Shapes as numpy arrays, and Blender objects made of them."""

from dataclasses import dataclass

import bpy
import numpy as np

UP = np.array([0.0, 0.0, 1.0])


@dataclass
class Surface:
    """Vertices [n, 3] and faces of three or four vertex numbers."""

    points: np.ndarray
    faces: list

    def moved(self, by) -> "Surface":
        return Surface(self.points + np.asarray(by, float), self.faces)

    def scaled(self, by) -> "Surface":
        return Surface(self.points * np.asarray(by, float), self.faces)

    def turned(self, matrix: np.ndarray) -> "Surface":
        return Surface(self.points @ np.asarray(matrix).T, self.faces)

    def normals(self) -> np.ndarray:
        """Unit normals of the vertices [n, 3]."""
        total = np.zeros_like(self.points)
        for face in self.faces:
            a, b, c = self.points[face[0]], self.points[face[1]], self.points[face[-1]]
            total[list(face)] += np.cross(b - a, c - a)
        return total / np.maximum(np.linalg.norm(total, axis=1, keepdims=True), 1e-9)


def rotation(axis: str, angle: float) -> np.ndarray:
    """The matrix that turns by `angle` (radians) around x, y or z."""
    c, s = np.cos(angle), np.sin(angle)
    return {
        "x": np.array([[1, 0, 0], [0, c, -s], [0, s, c]]),
        "y": np.array([[c, 0, s], [0, 1, 0], [-s, 0, c]]),
        "z": np.array([[c, -s, 0], [s, c, 0], [0, 0, 1]]),
    }[axis]


def towards(direction) -> np.ndarray:
    """A rotation that takes the z axis to `direction`."""
    z = np.asarray(direction, float)
    z = z / np.linalg.norm(z)
    x = np.cross([0, 1, 0] if abs(z[1]) < 0.9 else [1, 0, 0], z)
    x /= np.linalg.norm(x)
    return np.stack([x, np.cross(z, x), z], 1)


def merged(surfaces: list[Surface]) -> Surface:
    points, faces, start = [], [], 0
    for surface in surfaces:
        points.append(surface.points)
        faces += [tuple(i + start for i in face) for face in surface.faces]
        start += len(surface.points)
    return Surface(np.concatenate(points), faces)


def closed_grid(rows: np.ndarray, cap: bool = True) -> Surface:
    """Rings [v, u, 3] joined to a tube; `cap` closes both ends with a vertex in the middle of the ring."""
    v, u = rows.shape[:2]
    points = rows.reshape(-1, 3)
    faces = [(j * u + i, (j + 1) * u + i, (j + 1) * u + (i + 1) % u, j * u + (i + 1) % u) for j in range(v - 1) for i in range(u)]
    if cap:
        n = len(points)
        points = np.concatenate([points, rows[:1].mean(1), rows[-1:].mean(1)])
        faces += [(n, i, (i + 1) % u) for i in range(u)]
        faces += [(n + 1, (v - 1) * u + (i + 1) % u, (v - 1) * u + i) for i in range(u)]
    return Surface(points, faces)


def open_grid(rows: np.ndarray) -> Surface:
    """A sheet [v, u, 3]."""
    v, u = rows.shape[:2]
    faces = [(j * u + i, j * u + i + 1, (j + 1) * u + i + 1, (j + 1) * u + i) for j in range(v - 1) for i in range(u - 1)]
    return Surface(rows.reshape(-1, 3), faces)


def lathe(radius: np.ndarray, height: np.ndarray, around: int = 96) -> Surface:
    """A surface of revolution from its outline, top first; ends of radius 0 are closed."""
    angle = np.linspace(0, 2 * np.pi, around, endpoint=False)
    rows = np.stack(
        [np.outer(radius, np.cos(angle)), np.outer(radius, np.sin(angle)), np.repeat(height[:, None], around, 1)], -1
    )
    return closed_grid(rows)


def tube(path: np.ndarray, radius, around: int = 12) -> Surface:
    """A tube along points [n, 3] of one radius or one a point."""
    path = np.asarray(path, float)
    radius = np.broadcast_to(np.asarray(radius, float), len(path))
    along = np.gradient(path, axis=0)
    along /= np.linalg.norm(along, axis=1, keepdims=True)
    side = np.cross(along[0], [0.31, 0.87, 0.39])
    rows = []
    angle = np.linspace(0, 2 * np.pi, around, endpoint=False)
    for point, direction, r in zip(path, along, radius):
        side = side - direction * (side @ direction)
        side /= np.linalg.norm(side)
        other = np.cross(direction, side)
        rows.append(point + r * (np.cos(angle)[:, None] * side + np.sin(angle)[:, None] * other))
    return closed_grid(np.array(rows)[:, ::-1])


def curve(points, count: int = 24) -> np.ndarray:
    """A smooth line [count, 3] through two to four control points (Bézier)."""
    points = np.asarray(points, float)
    t = np.linspace(0, 1, count)[:, None]
    while len(points.shape) == 2 and len(points) > 1 or points.ndim == 3 and len(points) > 1:
        if points.ndim == 2:
            points = np.repeat(points[:, None], count, 1)
        points = points[:-1] * (1 - t) + points[1:] * t
    return points[0]


def ball(radius: float = 1.0, around: int = 48, along: int = 32) -> Surface:
    t = np.linspace(0.02, np.pi - 0.02, along)
    return lathe(radius * np.sin(t), radius * np.cos(t), around)


def leaf(length: float, width: float, bend: float, fold: float, rng, along: int = 18, across: int = 9) -> Surface:
    """A pointed leaf along x from the origin, folded at its rib, bent down by `bend` and waved a little."""
    t, s = np.linspace(0, 1, along), np.linspace(-1, 1, across)
    half = width * np.sin(np.pi * t**0.8) ** 0.9 * (1 - 0.25 * t)
    wave = rng.uniform(0, 0.04) * length
    rows = np.empty((along, across, 3))
    for j in range(along):
        y = half[j] * s
        rows[j, :, 0] = length * t[j]
        rows[j, :, 1] = y
        rows[j, :, 2] = -bend * length * t[j] ** 2 + fold * np.abs(y) + wave * np.sin(9 * t[j] + 2 * s) * np.abs(s)
    return open_grid(rows)


def waves(points: np.ndarray, rng, scale: float, count: int = 7) -> np.ndarray:
    """A smooth random number about -1..1 for each point [n]: a few plane waves of wavelength about 2 pi / scale."""
    total = np.zeros(len(points))
    for _ in range(count):
        k = np.array([rng.gauss(0, 1) for _ in range(3)]) * scale / 1.7
        total += np.sin(points @ k + rng.uniform(0, 2 * np.pi))
    return total / np.sqrt(count)


def uneven(surface: Surface, rng, amount: float, scale: float = 1.5) -> Surface:
    """The surface swollen here and shrunk there around its middle."""
    return Surface(surface.points * (1 + amount * waves(surface.points, rng, scale))[:, None], surface.faces)


def bent(surface: Surface, by: float) -> Surface:
    """Bent around the y axis: a body along z leans towards x in an arc of `by` radians a unit of length."""
    if abs(by) < 1e-3:
        return surface
    p = surface.points.copy()
    angle = p[:, 2] * by
    r = 1 / by - p[:, 0]
    p[:, 0], p[:, 2] = 1 / by - r * np.cos(angle), r * np.sin(angle)
    return Surface(p, surface.faces)


def add(surface: Surface, name: str, material, part: int, smooth: bool = True, values: dict | None = None):
    """A Blender object of the surface; `values` are numbers a vertex that its material can read by name."""
    data = bpy.data.meshes.new(name)
    data.from_pydata(surface.points.tolist(), [], [tuple(map(int, f)) for f in surface.faces])
    for key, value in (values or {}).items():
        attribute = data.attributes.new(key, "FLOAT", "POINT")
        attribute.data.foreach_set("value", np.asarray(value, np.float32))
    if smooth:
        data.shade_smooth()
    data.materials.append(material)
    thing = bpy.data.objects.new(name, data)
    thing.pass_index = part
    bpy.context.scene.collection.objects.link(thing)
    return thing
