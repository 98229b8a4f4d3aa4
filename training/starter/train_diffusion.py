"""Train UNet and text encoder together: `python -m starter.train_diffusion --minutes 60` (resumes by itself)."""

import argparse
import time

import torch
from diffusers.models.attention_processor import AttnProcessor

from . import paths, text, unet
from .log import Log

# Timesteps at which img2img starts for denoising strengths of about 0.45 and up.
SKETCH_FROM = 300


def main() -> None:
    args = argparse.ArgumentParser()
    args.add_argument("--minutes", type=float, default=60)
    args.add_argument("--batch", type=int, default=16)
    args.add_argument("--often", type=int, nargs=2, default=(50, 880), help="timesteps that most draws come from")
    args.add_argument("--rate", type=float, default=6e-4)
    args = args.parse_args()
    device = "cuda" if torch.cuda.is_available() else "cpu"
    data = torch.load(paths.LATENTS / "set.pt", weights_only=True)
    latents = data["latents"]
    tokenizer = text.build_tokenizer()
    ids = text.encode(tokenizer, data["captions"])
    empty = text.encode(tokenizer, [""])
    # Training knows only the words that occur; export puts them back into the whole vocabulary.
    words = text.seen_words(torch.cat([ids.flatten(), empty.flatten()]))
    torch.manual_seed(0)
    model = torch.nn.ModuleDict({"unet": unet.build(), "text": text.build_encoder(len(words))})
    ids, empty = torch.searchsorted(words, ids), torch.searchsorted(words, empty)
    model.to(device)
    model["unet"].to(memory_format=torch.channels_last)
    if device == "cpu":
        # The fused attention's backward pass is slower than plain products at these sizes.
        model["unet"].set_attn_processor(AttnProcessor())
    print("parameters", {k: sum(p.numel() for p in m.parameters()) for k, m in model.items()})
    weights = dict(model.named_parameters())
    average = {k: v.detach().clone() for k, v in weights.items()}
    optimizer = torch.optim.AdamW(model.parameters(), lr=args.rate, betas=(0.9, 0.99), weight_decay=0, fused=True)
    signal, noise_scale = unet.scales(device)
    folder = paths.made(paths.DIFFUSION)
    checkpoint = folder / "checkpoint.pt"
    step = 0
    if checkpoint.exists():
        state = torch.load(checkpoint, map_location=device, weights_only=True)
        model.load_state_dict(state["model"])
        average = state["average"]
        if "optimizer" in state:  # absent when restored from exported weights
            optimizer.load_state_dict(state["optimizer"])
        step = state["step"]
    torch.manual_seed(step)
    first = step
    log = Log(folder / "log.jsonl")
    begun, last, recent = time.time(), 0.0, []
    while (elapsed := time.time() - begun) < args.minutes * 60:
        left = 1 - elapsed / (args.minutes * 60)
        rate = args.rate * min(1, (step - first + 1) / 100) * min(1, 0.05 + 0.95 * left * 2.5)
        for group in optimizer.param_groups:
            group["lr"] = rate
        pick = torch.randint(len(latents), (args.batch,))
        clean, sketch = latents[pick].float().to(device).unbind(1)
        prompt = ids[pick].clone()
        prompt[torch.rand(args.batch) < 0.1] = empty
        t = timesteps(args.batch, args.often, device)
        # Above SKETCH_FROM most of the inputs start from a sketch, wholly or part of the way.
        drawn = (torch.rand(args.batch, device=device) < 0.6) & (t >= SKETCH_FROM)
        share = (torch.rand(args.batch, device=device) * 1.3).clamp(max=1) * drawn
        start = torch.lerp(clean, sketch, share[:, None, None, None])
        a, s = signal[t][:, None, None, None], noise_scale[t][:, None, None, None]
        noised = a * start + s * torch.randn_like(start)
        # v such that a * noised - s * v is the clean picture (Salimans and Ho 2022, v-prediction).
        target = (a * noised - clean) / s
        with torch.autocast(device, torch.bfloat16):
            states = model["text"](prompt.to(device)).last_hidden_state
            v = model["unet"](noised.contiguous(memory_format=torch.channels_last), t, states).sample
        loss = (v.float() - target).square().mean()
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        step += 1
        keep = min(0.999, (1 + step) / (10 + step))
        torch._foreach_lerp_(list(average.values()), [weights[k].detach() for k in average], 1 - keep)
        recent.append(loss.item())
        if step % 50 == 0:
            log.write(step=step, loss=sum(recent) / len(recent), rate=rate, seconds=elapsed)
            recent = []
        if time.time() - last > 240:
            save(checkpoint, model, average, optimizer, words, step)
            last = time.time()
    save(checkpoint, model, average, optimizer, words, step)
    print("done", step)


def timesteps(count: int, often: tuple[int, int], device) -> torch.Tensor:
    """Most draws lie in `often`: up to 900 is where img2img at strengths up to about 0.8 works."""
    anywhere = torch.randint(0, unet.STEPS, (count,), device=device)
    inside = torch.randint(often[0], often[1], (count,), device=device)
    return torch.where(torch.rand(count, device=device) < 0.85, inside, anywhere)


def save(path, model, average, optimizer, words, step) -> None:
    part = path.with_suffix(".part")
    state = {"model": model.state_dict(), "average": average, "optimizer": optimizer.state_dict(), "words": words, "step": step}
    torch.save(state, part)
    part.replace(path)


if __name__ == "__main__":
    main()
