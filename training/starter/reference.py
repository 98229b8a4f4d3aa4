"""What PyTorch and diffusers make of the exported starter, for the parity test: `python -m starter.reference`.

Writes ../tests/fixtures/starter_reference.safetensors: inputs, and outputs at every stage.
"""

import argparse
from pathlib import Path

import torch
from diffusers import AutoencoderKL, UNet2DConditionModel
from safetensors.torch import save_file
from transformers import CLIPTextModel

from . import text

PROMPTS = ["photo of perfect green apple with stem, water droplets, dramatic lighting", ""]
TIMESTEPS = [3.0, 412.5, 999.0]


@torch.no_grad()
def main() -> None:
    args = argparse.ArgumentParser()
    args.add_argument("--model", type=Path, default=Path("../assets/starter"))
    args.add_argument("--out", type=Path, default=Path("../tests/fixtures/starter_reference.safetensors"))
    args = args.parse_args()
    torch.manual_seed(0)
    kwargs = {"torch_dtype": torch.float32}
    net = UNet2DConditionModel.from_pretrained(args.model / "unet", **kwargs)
    ae = AutoencoderKL.from_pretrained(args.model / "vae", **kwargs)
    encoder = CLIPTextModel.from_pretrained(args.model / "text_encoder", **kwargs)

    ids = text.encode(text.build_tokenizer(), PROMPTS)
    states = encoder(ids).last_hidden_state
    latent = torch.randn(2, net.config.in_channels, 24, 16)
    image = torch.rand(1, 3, 64, 96) * 2 - 1
    mean = ae.encode(image).latent_dist.mean * ae.config.scaling_factor
    tensors = {
        "ids": ids.int(),
        "states": states,
        "latent": latent,
        "image": image,
        "encoded": mean,
        "decoded": ae.decode(mean / ae.config.scaling_factor).sample,
    }
    for timestep in TIMESTEPS:
        tensors[f"unet_{timestep}"] = net(latent, torch.tensor(timestep), states).sample
    args.out.parent.mkdir(parents=True, exist_ok=True)
    save_file({k: v.contiguous() for k, v in tensors.items()}, args.out)
    print({k: tuple(v.shape) for k, v in tensors.items()})


if __name__ == "__main__":
    main()
