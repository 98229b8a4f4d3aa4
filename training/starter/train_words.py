"""Teach the text encoder to tell things apart before there are pictures: `python -m starter.train_words`.

From captions alone (the ones `compose` writes) it learns to name the thing and its colour at every position after
the words. A UNet whose cross-attention finds nothing but random states in its first hours learns to do without
words, because the sketch tells most.
"""

import argparse
import time

import numpy as np
import torch
from torch import nn

from . import paths, text
from .compose import COLOUR_WORDS, Ground, caption, load_pictures, named, vocabulary

# Positions kept of the 77: longer captions are cut, and what follows the words is alike everywhere.
KEPT = 32


def said(pictures, chance: np.ndarray, rng: np.random.Generator) -> tuple[str, int, int]:
    """A caption, which picture it is of, and the colour it names."""
    thing = int(rng.choice(len(pictures), p=chance))
    colour = int(rng.integers(len(COLOUR_WORDS)))
    words = named(pictures[thing], rng, COLOUR_WORDS[colour], shifted=True)
    ground = Ground(None, None, f"on a {rng.choice(COLOUR_WORDS)} background")
    colour = colour if COLOUR_WORDS[colour] in words.split() else len(COLOUR_WORDS)
    return caption([words], pictures[thing].subgroup == "food-fruit", rng, ground), thing, colour


def main() -> None:
    args = argparse.ArgumentParser()
    args.add_argument("--minutes", type=float, default=4)
    args.add_argument("--batch", type=int, default=64)
    args = args.parse_args()
    rng = np.random.default_rng(3)
    torch.manual_seed(0)
    tokenizer = text.build_tokenizer()
    words = text.seen_words(text.encode(tokenizer, vocabulary()).flatten())
    pictures, weights = load_pictures()
    chance = (weights + 1 / len(weights)) / 2
    encoder = text.build_encoder(len(words))
    thing_head, colour_head = nn.Linear(text.WIDTH, len(pictures)), nn.Linear(text.WIDTH, len(COLOUR_WORDS) + 1)
    learned = [*encoder.parameters(), *thing_head.parameters(), *colour_head.parameters()]
    optimizer = torch.optim.AdamW(learned, lr=1e-3, weight_decay=0)
    begun, step, recent = time.time(), 0, []
    while (left := 1 - (time.time() - begun) / (args.minutes * 60)) > 0:
        for group in optimizer.param_groups:
            group["lr"] = 1e-3 * min(1, (step + 1) / 50, 0.05 + 2 * left)
        captions, things, colours = zip(*(said(pictures, chance, rng) for _ in range(args.batch)))
        ids = text.encode(tokenizer, list(captions))[:, :KEPT].contiguous()
        ids[:, -1] = ids.max()
        after = (ids == ids.max()).int().argmax(1)
        states = encoder(torch.searchsorted(words, ids)).last_hidden_state
        # The end token, and one of those after it: all of them are what cross-attention mostly looks at.
        later = after + ((KEPT - after) * torch.rand(args.batch)).long()
        loss = 0.0
        for seen in (states[torch.arange(args.batch), after], states[torch.arange(args.batch), later]):
            loss = loss + nn.functional.cross_entropy(thing_head(seen), torch.tensor(things))
            loss = loss + nn.functional.cross_entropy(colour_head(seen), torch.tensor(colours))
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(learned, 1.0)
        optimizer.step()
        recent.append(loss.item() / 4)
        step += 1
        if step % 100 == 0:
            print(step, round(sum(recent) / len(recent), 3), flush=True)
            recent = []
    part = paths.WORDS.with_suffix(".part")
    torch.save(encoder.state_dict(), part)
    part.replace(paths.WORDS)


if __name__ == "__main__":
    main()
