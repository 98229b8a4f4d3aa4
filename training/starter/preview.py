"""Image to image in PyTorch, for a look while training runs: `python -m starter.preview OUT.png`.

The program itself is what counts (`starter.evaluate_sketches`); this needs no build of it. A row a sketch: the sketch, then
results of different seeds. The example sketch comes first, then held-out ones beside their renders.
"""

import argparse
from pathlib import Path

import numpy as np
import torch
from PIL import Image

from . import bridge, paths, rendered, text, unet, walk
from .build_set import load_average
from .export import average_of

EXAMPLE = Path(__file__).resolve().parents[2] / "assets/example.png"
PROMPT = "photo of perfect green apple with stem, water droplets, dramatic lighting"


class Painter:
    """The averaged weights of a checkpoint, ready to paint."""

    def __init__(self, checkpoint: Path = paths.DIFFUSION / "checkpoint.pt"):
        self.unet, self.encoder, self.words, self.step = average_of(checkpoint)
        self.ae = load_average("cpu").to(memory_format=torch.channels_last)
        self.tokenizer = text.build_tokenizer()
        self.signal, self.noise = unet.scales("cpu")
        self.table = bridge.sigmas(self.signal, self.noise)

    def states(self, prompt: str) -> torch.Tensor:
        ids = torch.searchsorted(self.words, text.encode(self.tokenizer, [prompt, ""]))
        return self.encoder(ids).last_hidden_state

    def clean(self, x: torch.Tensor, sigma: float, states: torch.Tensor, scale: float) -> torch.Tensor:
        a = 1 / (1 + sigma**2) ** 0.5
        s = sigma * a
        t = torch.tensor([walk.timestep(self.table, sigma)] * 2)
        v = self.unet((a * x).repeat(2, 1, 1, 1).contiguous(memory_format=torch.channels_last), t, states).sample
        v = v[1:] + scale * (v[:1] - v[1:])
        return a * a * x - s * v

    def ladder(self, sampler: str, steps: int, strength: float) -> list[float]:
        """The sigmas of the last steps, as many as the strength asks for in the program, and 0."""
        if "exponential" in sampler:
            return walk.ladder(steps, strength)
        if "karras" in sampler:
            low, high = float(self.table[0]) ** (1 / 7), float(self.table[-1]) ** (1 / 7)
            whole = [(high + i / (steps - 1) * (low - high)) ** 7 for i in range(steps)]
        else:
            whole = [float(np.exp(np.interp(t, np.arange(1000), self.table.log().numpy()))) for t in np.linspace(999, 0, steps)]
        return [*whole[steps - int(steps * strength) - 1 :], 0.0]

    @torch.no_grad()
    def paint(self, sketch: Image.Image, prompt: str, sampler="euler-exponential", steps=6, strength=0.4, scale=1.5, seed=1) -> Image.Image:
        pixels = torch.from_numpy(np.asarray(sketch.convert("RGB")).copy()).permute(2, 0, 1)[None].float() / 127.5 - 1
        start = self.ae.encode(pixels.contiguous(memory_format=torch.channels_last)).latent_dist.mean
        states = self.states(prompt)
        sigmas = self.ladder(sampler, steps, strength)
        generator = torch.Generator().manual_seed(seed)
        fresh = lambda: torch.randn(start.shape, generator=generator)
        x, before = start + sigmas[0] * fresh(), None
        for i, (now, then) in enumerate(zip(sigmas, sigmas[1:])):
            guess = self.clean(x, now, states, scale)
            if then == 0:
                x = guess
            elif sampler.startswith("euler-a"):
                down = then**2 / now
                x = guess + (x - guess) * down / now + fresh() * (then**2 - down**2) ** 0.5
            else:
                h = np.log(now / then)
                mean = guess
                if before is not None and sampler.startswith("dpm"):
                    r = np.log(sigmas[i - 1] / now) / h
                    mean = guess + (guess - before) / (2 * r)
                x = then / now * x - np.expm1(-h) * mean
            before = guess
        out = self.ae.decode(x).sample[0].clamp(-1, 1).permute(1, 2, 0).numpy()
        return Image.fromarray(((out + 1) * 127.5).round().astype(np.uint8))


def main() -> None:
    args = argparse.ArgumentParser()
    args.add_argument("out", type=Path)
    args.add_argument("--sampler", default="euler-exponential", choices=("euler-exponential", "dpm-karras", "dpm", "euler-a", "euler-a-karras"))
    args.add_argument("--steps", type=int, default=6)
    args.add_argument("--strength", type=float, default=0.4)
    args.add_argument("--cfg", type=float, default=1.5)
    args.add_argument("--seeds", type=int, default=2)
    args.add_argument("--held", type=int, default=3, help="held-out sketches to paint")
    args.add_argument("--prompt", action="append", help="for the example sketch; may be repeated")
    args.add_argument("--threads", type=int, default=0)
    args = args.parse_args()
    if args.threads:
        torch.set_num_threads(args.threads)
    painter = Painter()
    rng = np.random.default_rng(4)
    rows = [(Image.open(EXAMPLE), p, None) for p in args.prompt or [PROMPT]]
    names = rendered.names(judging=True)
    for name in [names[i] for i in rng.permutation(len(names))[: args.held]]:
        picture, (sketch,), (prompt,) = rendered.pair(name, rng)
        rows.append((sketch, prompt, picture))
    side = 384
    page = Image.new("RGB", ((2 + args.seeds) * side, len(rows) * side), "white")
    for y, (sketch, prompt, picture) in enumerate(rows):
        print(prompt)
        results = [painter.paint(sketch, prompt, args.sampler, args.steps, args.strength, args.cfg, seed) for seed in range(args.seeds)]
        for x, image in enumerate([sketch, *results, *([picture] if picture else [])]):
            page.paste(image.convert("RGB").resize((side, side), Image.LANCZOS), (x * side, y * side))
    page.save(args.out)
    print("step", painter.step)


if __name__ == "__main__":
    main()
