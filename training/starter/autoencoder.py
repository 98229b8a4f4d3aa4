"""The starter's autoencoder and the initialisation that lets colour through from the first step."""

import torch
from diffusers import AutoencoderKL

from .shape import SHAPE

# Channels 0..2 carry red, green, blue, 3..5 their negatives, 6 and 7 two constants. With the pairs
# in one norm group the mean stays zero and the constants set the variance, so SiLU(x) - SiLU(-x) = x
# makes the whole untrained network an exact "shrink, then stretch".
CARRIED = 8
CONSTANT = 4.0
COLOUR_GAIN = 1.8
LATENT_CHANNELS = SHAPE.latent_channels


def build() -> AutoencoderKL:
    return AutoencoderKL(
        in_channels=3,
        out_channels=3,
        latent_channels=LATENT_CHANNELS,
        block_out_channels=list(SHAPE.autoencoder),
        layers_per_block=1,
        norm_num_groups=2,
        down_block_types=["DownEncoderBlock2D"] * len(SHAPE.autoencoder),
        up_block_types=["UpDecoderBlock2D"] * len(SHAPE.autoencoder),
        mid_block_add_attention=False,
        sample_size=512,
        scaling_factor=1.0,
    )


@torch.no_grad()
def carry(conv: torch.nn.Conv2d, kernel: torch.Tensor) -> None:
    """Make the first channels pass through `kernel` and take nothing from the others."""
    conv.weight[:CARRIED] = 0
    conv.bias[:CARRIED] = 0
    for channel in range(CARRIED):
        conv.weight[channel, channel] = kernel


@torch.no_grad()
def let_colour_through(ae: AutoencoderKL) -> None:
    for module in ae.modules():
        if hasattr(module, "conv_shortcut"):
            module.conv2.weight *= 0.2
            module.conv2.weight[:CARRIED] = 0
            module.conv2.bias[:CARRIED] = 0
            if module.conv_shortcut is not None:
                carry(module.conv_shortcut, torch.ones(1, 1))
    box = torch.zeros(3, 3)
    box[:2, :2] = 0.25
    ramp = torch.tensor([1.0, 2.0, 1.0]) / 4
    for block in ae.encoder.down_blocks:
        for down in block.downsamplers or []:
            carry(down.conv, box)
    for block in ae.decoder.up_blocks:
        for up in block.upsamplers or []:
            carry(up.conv, ramp[:, None] * ramp[None])
    for conv, source in ((ae.encoder.conv_in, 1.0), (ae.decoder.conv_in, 1 / COLOUR_GAIN)):
        conv.weight[:CARRIED] = 0
        conv.bias[:CARRIED] = 0
        for c in range(3):
            conv.weight[c, c, 1, 1] = source
            conv.weight[3 + c, c, 1, 1] = -source
        conv.bias[6], conv.bias[7] = CONSTANT, -CONSTANT
    for half, gain in ((ae.encoder, COLOUR_GAIN), (ae.decoder, 1.0)):
        width = half.conv_norm_out.num_channels // half.conv_norm_out.num_groups
        spread = (2 * CONSTANT**2 / width) ** 0.5
        half.conv_out.weight[:3] *= 0.1
        half.conv_out.bias[:3] = 0
        for c in range(3):
            half.conv_out.weight[c, :CARRIED] = 0
            half.conv_out.weight[c, c, 1, 1] = gain * spread
            half.conv_out.weight[c, 3 + c, 1, 1] = -gain * spread
    moments = ae.quant_conv
    moments.weight.zero_()
    moments.bias.zero_()
    for c in range(LATENT_CHANNELS):
        moments.weight[c, c] = 1
        moments.bias[LATENT_CHANNELS + c] = -7.0  # a fixed, small posterior variance
    ae.post_quant_conv.weight.zero_()
    ae.post_quant_conv.bias.zero_()
    for c in range(LATENT_CHANNELS):
        ae.post_quant_conv.weight[c, c] = 1
