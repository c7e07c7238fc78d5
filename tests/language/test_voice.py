"""Voices: they differ, they keep values whole, and a conversation's first turn is a greeting as rarely as in life."""

from __future__ import annotations

import json
import re

from understudy import World
from understudy.language.voice import Style, draw_voice, register
from understudy.rng import stream


def test_voices_differ_by_age() -> None:
    teens = [draw_voice(stream(n, "t"), 15, "none", "female") for n in range(200)]
    old = [draw_voice(stream(n, "o"), 75, "bachelor", "female") for n in range(200)]
    assert sum(v["lower"] for v in teens) > 4 * sum(v["lower"] for v in old)
    assert sum(v["formality"] for v in old) > 2 * sum(v["formality"] for v in teens)


def test_a_voice_never_changes_a_value_s_letters() -> None:
    """The trap: a respelling inside a value ('You' in a title), after which the reveal is no longer there."""
    voice = {**draw_voice(stream(1, "v"), 15, "none", "male"), "short": ["you", "are"], "lower": True, "pet": [], "emoji_rate": 0.0}
    style = Style(voice, "text")
    assert style.spell("you are ") == "u r "
    assert style.finish("Where You Are", stream(2, "x"), last=False) == "where you are"


def test_formality_rises_with_the_listener() -> None:
    order = ["low", "mid", "high"]
    voice = {"formality": 0.45}
    assert order.index(register(voice, "manager")) > order.index(register(voice, "friend"))


def test_real_sittings(month: World) -> None:
    turns, first = [], []
    for (payload,) in month.sql("SELECT payload FROM artifacts WHERE kind = 'message'")[1]:
        spoken = [t["text"] for t in json.loads(payload)["turns"]]
        first.append(bool(re.match(r"\s*(hi|hey|hello|yo|good (morning|evening)|howdy)\b", spoken[0], re.I)))
        turns += spoken
    assert 0.08 < sum(first) / len(first) < 0.3
    assert sum("!" in t for t in turns) / len(turns) < 0.3
    assert 0.15 < sum("?" in t for t in turns) / len(turns) < 0.45
    assert not any("{" in t or "}" in t or "<" in t.replace("<3", "") for t in turns)


def test_texts_are_clean(month: World) -> None:
    """No slot left open, no doubled space, no line without a letter."""
    for ident, title, text in month.sql("SELECT id, title, text FROM artifacts")[1]:
        assert not re.search(r"[{}]|\[[a-z ]*\||  ", f"{title} {text}"), (ident, title, text)
        assert text.strip(), ident
