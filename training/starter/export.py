"""Write the starter in the diffusers layout, f16: `python -m starter.export --out ../assets/starter`."""

import argparse
import json
from pathlib import Path

import torch
from safetensors.torch import save_file

from . import paths, text, unet
from .build_set import load_average


def half(state: dict) -> dict:
    return {k: v.half().contiguous() for k, v in state.items() if v.dtype.is_floating_point}


def write_json(path: Path, value: dict) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value, indent=2) + "\n")


def plain(config: dict) -> dict:
    return {k: v for k, v in config.items() if v is not None and not k.startswith("_") and k != "torch_dtype"}


@torch.no_grad()
def normalise(ae, mean: torch.Tensor, deviation: torch.Tensor):
    """Fold the latents' mean and deviation into the 1x1 convolutions, so that scaling_factor is 1."""
    c = len(mean)
    ae.quant_conv.weight[:c] /= deviation[:, None, None, None]
    ae.quant_conv.bias[:c] = (ae.quant_conv.bias[:c] - mean) / deviation
    ae.post_quant_conv.bias += (ae.post_quant_conv.weight[:, :, 0, 0] * mean).sum(1)
    ae.post_quant_conv.weight *= deviation[None, :, None, None]
    return ae


def average_of(checkpoint: Path):
    """The averaged UNet and text encoder of a checkpoint, the token ids that the encoder knows, and the step."""
    trained = torch.load(checkpoint, map_location="cpu", weights_only=True)
    part = lambda name: {k.removeprefix(name + "."): v for k, v in trained["average"].items() if k.startswith(name + ".")}
    net, encoder = unet.build(), text.build_encoder(len(trained["words"]))
    net.load_state_dict(part("unet"))
    encoder.load_state_dict(part("text"), strict=False)
    return net.eval(), encoder.eval(), trained["words"], trained["step"]


def main() -> None:
    args = argparse.ArgumentParser()
    args.add_argument("--out", type=Path, default=Path("../assets/starter"))
    out = args.parse_args().out
    scale = torch.load(paths.LATENTS / "scale.pt", weights_only=True)
    trained = torch.load(paths.DIFFUSION / "checkpoint.pt", map_location="cpu", weights_only=True)
    average = trained["average"]
    ae = normalise(load_average("cpu"), scale["mean"], scale["deviation"])
    net = unet.build()
    net.load_state_dict({k.removeprefix("unet."): v for k, v in average.items() if k.startswith("unet.")})
    encoder = text.whole_encoder({k.removeprefix("text."): v for k, v in average.items() if k.startswith("text.")}, trained["words"])

    write_json(
        out / "model_index.json",
        {
            "_class_name": "StableDiffusionPipeline",
            "scheduler": ["diffusers", "DPMSolverMultistepScheduler"],
            "text_encoder": ["transformers", "CLIPTextModel"],
            "tokenizer": ["transformers", "CLIPTokenizer"],
            "unet": ["diffusers", "UNet2DConditionModel"],
            "vae": ["diffusers", "AutoencoderKL"],
        },
    )
    for folder, module, name in (
        ("unet", net, "UNet2DConditionModel"),
        ("vae", ae, "AutoencoderKL"),
    ):
        write_json(out / folder / "config.json", {"_class_name": name} | plain(dict(module.config)))
        save_file(half(module.state_dict()), out / folder / "diffusion_pytorch_model.safetensors", {"format": "pt"})
    config = encoder.config.to_dict()
    wanted = (
        "vocab_size hidden_size intermediate_size projection_dim num_hidden_layers num_attention_heads "
        "max_position_embeddings hidden_act layer_norm_eps bos_token_id eos_token_id pad_token_id"
    ).split()
    write_json(
        out / "text_encoder" / "config.json",
        {"architectures": ["CLIPTextModel"], "model_type": "clip_text_model"} | {k: config[k] for k in wanted},
    )
    states = {k if k.startswith("text_model.") else f"text_model.{k}": v for k, v in encoder.state_dict().items()}
    save_file(half(states), out / "text_encoder" / "model.safetensors", {"format": "pt"})
    write_json(
        out / "scheduler" / "scheduler_config.json",
        {
            "_class_name": "DPMSolverMultistepScheduler",
            "beta_start": unet.BETA_START,
            "beta_end": unet.BETA_END,
            "beta_schedule": "scaled_linear",
            "num_train_timesteps": unet.STEPS,
            "prediction_type": "v_prediction",
        },
    )
    (out / "tokenizer").mkdir(exist_ok=True)
    text.build_tokenizer().save(str(out / "tokenizer" / "tokenizer.json"), pretty=False)
    print(f"{sum(f.stat().st_size for f in out.rglob('*') if f.is_file()) / 1e6:.1f} MB in {out}")


if __name__ == "__main__":
    main()
