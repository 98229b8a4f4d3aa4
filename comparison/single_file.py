"""A folder in the diffusers layout as one file: `python single_file.py FOLDER FILE.safetensors`.

Other programs read Stable Diffusion 1.x as one file with the original names, so `random_model.py`'s folder becomes one
before they take part.
"""

import argparse
import json
from pathlib import Path

from safetensors.torch import load_file, save_file

NAMES = Path(__file__).parent.parent / "tests/fixtures/ldm_names.json"
PARTS = {"unet": "model.diffusion_model.", "vae": "first_stage_model."}


def main() -> None:
    args = argparse.ArgumentParser()
    args.add_argument("folder", type=Path)
    args.add_argument("file", type=Path)
    args = args.parse_args()
    names = json.loads(NAMES.read_text())
    out = {}
    for part, prefix in PARTS.items():
        tensors = load_file(args.folder / part / "diffusion_pytorch_model.safetensors")
        for original, [name] in names[part].items():
            tensor = tensors.pop(name)
            # The original autoencoder writes the linear layers of its attention as convolutions.
            if part == "vae" and ".attn_1." in original and original.endswith("weight") and tensor.dim() == 2:
                tensor = tensor[:, :, None, None]
            out[prefix + original] = tensor.contiguous()
        assert not tensors, list(tensors)[:3]
    text = load_file(args.folder / "text_encoder" / "model.safetensors")
    for name, tensor in text.items():
        name = name if name.startswith("text_model.") else "text_model." + name
        out["cond_stage_model.transformer." + name] = tensor.contiguous()
    save_file(out, args.file)


if __name__ == "__main__":
    main()
