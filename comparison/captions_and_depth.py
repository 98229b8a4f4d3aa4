"""Writes what transformers makes of tiny random BLIP and Depth Anything V2 models, for the tests of `src/vision`.

    python3 comparison/captions_and_depth.py
    python3 comparison/captions_and_depth.py --full DIR

The second writes random networks of the published sizes, BLIP base into DIR/blip and Depth Anything V2 Small into DIR/depth, for timing. The first
writes tests/fixtures/captioner/ and tests/fixtures/depth/: the models in transformers' layout, and in reference.safetensors
their pictures and what PyTorch makes of them. The weights are random and rounded to half precision.
"""

import json
import pathlib
import sys

import numpy
import torch
from PIL import Image
from safetensors.torch import load_file, save_file
from transformers import BertTokenizer, BlipConfig, BlipForConditionalGeneration, DepthAnythingConfig
from transformers import DepthAnythingForDepthEstimation, Dinov2Config
from transformers.models.blip.image_processing_pil_blip import BlipImageProcessorPil
from transformers.models.dpt.image_processing_pil_dpt import DPTImageProcessorPil

FIXTURES = pathlib.Path(__file__).resolve().parent.parent / "tests" / "fixtures"
WORDS = ["a", "red", "pear", "boat", "##s", "##ing", "on", "sea", "don", "'", "t", ",", ".", "!", "the", "it", "##ed"]


def picture(width, height, seed):
    """A smooth picture with a little noise."""
    y, x = numpy.mgrid[0:height, 0:width]
    noise = numpy.random.default_rng(seed).normal(0, 12, (height, width, 3))
    base = numpy.stack([x * 255 / width, y * 255 / height, 127 + 90 * numpy.sin(x / 3 + y / 5)], -1)
    return numpy.clip(base + noise, 0, 255).astype(numpy.uint8)


def randomised(model, seed, spread):
    """Random weights that half precision holds exactly."""
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, weight in sorted(model.named_parameters()):
            fan = weight[0].numel() if weight.ndim > 1 else 1
            scale = spread / fan**0.5 if weight.ndim > 1 else 0.2
            values = torch.randn(weight.shape, generator=generator) * scale
            is_gain = "norm" in name.lower() and name.endswith("weight") or name.endswith("lambda1")
            if is_gain or name == "head.conv3.bias":
                values = values + 1
            # So that captions differ and do not repeat one word.
            if name.endswith(("embeddings.position_embeddings.weight", "embeddings.word_embeddings.weight", "qkv.weight")):
                values = values * 4
            if name.endswith("transform.LayerNorm.bias"):
                values = values * 0
            weight.copy_(values.half().float())
    return model.eval()


def keep(folder, model, reference):
    folder.mkdir(parents=True, exist_ok=True)
    model.save_pretrained(folder)
    weights = load_file(folder / "model.safetensors")
    save_file({name: weight.half() if weight.is_floating_point() else weight for name, weight in weights.items()},
              folder / "model.safetensors")
    save_file({name: value.contiguous() for name, value in reference.items()}, folder / "reference.safetensors")
    for extra in folder.glob("generation_config.json"):
        extra.unlink()
    print(folder, sum(path.stat().st_size for path in folder.iterdir()), "bytes")


def captioner():
    folder = FIXTURES / "captioner"
    folder.mkdir(parents=True, exist_ok=True)
    vocabulary = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *WORDS]
    (folder / "vocab.txt").write_text("\n".join(vocabulary) + "\n")
    tokenizer = BertTokenizer(str(folder / "vocab.txt"))
    start, separator = len(vocabulary), 3
    text = dict(vocab_size=start + 2, hidden_size=16, encoder_hidden_size=16, intermediate_size=32, num_hidden_layers=2,
                num_attention_heads=2, max_position_embeddings=40, bos_token_id=start, sep_token_id=separator,
                pad_token_id=0, eos_token_id=separator)
    vision = dict(hidden_size=16, intermediate_size=32, num_hidden_layers=2, num_attention_heads=2, image_size=24,
                  patch_size=8)
    config = BlipConfig(text_config=text, vision_config=vision)
    model = randomised(BlipForConditionalGeneration(config), 31, 1.4)
    processor = BlipImageProcessorPil(size={"height": 24, "width": 24})
    reference = {}
    for index, (width, height, seed) in enumerate([(40, 30, 1), (17, 24, 2), (9, 50, 5)]):
        pixels = picture(width, height, seed)
        values = processor(Image.fromarray(pixels), return_tensors="pt")["pixel_values"]
        with torch.no_grad():
            embedding = model.vision_model(pixel_values=values)[0]
            tokens = model.generate(pixel_values=values, max_new_tokens=30, do_sample=False, num_beams=1)
            logits = model.text_decoder(tokens, encoder_hidden_states=embedding).logits
        print(tokens.tolist(), repr(tokenizer.decode(tokens[0], skip_special_tokens=True)))
        reference |= {
            f"picture{index}": torch.from_numpy(pixels), f"values{index}": values, f"embedding{index}": embedding,
            f"tokens{index}": tokens[0], f"logits{index}": logits,
        }
    lines = [[5, 7, 9, 11], [8, 10, 12, 16, 18], [13, 14, 15, 10, 17], [], [0, 2, 3, 6, 1, 4], [9, 14, 15, 5]]
    decoded = [tokenizer.decode(ids, skip_special_tokens=True) for ids in lines]
    print(decoded)
    (folder / "decoded.json").write_text(json.dumps([{"ids": a, "text": b} for a, b in zip(lines, decoded)]) + "\n")
    keep(folder, model, reference)


def depth():
    backbone = Dinov2Config(hidden_size=16, num_hidden_layers=4, num_attention_heads=2, image_size=16, patch_size=4,
                            mlp_ratio=2, out_indices=[1, 2, 3, 4], reshape_hidden_states=False)
    config = DepthAnythingConfig(backbone_config=backbone, patch_size=4, reassemble_hidden_size=16,
                                 neck_hidden_sizes=[8, 10, 12, 14], fusion_hidden_size=8, head_hidden_size=6)
    model = randomised(DepthAnythingForDepthEstimation(config), 5, 1.0)
    reference = {}
    for index, (width, height, seed) in enumerate([(30, 30, 1), (40, 24, 2), (14, 50, 5)]):
        pixels = picture(width, height, seed)
        processor = DPTImageProcessorPil(size={"height": 16, "width": 16}, keep_aspect_ratio=True, ensure_multiple_of=4,
                                         image_mean=[0.485, 0.456, 0.406], image_std=[0.229, 0.224, 0.225])
        values = processor(Image.fromarray(pixels), return_tensors="pt")["pixel_values"]
        with torch.no_grad():
            made = model(pixel_values=values).predicted_depth
        whole = torch.nn.functional.interpolate(made[None], (height, width), mode="bilinear", align_corners=False)[0, 0]
        levels = (whole - whole.min()) / (whole.max() - whole.min()) * 255
        print(values.shape, made.shape, made.min().item(), made.max().item())
        reference |= {f"picture{index}": torch.from_numpy(pixels), f"values{index}": values, f"depth{index}": made,
                      f"levels{index}": levels}
    sizes = []
    full = DPTImageProcessorPil(size={"height": 518, "width": 518}, keep_aspect_ratio=True, ensure_multiple_of=14)
    for width, height in [(512, 512), (512, 768), (768, 512), (640, 360), (64, 64), (1024, 960), (300, 517)]:
        values = full(Image.new("RGB", (width, height)), return_tensors="np")["pixel_values"]
        sizes.append([width, height, values.shape[3], values.shape[2]])
    print(sizes)
    reference["sizes"] = torch.tensor(sizes)
    keep(FIXTURES / "depth", model, reference)


def full(folder):
    """Random networks of the published sizes."""
    (folder / "blip").mkdir(parents=True, exist_ok=True)
    blip = BlipForConditionalGeneration(BlipConfig(text_config={"num_attention_heads": 12}))
    blip.save_pretrained(folder / "blip")
    (folder / "blip" / "vocab.txt").write_text("".join(f"word{number}\n" for number in range(30522)))
    backbone = Dinov2Config(hidden_size=384, num_hidden_layers=12, num_attention_heads=6, image_size=518, patch_size=14,
                            out_indices=[3, 6, 9, 12], reshape_hidden_states=False)
    config = DepthAnythingConfig(backbone_config=backbone, patch_size=14, reassemble_hidden_size=384,
                                 neck_hidden_sizes=[48, 96, 192, 384], fusion_hidden_size=64, head_hidden_size=32)
    DepthAnythingForDepthEstimation(config).save_pretrained(folder / "depth")


if len(sys.argv) == 3 and sys.argv[1] == "--full":
    full(pathlib.Path(sys.argv[2]))
else:
    captioner()
    depth()
