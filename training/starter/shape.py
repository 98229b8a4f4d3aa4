"""The two shapes a starter can have. `UNDERPAINT_STARTER=deep` chooses the first; see README."""

import os
from dataclasses import dataclass


@dataclass(frozen=True)
class Shape:
    """Widths of the levels, outermost first; the UNet attends to the words in its last two."""

    latent_channels: int
    autoencoder: tuple[int, ...]
    unet: tuple[int, ...]
    # Residual blocks of each level on the way down; there is one more on the way up.
    layers: tuple[int, ...]

    @property
    def factor(self) -> int:
        """Pixels a latent position covers along one side."""
        return 2 ** (len(self.autoencoder) - 1)


SHAPES = {
    # 32x32 latents: cheap, and hard to predict.
    "deep": Shape(8, (16, 32, 64, 96, 96), (96, 128, 160), (1, 1, 1)),
    # 64x64 latents, close to small pictures, and a narrow UNet. The one that is shipped.
    "fine": Shape(4, (16, 32, 64, 96), (32, 64, 128, 176), (2, 3, 1, 1)),
}
SHAPE = SHAPES[os.environ.get("UNDERPAINT_STARTER", "fine")]
