"""Begin from the shipped starter instead of from nothing: `python -m starter.restore PART`.

Turns the weights in ../assets/starter back into checkpoints, so that training can go on from them
(and learn more pictures) without the hours that made them. What export folded into the
autoencoder's 1x1 convolutions stays there, so that the latents need no other scale: call
`build_set` with `--keep-scale`.
"""

import argparse
from pathlib import Path

import torch
from safetensors.torch import load_file

from . import paths, text, unet
from .compose import vocabulary


def autoencoder(model: Path) -> None:
    vae = load_file(model / "vae/diffusion_pytorch_model.safetensors")
    average = {f"module.{k}": v.float() for k, v in vae.items()}
    torch.save({"average": average}, paths.made(paths.AUTOENCODER) / "checkpoint.pt")


def diffusion(model: Path, step: int) -> None:
    words = text.seen_words(text.encode(text.build_tokenizer(), vocabulary()).flatten())
    encoder = text.build_encoder(len(words))
    known = text.take_words(encoder, load_file(model / "text_encoder/model.safetensors"), words)
    net = unet.build()
    net.load_state_dict({k: v.float() for k, v in load_file(model / "unet/diffusion_pytorch_model.safetensors").items()})
    both = torch.nn.ModuleDict({"unet": net, "text": encoder})
    average = {k: v.detach() for k, v in both.named_parameters()}
    state = {"model": both.state_dict(), "average": average, "words": words, "step": step}
    torch.save(state, paths.made(paths.DIFFUSION) / "checkpoint.pt")
    print(f"{known} of {len(words)} words known")


def main() -> None:
    args = argparse.ArgumentParser()
    args.add_argument("part", choices=("autoencoder", "diffusion"), help="which half; the other one stays as it is")
    args.add_argument("--model", type=Path, default=Path("../assets/starter"))
    args.add_argument("--step", type=int, default=0, help="how many steps these weights have seen")
    args = args.parse_args()
    if args.part == "autoencoder":
        autoencoder(args.model)
    else:
        diffusion(args.model, args.step)


if __name__ == "__main__":
    main()
