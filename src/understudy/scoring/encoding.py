"""One encoder for all sets of a table, and vectors that are kept: the same text is never sent through the model twice."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Sequence
from hashlib import blake2b
from pathlib import Path
from typing import Any, NamedTuple

from understudy.engine import minilm
from understudy.engine.embed import embed as hashed

DIGEST = 16
"""Bytes of a text's hash."""
KEPT = 200_000
"""Vectors that are kept at most in one folder: 300 MB."""


class Encoder(NamedTuple):
    """A name that stands in the table's head, the function from texts to [n, d] vectors of length 1, and what has to be said of it."""

    name: str
    embed: Callable[[Sequence[str]], Any]
    note: str = ""


def choose(name: str = "") -> Encoder:
    """`minilm`, `hashed`, or (no name) the first that is installed; hashed words say of themselves that they know no meaning."""
    if name == "minilm" or (not name and minilm.available()):
        minilm.load()
        return Encoder(minilm.NAME, minilm.embed)
    note = "hashed words, no model: figures are not to be compared with those of an encoder"
    return Encoder("hashed words", _hashed, note if name else f"{note}; {minilm.INSTALL} brings {minilm.NAME}")


def _hashed(texts: Sequence[str]) -> Any:
    import numpy as np

    return np.array([np.frombuffer(v, dtype=np.float32) for v in hashed(texts, 384)]) if texts else np.zeros((0, 384), dtype=np.float32)


def vectors(encoder: Encoder, texts: Sequence[str], folder: Path | None = None) -> Any:
    """The texts' vectors, [n, d] float32; with a folder, what was computed before is read from there and what is new is kept, if the disk lets us."""
    import numpy as np

    keys = [blake2b(text.encode("utf-8", "replace"), digest_size=DIGEST).digest() for text in texts]
    known = _read(encoder, folder) if folder is not None else {}
    new = list(dict.fromkeys(key for key in keys if key not in known))
    if new:
        said = dict(zip(keys, texts, strict=True))
        made = encoder.embed([said[key] for key in new])
        known |= dict(zip(new, made, strict=True))
        if folder is not None:
            _keep(encoder, folder, known)
    return np.array([known[key] for key in keys], dtype=np.float32) if keys else np.zeros((0, 384), dtype=np.float32)


def _file(encoder: Encoder, folder: Path) -> Path:
    return folder / f"{encoder.name.replace(' ', '-').lower()}.npz"


def _read(encoder: Encoder, folder: Path) -> dict[bytes, Any]:
    import numpy as np

    try:
        with np.load(_file(encoder, folder), allow_pickle=False) as content:
            keys, rows = content["keys"], content["vectors"]
        return {key.tobytes(): row for key, row in zip(keys, rows, strict=True)}
    except (OSError, ValueError, KeyError, EOFError):
        return {}
    except Exception as error:  # a damaged zip has errors of its own: what cannot be read is computed anew
        if type(error).__name__ == "BadZipFile":
            return {}
        raise


def _keep(encoder: Encoder, folder: Path, known: dict[bytes, Any]) -> None:
    """Write the vectors in one step; a folder that cannot be written is left alone, for they can be had again."""
    import numpy as np

    kept = list(known.items())[-KEPT:]
    file = _file(encoder, folder)
    draft = file.with_suffix(f".{os.getpid()}.npz")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        np.savez(draft, keys=np.array([list(key) for key, _ in kept], dtype=np.uint8), vectors=np.array([row for _, row in kept], dtype=np.float32))
        os.replace(draft, file)
        (folder / "manifest.json").write_text(
            json.dumps({"holds": "vectors of texts by the BLAKE2b hash of the text", "encoders": sorted(p.stem for p in folder.glob("*.npz"))}) + "\n"
        )
    except OSError:
        draft.unlink(missing_ok=True)
