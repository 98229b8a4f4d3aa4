"""What the autoencoder loses on composites training never saw: `python -m starter.evaluate_autoencoder`."""

import argparse

import numpy as np
import torch

from .build_set import load_average
from .compose import compose, load_pictures

HELD_OUT_SEED = 777_777


def main() -> None:
    args = argparse.ArgumentParser()
    args.add_argument("--count", type=int, default=40)
    args = args.parse_args()
    ae = load_average("cpu")
    rng = np.random.default_rng(HELD_OUT_SEED)
    pictures, weights = load_pictures()
    readings = []
    for _ in range(args.count):
        picture, _, _ = compose(pictures, weights, rng)
        image = torch.from_numpy(np.asarray(picture).copy()).permute(2, 0, 1)[None].float() / 127.5 - 1
        with torch.no_grad():
            error = ae.decode(ae.encode(image).latent_dist.mean).sample.clamp(-1, 1) - image
        readings.append(10 * np.log10(4 / error.square().mean().item()))
    readings = np.array(readings)
    print(f"PSNR over {len(readings)} held-out composites: mean {readings.mean():.2f} dB, lowest {readings.min():.2f} dB")


if __name__ == "__main__":
    main()
