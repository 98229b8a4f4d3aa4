"""Times this program and its peers on the same weights, in turns: `python peers.py FOLDER`.

FOLDER holds a model in the diffusers layout (`random_model.py` makes one). Every engine runs in a
process of its own, the least of several runs counts, and one JSON object a line says what came out:
seconds for one guided step of the UNet at 512 by 512 (a batch of two), for decoding and encoding
one picture, and the peak memory of the process.
"""

import argparse
import json
import resource
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
ENGINES = ("underpaint-f32", "underpaint-bf16", "pytorch-f32", "pytorch-bf16", "openvino-f32", "openvino-bf16")
RUNS = 3


def least(work) -> float:
    """The least seconds of a few runs, after one that warms up."""
    work()
    times = []
    for _ in range(RUNS):
        begun = time.perf_counter()
        work()
        times.append(time.perf_counter() - begun)
    return min(times)


def inputs():
    import torch

    torch.manual_seed(1)
    return (torch.randn(2, 4, 64, 64), torch.tensor(500.0), torch.randn(2, 77, 768)), torch.randn(1, 4, 64, 64), torch.rand(1, 3, 512, 512) * 2 - 1


def modules(folder: Path, dtype):
    from diffusers import AutoencoderKL, UNet2DConditionModel

    unet = UNet2DConditionModel.from_pretrained(folder / "unet", torch_dtype=dtype).eval()
    vae = AutoencoderKL.from_pretrained(folder / "vae", torch_dtype=dtype).eval()
    return unet, vae


def pytorch(folder: Path, dtype_name: str, threads: int) -> dict:
    import torch

    torch.set_num_threads(threads)
    dtype = {"f32": torch.float32, "bf16": torch.bfloat16}[dtype_name]
    begun = time.perf_counter()
    unet, vae = modules(folder, dtype)
    load = time.perf_counter() - begun
    unet, vae = (m.to(memory_format=torch.channels_last) for m in (unet, vae))
    (x, t, states), latent, image = inputs()
    x, states, latent, image = (v.to(dtype) for v in (x, states, latent, image))
    with torch.inference_mode():
        return {
            "load_s": load,
            "unet_s": least(lambda: unet(x, t, states)),
            "vae_decode_s": least(lambda: vae.decode(latent)),
            "vae_encode_s": least(lambda: vae.encode(image)),
        }


def through(unet, vae):
    """UNet step, encoder and decoder as modules that OpenVINO can trace."""
    import torch

    class Step(torch.nn.Module):
        def __init__(self, unet):
            super().__init__()
            self.unet = unet

        def forward(self, x, t, states):
            return self.unet(x, t, states, return_dict=False)[0]

    class Decode(torch.nn.Module):
        def __init__(self, vae):
            super().__init__()
            self.vae = vae

        def forward(self, latent):
            return self.vae.decode(latent, return_dict=False)[0]

    class Encode(Decode):
        def forward(self, image):
            return self.vae.quant_conv(self.vae.encoder(image))

    return Step(unet), Encode(vae), Decode(vae)


def openvino(folder: Path, dtype_name: str, threads: int) -> dict:
    import openvino as ov
    import torch

    unet, vae = modules(folder, torch.float32)
    step, encode, decode = through(unet, vae)
    given, latent, image = inputs()
    core, times = ov.Core(), {}
    hint = {"f32": ov.Type.f32, "bf16": ov.Type.bf16}[dtype_name]
    for name, module, example in (
        ("unet_s", step, given),
        ("vae_decode_s", decode, (latent,)),
        ("vae_encode_s", encode, (image,)),
    ):
        with torch.no_grad():
            model = ov.convert_model(module, example_input=example, input=[tuple(v.shape) for v in example])
        compiled = core.compile_model(model, "CPU", {"INFERENCE_PRECISION_HINT": hint, "INFERENCE_NUM_THREADS": threads})
        arrays = [v.numpy() for v in example]
        request = compiled.create_infer_request()
        times[name] = least(lambda: request.infer(arrays))
        del model, compiled, request
    return times


def underpaint(folder: Path, dtype: str, threads: int) -> dict:
    binary = ROOT / "target/release/underpaint"
    command = [binary, "bench", "--model", folder, "--dtype", dtype, "--threads", str(threads), "--json"]
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def one(engine: str, folder: Path, threads: int) -> None:
    name, dtype = engine.split("-")
    result = {"underpaint": underpaint, "pytorch": pytorch, "openvino": openvino}[name](folder, dtype, threads)
    result.setdefault("peak_rss_bytes", resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024)
    wanted = ("load_s", "unet_s", "vae_decode_s", "vae_encode_s", "peak_rss_bytes")
    print(json.dumps({"engine": engine} | {k: round(result[k], 3) for k in wanted if k in result}), flush=True)


def main() -> None:
    args = argparse.ArgumentParser()
    args.add_argument("folder", type=Path)
    args.add_argument("--threads", type=int, default=2)
    args.add_argument("--engines", nargs="*", default=ENGINES)
    args.add_argument("--one", help=argparse.SUPPRESS)
    args = args.parse_args()
    if args.one:
        return one(args.one, args.folder, args.threads)
    for engine in args.engines:
        subprocess.run([sys.executable, "-W", "ignore", __file__, args.folder, "--threads", str(args.threads), "--one", engine], check=False)


if __name__ == "__main__":
    main()
