"""A Whisper model of a few megabytes with random weights: the format and code of real ones, and nothing learnt."""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
from ctranslate2.specs.whisper_spec import WhisperConfig, WhisperSpec
from faster_whisper.tokenizer import _LANGUAGE_CODES
from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers

WIDTH = 16
MELS = 80
_TEXT_TOKENS = 50_257


def vocabulary() -> list[str]:
    """Bytes, invented words, and Whisper's special tokens at the ids where they belong."""
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    invented = ("Ġ" + "".join(letters) for letters in itertools.product("abcdefghijklmnopqrstuvwxyz", repeat=4))
    # The empty token is what tells CTranslate2 a multilingual model.
    text = [*alphabet, *itertools.islice(invented, _TEXT_TOKENS - len(alphabet) - 1), ""]
    names = [
        "endoftext",
        "startoftranscript",
        *sorted(_LANGUAGE_CODES, key=lambda code: code != "en"),
        "translate",
        "transcribe",
        "startoflm",
    ]
    names += ["startofprev", "nospeech", "notimestamps", *(f"{tick * 0.02:.2f}" for tick in range(1501))]
    return text + [f"<|{name}|>" for name in names]


def write_tiny_whisper(directory: Path, seed: int = 1) -> Path:
    """model.bin, config.json, vocabulary.json and tokenizer.json, as ctranslate2's converter writes them."""
    tokens = vocabulary()
    spec = WhisperSpec(1, 2, 1, 2)
    random = np.random.default_rng(seed)

    def weights(*shape: int) -> np.ndarray:
        return random.normal(0, 0.3, shape).astype(np.float32)

    def linear(layer: object, out: int, inside: int) -> None:
        layer.weight, layer.bias = weights(out, inside), weights(out)  # type: ignore[attr-defined]

    def norm(layer: object) -> None:
        layer.gamma, layer.beta = np.ones(WIDTH, np.float32), np.zeros(WIDTH, np.float32)  # type: ignore[attr-defined]

    def block(layer: object, *, crossed: bool) -> None:
        norm(layer.self_attention.layer_norm)  # type: ignore[attr-defined]
        linear(layer.self_attention.linear[0], 3 * WIDTH, WIDTH)  # type: ignore[attr-defined]
        linear(layer.self_attention.linear[1], WIDTH, WIDTH)  # type: ignore[attr-defined]
        if crossed:
            norm(layer.attention.layer_norm)  # type: ignore[attr-defined]
            for part, out in zip(layer.attention.linear, (WIDTH, 2 * WIDTH, WIDTH), strict=True):  # type: ignore[attr-defined]
                linear(part, out, WIDTH)
        norm(layer.ffn.layer_norm)  # type: ignore[attr-defined]
        linear(layer.ffn.linear_0, 2 * WIDTH, WIDTH)  # type: ignore[attr-defined]
        linear(layer.ffn.linear_1, WIDTH, 2 * WIDTH)  # type: ignore[attr-defined]

    for convolution, channels in ((spec.encoder.conv1, MELS), (spec.encoder.conv2, WIDTH)):
        convolution.weight, convolution.bias = weights(WIDTH, channels, 3), weights(WIDTH)
    spec.encoder.position_encodings.encodings = weights(1500, WIDTH)
    spec.decoder.position_encodings.encodings = weights(448, WIDTH)
    norm(spec.encoder.layer_norm)
    norm(spec.decoder.layer_norm)
    block(spec.encoder.layer[0], crossed=False)
    block(spec.decoder.layer[0], crossed=True)
    spec.decoder.embeddings.weight = weights(len(tokens), WIDTH)
    spec.decoder.projection.weight = spec.decoder.embeddings.weight

    spec.register_vocabulary(tokens)
    start = tokens.index("<|startoftranscript|>")
    spec._config = WhisperConfig(
        suppress_ids=[],
        suppress_ids_begin=[tokens.index("<|endoftext|>")],
        lang_ids=list(range(start + 1, start + 1 + len(_LANGUAGE_CODES))),
        alignment_heads=[(0, 0)],
    )
    spec.validate()
    directory.mkdir(parents=True, exist_ok=True)
    spec.save(str(directory))

    tokenizer = Tokenizer(models.BPE({token: i for i, token in enumerate(tokens)}, []))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.add_special_tokens([AddedToken(token, special=True) for token in tokens[_TEXT_TOKENS:]])
    tokenizer.save(str(directory / "tokenizer.json"))
    return directory
