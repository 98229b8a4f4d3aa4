"""Group normalization with SiLU in one pass over channels-last memory, for training on a GPU.

PyTorch's group normalization takes and gives memory with channels first. Between convolutions that want channels last, half of
a step's time went into copies from one to the other. Here each is two kernels forward and two backward: one that adds up a part of
a picture for each channel, and one that turns those sums into the result.
"""

import torch
import triton
import triton.language as tl
from torch import nn

# Elements that one turn of a program's loop covers.
TILE = 4096


@triton.jit
def act_of(z, ACT: tl.constexpr):
    if ACT:
        return z / (1 + tl.exp(-z))
    return z


@triton.jit
def slope_of(z, ACT: tl.constexpr):
    if ACT:
        s = 1 / (1 + tl.exp(-z))
        return s * (1 + z * (1 - s))
    return z * 0 + 1


@triton.jit
def sums(x, part, HW, C, ROWS, BLOCK_R: tl.constexpr, BLOCK_C: tl.constexpr):
    """Sums and sums of squares of ROWS positions: part [n, splits, 2, C] of x [n, HW, C]."""
    n, split, splits = tl.program_id(0), tl.program_id(1), tl.num_programs(1)
    c = tl.arange(0, BLOCK_C)
    first = tl.zeros([BLOCK_C], tl.float32)
    second = tl.zeros([BLOCK_C], tl.float32)
    for at in range(0, ROWS, BLOCK_R):
        rows = split * ROWS + at + tl.arange(0, BLOCK_R)
        inside = (rows[:, None] < HW) & (c[None, :] < C)
        v = tl.load(x + (n * HW + rows[:, None]) * C + c[None, :], mask=inside, other=0.0).to(tl.float32)
        first += tl.sum(v, 0)
        second += tl.sum(v * v, 0)
    base = part + (n * splits + split) * 2 * C + c
    tl.store(base, first, mask=c < C)
    tl.store(base + C, second, mask=c < C)


@triton.jit
def apply(x, part, w, b, y, stats, HW, C, ROWS, EPS, G: tl.constexpr, ACT: tl.constexpr, BLOCK_R: tl.constexpr, BLOCK_C: tl.constexpr):
    """y = act(normalized x · w + b); stats [n, 2, C] keep each channel's mean and 1 / deviation."""
    n, split, splits = tl.program_id(0), tl.program_id(1), tl.num_programs(1)
    c = tl.arange(0, BLOCK_C)
    known = c < C
    first = tl.zeros([BLOCK_C], tl.float32)
    second = tl.zeros([BLOCK_C], tl.float32)
    for s in range(0, splits):
        base = part + (n * splits + s) * 2 * C + c
        first += tl.load(base, mask=known, other=0.0)
        second += tl.load(base + C, mask=known, other=0.0)
    count = HW * (C // G)
    group = c // (C // G)
    mean = tl.zeros([BLOCK_C], tl.float32)
    square = tl.zeros([BLOCK_C], tl.float32)
    for g in tl.static_range(G):
        own = group == g
        mean = tl.where(own, tl.sum(tl.where(own, first, 0.0), 0) / count, mean)
        square = tl.where(own, tl.sum(tl.where(own, second, 0.0), 0) / count, square)
    over = 1 / tl.sqrt(tl.maximum(square - mean * mean, 0.0) + EPS)
    if split == 0:
        tl.store(stats + n * 2 * C + c, mean, mask=known)
        tl.store(stats + n * 2 * C + C + c, over, mask=known)
    scale = over * tl.load(w + c, mask=known, other=0.0).to(tl.float32)
    shift = tl.load(b + c, mask=known, other=0.0).to(tl.float32) - mean * scale
    for at in range(0, ROWS, BLOCK_R):
        rows = split * ROWS + at + tl.arange(0, BLOCK_R)
        inside = (rows[:, None] < HW) & known[None, :]
        place = (n * HW + rows[:, None]) * C + c[None, :]
        v = tl.load(x + place, mask=inside, other=0.0).to(tl.float32)
        tl.store(y + place, act_of(v * scale[None, :] + shift[None, :], ACT).to(y.dtype.element_ty), mask=inside)


@triton.jit
def sums_back(x, dy, stats, w, b, part, HW, C, ROWS, ACT: tl.constexpr, BLOCK_R: tl.constexpr, BLOCK_C: tl.constexpr):
    """Sums of dz and of dz · x of ROWS positions, where z is what the activation took: part [n, splits, 2, C]."""
    n, split, splits = tl.program_id(0), tl.program_id(1), tl.num_programs(1)
    c = tl.arange(0, BLOCK_C)
    known = c < C
    mean = tl.load(stats + n * 2 * C + c, mask=known, other=0.0)
    over = tl.load(stats + n * 2 * C + C + c, mask=known, other=0.0)
    scale = over * tl.load(w + c, mask=known, other=0.0).to(tl.float32)
    shift = tl.load(b + c, mask=known, other=0.0).to(tl.float32) - mean * scale
    first = tl.zeros([BLOCK_C], tl.float32)
    second = tl.zeros([BLOCK_C], tl.float32)
    for at in range(0, ROWS, BLOCK_R):
        rows = split * ROWS + at + tl.arange(0, BLOCK_R)
        inside = (rows[:, None] < HW) & known[None, :]
        place = (n * HW + rows[:, None]) * C + c[None, :]
        v = tl.load(x + place, mask=inside, other=0.0).to(tl.float32)
        d = tl.load(dy + place, mask=inside, other=0.0).to(tl.float32) * slope_of(v * scale[None, :] + shift[None, :], ACT)
        first += tl.sum(d, 0)
        second += tl.sum(d * v, 0)
    base = part + (n * splits + split) * 2 * C + c
    tl.store(base, first, mask=known)
    tl.store(base + C, second, mask=known)


@triton.jit
def apply_back(x, dy, stats, part, w, b, dx, dw, HW, C, ROWS, G: tl.constexpr, ACT: tl.constexpr, BLOCK_R: tl.constexpr, BLOCK_C: tl.constexpr):
    """dx, and dw [n, 2, C]: what each picture says about w and b."""
    n, split, splits = tl.program_id(0), tl.program_id(1), tl.num_programs(1)
    c = tl.arange(0, BLOCK_C)
    known = c < C
    first = tl.zeros([BLOCK_C], tl.float32)
    second = tl.zeros([BLOCK_C], tl.float32)
    for s in range(0, splits):
        base = part + (n * splits + s) * 2 * C + c
        first += tl.load(base, mask=known, other=0.0)
        second += tl.load(base + C, mask=known, other=0.0)
    mean = tl.load(stats + n * 2 * C + c, mask=known, other=0.0)
    over = tl.load(stats + n * 2 * C + C + c, mask=known, other=0.0)
    weight = tl.load(w + c, mask=known, other=0.0).to(tl.float32)
    scale = over * weight
    shift = tl.load(b + c, mask=known, other=0.0).to(tl.float32) - mean * scale
    # Sums of dz · normalized x.
    turned = (second - mean * first) * over
    if split == 0:
        tl.store(dw + n * 2 * C + c, turned, mask=known)
        tl.store(dw + n * 2 * C + C + c, first, mask=known)
    count = HW * (C // G)
    group = c // (C // G)
    even = tl.zeros([BLOCK_C], tl.float32)
    slant = tl.zeros([BLOCK_C], tl.float32)
    for g in tl.static_range(G):
        own = group == g
        even = tl.where(own, tl.sum(tl.where(own, weight * first, 0.0), 0) / count, even)
        slant = tl.where(own, tl.sum(tl.where(own, weight * turned, 0.0), 0) / count, slant)
    by_x = -over * over * slant
    rest = -over * even - by_x * mean
    for at in range(0, ROWS, BLOCK_R):
        rows = split * ROWS + at + tl.arange(0, BLOCK_R)
        inside = (rows[:, None] < HW) & known[None, :]
        place = (n * HW + rows[:, None]) * C + c[None, :]
        v = tl.load(x + place, mask=inside, other=0.0).to(tl.float32)
        d = tl.load(dy + place, mask=inside, other=0.0).to(tl.float32) * slope_of(v * scale[None, :] + shift[None, :], ACT)
        tl.store(dx + place, (scale[None, :] * d + by_x[None, :] * v + rest[None, :]).to(dx.dtype.element_ty), mask=inside)


class NormAct(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, w, b, groups: int, eps: float, act: bool):
        x = x.contiguous(memory_format=torch.channels_last)
        n, c, height, width = x.shape
        hw = height * width
        splits = max(1, hw // 512)
        rows = -(-hw // splits)
        block_c = triton.next_power_of_2(c)
        shape = {"BLOCK_R": max(1, TILE // block_c), "BLOCK_C": block_c}
        part = torch.empty(n, splits, 2, c, device=x.device, dtype=torch.float32)
        stats = torch.empty(n, 2, c, device=x.device, dtype=torch.float32)
        y = torch.empty_like(x)
        sums[(n, splits)](x, part, hw, c, rows, **shape)
        apply[(n, splits)](x, part, w, b, y, stats, hw, c, rows, eps, G=groups, ACT=act, **shape)
        ctx.save_for_backward(x, w, b, stats)
        ctx.sizes = groups, act, hw, splits, rows, shape
        return y

    @staticmethod
    def backward(ctx, dy):
        x, w, b, stats = ctx.saved_tensors
        groups, act, hw, splits, rows, shape = ctx.sizes
        dy = dy.contiguous(memory_format=torch.channels_last)
        n, c = x.shape[:2]
        part = torch.empty(n, splits, 2, c, device=x.device, dtype=torch.float32)
        dx = torch.empty_like(x)
        dw = torch.empty(n, 2, c, device=x.device, dtype=torch.float32)
        sums_back[(n, splits)](x, dy, stats, w, b, part, hw, c, rows, ACT=act, **shape)
        apply_back[(n, splits)](x, dy, stats, part, w, b, dx, dw, hw, c, rows, G=groups, ACT=act, **shape)
        both = dw.sum(0)
        return dx, both[0].to(w.dtype), both[1].to(b.dtype), None, None, None


class FusedNorm(nn.Module):
    """Takes the place of a `nn.GroupNorm`, and of the SiLU after it where `act` says so."""

    def __init__(self, norm: nn.GroupNorm, act: bool):
        super().__init__()
        self.weight, self.bias = norm.weight, norm.bias
        self.groups, self.eps, self.act = norm.num_groups, norm.eps, act

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return NormAct.apply(x, self.weight, self.bias, self.groups, self.eps, self.act)


def fuse(unet: nn.Module) -> nn.Module:
    """Replaces all group normalizations of a UNet of diffusers, in place; the order of its parameters stays."""
    for module in list(unet.modules()):
        if type(module).__name__ == "ResnetBlock2D":
            module.norm1, module.norm2 = FusedNorm(module.norm1, True), FusedNorm(module.norm2, True)
            # The embedding of the timestep goes through an activation of its own.
            module.nonlinearity = SiLUOfVectors()
        elif type(module).__name__ == "Transformer2DModel":
            module.norm = FusedNorm(module.norm, False)
    unet.conv_norm_out, unet.conv_act = FusedNorm(unet.conv_norm_out, True), nn.Identity()
    return unet


class SiLUOfVectors(nn.Module):
    """SiLU of vectors [n, c]; pictures [n, c, h, w] have theirs in the normalization before."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x if x.dim() == 4 else nn.functional.silu(x)
