"""The two shapes a starter can have. `UNDERPAINT_STARTER=fine` chooses the second; see README."""

import os
from dataclasses import dataclass


@dataclass(frozen=True)
class Shape:
    """Widths of the levels, outermost first; the UNet attends to the words in its last two."""

    latent_channels: int
    autoencoder: tuple[int, ...]
    unet: tuple[int, ...]
    # Deviation of the latents. Where it is 3, v at the noise levels that count is nearly the clean latent
    # itself; at 1 it is noise by half, and a narrow network spends itself on handing the noise through.
    spread: float

    @property
    def factor(self) -> int:
        """Pixels a latent position covers along one side."""
        return 2 ** (len(self.autoencoder) - 1)


SHAPES = {
    # 32x32 latents: cheap, and hard to predict. The one that is shipped.
    "deep": Shape(8, (16, 32, 64, 96, 96), (96, 128, 160), 1.0),
    # 64x64 latents, close to small pictures, and a narrow UNet that sees many of them in an hour.
    "fine": Shape(4, (16, 32, 64, 96), (32, 64, 128, 176), 1.0),
}
SHAPE = SHAPES[os.environ.get("UNDERPAINT_STARTER", "deep")]
