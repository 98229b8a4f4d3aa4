"""Whether this program and PyTorch make the same picture from the same full-size model: `python exactness.py FOLDER`.

FOLDER holds a model in the diffusers layout (`random_model.py` makes one; what a model has learned does
not matter here). Runs img2img of the example sketch with DPM++ 2M Karras through diffusers' modules and
k-diffusion's sampler in f32, then through this program with the same noise (PyTorch's CPU generator), and
prints how far the pictures lie apart. Needs `pip install --no-deps k-diffusion==0.1.1` besides the
requirements.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import torch
from diffusers import AutoencoderKL, UNet2DConditionModel
from PIL import Image
from transformers import CLIPTextModel

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests/fixtures"))
import model_kinds  # noqa: E402
from tokenizers import Tokenizer  # noqa: E402


@torch.no_grad()
def pytorch(folder: Path, init: Path) -> np.ndarray:
    """The picture [512, 512, 3] in bytes."""
    unet = UNet2DConditionModel.from_pretrained(folder / "unet", torch_dtype=torch.float32).eval()
    vae = AutoencoderKL.from_pretrained(folder / "vae", torch_dtype=torch.float32).eval()
    text = CLIPTextModel.from_pretrained(folder / "text_encoder", torch_dtype=torch.float32).eval()
    tokenizer = Tokenizer.from_file(str(ROOT / "assets/starter/tokenizer/tokenizer.json"))
    ids = [tokenizer.encode(words).ids for words in (model_kinds.PROMPT.replace("(", "").replace(")", ""), model_kinds.NEGATIVE)]
    states = text(torch.tensor([(row + [49407] * 77)[:77] for row in ids])).last_hidden_state
    image = torch.from_numpy(np.asarray(Image.open(init).convert("RGB"), np.float32) / 127.5 - 1).permute(2, 0, 1)[None]
    kind = {"unet": {}, "prediction": "epsilon"}
    made = model_kinds.img2img(kind, unet, vae, states, image, model_kinds.sampling())
    return ((made[0].permute(1, 2, 0) + 1) * 127.5).round().clamp(0, 255).byte().numpy()


def underpaint(folder: Path, init: Path, dtype: str) -> np.ndarray:
    with tempfile.TemporaryDirectory() as out:
        words = model_kinds.PROMPT.replace("(", "").replace(")", "")
        command = [ROOT / "target/release/underpaint", "generate", "--model", folder, "--init", init, "--prompt", words]
        command += ["--negative", model_kinds.NEGATIVE, "--steps", model_kinds.STEPS, "--strength", model_kinds.STRENGTH]
        command += ["--cfg", model_kinds.CFG, "--seed", model_kinds.SEED, "--rng", "cpu", "--batch", 1, "--dtype", dtype, "--out", out]
        subprocess.run([str(word) for word in command], check=True, capture_output=True)
        return np.asarray(Image.open(next(Path(out).glob("*.png"))).convert("RGB"))


def main() -> None:
    args = argparse.ArgumentParser()
    args.add_argument("folder", type=Path)
    args.add_argument("--steps", type=int, default=4, help="length of the schedule; three quarters of it run, and one")
    args.add_argument("--init", type=Path, default=ROOT / "assets/example.png")
    args.add_argument("--dtypes", nargs="*", default=["f32"])
    args = args.parse_args()
    model_kinds.STEPS = args.steps
    theirs = pytorch(args.folder, args.init)
    for dtype in args.dtypes:
        ours = underpaint(args.folder, args.init, dtype)
        apart = np.abs(ours.astype(int) - theirs)
        error = np.square(ours.astype(float) - theirs).mean()
        report = {"dtype": dtype, "most levels apart": int(apart.max()), "levels apart, mean": float(apart.mean())}
        report |= {"PSNR, dB": float(10 * np.log10(255**2 / error)) if error else None, "spread of the picture": float(theirs.std())}
        print(json.dumps(report), flush=True)


if __name__ == "__main__":
    main()
