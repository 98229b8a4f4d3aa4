"""Train the UNet on with renders: `python -m starter.train_renders --minutes 50` (resumes by itself).

On a CPU it runs one process a core, each on one thread, that share their gradients: several threads in one process wait
for each other at every layer, and on a busy machine that costs most of the time. On a GPU it is one process, and `starter.stream` beside it draws new pairs all the time.
"""

import argparse
import time

import torch
import torch.distributed as dist
from diffusers.models.attention_processor import AttnProcessor

from . import bridge, paths, text, unet, walk
from .adversary import Contest
from .compose import vocabulary
from .log import Log
from .precision import autocast
from .shape import SHAPE
from .train_diffusion import cut, save

# How much of what is learned from each group of the set.
GROUPS = {"apple": 0.34, "render": 0.61, "other": 0.05}
# Pairs of one group kept in memory (64 kB each); with `starter.stream` the newest replace the oldest.
MOST = 60_000
# How often a square of 320 pixels is taken instead of a whole picture: while the rate is high, and when it has fallen.
SQUARE = 320
OFTEN = (0.85, 0.4)


class Groups:
    """The encoded set by groups; new files are taken up while training runs. On a GPU all of it lies there."""

    def __init__(self, tokenizer, words: torch.Tensor, device: str):
        self.tokenizer, self.words, self.device, self.known = tokenizer, words, device, set()
        # Latents [n, 2, c, side, side] and token ids [n, 77] of each group.
        self.groups: dict[str, tuple[torch.Tensor, torch.Tensor]] = {}
        self.look()

    def look(self) -> None:
        fresh: dict[str, list] = {}
        for file in sorted(set(paths.LATENTS.glob("part-*.pt")) - self.known):
            data = torch.load(file, weights_only=True)
            ids = torch.searchsorted(self.words, text.encode(self.tokenizer, data["captions"]))
            fresh.setdefault(data.get("group", "other"), []).append((data["latents"].to(self.device), ids.to(self.device)))
            self.known.add(file)
        for name, more in fresh.items():
            known = [self.groups[name]] if name in self.groups else []
            self.groups[name] = tuple(torch.cat(both)[-MOST:] for both in zip(*known, *more))

    def take(self, count: int, side: int) -> tuple[torch.Tensor, torch.Tensor]:
        """Latents [count, 2, c, side, side] of picture and sketch, and token ids [count, 77]."""
        names = [n for n in GROUPS if n in self.groups]
        if not names:
            raise SystemExit("There is no set yet: run python -m starter.build_renders first, or starter.stream beside this.")
        counts = torch.multinomial(torch.tensor([GROUPS[n] for n in names]), count, replacement=True).bincount(minlength=len(names))
        latents, ids = [], []
        for name, wanted in zip(names, counts.tolist()):
            pictures, captions = self.groups[name]
            rows = torch.randint(len(pictures), (wanted,), device=self.device)
            latents.append(pictures[rows].float())
            ids.append(captions[rows])
        latents = torch.cat(latents)
        if side < latents.shape[-1]:
            latents = torch.stack([cut(both, side) for both in latents])
        return latents, torch.cat(ids)

    def __len__(self) -> int:
        return sum(len(ids) for _, ids in self.groups.values())


def shared(gradients: list[torch.Tensor], workers: int) -> None:
    """Replaces the gradients by their mean over all processes."""
    if workers == 1:
        return
    flat = torch.cat([g.flatten() for g in gradients])
    dist.all_reduce(flat)
    flat /= workers
    at = 0
    for g in gradients:
        g.copy_(flat[at : at + g.numel()].view_as(g))
        at += g.numel()


def learn_bridged(predict, table: torch.Tensor, states, clean, sketch, step: int, args):
    """Guesses from states that are made of the true picture (`bridge.py`): their loss, and for the log the squared error
    that is left and that of the sketches."""
    t, share = bridge.draw(table, len(clean), args.sketched)
    sigma, share = table[t][:, None, None, None], share[:, None, None, None]
    signal = (1 + sigma.square()).rsqrt()
    latent = torch.lerp(clean, sketch, share) + sigma * torch.randn_like(clean)
    noised = (signal * latent).contiguous(memory_format=torch.channels_last)
    guess = signal * noised - sigma * signal * predict(noised, t.float(), states).sample.float()
    off = (guess - clean).square()
    loss = (off * weight(sigma)).mean()
    high = ((share > 0.9) & (sigma < 2.5)).float()
    yield loss, (off.detach() * high).sum(), ((sketch - clean).square() * high).sum()


def learn_walking(predict, table: torch.Tensor, states, clean, sketch, step: int, args):
    """The guesses along a whole way (`walk.py`), each with its loss; for the log the squared error of the last one."""
    for sigma, sigmas, guess in way(predict, table, states, clean, sketch, step):
        off = guess - clean
        loss = weight(sigma) * off.square().mean()
        if sigma < sigmas[0]:
            # The mean of all pictures that are possible is soft. The median of an edge's places is an edge.
            loss = loss + args.crisp / (sigma + 0.05) * (off.abs().mean() + edges(off))
        last = float(sigma == sigmas[-2])
        yield loss / (len(sigmas) - 1), off.detach().square().sum() * last, (sketch - clean).square().sum() * last


def learn_contested(predict, table: torch.Tensor, states, clean, sketch, ids, contest: Contest, share: float, pace: float, step: int, args, log: list):
    """The guesses along a whole way, each with what the pictures and the adversary say about it; then the adversary learns
    from one guess of each way."""
    guesses = []
    for sigma, sigmas, guess in way(predict, table, states, clean, sketch, step):
        off = guess - clean
        loss = off.square().mean() + 0.3 * off.abs().mean() + 0.3 * edges(off)
        (own,) = torch.autograd.grad(loss, guess, retain_graph=True)
        told = contest.gradient(guess, clean, sketch, ids, share, own)
        guesses.append(guess.detach())
        last = float(sigma == sigmas[-2])
        # The UNet gets both gradients in one pass.
        both = (guess * (own + told).detach()).sum()
        yield 6 * (both - both.detach() + loss.detach()) / (len(sigmas) - 1), off.detach().square().sum() * last, (sketch - clean).square().sum() * last
    which = torch.randint(len(guesses), (len(clean),), device=clean.device)
    log.append(contest.learn(torch.stack(guesses)[which, torch.arange(len(clean), device=clean.device)], clean, sketch, ids, pace))


def way(predict, table: torch.Tensor, states, clean, sketch, step: int):
    """Walks from sketches to pictures: each sigma, all of them, and the guess there [n, c, h, w]."""
    sigmas = walk.some_ladder(step)
    # One in six is a result painted over.
    again = torch.rand(len(clean), 1, 1, 1, device=clean.device)
    begin = torch.lerp(sketch, clean, (1 - 6 * again).clamp(min=0))
    for sigma, guess in walk.Walk(predict, table).along(begin + sigmas[0] * torch.randn_like(sketch), sigmas, states):
        yield sigma, sigmas, guess


def weight(sigma):
    """How much a squared error of the clean latent counts. That of small sigmas, where only noise is left to tell from
    noise, does not grow without bound."""
    return 1 / (sigma**2 + 0.04) + 0.2


def edges(off: torch.Tensor) -> torch.Tensor:
    """The mean size of an error's differences between neighbours [n, c, h, w]."""
    return off.diff(dim=-1).abs().mean() + off.diff(dim=-2).abs().mean()


def work(worker: int, workers: int, args) -> None:
    begun = last = time.time()
    device = "cuda" if torch.cuda.is_available() else "cpu"
    if device == "cpu":
        torch.set_num_threads(max(1, args.threads // workers))
    else:
        torch.backends.cudnn.benchmark = True
    if workers > 1:
        dist.init_process_group("gloo", init_method=f"tcp://127.0.0.1:{args.port}", rank=worker, world_size=workers)
    tokenizer = text.build_tokenizer()
    words = text.seen_words(text.encode(tokenizer, vocabulary()).flatten())
    data = Groups(tokenizer, words, device)
    empty = torch.searchsorted(words, text.encode(tokenizer, [""])).to(device)
    folder = paths.made(paths.DIFFUSION)
    checkpoint = folder / "checkpoint.pt"
    state = torch.load(checkpoint, map_location=device, weights_only=True)
    model = torch.nn.ModuleDict({"unet": unet.build(), "text": text.build_encoder(len(words))})
    model.load_state_dict(state["model"])
    model.to(device)
    model["unet"].to(memory_format=torch.channels_last)
    model["text"].requires_grad_(False).eval()
    if device == "cpu":
        model["unet"].set_attn_processor(AttnProcessor())
    quick = None
    if device == "cuda" and not args.eager:
        # Needs Triton, which comes with PyTorch's CUDA builds alone.
        from .graphed import Graphed

        side = 512 // SHAPE.factor
        like = torch.zeros(args.batch, SHAPE.latent_channels, side, side, device=device)
        quick = Graphed(model["unet"], like, like[:, 0, 0, 0], torch.zeros(args.batch, text.LENGTH, text.WIDTH, device=device))
    predict = quick or model["unet"]
    # Late, because the GPU can be made ready while the first pairs are drawn.
    while len(data) < args.wait_for and time.time() - begun < args.minutes * 60:
        time.sleep(1)
        data.look()
    weights = dict(model.named_parameters())
    average = {k: v.to(device).float() for k, v in state["average"].items()}
    optimizer = torch.optim.AdamW(model["unet"].parameters(), lr=args.rate, betas=(0.9, 0.98), weight_decay=0, fused=True)
    if "optimizer" in state:
        optimizer.load_state_dict(state["optimizer"])
    step = first = state["step"]
    table = bridge.sigmas(*unet.scales(device))
    contest = Contest(len(words), device, args.adversary_rate) if args.contested else None
    if contest and "contest" in state:
        contest.load(state["contest"])
    log = Log(folder / "log.jsonl")
    torch.manual_seed(step * workers + worker)
    recent, drawn, contested = [], [], []
    clock = torch.zeros(1)
    while True:
        # The first process's clock counts for all.
        clock[0] = (time.time() - begun) / (args.minutes * 60)
        if workers > 1:
            dist.broadcast(clock, 0)
        gone = args.begun + (1 - args.begun) * clock.item()
        if clock.item() >= 1:
            break
        rate = args.rate * min(1, (step - first + 1) / 60) * min(1, 0.02 + 0.98 * (1 - gone) * args.fall)
        for group in optimizer.param_groups:
            group["lr"] = rate
        # All processes take the same size, or one would wait for the other.
        chance = torch.rand(1, generator=torch.Generator().manual_seed(step)).item()
        # A GPU has no use for them: choosing squares would take longer than learning from whole pictures.
        square = device == "cpu" and chance < OFTEN[0] + (OFTEN[1] - OFTEN[0]) * max(0.0, gone - 0.6) / 0.4
        side = (SQUARE if square else 512) // SHAPE.factor
        count = args.batch if square or device == "cuda" else max(1, args.batch // 2)
        latents, prompt = data.take(count, side)
        clean, sketch = latents.unbind(1)
        prompt = torch.where(torch.rand(count, 1, device=device) < 0.1, empty, prompt)
        if quick:
            quick.begin()
        else:
            optimizer.zero_grad(set_to_none=False)
        with autocast(device):
            with torch.no_grad():
                states = model["text"](prompt).last_hidden_state
            # Chosen by the step's number, so that all processes do the same.
            walking = torch.rand(1, generator=torch.Generator().manual_seed(step + 1_000_003)).item() < args.walked
            if walking and contest:
                # It is heard more and more, because at first it knows nothing.
                share = args.contested * (min(1, 8 * gone) if "contest" not in state else 1)
                parts = learn_contested(predict, table, states, clean, sketch, prompt, contest, share, rate / args.rate, step, args, contested)
            else:
                parts = (learn_walking if walking else learn_bridged)(predict, table, states, clean, sketch, step, args)
            loss, left, whole = 0.0, 0.0, 0.0
            for part, off, was in parts:
                part.backward()
                loss, left, whole = loss + part.detach(), left + off, whole + was
        if quick:
            quick.end()
        shared([p.grad for p in model["unet"].parameters()], workers)
        torch.nn.utils.clip_grad_norm_(model["unet"].parameters(), 1.0)
        optimizer.step()
        step += 1
        keep = min(args.average, (1 + step - first) / (10 + step - first)) if first == 0 or "optimizer" not in state else args.average
        torch._foreach_lerp_(list(average.values()), [weights[k].detach() for k in average], 1 - keep)
        recent.append(loss)
        drawn.append((left, whole))
        if step % 25 == 0:
            if worker == 0:
                mean = torch.stack(recent).mean().item()
                guess, whole = (torch.stack(each).sum().item() for each in zip(*drawn))
                left = guess / max(1e-9, whole)
                more = {}
                if contested:
                    more = dict(zip(("adversary", "right", "matched"), (torch.stack(each).mean().item() for each in zip(*contested))))
                log.write(step=step, loss=mean, left=left, rate=rate, seconds=time.time() - begun, set=len(data), **more)
            recent, drawn, contested = [], [], []
            data.look()
        if worker == 0 and time.time() - last > args.save_every:
            save(checkpoint, model, average, optimizer, words, step, contest)
            last = time.time()
    if worker == 0:
        save(checkpoint, model, average, optimizer, words, step, contest)
        print("done", step)
    if workers > 1:
        dist.destroy_process_group()


def main() -> None:
    args = argparse.ArgumentParser()
    args.add_argument("--minutes", type=float, default=50)
    args.add_argument("--begun", type=float, default=0, help="share of the whole run that is over already: for a run cut short")
    args.add_argument("--batch", type=int, default=6, help="squares a step and process, and half as many whole pictures; on a GPU whole pictures")
    args.add_argument("--rate", type=float, default=6e-4)
    args.add_argument("--fall", type=float, default=1.6, help="the rate begins to fall when 1 - 1/FALL of the time is over")
    args.add_argument("--sketched", type=float, default=0.85)
    args.add_argument("--walked", type=float, default=0, help="share of the steps that learn from the sampler's own way")
    args.add_argument("--crisp", type=float, default=0.3, help="weight of absolute errors and of edges after a way's first guess")
    args.add_argument("--contested", type=float, default=0, help="weight of the adversary (adversary.py) on the walked steps; 0: none")
    args.add_argument("--adversary-rate", type=float, default=4e-4)
    args.add_argument("--average", type=float, default=0.99)
    args.add_argument("--threads", type=int, default=torch.get_num_threads())
    args.add_argument("--workers", type=int, default=0, help="processes; without it one a thread on a CPU, one on a GPU")
    args.add_argument("--port", type=int, default=29571)
    args.add_argument("--eager", action="store_true", help="on a GPU one layer after the other, where it cannot be captured")
    args.add_argument("--save-every", type=float, default=240, help="seconds between checkpoints")
    args.add_argument("--wait-for", type=int, default=0, help="pairs that must be there before training begins")
    args = args.parse_args()
    workers = args.workers or (1 if torch.cuda.is_available() else args.threads)
    if workers == 1:
        work(0, 1, args)
    else:
        # Forked, because importing everything again in each process takes minutes on a busy machine.
        torch.multiprocessing.start_processes(work, (workers, args), workers, start_method="fork")


if __name__ == "__main__":
    main()
