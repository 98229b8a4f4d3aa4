"""Random weights in Stable Diffusion 1.5's shapes: `python random_model.py FOLDER`.

Speed and exactness do not depend on what a model has learned, so models that cannot be fetched are
compared with random ones. Writes a folder in the diffusers layout, f16, about 2.1 GB.
"""

import argparse
import json
from pathlib import Path

import torch
from diffusers import AutoencoderKL, UNet2DConditionModel
from safetensors.torch import load_file, save_file
from transformers import CLIPTextConfig, CLIPTextModel


def build() -> dict[str, torch.nn.Module]:
    torch.manual_seed(0)
    return {
        "unet": UNet2DConditionModel(sample_size=64, cross_attention_dim=768, attention_head_dim=8),
        "vae": AutoencoderKL(
            block_out_channels=[128, 256, 512, 512],
            layers_per_block=2,
            latent_channels=4,
            sample_size=512,
            down_block_types=["DownEncoderBlock2D"] * 4,
            up_block_types=["UpDecoderBlock2D"] * 4,
        ),
        "text_encoder": CLIPTextModel(
            CLIPTextConfig(hidden_size=768, intermediate_size=3072, num_hidden_layers=12, num_attention_heads=12, projection_dim=768)
        ),
    }


def main() -> None:
    args = argparse.ArgumentParser()
    args.add_argument("folder", type=Path)
    folder = args.parse_args().folder
    for part, module in build().items():
        module.half().save_pretrained(folder / part, safe_serialization=True)
    # Published files have the names that transformers 4 wrote, and other programs know no others.
    words = folder / "text_encoder/model.safetensors"
    save_file({f"text_model.{name.removeprefix('text_model.')}": value for name, value in load_file(words).items()}, words, {"format": "pt"})
    schedule = {"beta_start": 0.00085, "beta_end": 0.012, "beta_schedule": "scaled_linear", "num_train_timesteps": 1000}
    (folder / "scheduler").mkdir(exist_ok=True)
    (folder / "scheduler/scheduler_config.json").write_text(json.dumps({"_class_name": "PNDMScheduler"} | schedule))
    (folder / "model_index.json").write_text(json.dumps({"_class_name": "StableDiffusionPipeline"}))
    print(folder)


if __name__ == "__main__":
    main()
