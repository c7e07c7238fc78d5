"""Ways of putting small things: each person their own, always the same for the same words, never where they do not fit."""

from __future__ import annotations

import re

import pytest

from understudy.language import ways
from understudy.language.voice import Style, draw_voice
from understudy.rng import stream


def forms(**given: str) -> dict[int, tuple[str, int]]:
    names = [way.name for way in ways.ways()]
    return {names.index(name): (form, 64) for name, form in given.items()}


def test_a_phrase_is_put_in_the_person_s_way_and_keeps_its_capital() -> None:
    own = forms(by_the_way="btw", right_now="at the moment", okay="k")
    assert ways.put("By the way, I'm out right now.", own, 7) == "Btw, I'm out at the moment."
    assert ways.put("Okay. Later.", own, 7) == "K. Later."
    assert ways.put("Nothing to put otherwise.", own, 7) == "Nothing to put otherwise."


@pytest.mark.parametrize(
    ("name", "form", "kept"),
    [
        ("going_to_do", "gonna", "We're going to the store."),
        ("kind_of", "sorta", "What kind of bird is it?"),
        ("dont", "do not", "Why don't you ask?"),
        ("isnt", "is not", "It's late, isn't it?"),
        ("somebody", "someone", "That's somebody else."),
        ("number_2", "2", "The two of them left."),
        ("really", "super", "That's a really nice one."),
        ("im", "I am", "I know I'm."),
    ],
)
def test_a_way_is_left_where_it_does_not_fit(name: str, form: str, kept: str) -> None:
    """The trap: "What sorta bird", "Why do not you ask"."""
    assert ways.put(kept, forms(**{name: form}), 3) == kept


def test_people_differ_and_stay_themselves() -> None:
    line = "I think it's a bit late, but maybe we should go right now. Okay, thanks."
    said = set()
    for number in range(60):
        voice = draw_voice(stream(number, "v"), 40, "bachelor", "male")
        one, two = Style(voice, "text"), Style(dict(voice), "text")
        assert one.spell(line) == two.spell(line)
        said.add(one.spell(line))
    assert len(said) > 40


def test_the_south_says_yall_and_careful_people_write_carefully() -> None:
    def share(region: str) -> float:
        voices = [draw_voice(stream(n, "r"), 45, "none", "female", region) for n in range(300)]
        return sum(bool(re.search(r"y'?all", Style(v, "text").spell("Are you guys home?"))) for v in voices) / 300

    assert share("south") > 0.15 > share("west") == 0.0
    loose = {**draw_voice(stream(4, "c"), 16, "none", "male"), "lower": True, "short": ["you"], "pet": ["lol"], "drop_stops": True}
    careful = Style(loose, "text", careful=True)
    assert careful.finish(careful.spell("You are right."), stream(1, "f")) == "You are right."


def test_old_voices_still_write() -> None:
    """The trap: a user's voice from before ways existed has none of the new keys."""
    voice = {"formality": 0.5, "emoji": ["🙂"], "emoji_rate": 0.0, "exclaim_rate": 0.0, "drop_stops": False, "ellipsis": False, "pet": [], "pet_rate": 0.0}
    style = Style(voice, "text")
    assert style.finish(style.spell("I think so."), stream(1, "f")) == "I think so."


def test_an_opener_moves_every_mark_with_its_value() -> None:
    from understudy.engine.grammar import Mark

    voice = {**draw_voice(stream(1, "v"), 40, "none", "male"), "openers": ["honestly,"]}
    style = Style(voice, "text")
    text, marks = style.opened("It's a long way to Jacksonville from here.", [Mark(("fact", "f"), 19, 31)], stream(1, "o"))
    assert text.startswith("Honestly, it's")
    assert text[marks[0].start : marks[0].end] == "Jacksonville"
