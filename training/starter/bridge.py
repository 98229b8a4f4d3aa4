"""What the UNet meets on the way from a noised sketch to a picture.

Image to image starts at `sketch + sigma0 * noise`, and the sampler moves on straight lines from there
towards what the UNet believes the picture to be. Half way down, half of the sketch is still in it. So
that is what the UNet must learn from: at each sigma below sigma0 the start mixed with the picture in
the proportion sigma / sigma0, with the clean picture as the target (a stochastic interpolant between
noised sketches and pictures: Albergo and Vanden-Eijnden 2023; Liu et al. 2023, "I2SB"). A sampler that adds
fresh noise at each step leaves the square of that proportion. With the whole
sketch at high noise alone and none below, it learns to leave a sketch as flat as it was.
"""

import math

import torch

# Where the sampler's last step starts, and where image to image starts at strengths 0.25 to 1.
LEAST = 0.03
STARTS = (0.3, 14.6)
# Where it starts at the strengths near the one that a starter recommends (20 steps, Karras: 0.35 to 0.55).
OFTEN = (0.35, 1.3)
# Sigmas of samples without a sketch: the logarithm's mean and deviation.
PLAIN = (0.5, 1.1)
RHO = 7.0


def sigmas(signal: torch.Tensor, noise_scale: torch.Tensor) -> torch.Tensor:
    """Noise over signal of each timestep, rising."""
    return noise_scale / signal


def draw(table: torch.Tensor, count: int, sketched: float = 0.75) -> tuple[torch.Tensor, torch.Tensor]:
    """Timesteps [count], and how much of the sketch is left at each, in 0..1 (0: trained without one).

    `table` are the sigmas of all timesteps. Sigmas below the start lie as Karras' schedule puts them.
    """
    device = table.device
    uniform = lambda low, high: low + (high - low) * torch.rand(count, device=device)
    between = lambda least, most: uniform(math.log(least), math.log(most)).exp()
    start = torch.where(torch.rand(count, device=device) < 0.85, between(*OFTEN), between(*STARTS))
    # Many are the way's first step, where the sketch is whole: only there the difference between a sketch and its
    # picture is most of the error, and what is below is mostly the removal of noise.
    ramp = torch.where(torch.rand(count, device=device) < 0.35, 0.0, uniform(0, 1))
    sigma = (start ** (1 / RHO) + ramp * (LEAST ** (1 / RHO) - start ** (1 / RHO))) ** RHO
    step = lambda sigma: torch.searchsorted(table, sigma).clamp(max=len(table) - 1)
    t = step(sigma)
    # Every fifth way is walked with fresh noise (Euler a): steps of even timesteps, each of which goes down
    # to sigma_next^2 / sigma and adds noise again, so that the sketch fades with the square of sigma.
    fresh = torch.rand(count, device=device) < 0.2
    t = torch.where(fresh, (step(start) * torch.where(ramp == 0, 1.0, uniform(0.1, 1))).long(), t)
    left = (table[t] / start).clamp(max=1)
    left = torch.where(fresh, left.square(), left)
    # One in six starts from something half way to the picture: a result painted over.
    left = torch.where(torch.rand(count, device=device) < 1 / 6, left * uniform(0, 1), left)
    # Without a sketch: the words alone say what it is, and must be listened to.
    plain = torch.rand(count, device=device) >= sketched
    other = step((PLAIN[0] + PLAIN[1] * torch.randn(count, device=device)).exp())
    return torch.where(plain, other, t), torch.where(plain, torch.zeros_like(left), left)
