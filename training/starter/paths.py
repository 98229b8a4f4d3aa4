"""Where training keeps its files: everything lives under one folder outside version control."""

import os
from pathlib import Path

ROOT = Path(os.environ.get("UNDERPAINT_TRAINING_DIR", Path(__file__).resolve().parents[1] / "runs"))
PICTURES = ROOT / "pictures"
INDEX = ROOT / "pictures.json"
AUTOENCODER = ROOT / "autoencoder"
LATENTS = ROOT / "latents"
DIFFUSION = ROOT / "diffusion"
WORDS = ROOT / "words.pt"


def made(path: Path) -> Path:
    """The folder, created when it is missing."""
    path.mkdir(parents=True, exist_ok=True)
    return path
