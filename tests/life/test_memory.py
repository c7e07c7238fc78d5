"""The event memory: who is near is found, near-duplicates are gone, and not everybody gets the same lines."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from understudy.life import memory
from understudy.life.memory import Memory, own_memory
from understudy.rng import stream

LINES = [
    "A night-shift baker who restores accordions",
    "A claims adjuster who sings bass in a barbershop quartet",
    "A night-shift baker who restores accordions!",
    "  ",
    "A firefighter who bakes for the whole station",
    "A retired nurse who grows giant pumpkins",
    "A welder who races pigeons",
]


def test_near_duplicates_and_blanks_are_left_out() -> None:
    assert Memory(LINES).lines == [LINES[0], LINES[1], LINES[4], LINES[5], LINES[6]]
    assert Memory([" two\nrows "]).lines == ["two rows"]


def test_baking_finds_bakers() -> None:
    held = Memory(LINES)
    assert sorted(held.near("loves baking bread", 2, stream(1, "q"), spread=0.0)) == [LINES[4], LINES[0]]
    found = [line for line, _ in own_memory().ranked("bakes bread, baking cakes, a baker", 4)]
    assert sum("bak" in line for line in found) >= 3, found


def test_ranked_falls_and_is_near_by_something() -> None:
    scores = [score for _, score in Memory(LINES).ranked("a baker", 9)]
    assert scores == sorted(scores, reverse=True)
    assert scores[-1] > 0
    assert Memory(LINES).ranked("zzz", 9) == Memory(LINES).ranked("a baker", 0) == []


def test_spread_varies_the_lines_and_keeps_them_near() -> None:
    held, query = own_memory(), "a nurse who works nights at the hospital"
    drawn = [tuple(held.near(query, 3, stream(1, f"person {n}"))) for n in range(40)]
    assert len(dict.fromkeys(drawn)) > 5
    nearest = [line for line, _ in held.ranked(query, 20)]
    assert all(line in nearest for lines in drawn for line in lines)
    first = held.near(query, 3, stream(1, "a"), spread=0.0)
    assert first == nearest[:3] == held.near(query, 3, stream(2, "b"), spread=0.0)


@pytest.mark.parametrize("spread", [0.0, 0.3, 0.95])
def test_as_many_different_lines_as_asked(spread: float) -> None:
    held = Memory(LINES)
    for query in ("a baker", "", "nothing of this is there", "🙂"):
        for count in (0, 1, 3, 5, 9):
            lines = held.near(query, count, stream(3, query), spread)
            assert len(lines) == len(dict.fromkeys(lines)) == min(count, len(held))


def test_little_and_strange_input() -> None:
    assert Memory([]).near("a baker", 3, stream(1, "q")) == []
    assert Memory(["A baker"]).near("a baker", 3, stream(1, "q")) == ["A baker"]
    assert Memory(["🙂", "東京で働くパン屋", "Ночной пекарь"]).near("пекарь", 1, stream(1, "q"), 0.0) == ["Ночной пекарь"]
    with pytest.raises(ValueError, match="spread"):
        own_memory().near("a baker", 1, stream(1, "q"), spread=1.0)


def test_a_bounded_search_still_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "LOOKS", 1)
    assert Memory(LINES).near("who grows giant pumpkins", 1, stream(1, "q"), 0.0) == [LINES[5]]


def test_same_in_every_process() -> None:
    program = (
        "import json; from understudy.life.memory import own_memory; from understudy.rng import stream;"
        "print(json.dumps(own_memory().near('a baker who fishes', 6, stream(5, 'person'))))"
    )
    here = own_memory().near("a baker who fishes", 6, stream(5, "person"))
    for seed in ("0", "4711"):
        done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, env={**os.environ, "PYTHONHASHSEED": seed}, check=True)
        assert json.loads(done.stdout) == here
