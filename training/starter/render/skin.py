"""Materials: a principled surface whose colour is put together from a few procedural parts."""

import bpy


class Skin:
    """A material under construction. Colours are linear RGB; `colour` sockets are chained one over the other."""

    def __init__(self, name: str, roughness: float = 0.4, coat: float = 0.0, subsurface: float = 0.0, specular: float = 0.5, sheen: float = 0.0):
        self.material = bpy.data.materials.new(name)
        self.material.use_nodes = True
        self.tree = self.material.node_tree
        self.surface = self.tree.nodes["Principled BSDF"]
        self.set("Roughness", roughness)
        self.set("Specular IOR Level", specular)
        if coat:
            self.set("Coat Weight", coat)
            self.set("Coat Roughness", 0.06)
        if sheen:
            self.set("Sheen Weight", sheen)
            self.set("Sheen Roughness", 0.6)
        if subsurface:
            self.set("Subsurface Weight", subsurface)
            self.surface.inputs["Subsurface Radius"].default_value = (0.2, 0.12, 0.06)
            self.set("Subsurface Scale", 0.3)
        self.place = self.node("ShaderNodeTexCoord").outputs["Object"]
        self.colour = None

    def set(self, name: str, value) -> None:
        self.surface.inputs[name].default_value = value

    def node(self, kind: str, **inputs):
        node = self.tree.nodes.new(kind)
        for name, value in inputs.items():
            socket = node.inputs[name]
            if isinstance(value, bpy.types.NodeSocket):
                self.tree.links.new(value, socket)
            else:
                socket.default_value = value
        return node

    def stretched(self, x: float, y: float, z: float):
        """The place on the thing, scaled a direction."""
        node = self.node("ShaderNodeMapping", Vector=self.place)
        node.inputs["Scale"].default_value = (x, y, z)
        return node.outputs["Vector"]

    def offset(self, seed: float, place=None):
        node = self.node("ShaderNodeMapping", Vector=place or self.place)
        node.inputs["Location"].default_value = (seed, seed * 0.7, seed * 1.3)
        return node.outputs["Vector"]

    def noise(self, scale: float, detail: float = 3.0, place=None):
        return self.node("ShaderNodeTexNoise", Vector=place or self.place, Scale=scale, Detail=detail).outputs[0]

    def cells(self, scale: float, place=None):
        """Distance to the middle of the nearest cell."""
        return self.node("ShaderNodeTexVoronoi", Vector=place or self.place, Scale=scale).outputs["Distance"]

    def height(self):
        return self.node("ShaderNodeSeparateXYZ", Vector=self.place).outputs["Z"]

    def from_axis(self):
        """Distance from the upright axis; far away in the lower half."""
        node = self.node("ShaderNodeSeparateXYZ", Vector=self.place)
        x, y, z = (node.outputs[a] for a in "XYZ")
        flat = self.maths("SQRT", self.maths("ADD", self.maths("MULTIPLY", x, x), self.maths("MULTIPLY", y, y)), 0.0)
        return self.maths("ADD", flat, self.maths("LESS_THAN", z, 0.0))

    def axis(self, letter: str):
        return self.node("ShaderNodeSeparateXYZ", Vector=self.place).outputs[letter]

    def value(self, name: str):
        """A number a vertex, see `mesh.add`."""
        node = self.tree.nodes.new("ShaderNodeAttribute")
        node.attribute_name = name
        return node.outputs["Fac"]

    def between(self, source, low: float, high: float):
        """0 at `low` and below, 1 at `high` and above; falling where `low` is the larger."""
        node = self.node("ShaderNodeMapRange", Value=source)
        node.interpolation_type = "SMOOTHSTEP"
        low, high, a, b = (low, high, 0.0, 1.0) if low <= high else (high, low, 1.0, 0.0)
        for name, value in (("From Min", low), ("From Max", high), ("To Min", a), ("To Max", b)):
            node.inputs[name].default_value = value
        return node.outputs[0]

    def maths(self, operation: str, a, b):
        node = self.tree.nodes.new("ShaderNodeMath")
        node.operation = operation
        for socket, value in zip(node.inputs, (a, b)):
            if isinstance(value, bpy.types.NodeSocket):
                self.tree.links.new(value, socket)
            else:
                socket.default_value = value
        return node.outputs[0]

    def over(self, colour, share=1.0, how: str = "MIX"):
        """Lay a colour over what is there, by `share` (a number or a socket)."""
        if self.colour is None:
            node = self.tree.nodes.new("ShaderNodeRGB")
            node.outputs[0].default_value = (*colour, 1)
            self.colour = node.outputs[0]
            return self
        mix = self.tree.nodes.new("ShaderNodeMixRGB")
        mix.blend_type = how
        if isinstance(share, bpy.types.NodeSocket):
            self.tree.links.new(share, mix.inputs[0])
        else:
            mix.inputs[0].default_value = share
        self.tree.links.new(self.colour, mix.inputs[1])
        if isinstance(colour, bpy.types.NodeSocket):
            self.tree.links.new(colour, mix.inputs[2])
        else:
            mix.inputs[2].default_value = (*colour, 1)
        self.colour = mix.outputs[0]
        return self

    def bump(self, source, strength: float, distance: float = 0.05):
        node = self.node("ShaderNodeBump", Height=source, Strength=strength, Distance=distance)
        if self.surface.inputs["Normal"].is_linked:
            self.tree.links.new(self.surface.inputs["Normal"].links[0].from_socket, node.inputs["Normal"])
        self.tree.links.new(node.outputs["Normal"], self.surface.inputs["Normal"])
        return self

    def rough(self, source):
        self.tree.links.new(source, self.surface.inputs["Roughness"])
        return self

    def done(self):
        if self.colour is not None:
            self.tree.links.new(self.colour, self.surface.inputs["Base Color"])
        return self.material


def plain(name: str, colour, roughness: float = 0.5, **more):
    return Skin(name, roughness, **more).over(colour).done()


def scaled(colour, by: float):
    return tuple(min(1.0, c * by) for c in colour)


def mixed(a, b, share: float):
    return tuple(x + (y - x) * share for x, y in zip(a, b))


def from_bytes(r: int, g: int, b: int):
    """Linear RGB of a colour as screens write it."""
    return tuple((v / 255 / 12.92) if v <= 10 else ((v / 255 + 0.055) / 1.055) ** 2.4 for v in (r, g, b))


def leaf_skin(rng, colour=None):
    colour = colour or from_bytes(rng.randint(50, 95), rng.randint(105, 150), rng.randint(25, 50))
    skin = Skin("leaf", 0.42, coat=0.1)
    skin.over(colour).over(scaled(colour, 0.55), skin.between(skin.noise(2.5, 4), 0.35, 0.7))
    rib = skin.value("rib")
    skin.over(mixed(colour, (0.6, 0.75, 0.3), 0.5), skin.between(rib, 0.12, 0.0))
    skin.bump(rib, 0.3, 0.05)
    return skin.done()


def bark(rng, colour=None):
    colour = colour or from_bytes(rng.randint(80, 120), rng.randint(55, 80), rng.randint(25, 45))
    skin = Skin("stem", 0.75)
    skin.over(colour).over(scaled(colour, 0.45), skin.between(skin.noise(9, 4, skin.stretched(1, 1, 0.25)), 0.4, 0.65))
    skin.bump(skin.noise(30), 0.4, 0.02)
    return skin.done()
