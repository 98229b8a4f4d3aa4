"""Whether bfloat16 pays on this machine."""

import contextlib

import torch


def autocast(device: str):
    """bfloat16 where the processor multiplies it; elsewhere it is emulated, ten times slower than f32."""
    if device == "cuda" or torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported():
        return torch.autocast(device, torch.bfloat16)
    return contextlib.nullcontext()
