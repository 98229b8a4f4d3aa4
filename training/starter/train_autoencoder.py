"""Train the autoencoder: `python -m starter.train_autoencoder --minutes 30` (resumes by itself)."""

import argparse
import json
import time

import numpy as np
import torch
from torch.utils.data import DataLoader, IterableDataset

from . import paths
from .autoencoder import build, let_colour_through
from .compose import SIZE, compose, load_pictures
from .log import Log
from .precision import autocast

LATENT_NOISE = 0.12


class Crops(IterableDataset):
    """Square crops of composites and sketches, [3, crop, crop] in -1..1."""

    def __init__(self, crop: int, seed: int):
        self.crop, self.seed = crop, seed

    def __iter__(self):
        worker = torch.utils.data.get_worker_info()
        rng = np.random.default_rng([self.seed, worker.id if worker else 0])
        pictures, weights = load_pictures()
        while True:
            picture, sketch, _ = compose(pictures, weights, rng)
            for image, crops in ((picture, 3), (sketch, 1)):
                pixels = np.asarray(image)
                for _ in range(crops):
                    x, y = rng.integers(0, SIZE - self.crop + 1, 2)
                    yield torch.from_numpy(pixels[y : y + self.crop, x : x + self.crop].copy()).permute(2, 0, 1)


def slopes(x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    return x[..., 1:] - x[..., :-1], x[..., 1:, :] - x[..., :-1, :]


def main() -> None:
    args = argparse.ArgumentParser()
    args.add_argument("--minutes", type=float, default=30)
    args.add_argument("--crop", type=int, default=256)
    args.add_argument("--batch", type=int, default=4)
    args.add_argument("--rate", type=float, default=1.5e-4)
    args.add_argument("--workers", type=int, default=1)
    args = args.parse_args()
    torch.manual_seed(0)
    device = "cuda" if torch.cuda.is_available() else "cpu"
    folder = paths.made(paths.AUTOENCODER)
    ae = build()
    let_colour_through(ae)
    ae.to(device, memory_format=torch.channels_last)
    average = torch.optim.swa_utils.AveragedModel(ae, multi_avg_fn=torch.optim.swa_utils.get_ema_multi_avg_fn(0.995))
    optimizer = torch.optim.AdamW(ae.parameters(), lr=args.rate, betas=(0.9, 0.99), weight_decay=0)
    step = 0
    checkpoint = folder / "checkpoint.pt"
    if checkpoint.exists():
        state = torch.load(checkpoint, map_location=device, weights_only=True)
        ae.load_state_dict(state["model"])
        average.load_state_dict(state["average"])
        optimizer.load_state_dict(state["optimizer"])
        step = state["step"]
    log = Log(folder / "log.jsonl")
    loader = iter(DataLoader(Crops(args.crop, seed=step), batch_size=args.batch, num_workers=args.workers, prefetch_factor=4))
    begun = time.time()
    while (elapsed := time.time() - begun) < args.minutes * 60:
        # Warm up, stay, and fall to a twentieth over the last third of the time.
        left = 1 - elapsed / (args.minutes * 60)
        rate = args.rate * min(1, (step + 1) / 100) * min(1, 0.05 + 0.95 * left * 3)
        for group in optimizer.param_groups:
            group["lr"] = rate
        image = next(loader).to(device, memory_format=torch.channels_last).float() / 127.5 - 1
        with autocast(device):
            mean = ae.encode(image).latent_dist.mean
            # Up to LATENT_NOISE, so that small errors of the diffusion do not show in the picture.
            spread = LATENT_NOISE * torch.rand(len(mean), 1, 1, 1, device=device)
            latent = mean + spread * torch.randn_like(mean)
            output = ae.decode(latent).sample.float()
        error = output - image
        edge = sum((a - b).abs().mean() for a, b in zip(slopes(output), slopes(image)))
        mse = error.square().mean()
        loss = error.abs().mean() + 4 * mse + edge + 1e-4 * mean.float().square().mean()
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(ae.parameters(), 1.0)
        optimizer.step()
        average.update_parameters(ae)
        step += 1
        if step % 20 == 0:
            log.write(step=step, loss=loss.item(), psnr=10 * np.log10(4 / mse.item()), rate=rate, seconds=time.time() - begun)
        if step % 200 == 0:
            save(checkpoint, ae, average, optimizer, step)
    save(checkpoint, ae, average, optimizer, step)
    print(json.dumps({"steps": step}))


def save(path, ae, average, optimizer, step) -> None:
    part = path.with_suffix(".part")
    torch.save({"model": ae.state_dict(), "average": average.state_dict(), "optimizer": optimizer.state_dict(), "step": step}, part)
    part.replace(path)


if __name__ == "__main__":
    main()
