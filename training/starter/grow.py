"""Put more residual blocks into a trained UNet: `python -m starter.grow`.

Takes the checkpoint of a UNet with one block a level, as the first starters had, to the depth that `shape.py`
says. A new block begins as the identity, so the grown UNet predicts what the small one did, and goes on from there.
"""

import re

import torch

from . import paths, unet
from .shape import SHAPE


def old_name(name: str) -> str | None:
    """What a weight was called in the UNet of one block a level; None for a new block's."""
    match = re.match(r"(down|up)_blocks\.(\d+)\.(resnets|attentions)\.(\d+)\.(.*)", name)
    if not match:
        return name
    way, block, kind, number, rest = match[1], int(match[2]), match[3], int(match[4]), match[5]
    layers = SHAPE.layers[block] if way == "down" else SHAPE.layers[::-1][block]
    # The last block on the way up takes what came into the level, the first what is handed on last.
    number = {0: 0, layers: 1}.get(number) if way == "up" else (0 if number == 0 else None)
    return None if number is None else f"{way}_blocks.{block}.{kind}.{number}.{rest}"


def grown(old: dict[str, torch.Tensor], prefix: str = "") -> dict[str, torch.Tensor]:
    """The weights of `unet.build()`, from the old one's, both named with the prefix."""
    weights = {}
    for name, fresh in unet.build().state_dict().items():
        before = old_name(name)
        if before is not None:
            fresh = old[prefix + before]
        elif ".conv2." in name or ".proj_out." in name or name.endswith("conv_shortcut.bias"):
            fresh = torch.zeros_like(fresh)
        elif name.endswith("conv_shortcut.weight"):
            # On the way up a block gets the hidden state and what was handed on: it keeps the first.
            fresh = torch.eye(*fresh.shape[:2]).reshape(fresh.shape)
        weights[prefix + name] = fresh
    return weights


def main() -> None:
    checkpoint = paths.DIFFUSION / "checkpoint.pt"
    state = torch.load(checkpoint, map_location="cpu", weights_only=True)
    small = {"unet." + old for name in unet.build().state_dict() if (old := old_name(name))}
    if small != {name for name in state["model"] if name.startswith("unet.")}:
        raise SystemExit(f"{checkpoint} is not of a UNet with one block a level: has it grown already?")
    for key in ("model", "average"):
        text = {k: v for k, v in state[key].items() if not k.startswith("unet.")}
        state[key] = text | grown(state[key], "unet.")
    state.pop("optimizer", None)
    part = checkpoint.with_suffix(".part")
    torch.save(state, part)
    part.replace(checkpoint)


if __name__ == "__main__":
    main()
