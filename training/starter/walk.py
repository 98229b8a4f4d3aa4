"""The way from a noised sketch to a picture that the starter recommends, walked with the UNet's own guesses.

`bridge.py` makes the states of training from the true picture. A sampler never meets those: below its first sigma it
meets the UNet's own guess, smooth where the picture is crisp, with what that guess got wrong. A UNet that has only seen
true pictures takes such errors for things in the picture, and turns them into lumps and ragged outlines. So `Walk` visits
the states that the sampler visits, and the UNet learns at each of them what the picture is (Ross, Gordon and
Bagnell 2011, "A Reduction of Imitation Learning and Structured Prediction to No-Regret Online Learning").
"""

import math
from collections.abc import Iterator

import torch

# Ends of Stable Diffusion's noise schedule, between which the exponential schedule lies.
HIGHEST, LOWEST = 14.6146, 0.0291675
# Steps and strengths that training walks, which begin at sigma 0.35, 0.65 and 1.21, and how often each.
RECIPES = ((6, 0.4), (5, 0.5), (6, 0.5))
OFTEN = (0.45, 0.4, 0.15)


def ladder(steps: int, strength: float) -> list[float]:
    """The sigmas of the exponential schedule's last steps, as the program takes them, and 0."""
    whole = [HIGHEST * (LOWEST / HIGHEST) ** (i / (steps - 1)) for i in range(steps)]
    return [*whole[steps - int(strength * steps) - 1 :], 0.0]


def some_ladder(number: int) -> list[float]:
    """A ladder for one training step; the same for the same number."""
    chosen = torch.multinomial(torch.tensor(OFTEN), 1, generator=torch.Generator().manual_seed(number)).item()
    return ladder(*RECIPES[chosen])


def timestep(table: torch.Tensor, sigma: float) -> float:
    """The place of a sigma in the table of all timesteps' sigmas, between two of them."""
    logs = table.log()
    above = int(torch.searchsorted(logs, math.log(sigma)).clamp(1, len(logs) - 1))
    low, high = logs[above - 1].item(), logs[above].item()
    return above - 1 + min(1.0, max(0.0, (math.log(sigma) - low) / (high - low)))


class Walk:
    """Euler's method along a ladder, one guess at a time.

    `unet(x, t, states)` predicts v of scaled latents `x` [n, c, h, w] at timesteps `t` [n]; `table` holds the sigmas of
    all timesteps.
    """

    def __init__(self, unet, table: torch.Tensor):
        self.unet, self.table = unet, table.cpu()

    def guess(self, x: torch.Tensor, sigma: float, states: torch.Tensor) -> torch.Tensor:
        """What the UNet believes the clean latent to be, where `x` is that latent with noise of deviation sigma."""
        signal = 1 / math.sqrt(1 + sigma * sigma)
        noised = (signal * x).contiguous(memory_format=torch.channels_last)
        t = torch.full((len(x),), timestep(self.table, sigma), device=x.device)
        return signal * noised - sigma * signal * self.unet(noised, t, states).sample.float()

    def along(self, x: torch.Tensor, sigmas: list[float], states: torch.Tensor) -> Iterator[tuple[float, torch.Tensor]]:
        """Each sigma above 0 with the guess there. No gradient runs from a state back into the guess before it."""
        for now, then in zip(sigmas, sigmas[1:]):
            guess = self.guess(x, now, states)
            yield now, guess
            x = torch.lerp(guess.detach(), x, then / now)
