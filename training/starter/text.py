"""The CLIP tokenizer, built from the MIT-licensed vocabulary inside open-clip-torch, and the text encoder."""

import gzip
from importlib.resources import files

import torch
from tokenizers import AddedToken, Regex, Tokenizer, decoders, normalizers, pre_tokenizers, processors
from tokenizers.models import BPE
from transformers import CLIPTextConfig, CLIPTextModel

START, END = "<|startoftext|>", "<|endoftext|>"
LENGTH = 77
WIDTH = 128


def byte_letters() -> list[str]:
    """The 256 printable stand-ins for bytes, in the vocabulary's order (GPT-2's byte-level BPE)."""
    plain = list(range(33, 127)) + list(range(161, 173)) + list(range(174, 256))
    letters = [chr(b) for b in plain]
    return letters + [chr(256 + i) for i in range(256 - len(plain))]


def build_tokenizer() -> Tokenizer:
    packed = files("open_clip").joinpath("bpe_simple_vocab_16e6.txt.gz").read_bytes()
    lines = gzip.decompress(packed).decode().split("\n")
    merges = [tuple(line.split()) for line in lines[1 : 49152 - 256 - 2 + 1]]
    letters = byte_letters()
    words = letters + [c + "</w>" for c in letters] + ["".join(pair) for pair in merges] + [START, END]
    vocab = {word: i for i, word in enumerate(words)}
    tokenizer = Tokenizer(
        BPE(vocab, merges, unk_token=END, continuing_subword_prefix="", end_of_word_suffix="</w>", fuse_unk=False)
    )
    tokenizer.normalizer = normalizers.Sequence(
        [normalizers.NFC(), normalizers.Replace(Regex(r"\s+"), " "), normalizers.Lowercase()]
    )
    pattern = r"""<\|startoftext\|>|<\|endoftext\|>|'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+"""
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(pattern), behavior="removed", invert=True),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.add_special_tokens([AddedToken(START, normalized=True, special=True), AddedToken(END, special=True)])
    tokenizer.post_processor = processors.TemplateProcessing(
        single=f"{START} $A {END}", special_tokens=[(START, vocab[START]), (END, vocab[END])]
    )
    return tokenizer


def encode(tokenizer: Tokenizer, captions: list[str]) -> torch.Tensor:
    """Token ids [n, 77], cut and padded with the end token as Stable Diffusion does."""
    end = tokenizer.token_to_id(END)
    rows = []
    for caption in captions:
        ids = tokenizer.encode(caption).ids[: LENGTH - 1]
        if ids[-1] != end:
            ids.append(end)
        rows.append(ids + [end] * (LENGTH - len(ids)))
    return torch.tensor(rows)


VOCABULARY = 49408


def seen_words(ids: torch.Tensor) -> torch.Tensor:
    """The token ids that occur, sorted: training keeps embeddings for these alone."""
    return ids.unique()


def build_encoder(words: int = VOCABULARY) -> CLIPTextModel:
    """A small CLIP text encoder with a table of so many words."""
    config = CLIPTextConfig(
        vocab_size=words,
        hidden_size=WIDTH,
        intermediate_size=4 * WIDTH,
        projection_dim=WIDTH,
        num_hidden_layers=2,
        num_attention_heads=4,
        max_position_embeddings=LENGTH,
        hidden_act="quick_gelu",
        bos_token_id=words - 2,
        eos_token_id=words - 1,
        pad_token_id=words - 1,
    )
    model = CLIPTextModel(config)
    with torch.no_grad():
        model.get_input_embeddings().weight.normal_(0, 0.5)
    return model


@torch.no_grad()
def whole_encoder(state: dict, words: torch.Tensor) -> CLIPTextModel:
    """The encoder with the whole vocabulary; embeddings of words that training never saw are zero."""
    model = build_encoder()
    table = model.get_input_embeddings().weight
    name = next(n for n, p in model.named_parameters() if p is table)
    full = torch.zeros_like(table)
    full[words] = state[name]
    model.load_state_dict(state | {name: full})
    return model


@torch.no_grad()
def take_words(encoder: CLIPTextModel, whole: dict[str, torch.Tensor], words: torch.Tensor) -> int:
    """Load a whole encoder's weights into one of these words alone; returns how many words it knew.

    A word the whole one never saw has zeros there and keeps its random embedding here.
    """
    own, known = encoder.state_dict(), 0
    for name, value in whole.items():
        name = name if name in own else name.removeprefix("text_model.")
        if name not in own:
            continue
        value = value.float()
        if len(value) == VOCABULARY:
            seen = value[words].abs().sum(-1, keepdim=True) > 0
            known = int(seen.sum())
            value = torch.where(seen, value[words], own[name])
        own[name].copy_(value)
    return known
