"""The encoder: the likenesses its publishers print, the same vector in every company, and weights that are theirs."""

from __future__ import annotations

import pytest

np = pytest.importorskip("numpy")

from understudy.engine import minilm  # noqa: E402
from understudy.errors import EngineError  # noqa: E402

needs = pytest.mark.skipif(not minilm.available(), reason=minilm.INSTALL)


@needs
def test_known_likenesses():
    """The example of the model's card: happy person, happy dog, very happy person, sunny day."""
    found = minilm.embed(["That is a happy person", "That is a happy dog", "That is a very happy person", "Today is a sunny day"])
    assert found.shape == (4, 384)
    assert np.linalg.norm(found, axis=1) == pytest.approx(1, abs=1e-5)
    assert found[0] @ found[1:].T == pytest.approx([0.695, 0.943, 0.257], abs=1e-3)


@needs
def test_the_same_in_every_company():
    """Padding or a neighbour that leaks into the mean would show here."""
    texts = ["ok", "a much longer text " * 30, "See you at 5?", ""]
    together = minilm.embed(texts)
    assert together == pytest.approx(np.vstack([minilm.embed([text]) for text in texts]), abs=1e-5)
    assert (minilm.embed(texts) == together).all()


@needs
def test_what_follows_256_tokens_is_not_read():
    assert minilm.embed(["word " * 400 + "end"]) == pytest.approx(minilm.embed(["word " * 300]), abs=1e-5)
    assert minilm.embed([]).shape == (0, 384)


def test_other_weights_are_refused(tmp_path, monkeypatch):
    for name in minilm.DIGESTS:
        (tmp_path / name).write_bytes(b"another model")
    monkeypatch.setattr(minilm, "folder", lambda: tmp_path)
    monkeypatch.setattr(minilm, "available", lambda: True)
    minilm.load.cache_clear()
    with pytest.raises(EngineError, match="not the published file"):
        minilm.load()


def test_without_the_wheel_one_sentence_says_how_to_get_it(monkeypatch):
    monkeypatch.setattr(minilm, "PACKAGE", "no_such_wheel_here")
    minilm.load.cache_clear()
    assert not minilm.available()
    with pytest.raises(EngineError, match="pip install"):
        minilm.load()
    minilm.load.cache_clear()
