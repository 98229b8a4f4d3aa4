"""The words that renders can have in their captions, apart from Blender so that training knows them."""

LIGHTS = ("daylight", "studio", "dramatic", "golden", "backlit")
LIGHT_WORDS = {
    "daylight": ("", "", "", "", "soft light", "daylight"),
    "studio": ("studio lighting", "studio lighting", "soft light"),
    "dramatic": ("dramatic lighting",),
    "golden": ("golden light", "sunset"),
    "backlit": ("backlit",),
}
GROUND_WORDS = {"wood": ("on a wooden table",), "marble": ("on marble",), "cloth": ("on cloth",), "grass": ("on grass",)}
COLOURED = {
    "red": (176, 40, 38), "orange": (226, 128, 48), "yellow": (240, 205, 90), "green": (120, 160, 100), "blue": (90, 130, 190),
    "purple": (126, 96, 160), "pink": (235, 170, 185), "gray": (150, 150, 152), "brown": (120, 88, 62),
}  # fmt: skip
THINGS = (
    "apple pear orange tangerine mandarin lemon lime tomato cherries strawberry banana eggplant mushroom pumpkin carrot grapes peach "
    "doughnut donut cookie cup mug watermelon sunflower tulip cactus fish"
).split()
EXTRA = "stem leaf with sprinkles chocolate chips coffee water droplets dark background black on white perfect photo picture image of".split()


def vocabulary() -> list[str]:
    return [*THINGS, *EXTRA, *COLOURED, *(w for words in (*LIGHT_WORDS.values(), *GROUND_WORDS.values()) for w in words), "a background"]
