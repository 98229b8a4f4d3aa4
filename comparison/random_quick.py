"""A random LoRA and a random tiny autoencoder for the model of random_model.py: `python random_quick.py MODEL FOLDER`.

Writes FOLDER/loras/Hyper-SD15-4steps-lora.safetensors (rank 64, every layer of the UNet's blocks, f16, as large as
LCM-LoRA) and FOLDER/vae/taesd. Quick finds both by their names; how long they take does not depend on what they
have learned.
"""

import argparse
from pathlib import Path

import torch
from diffusers import AutoencoderTiny
from safetensors import safe_open
from safetensors.torch import save_file

RANK = 64


def lora(unet: Path) -> dict[str, torch.Tensor]:
    torch.manual_seed(1)
    tensors = {}
    with safe_open(unet, "pt") as file:
        for name in file.keys():
            shape = file.get_slice(name).get_shape()
            if not name.endswith(".weight") or len(shape) < 2 or "_block" not in name:
                continue
            to, inputs, *taps = shape
            layer = "lora_unet_" + name.removesuffix(".weight").replace(".", "_")
            ones = [1] * len(taps)
            tensors[f"{layer}.lora_down.weight"] = (torch.randn(RANK, inputs, *taps) * 0.01).half()
            tensors[f"{layer}.lora_up.weight"] = (torch.randn(to, RANK, *ones) * 0.01).half()
    return tensors


def main() -> None:
    args = argparse.ArgumentParser()
    args.add_argument("model", type=Path)
    args.add_argument("folder", type=Path)
    args = args.parse_args()
    loras = args.folder / "loras"
    loras.mkdir(parents=True, exist_ok=True)
    tensors = lora(args.model / "unet/diffusion_pytorch_model.safetensors")
    save_file(tensors, loras / "Hyper-SD15-4steps-lora.safetensors")
    AutoencoderTiny().half().save_pretrained(args.folder / "vae/taesd", safe_serialization=True)
    print(f"{len(tensors) // 2} layers")


if __name__ == "__main__":
    main()
