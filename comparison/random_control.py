"""A random ControlNet in Stable Diffusion 1.5's shapes: `python random_control.py FOLDER`.

Random weights take exactly as long as trained ones. Writes FOLDER/control.safetensors in diffusers' layout, f16, about
0.7 GB, for the model of random_model.py: `underpaint bench --model MODEL --control FOLDER/control.safetensors`.
"""

import sys
from pathlib import Path

import torch
from diffusers import ControlNetModel
from safetensors.torch import save_file


@torch.no_grad()
def main() -> None:
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(0)
    with torch.device("meta"):
        shapes = {name: value.shape for name, value in ControlNetModel(cross_attention_dim=768).state_dict().items()}
    spread = lambda shape: 0.5 / max(1, shape[1:].numel()) ** 0.5 if len(shape) > 1 else 0.02
    state = {name: (torch.randn(shape) * spread(shape)).half() for name, shape in shapes.items()}
    save_file(state, folder / "control.safetensors")
    print(f"{sum(value.numel() for value in state.values()) / 1e6:.1f} million numbers")


if __name__ == "__main__":
    main()
