"""A random LoRA of rank 8 for the model of random_model.py: `python random_lora.py MODEL FILE`.

Every attention layer of the UNet and of the text encoder, f32, in the layout of kohya's scripts. Its alpha is half of its rank,
so that a program that reads no alpha makes another picture.
"""

import sys
from pathlib import Path

import torch
from safetensors import safe_open
from safetensors.torch import save_file

RANK = 8


def main() -> None:
    model, file = Path(sys.argv[1]), Path(sys.argv[2])
    torch.manual_seed(2)
    tensors = {}
    for part, prefix, which in [
        ("unet/diffusion_pytorch_model.safetensors", "lora_unet_", ".attn"),
        ("text_encoder/model.safetensors", "lora_te_", ".self_attn."),
    ]:
        with safe_open(model / part, "pt") as weights:
            for name in weights.keys():
                shape = weights.get_slice(name).get_shape()
                if not name.endswith(".weight") or which not in name or len(shape) != 2:
                    continue
                to, inputs = shape
                layer = prefix + name.removesuffix(".weight").replace(".", "_")
                tensors[f"{layer}.lora_down.weight"] = torch.randn(RANK, inputs) * 0.03
                tensors[f"{layer}.lora_up.weight"] = torch.randn(to, RANK) * 0.03
                tensors[f"{layer}.alpha"] = torch.tensor(RANK / 2)
    file.parent.mkdir(parents=True, exist_ok=True)
    save_file(tensors, file)
    print(f"{len(tensors) // 3} layers")


if __name__ == "__main__":
    main()
