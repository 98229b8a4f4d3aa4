"""What the UNet leaves of the difference between held-out sketches and their renders: `python -m starter.evaluate_pairs`.

At each sigma the whole sketch is noised, as at image to image's first step; 1 means nothing learned. The second row gives
each pair the caption of another one: the difference is what the words say.
"""

import argparse

import torch

from . import bridge, paths, text, unet


@torch.no_grad()
def main() -> None:
    args = argparse.ArgumentParser()
    args.add_argument("--sigmas", type=float, nargs="+", default=[0.5, 1.0, 2.0])
    args.add_argument("--checkpoint", default=str(paths.DIFFUSION / "checkpoint.pt"))
    args.add_argument("--threads", type=int, default=0)
    args.add_argument("--count", type=int, default=48)
    args = args.parse_args()
    if args.threads:
        torch.set_num_threads(args.threads)
    held = torch.load(paths.LATENTS / "held.pt", weights_only=True)
    state = torch.load(args.checkpoint, map_location="cpu", weights_only=True)
    model = torch.nn.ModuleDict({"unet": unet.build(), "text": text.build_encoder(len(state["words"]))})
    model.load_state_dict(state["model"] | state["average"])
    model.eval()
    latents = held["latents"][: args.count].float()
    ids = torch.searchsorted(state["words"], text.encode(text.build_tokenizer(), held["captions"][: args.count]))
    signal, noise_scale = unet.scales("cpu")
    table = bridge.sigmas(signal, noise_scale)
    noise = torch.randn(latents[:, 0].shape, generator=torch.Generator().manual_seed(0))
    print("step", state["step"], "sigmas", args.sigmas)
    for label, order in (("own caption", torch.arange(len(ids))), ("another's", torch.arange(len(ids)).roll(len(ids) // 2 + 1))):
        rows = []
        for sigma in args.sigmas:
            t = int(torch.searchsorted(table, torch.tensor(sigma)))
            off = was = 0.0
            for at in range(0, len(latents), 4):
                clean, sketch = latents[at : at + 4].unbind(1)
                states = model["text"](ids[order[at : at + 4]]).last_hidden_state
                noised = signal[t] * (sketch + table[t] * noise[at : at + 4])
                guess = signal[t] * noised - noise_scale[t] * model["unet"](noised, torch.full((len(clean),), t), states).sample
                off += (guess - clean).square().sum().item()
                was += (sketch - clean).square().sum().item()
            rows.append(round(off / was, 3))
        print(label, rows)


if __name__ == "__main__":
    main()
