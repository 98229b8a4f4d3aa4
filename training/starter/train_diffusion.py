"""Train the UNet on what the text encoder says: `python -m starter.train_diffusion --minutes 60` (resumes by itself)."""

import argparse
import time

import torch
from diffusers.models.attention_processor import AttnProcessor

from . import bridge, paths, text, unet
from .compose import vocabulary
from .log import Log
from .precision import autocast
from .shape import SHAPE


# Sides of what a step learns from, in pixels: how many for one of the first side, and how often each is
# taken. Squares hold most things whole, and teach surfaces and edges at a fraction of the cost.
SIDES = ((320, 1.0), (512, 0.4))
OFTEN = torch.tensor([0.5, 0.5])


class Parts:
    """The encoded set, as far as it is there: new parts are taken up while training runs."""

    def __init__(self, tokenizer, words: torch.Tensor):
        self.tokenizer, self.words, self.known = tokenizer, words, set()
        self.latents, self.ids = [], []
        self.look()

    def look(self) -> None:
        for file in sorted(set(paths.LATENTS.glob("part-*.pt")) - self.known):
            data = torch.load(file, weights_only=True)
            self.latents.append(data["latents"])
            self.ids.append(torch.searchsorted(self.words, text.encode(self.tokenizer, data["captions"])))
            self.known.add(file)

    def take(self, count: int, side: int) -> tuple[torch.Tensor, torch.Tensor]:
        """Latents [count, 2, c, side, side] of picture and sketch, and token ids [count, 77]."""
        wide = [k for k, part in enumerate(self.latents) if part.shape[-1] >= side]
        if not wide:
            raise SystemExit("There is no set yet: run python -m starter.build_set --count 4000 first.")
        rows = [(k, torch.randint(len(self.latents[k]), (1,)).item()) for k in (wide[i] for i in torch.randint(len(wide), (count,)))]
        latents = torch.stack([cut(self.latents[k][i].float(), side) for k, i in rows])
        return latents, torch.stack([self.ids[k][i] for k, i in rows])


def cut(both: torch.Tensor, side: int) -> torch.Tensor:
    """A square of picture and sketch [2, c, h, w], the better of two random ones: with more in it.

    Half of them lie at the page's edge, where the autoencoder's latents are of another kind.
    """
    whole = both.shape[-1]
    if side == whole:
        return both
    change = (both[0] - both[0, :, :1, :1]).abs().sum(0)
    room = whole - side
    places = torch.randint(-room // 2, room + room // 2 + 1, (2, 2)).clamp(0, room).tolist()
    y, x = max(places, key=lambda at: change[at[0] : at[0] + side, at[1] : at[1] + side].sum().item())
    return both[:, :, y : y + side, x : x + side]


def main() -> None:
    args = argparse.ArgumentParser()
    args.add_argument("--minutes", type=float, default=60)
    args.add_argument("--batch", type=int, default=16, help="squares of the first side a step; of other sides fewer")
    args.add_argument("--rate", type=float, default=1e-3)
    args.add_argument("--compile", action="store_true", help="a fifth faster on a CPU after minutes of compiling, where there is a C++ compiler")
    args.add_argument("--average", type=float, default=0.999, help="share of the averaged weights kept a step")
    args = args.parse_args()
    device = "cuda" if torch.cuda.is_available() else "cpu"
    tokenizer = text.build_tokenizer()
    # Training knows only the words that occur; export puts them back into the whole vocabulary.
    words = text.seen_words(text.encode(tokenizer, vocabulary()).flatten())
    data = Parts(tokenizer, words)
    empty = torch.searchsorted(words, text.encode(tokenizer, [""]))
    torch.manual_seed(0)
    model = torch.nn.ModuleDict({"unet": unet.build(), "text": text.build_encoder(len(words))})
    model.to(device)
    model["unet"].to(memory_format=torch.channels_last)
    if device == "cpu":
        # The fused attention's backward pass is slower than plain products at these sizes.
        model["unet"].set_attn_processor(AttnProcessor())
    predict = torch.compile(model["unet"], dynamic=False) if args.compile else model["unet"]
    print("parameters", {k: sum(p.numel() for p in m.parameters()) for k, m in model.items()})
    weights = dict(model.named_parameters())
    average = {k: v.detach().clone() for k, v in weights.items()}
    # The text encoder stays as it was taught. Adam takes whole steps on gradients that are mere noise, and all that a
    # UNet sends back before it listens to words is noise: within 4,000 steps most captions had become alike.
    model["text"].requires_grad_(False).eval()
    optimizer = torch.optim.AdamW(model["unet"].parameters(), lr=args.rate, betas=(0.9, 0.99), weight_decay=0, fused=True)
    signal, noise_scale = unet.scales(device)
    table = bridge.sigmas(signal, noise_scale)
    folder = paths.made(paths.DIFFUSION)
    checkpoint = folder / "checkpoint.pt"
    step = 0
    if not checkpoint.exists() and not paths.WORDS.exists():
        raise SystemExit("The text encoder knows nothing yet: run python -m starter.train_words first.")
    if not checkpoint.exists():
        model["text"].load_state_dict(torch.load(paths.WORDS, map_location=device, weights_only=True))
    else:
        state = torch.load(checkpoint, map_location=device, weights_only=True)
        model.load_state_dict(state["model"])
        average = state["average"]
        if "optimizer" in state:  # absent when restored from exported weights
            optimizer.load_state_dict(state["optimizer"])
        step = state["step"]
    torch.manual_seed(step)
    first = step
    log = Log(folder / "log.jsonl")
    begun, last, recent, drawn = time.time(), time.time(), [], []
    while (elapsed := time.time() - begun) < args.minutes * 60:
        left = 1 - elapsed / (args.minutes * 60)
        rate = args.rate * min(1, (step - first + 1) / 100) * min(1, 0.03 + 0.97 * left * 2)
        for group in optimizer.param_groups:
            group["lr"] = rate
        side, more = SIDES[int(torch.multinomial(OFTEN, 1))]
        side //= SHAPE.factor
        count = max(1, int(args.batch * more))
        latents, prompt = data.take(count, side)
        clean, sketch = latents.to(device).unbind(1)
        prompt[torch.rand(count) < 0.1] = empty
        t, share = bridge.draw(table, count)
        sigma, share = table[t][:, None, None, None], share[:, None, None, None]
        noise = torch.randn_like(clean)

        a, s = signal[t][:, None, None, None], noise_scale[t][:, None, None, None]
        with autocast(device):
            states = model["text"](prompt.to(device)).last_hidden_state
            latent = torch.lerp(clean, sketch, share) + sigma * noise
            noised = (a * latent).contiguous(memory_format=torch.channels_last)
            # v is such that a * noised - s * v is the clean latent (Salimans and Ho 2022, v-prediction).
            guess = a * noised - s * predict(noised, t, states).sample.float()
        # The weight of small sigmas, where only noise is left to tell from noise, does not grow without bound.
        off = (guess - clean).square()
        loss = (off * (1 / (sigma.square() + 0.04) + 0.2)).mean()
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model["unet"].parameters(), 1.0)
        optimizer.step()
        step += 1
        # Restored weights are already an average of many; from nothing the first steps count little.
        keep = min(args.average, (1 + step) / (10 + step))
        torch._foreach_lerp_(list(average.values()), [weights[k].detach() for k in average], 1 - keep)
        recent.append(loss.item())
        # What is left of the difference between a sketch and its picture where img2img starts: 1 is nothing learned.
        high = ((share > 0.9) & (sigma < 1)).float()
        drawn.append(((off.detach() * high).sum().item(), ((sketch - clean).square() * high).sum().item()))
        if step % 50 == 0:
            log.write(step=step, loss=sum(recent) / len(recent), left=left_of(drawn), rate=rate, seconds=elapsed, set=sum(map(len, data.latents)))
            recent, drawn = [], []
            data.look()
        if time.time() - last > 200:
            save(checkpoint, model, average, optimizer, words, step)
            last = time.time()
    save(checkpoint, model, average, optimizer, words, step)
    print("done", step)


def left_of(drawn: list[tuple[float, float]]) -> float:
    return sum(guess for guess, _ in drawn) / max(1e-9, sum(sketch for _, sketch in drawn))


def save(path, model, average, optimizer, words, step, contest=None) -> None:
    part = path.with_suffix(".part")
    state = {"model": model.state_dict(), "average": average, "optimizer": optimizer.state_dict(), "words": words, "step": step}
    if contest:
        state["contest"] = contest.state()
    torch.save(state, part)
    part.replace(path)


if __name__ == "__main__":
    main()
