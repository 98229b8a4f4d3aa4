"""The UNet in bfloat16, captured as a CUDA graph: `Graphed` is called instead of the UNet that it learns for.

At these widths a step is hundreds of small kernels. One by one the processor cannot launch them as fast as the card runs
them, and compiling them takes longer than there is time for: two minutes on one card, where capturing takes seconds.
"""

import copy
from types import SimpleNamespace

import torch
from torch import nn

from .norm_kernels import fuse


class Plain(nn.Module):
    """A UNet that takes and returns tensors alone, which is what can be captured."""

    def __init__(self, unet: nn.Module):
        super().__init__()
        self.unet = unet

    def forward(self, x: torch.Tensor, t: torch.Tensor, states: torch.Tensor) -> torch.Tensor:
        return self.unet(x, t, states, return_dict=False)[0]


class Graphed:
    """A copy in bfloat16 of `unet`, whose f32 weights stay the ones that the optimizer changes.

    It takes latents [count, c, side, side], timesteps [count] and states of captions [count, length, width], always of the
    same sizes. After each forward pass its backward pass must run before the next one: both share their memory.
    """

    def __init__(self, unet: nn.Module, x: torch.Tensor, t: torch.Tensor, states: torch.Tensor):
        self.masters = list(unet.parameters())
        self.copy = copy.deepcopy(unet).bfloat16().to(memory_format=torch.channels_last).requires_grad_(True)
        # Nothing here behaves otherwise in training, but diffusers then copies some layers' inputs.
        plain = Plain(self.copy).eval()
        inputs = self.taken(torch.randn_like(x), t, torch.randn_like(states))
        with torch.no_grad():
            before = plain(*inputs).float()
            fuse(self.copy)
            off = (plain(*inputs).float() - before).norm() / before.norm()
        if not off < 0.05:
            raise RuntimeError(f"The kernels for group normalization give other results on this card: off by {off:.3f}.")
        self.own = list(self.copy.parameters())
        self.run = torch.cuda.make_graphed_callables(plain, inputs)
        # A captured backward pass always writes to the same memory. Gradients are added up in memory of their own.
        for p in self.own:
            p.grad = torch.zeros_like(p)

    def __call__(self, x: torch.Tensor, t: torch.Tensor, states: torch.Tensor) -> SimpleNamespace:
        with torch.autocast(x.device.type, enabled=False):
            return SimpleNamespace(sample=self.run(*self.taken(x, t, states)))

    def taken(self, x: torch.Tensor, t: torch.Tensor, states: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """The inputs in the graph's precision. Timesteps stay f32: bfloat16 cannot tell 997 from 1000."""
        return x.detach().bfloat16().contiguous(memory_format=torch.channels_last), t.detach().float(), states.detach().bfloat16()

    @torch.no_grad()
    def begin(self) -> None:
        """Takes over the f32 weights, and begins with no gradients."""
        torch._foreach_copy_(self.own, self.masters)
        torch._foreach_zero_([p.grad for p in self.own])

    def end(self) -> None:
        """Hands the gradients to the f32 weights."""
        for master, p in zip(self.masters, self.own):
            master.grad = p.grad.float()
