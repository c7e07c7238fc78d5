"""Vectors without a model: alike texts lie close, and nothing depends on the process."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from understudy.engine.embed import embed, rarities, rarity, similarity, words

BAKER = "A night-shift baker who restores accordions"


def test_nearer_by_words_and_stems() -> None:
    query, baker, whistle, cook = embed(["somebody who likes baking", BAKER, "The referee's whistle broke", "she bakes all day"])
    assert similarity(query, baker) > similarity(query, whistle)
    assert similarity(query, cook) > similarity(query, whistle)


def test_order_of_words_counts_a_little() -> None:
    told, same, turned = embed(["dog bites man", "Dog bites MAN!", "man bites dog"])
    assert similarity(told, same) == pytest.approx(1.0)
    assert 0.5 < similarity(told, turned) < 0.99


def test_rare_words_decide_with_weights() -> None:
    lines = [f"a quiet person who likes the {thing}" for thing in ("cello", "sea", "rain", "garden")]
    query = "a quiet person who likes the loud cello"
    plain, weighed = (embed([query, lines[0], lines[1]], weights=weights) for weights in (None, rarities(lines)))
    assert similarity(weighed[0], weighed[1]) - similarity(weighed[0], weighed[2]) > similarity(plain[0], plain[1]) - similarity(plain[0], plain[2])


def test_rarity_falls_with_the_number_of_texts() -> None:
    assert rarity(0, 9) == rarity(1, 9) == rarity(1, 1) == 1.0
    assert 1.0 > rarity(2, 9) > rarity(9, 9) > 0.0
    assert rarities([]) == {}
    assert rarities(["tea", "tea and rum"])["tea"] < rarities(["tea", "tea and rum"])["rum"]


def test_empty() -> None:
    assert embed([]) == []
    (nothing, something) = embed(["", "tea"], dims=8)
    assert list(nothing) == [0.0] * 8
    assert similarity(nothing, something) == similarity(nothing, nothing) == 0.0


def test_unicode() -> None:
    assert words("Ｃafe\u0301 STRAẞE") == ["café", "strasse"]
    assert words("東京で働くbaker") == ["東", "京", "で", "働", "く", "baker"]
    tokyo, also, other = embed(["東京で働くパン屋", "パン屋です", "Ночной пекарь"])
    assert similarity(tokyo, also) > similarity(tokyo, other)
    embed(["\ud800 broken"])  # half a surrogate pair, as damaged JSON holds it


@given(st.text(max_size=60), st.integers(1, 300))
def test_length_is_one_or_nothing(text: str, dims: int) -> None:
    (vector,) = embed([text], dims)
    assert len(vector) == dims
    assert similarity(vector, vector) == pytest.approx(1.0, abs=1e-5) or not any(vector)


def test_misuse_is_named() -> None:
    with pytest.raises(ValueError, match="not 0"):
        embed(["tea"], dims=0)
    with pytest.raises(ValueError, match="8 and 4"):
        similarity(embed(["tea"], 8)[0], embed(["tea"], 4)[0])


def test_same_in_every_process() -> None:
    """The trap: Python's own hash of a text changes from process to process."""
    program = "import sys; from understudy.engine.embed import embed; sys.stdout.write(embed([sys.argv[1]])[0].tobytes().hex())"
    for seed in ("0", "4711"):
        done = subprocess.run([sys.executable, "-c", program, BAKER], capture_output=True, text=True, env={**os.environ, "PYTHONHASHSEED": seed}, check=True)
        assert done.stdout == embed([BAKER])[0].tobytes().hex()
