"""Voices: they differ, they keep values whole, and a conversation's first turn is a greeting as rarely as in life."""

from __future__ import annotations

import itertools
import json
import re
from datetime import datetime

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
    assert 0.1 < sum(first) / len(first) < 0.3
    lengths = sorted(len(t.split()) for t in turns)
    assert 7.65 <= lengths[len(lengths) // 2] <= 8.05  # within 15 % of DailyDialog's 9 words a turn and of the 7 words of an American text message
    assert sum("!" in t for t in turns) / len(turns) < 0.3
    assert 0.15 < sum("?" in t for t in turns) / len(turns) < 0.45
    assert not any("{" in t or "}" in t or "<" in t.replace("<3", "") for t in turns)


def test_sittings_are_as_long_as_in_life(month: World) -> None:
    """Turns a sitting (DailyDialog: 7), answers left out, more than one message in a row, and pauses from seconds to hours."""
    counts, alone, again, spans = [], 0, 0, []
    for (payload,) in month.sql("SELECT payload FROM artifacts WHERE kind = 'message'")[1]:
        turns = json.loads(payload)["turns"]
        counts.append(len(turns))
        alone += len({t["speaker"] for t in turns}) == 1
        again += any(a["speaker"] == b["speaker"] for a, b in itertools.pairwise(turns))
        spans.append((datetime.fromisoformat(turns[-1]["time"]) - datetime.fromisoformat(turns[0]["time"])).total_seconds() / 60)
    counts.sort()
    assert 6 <= counts[len(counts) // 2] <= 8
    assert 0.02 < alone / len(counts) < 0.12
    assert 0.1 < again / len(counts) < 0.7
    assert 60 < max(spans) < 420
    assert sorted(spans)[len(spans) // 2] < 60


def test_texts_are_clean(month: World) -> None:
    """No slot left open, no doubled space, no line without a letter (documents are laid out in columns)."""
    for ident, title, text in month.sql("SELECT id, title, text FROM artifacts WHERE kind <> 'document'")[1]:
        assert not re.search(r"[{}]|\[[a-z ]*\||  ", f"{title} {text}"), (ident, title, text)
        assert text.strip(), ident
