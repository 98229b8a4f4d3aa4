"""Whether other programs read what this one writes into its pictures: `python read_parameters.py`.

    python -m venv .venv && . .venv/bin/activate && pip install sd-parsers==0.6 sd-prompt-reader==1.3.4.post2 piexif defusedxml
    cargo build --release

Makes pictures with the starter and odd prompts, and reads them with two parsers that people use.
"""

import subprocess
import sys
import tempfile
from pathlib import Path

from sd_parsers import ParserManager
from sd_prompt_reader.image_data_reader import ImageDataReader

ROOT = Path(__file__).resolve().parents[1]
CASES = [
    # prompt, negative prompt, sampler, schedule
    ("photo of perfect green apple with stem, water droplets, dramatic lighting", "", "dpm++2m", "karras"),
    ("a (red:1.3) apple, [old]: \"quoted\"", "blurry, (ugly:1.2)", "euler-a", "automatic"),
    ("first line\nsecond line, with: colon", "one\ntwo", "dpm++sde", "karras"),
    ("苹果 яблоко 🍏 é", "размыто", "ddim", "automatic"),
    ("ends with a number: 5, Seed", "", "unipc", "automatic"),
]


def main() -> None:
    failures = 0
    with tempfile.TemporaryDirectory() as folder:
        for number, (prompt, negative, sampler, schedule) in enumerate(CASES):
            out = Path(folder) / str(number)
            command = [ROOT / "target/release/underpaint", "generate", "--prompt", prompt, "--negative", negative]
            command += ["--sampler", sampler, "--schedule", schedule, "--steps", "4", "--width", "64", "--height", "64"]
            command += ["--seed", str(1234 + number), "--batch", "1", "--cfg", "3.5", "--out", out]
            subprocess.run(command, check=True, capture_output=True)
            file = next(out.glob("*.png"))
            first = ParserManager().parse(file)
            found = {
                "sd-parsers": (first.full_prompt, first.full_negative_prompt, str(first.samplers[0].parameters.get("seed")), first.samplers[0].name),
            }
            second = ImageDataReader(file)
            found["sd-prompt-reader"] = (second.positive, second.negative, str(second.parameter.get("seed")), second.parameter.get("sampler"))
            for reader, (positive, less, seed, name) in found.items():
                wanted = (prompt, negative, str(1234 + number))
                good = (positive.strip(), (less or "").strip(), seed) == wanted and name
                failures += not good
                print("read" if good else "NOT READ", reader, repr(prompt)[:40], name, "" if good else (positive, less, seed))
    sys.exit(failures)


if __name__ == "__main__":
    main()
