"""The starter's UNet and its noise schedule."""

import torch
from diffusers import UNet2DConditionModel

from .shape import SHAPE
from .text import WIDTH

STEPS = 1000
BETA_START, BETA_END = 0.00085, 0.012


def build() -> UNet2DConditionModel:
    outer = len(SHAPE.unet) - 2
    return UNet2DConditionModel(
        sample_size=512 // SHAPE.factor,
        in_channels=SHAPE.latent_channels,
        out_channels=SHAPE.latent_channels,
        block_out_channels=list(SHAPE.unet),
        layers_per_block=list(SHAPE.layers),
        down_block_types=["DownBlock2D"] * outer + ["CrossAttnDownBlock2D"] * 2,
        up_block_types=["CrossAttnUpBlock2D"] * 2 + ["UpBlock2D"] * outer,
        cross_attention_dim=WIDTH,
        attention_head_dim=4,
        norm_num_groups=4,
    )


def scales(device) -> tuple[torch.Tensor, torch.Tensor]:
    """Signal and noise scale of each timestep (Stable Diffusion's scaled linear schedule)."""
    betas = torch.linspace(BETA_START**0.5, BETA_END**0.5, STEPS, dtype=torch.float64) ** 2
    kept = torch.cumprod(1 - betas, 0)
    return kept.sqrt().float().to(device), (1 - kept).sqrt().float().to(device)
