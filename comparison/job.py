"""Times the whole default job in this program and its peers on the same weights: `python job.py FOLDER`.

The job: img2img of the example sketch at 512 by 512, 20 steps of DPM++ 2M Karras at strength 0.75 (which are 16
evaluations), CFG scale 11 with an empty negative prompt, so many images in one batch. Every engine runs in a process
of its own, from start to written pictures, and one JSON object a line says how long that took, how much of it was
loading (for OpenVINO also converting and compiling, which need not be done every time), and the peak memory.
"""

import argparse
import json
import math
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "comparison"))
ENGINES = ("underpaint-auto", "pytorch-f32", "openvino-f32", "sdcpp-f16")
PROMPT = "photo of perfect green apple with stem, water droplets, dramatic lighting"
STEPS, STRENGTH, CFG, SEED = 20, 0.75, 11.0, 1


def sigmas():
    """All sigmas of Stable Diffusion's training, and Karras' ones of this job down to zero."""
    import torch

    kept = torch.cumprod(1 - torch.linspace(0.00085**0.5, 0.012**0.5, 1000, dtype=torch.float64) ** 2, 0)
    table = ((1 - kept) / kept).sqrt()
    low, high, rho = table[0], table[-1], 7.0
    ramp = torch.linspace(0, 1, STEPS, dtype=torch.float64)
    karras = (high ** (1 / rho) + ramp * (low ** (1 / rho) - high ** (1 / rho))) ** rho
    return table, [*karras[STEPS - int(STEPS * STRENGTH) - 1 :].tolist(), 0.0]


def sample(latent, states, evaluate):
    """DPM++ 2M (Lu et al. 2022) from the noised latent [n, 4, 64, 64] to the clean one."""
    import torch

    table, path = sigmas()
    generator = torch.Generator().manual_seed(SEED)
    x = latent + path[0] * torch.randn(latent.shape, generator=generator)
    before = step_before = None
    for sigma, after in zip(path, path[1:]):
        timestep = float((table.log() - math.log(sigma)).abs().argmin())
        unconditional, conditional = evaluate(torch.cat([x, x]) / (sigma**2 + 1) ** 0.5, timestep, states).chunk(2)
        clean = x - sigma * (unconditional + CFG * (conditional - unconditional))
        if after == 0:
            return clean
        step = math.log(sigma / after)
        ahead = clean if before is None else clean + (clean - before) * step / (2 * step_before)
        x = x * (after / sigma) + (1 - math.exp(-step)) * ahead
        before, step_before = clean, step
    return x


def peer(engine: str, folder: Path, images: int, threads: int) -> dict:
    import numpy as np
    import torch
    from PIL import Image
    from tokenizers import Tokenizer
    from transformers import CLIPTextModel

    from peers import modules

    torch.set_num_threads(threads)
    name, dtype_name = engine.split("-")
    dtype = torch.bfloat16 if name == "pytorch" and dtype_name == "bf16" else torch.float32
    begun = time.perf_counter()
    unet, vae = modules(folder, dtype)
    text = CLIPTextModel.from_pretrained(folder / "text_encoder", torch_dtype=dtype).eval()
    encode = lambda image: vae.quant_conv(vae.encoder(image)).chunk(2, 1)[0]
    decode = lambda latent: vae.decode(latent, return_dict=False)[0]
    evaluate = lambda x, t, states: unet(x, torch.tensor(t), states, return_dict=False)[0]
    if name == "openvino":
        evaluate, encode, decode = through_openvino(unet, vae, images, dtype_name, threads)
        del unet, vae
    else:
        unet, vae = (m.to(memory_format=torch.channels_last) for m in (unet, vae))
    load = time.perf_counter() - begun
    tokenizer = Tokenizer.from_file(str(ROOT / "assets/starter/tokenizer/tokenizer.json"))
    ids = torch.tensor([(tokenizer.encode(words).ids + [49407] * 77)[:77] for words in ("", PROMPT)])
    image = torch.from_numpy(np.asarray(Image.open(ROOT / "assets/example.png").convert("RGB"), np.float32) / 127.5 - 1)
    with torch.inference_mode():
        states = text(ids).last_hidden_state.repeat_interleave(images, 0)
        latent = encode(image.permute(2, 0, 1)[None].to(dtype)).float() * 0.18215
        latent = sample(latent.repeat(images, 1, 1, 1), states, lambda x, t, c: evaluate(x.to(dtype), t, c).float())
        pictures = [decode((one / 0.18215).to(dtype)[None]).float() for one in latent]
    with tempfile.TemporaryDirectory() as out:
        for number, picture in enumerate(pictures):
            pixels = ((picture[0].permute(1, 2, 0) + 1) * 127.5).round().clamp(0, 255).byte().numpy()
            Image.fromarray(pixels).save(Path(out) / f"{number}.png")
    return {"load_s": load, "peak_rss_bytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024}


def stable_diffusion_cpp(folder: Path, dtype: str, images: int, threads: int) -> dict:
    from PIL import Image
    from stable_diffusion_cpp import StableDiffusion

    begun = time.perf_counter()
    engine = StableDiffusion(model_path=str(folder), wtype=dtype, n_threads=threads, verbose=False)
    load = time.perf_counter() - begun
    init = Image.open(ROOT / "assets/example.png").convert("RGB")
    common = {"sample_method": "dpm++2m", "scheduler": "karras", "sample_steps": STEPS, "strength": STRENGTH, "cfg_scale": CFG, "seed": SEED}
    pictures = engine.generate_image(prompt=PROMPT, init_image=init, batch_count=images, **common)
    with tempfile.TemporaryDirectory() as out:
        for number, picture in enumerate(pictures):
            picture.save(Path(out) / f"{number}.png")
    return {"load_s": load, "peak_rss_bytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024}


def through_openvino(unet, vae, images: int, dtype_name: str, threads: int):
    """The three parts compiled by OpenVINO for one fixed batch."""
    import openvino as ov
    import torch

    from peers import through

    step, encoder, decoder = through(unet, vae)
    core = ov.Core()
    hints = {"INFERENCE_PRECISION_HINT": {"f32": ov.Type.f32, "bf16": ov.Type.bf16}[dtype_name], "INFERENCE_NUM_THREADS": threads}

    def built(module, *example):
        graph = ov.convert_model(module, example_input=example, input=[list(e.shape) for e in example])
        compiled = core.compile_model(graph, "CPU", hints)
        return lambda *given: torch.from_numpy(compiled([g.numpy() for g in given])[0])

    whole = built(step, torch.zeros(2 * images, 4, 64, 64), torch.tensor(500.0), torch.zeros(2 * images, 77, 768))
    encode, decode = built(encoder, torch.zeros(1, 3, 512, 512)), built(decoder, torch.zeros(1, 4, 64, 64))
    return (lambda x, t, c: whole(x, torch.tensor(t), c)), (lambda image: encode(image).chunk(2, 1)[0]), decode


def underpaint(folder: Path, dtype: str, images: int, threads: int) -> dict:
    with tempfile.TemporaryDirectory() as out:
        command = [ROOT / "target/release/underpaint", "generate", "--model", folder, "--init", ROOT / "assets/example.png", "--prompt", PROMPT]
        command += ["--steps", STEPS, "--strength", STRENGTH, "--cfg", CFG, "--seed", SEED, "--batch", images]
        command += ["--dtype", dtype, "--threads", threads, "--out", out]
        subprocess.run([str(word) for word in command], check=True, capture_output=True)
    return {"peak_rss_bytes": resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024}


def one(engine: str, folder: Path, images: int, threads: int) -> None:
    begun = time.perf_counter()
    name, dtype = engine.split("-")
    if name in ("underpaint", "sdcpp"):
        result = {"underpaint": underpaint, "sdcpp": stable_diffusion_cpp}[name](folder, dtype, images, threads)
    else:
        result = peer(engine, folder, images, threads)
    total = time.perf_counter() - begun
    print(json.dumps({"engine": engine, "images": images, "total_s": round(total, 1)} | {k: round(v, 1) for k, v in result.items()}), flush=True)


def main() -> None:
    global STEPS
    args = argparse.ArgumentParser()
    args.add_argument("folder", type=Path)
    args.add_argument("--images", type=int, default=4)
    args.add_argument("--threads", type=int, default=2)
    args.add_argument("--steps", type=int, default=STEPS, help="length of the schedule; three quarters of it run, and one")
    args.add_argument("--engines", nargs="*", default=ENGINES)
    args.add_argument("--one", help=argparse.SUPPRESS)
    args = args.parse_args()
    STEPS = args.steps
    if args.one:
        return one(args.one, args.folder, args.images, args.threads)
    for engine in args.engines:
        command = [sys.executable, "-W", "ignore", __file__, args.folder, "--images", args.images, "--threads", args.threads]
        command += ["--steps", args.steps, "--one", engine]
        subprocess.run([str(word) for word in command], check=False)


if __name__ == "__main__":
    main()
