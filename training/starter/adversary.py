"""A network that tells latents of pictures from the UNet's guesses, and what the UNet learns from it.

Where a sketch leaves open how a thing looks (where drops lie, how wood is grained, how sharp an edge is), the guess with the
least squared error is the mean of all possibilities, which is soft. The adversary sees sketch, caption and latent, and a
guess that is soft, or dry although the caption says "water droplets", gives itself away. Both are trained against each
other as pairs (Jolicoeur-Martineau 2018, "The relativistic discriminator"; Isola et al. 2017, "Image-to-Image Translation
with Conditional Adversarial Networks"). It also learns which of two captions is a picture's own (Reed et al. 2016, "Generative
Adversarial Text to Image Synthesis"), so that it listens to captions. Two penalties keep the adversary smooth around pictures and guesses (Huang et al.
2024, "The GAN is dead; long live the GAN!"), as differences between a latent and the same one with a little noise, which needs
no second derivatives.
"""

import torch
from torch import nn
from torch.nn import functional as F

from .autoencoder import LATENT_CHANNELS

# Width of what the adversary keeps of a caption.
WORDS = 64
# The noise of the penalties' second look, and how much they count.
NEAR, SMOOTH = 0.05, 40.0
# How much it counts that a picture's own caption is told from another one's.
MATCHED = 0.5
# How far both are moved, and the share of a side that is blanked, before the adversary looks.
MOVED, BLANKED = 6, 0.4
# How much of the gradient on a guess asks for the features of its own picture. That steadies the contest, and it is
# against all details that lie elsewhere than in the picture, such as drops.
ALIKE = 0.25


class Adversary(nn.Module):
    """Scores of latents, for each place at three scales: high where it takes them for a picture's."""

    def __init__(self, words: int):
        super().__init__()
        widths = (64, 128, 256, 256)
        self.words = nn.Embedding(words, WORDS)
        self.first = nn.Conv2d(2 * LATENT_CHANNELS, widths[0], 3, padding=1)
        self.down = nn.ModuleList(nn.Conv2d(a, b, 4, 2, 1) for a, b in zip(widths, widths[1:]))
        self.same = nn.ModuleList(nn.Conv2d(b, b, 3, padding=1) for b in widths[1:])
        # After the first level each score sees 8 latent positions around it, after the last one most of the picture.
        self.scores = nn.ModuleList(nn.Conv2d(w, 1, 1) for w in widths[1:])
        self.heard = nn.ModuleList(nn.Linear(WORDS, w) for w in widths[1:])

    def caption(self, ids: torch.Tensor) -> torch.Tensor:
        """The mean of a caption's words [n, WORDS]; `ids` [n, 77] end with the last word of the table, repeated."""
        said = (ids != self.words.num_embeddings - 1).float().unsqueeze(-1)
        return (self.words(ids) * said).sum(1) / said.sum(1)

    def forward(self, latent: torch.Tensor, sketch: torch.Tensor, ids: torch.Tensor) -> tuple[list[torch.Tensor], list[torch.Tensor]]:
        """Scores [n, h', w'] at three scales, and the features of each level; latents [n, c, h, w]."""
        caption = self.caption(ids)
        x = F.leaky_relu(self.first(torch.cat([latent, sketch], 1)), 0.2)
        features, scores = [], []
        for down, same, score, heard in zip(self.down, self.same, self.scores, self.heard):
            x = F.leaky_relu(down(x), 0.2)
            x = x + F.leaky_relu(same(x), 0.2)
            features.append(x)
            scores.append(score(x)[:, 0] + (x * heard(caption)[:, :, None, None]).mean(1))
        return scores, features


def changed(*latents: torch.Tensor) -> list[torch.Tensor]:
    """The latents [n, c, h, w], all moved alike and blanked alike, so that the adversary cannot learn a small set by heart
    (Zhao et al. 2020, "Differentiable Augmentation for Data-Efficient GAN Training")."""
    n, _, h, w = latents[0].shape
    device = latents[0].device
    by = torch.randint(-MOVED, MOVED + 1, (2, n, 1), device=device)
    rows = (torch.arange(h, device=device) + by[0]).clamp(0, h - 1)
    columns = (torch.arange(w, device=device) + by[1]).clamp(0, w - 1)
    each = torch.arange(n, device=device)[:, None, None]
    # Half of them lose a rectangle.
    size = torch.randint(0, int(BLANKED * h) + 1, (2, n, 1), device=device) * (torch.rand(n, 1, device=device) < 0.5)
    corner = torch.randint(0, h, (2, n, 1), device=device) - size // 2
    inside = lambda at, side: (torch.arange(side, device=device) >= corner[at]) & (torch.arange(side, device=device) < corner[at] + size[at])
    kept = 1 - (inside(0, h)[:, :, None] & inside(1, w)[:, None, :]).float()[:, None]
    moved = lambda x: x.permute(0, 2, 3, 1)[each, rows[:, :, None], columns[:, None, :]].permute(0, 3, 1, 2)
    return [moved(x) * kept for x in latents]


def lead(above: list[torch.Tensor], below: list[torch.Tensor]) -> torch.Tensor:
    """The loss of the one whose scores should be `above`."""
    return sum(F.softplus(b - a).mean() for a, b in zip(above, below)) / len(above)


class Contest:
    """An adversary and its optimizer."""

    def __init__(self, words: int, device: str, rate: float):
        self.network = Adversary(words).to(device).to(memory_format=torch.channels_last)
        self.rate = rate
        self.optimizer = torch.optim.AdamW(self.network.parameters(), lr=rate, betas=(0.5, 0.99), weight_decay=1e-3, fused=True)

    def gradient(self, guess: torch.Tensor, clean: torch.Tensor, sketch: torch.Tensor, ids: torch.Tensor, share: float, own: torch.Tensor) -> torch.Tensor:
        """What a guess [n, c, h, w] is told by the adversary: a gradient about `share` times as long as `own`, that of the other losses."""
        self.network.requires_grad_(False)
        guess = guess.detach().requires_grad_()
        taken, real, drawn = changed(guess, clean, sketch)
        with torch.no_grad():
            above, wanted = self.network(real, drawn, ids)
        below, features = self.network(taken, drawn, ids)
        # Features alike at every level too (Wang et al. 2018, "pix2pixHD").
        alike = sum((a - b).abs().mean() / (b.abs().mean() + 1e-3) for a, b in zip(features, wanted)) / len(features)
        (told,) = torch.autograd.grad(lead(below, above), guess, retain_graph=True)
        (steady,) = torch.autograd.grad(alike, guess)
        self.network.requires_grad_(True)
        length = share * own.norm()
        return length * (told / (told.norm() + 1e-12) + ALIKE * steady / (steady.norm() + 1e-12))

    def learn(self, guess: torch.Tensor, clean: torch.Tensor, sketch: torch.Tensor, ids: torch.Tensor, pace: float) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """One step of the adversary's own at `pace` times its rate. For the log its loss, and how often it was right about
        guesses and about captions."""
        for group in self.optimizer.param_groups:
            group["lr"] = self.rate * pace
        self.optimizer.zero_grad(set_to_none=True)
        guess, clean, sketch = changed(guess.detach(), clean, sketch)
        near = lambda x: x + NEAR * torch.randn_like(x)
        real, fake, real_near, fake_near = (self.network(x, sketch, ids)[0] for x in (clean, guess, near(clean), near(guess)))
        uneven = sum((a - b).square().mean() for a, b in (*zip(real, real_near), *zip(fake, fake_near)))
        # Captions of other pictures of the same step; neighbours there are mostly of the same group, and differ in light,
        # ground, colour and water.
        other = self.network(clean, sketch, ids.roll(1, 0))[0]
        loss = lead(real, fake) + MATCHED * lead(real, other) + SMOOTH * uneven
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.network.parameters(), 5.0)
        self.optimizer.step()
        right = lambda others: sum((a > b).float().mean() for a, b in zip(real, others)).detach() / len(real)
        return loss.detach(), right(fake), right(other)

    def state(self) -> dict:
        return {"network": self.network.state_dict(), "optimizer": self.optimizer.state_dict()}

    def load(self, state: dict) -> None:
        self.network.load_state_dict(state["network"])
        if "optimizer" in state:  # absent where a checkpoint was packed small
            self.optimizer.load_state_dict(state["optimizer"])
