"""Near-duplicates: they go, the first of them stays, and what is only similar stays too."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from understudy.engine import minhash
from understudy.engine.minhash import alike, distinct, rows_for, shingles, signature

LINES = [
    "A night-shift baker in a small river town who restores accordions",
    "A claims adjuster who sings bass in a barbershop quartet",
    "a night shift baker in a small river town, who restores accordions!",
    "A night-shift baker in a small river town who restores old accordions",
    "A night-shift nurse in a small mining town who restores clocks",
    "A claims adjuster who sings bass in a barbershop quartet",
]
LONG = "It was late when the train came in, and nobody was there to meet her, so she walked along the river with her bag, past the closed mill, \
and thought about the letter that she had not answered since the spring of the year before"


def exact(a: str, b: str, short: bool) -> float:
    one, two = frozenset(shingles(a, short)), frozenset(shingles(b, short))
    return len(one & two) / len(one | two)


def test_near_duplicates_go_and_the_first_stays() -> None:
    assert distinct(LINES) == [0, 1, 4]
    assert distinct(LINES[::-1]) == [0, 1, 2]
    assert distinct(LINES, threshold=1.0) == [0, 1, 3, 4]


def test_long_texts_are_compared_by_threes() -> None:
    changed = LONG.replace("letter", "parcel")
    turned = " ".join(sorted(LONG.split()))
    assert distinct([LONG, changed, turned]) == [0, 2]
    assert shingles("one two three four", short=False) == ["one two three", "two three four"]


def test_estimate_is_near_the_true_share() -> None:
    for a in LINES:
        for b in LINES:
            assert alike(signature(a, 512), signature(b, 512)) == pytest.approx(exact(a, b, short=True), abs=0.1)
    assert alike(signature("tea"), signature("tea")) == 1.0
    assert alike(signature("tea"), signature("rum")) == 0.0


def test_lanes_hold_the_smallest_hash() -> None:
    """The trap: all lanes are compared in one subtraction, and a borrow must not reach the next lane."""
    found = shingles(LINES[0], short=True)
    rows = [minhash._hashes(shingle, 64).to_bytes(256, "big") for shingle in found]
    least = b"".join(min(row[start : start + 4] for row in rows) for start in range(0, 256, 4))
    assert signature(LINES[0]) == least


def test_bands_miss_next_to_nothing() -> None:
    assert [rows_for(threshold, 64) for threshold in (0.5, 0.7, 0.9, 1.0)] == [2, 4, 8, 64]
    tools = ["saw", "plane", "chisel", "rasp", "file", "adze", "gouge", "mallet", "clamp", "level", "square", "awl"]
    texts = [f"{tool} one: the {tool} of a {tool} maker hangs over shed number {number}" for number, tool in enumerate(tools)]
    changed = [text.replace("maker", "lender") for text in texts]
    assert all(0.7 <= exact(a, b, short=True) < 0.8 for a, b in zip(texts, changed, strict=True))
    assert distinct(texts + changed) == list(range(len(texts)))


def test_the_same_again_goes_however_crowded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(minhash, "CROWD", 0)
    assert distinct(["a tea", "a rum", "a tea"]) == [0, 1]


def test_little_and_strange_input() -> None:
    assert distinct([]) == []
    assert distinct(["one line"]) == [0]
    assert distinct(["", " ", "🙂", "🙂🙂", "🙂", "..."]) == [0, 2, 3, 5]
    assert distinct(["Ｃafé", "cafe\u0301", "\ud800"]) == [0, 2]
    assert distinct(["東京で働くパン屋", "東京で働くパン屋。", "大阪で働く医者"]) == [0, 2]


@given(st.lists(st.text("ab c", max_size=12), max_size=12))
def test_kept_are_unlike_and_dropped_are_like(texts: list[str]) -> None:
    kept = distinct(texts)
    assert kept == sorted(frozenset(kept))
    for index, text in enumerate(texts):
        near = [other for other in kept if other < index and exact(text, texts[other], short=True) >= 0.7]
        assert bool(near) or index in kept  # nothing unlike goes


def test_misuse_is_named() -> None:
    with pytest.raises(ValueError, match="threshold"):
        distinct(["tea"], 0.0)
    with pytest.raises(ValueError, match="permutation"):
        signature("tea", 0)
    with pytest.raises(ValueError, match="256 and 128"):
        alike(signature("tea"), signature("tea", 32))


def test_same_in_every_process() -> None:
    program = "import sys; from understudy.engine.minhash import *; print(distinct(sys.argv[1:]), signature(sys.argv[1]).hex())"
    for seed in ("0", "4711"):
        done = subprocess.run([sys.executable, "-c", program, *LINES], capture_output=True, text=True, env={**os.environ, "PYTHONHASHSEED": seed}, check=True)
        assert done.stdout.strip() == f"{distinct(LINES)} {signature(LINES[0]).hex()}"
