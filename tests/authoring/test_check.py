"""The checker finds what would never happen, or be read as a machine's, and says where."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import yaml

from understudy.authoring.check import check_modules, examine, said
from understudy.authoring.drawing import svg
from understudy.errors import ContentError
from understudy.language.soundness import Flaw
from understudy.ontology.modules import parse_module

KITE = Path(__file__).parent / "kite_day.yaml"


def changed(**edits: Any) -> dict[str, Any]:
    """The kite with places, written a__b__0, changed; None removes."""
    content: dict[str, Any] = yaml.safe_load(KITE.read_text())
    for place, value in edits.items():
        *way, last = [int(s) if s.isdigit() else s for s in place.split("__")]
        here: Any = content
        for step in way:
            here = here[step]
        if value is None:
            del here[last]
        else:
            here[last] = value
    return content


def found(known: Any = None, **edits: Any) -> list[Flaw]:
    return examine(parse_module(changed(**edits), "kite_day"), known)


def test_a_sound_module_has_no_flaw() -> None:
    """Trap: a checker that complains of everything is switched off."""
    assert [said(f) for f in found()] == []


GRAVE = [
    ({"events__flown__place": "moon"}, "events.flown.place", "no place moon"),
    ({"events__bought__when": {"day": [2, 4], "hour": [20, 22]}}, "events.bought.when", "closed at all those times"),
    ({"events__bought__parent": "bought"}, "events.bought.parent", "never leads back to flown"),
    ({"events__flown__when": {"hour": [17, 10]}}, "events.flown.when.hour", "runs backwards"),
    ({"events__flown__when": {"hour": [22, 23]}, "events__flown__lasts": [400, 500]}, "events.flown.lasts", "never happens"),
    ({"events__flown__when": {"hour": [2, 3]}}, "events.flown.when.hour", "five in the morning"),
    ({"events__bought__chance": 0}, "events.bought.chance", "never happens"),
    ({"events__flown__leaves__0__kind": "photo", "words__after": {"caption": ["A", "B", "C"]}, "events__flown__leaves__0__at": [-60, -5]}, "at", "made at the event"),
    ({"events__flown__leaves__0__at": [300, 100]}, "leaves[0].at", "runs backwards"),
    ({"events__flown__leaves__0__to": "shop"}, "leaves[0].to", "nobody writes to an organization"),
    ({"events__flown__leaves__0__by": "shop"}, "leaves[0].by", "an organization leaves"),
    ({"cast__pal__tie": ["mother"]}, "cast.pal.tie[0]", "nobody has a tie mother"),
    ({"who": {"status": ["retired"]}, "cast__pal__tie": ["colleague"]}, "cast.pal", "nobody has this role"),
    ({"who": {"age": [40, 20]}}, "who.age", "write the lower age first"),
    ({"who": {"household": ["castle"]}}, "who.household[0]", "nobody is of household"),
    ({"who": {"age": [30, 60]}, "events__flown__place": "school"}, "events.flown.place", "the person's own school"),
    ({"details__size": {"pick": ["big"]}}, "details.size", "never used"),
    ({"details__when": {"pick": ["big"]}}, "details.when", "the event's own slot"),
    ({"details__cost": {"cents": [900, 100]}}, "details.cost.cents", "lower first"),
    ({"words__bill__total": "kite"}, "words.bill.total", "no detail of money"),
    ({"words__mend__text__0": "Tape for {kyte}"}, "words.mend.text[0]", "write kite"),
    ({"words__mend__text__0": "Tape <now>"}, "words.mend.text[0]", "modules have no rules"),
    ({"words__mend__text__0": "Call 212 555 7788"}, "words.mend.text[0]", "could be somebody's"),
    ({"words__mend__text__0": "See kites.com first"}, "words.mend.text[0]", "could be somebody's"),
    ({"words__spare": {"text": ["a", "b", "c"]}}, "words.spare", "never fire"),
    ({"words__mend__text": ["Tape at {place}", "Line, {place}", "{place} spar"], "events__bought__place": None}, "words.mend.text", "none ever fires"),
    ({"events__flown__when": {"hour": [9, 10], "holiday": "Kite Day"}}, "when.holiday", "no Kite Day"),
    ({"events__flown__when": {"hour": [9, 10], "date": "02-30"}}, "when.date", "is no day"),
    ({"season": {13: 2}}, "season.13", "1 to 12"),
]  # fmt: skip


@pytest.mark.parametrize(("edits", "place", "words"), GRAVE, ids=[f"{next(iter(e))}: {w}" for e, _, w in GRAVE])
def test_what_must_be_mended(edits: dict[str, Any], place: str, words: str) -> None:
    """Trap: a rule that cannot fail. Each of these breaks one thing in a sound module."""
    sentences = [said(f) for f in found(**edits) if f.grave]
    assert any(place in s and words in s for s in sentences), sentences


STYLE = [
    ({"words__after__open": ["So it flew.", "So it fell.", "So it hung there.", "Up it went.", "Wind, finally."]}, "begin with"),
    ({"words__mend__text": ["Tape!", "Line!", "Spar!"]}, "exclamation mark"),
    ({"words__mend__text": ["Tape for {guest}", "{guest}'s line", "Spar for {guest}"]}, "may be missing"),
    ({"words__after__reply": ["Ok.", "Fine."]}, "write more"),
    ({"events__bought__when": {"day": [2, 4], "hour": [6, 16]}}, "is open from"),
    ({"events__bought__when": {"day": [0, 0], "hour": [6, 7]}}, "lie before flown"),
    ({"source": ""}, "needs a `source`"),
]


@pytest.mark.parametrize(("edits", "words"), STYLE, ids=[w for _, w in STYLE])
def test_matters_of_style_are_remarks(edits: dict[str, Any], words: str) -> None:
    """Trap: taste that stops a town from being made."""
    flaws = found(**edits)
    assert any(words in said(f) for f in flaws), [said(f) for f in flaws]
    assert not [said(f) for f in flaws if f.grave]


def test_leads() -> None:
    """Trap: a chain to a module that does not exist, or that lacks what it is handed, is silently dropped by a town."""
    kite = parse_module(changed(), "kite_day")
    known = {"kite_day": kite}
    lead = {"module": "kite_day", "chance": 0.5, "day": [1, 3], "hand": {"kite": "kite"}}
    assert not found(known, events__flown__leads=[lead])
    assert any("no module kite_year" in said(f) for f in found(known, events__flown__leads=[{**lead, "module": "kite_year"}]))
    assert any("no role string" in said(f) for f in found(known, events__flown__leads=[{**lead, "hand": {"string": "kite"}}]))
    assert any("none does" in said(f) for f in found(known, rate=0))


def test_problems_name_file_line_and_way_out(tmp_path: Path) -> None:
    path = tmp_path / "kite_day.yaml"
    path.write_text(KITE.read_text().replace("say: mend", "say: mennd"))
    line = next(n for n, text in enumerate(path.read_text().split("\n"), 1) if "mennd" in text)
    assert any(s.startswith(f"{path}, line {line}: events.bought.leaves[1].say:") and "write mend" in s for s in check_modules([path]))
    path.write_text(KITE.read_text().replace("kind: reminder", "knd: reminder"))
    assert check_modules([path]) == [f"{path}, line {line}: events.bought.leaves[1]: object contains unknown field `knd`; write `kind`"]


def test_a_file_of_nonsense_is_a_sentence(tmp_path: Path) -> None:
    """Trap: a traceback for what a user wrote."""
    path = tmp_path / "kite_day.yaml"
    for content in (
        "",
        "- 1",
        "42",
        "module: [",
        "\x00",
        "module: kite_day\nevents: 3",
        "module: other\nlabel: a\ntopic: home\nrate: 1\nevents: {a: {title: b}}",
    ):
        path.write_text(content)
        problems = check_modules([path])
        assert len(problems) == 1, content
        assert str(path) in problems[0], content


def places(content: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every place within a file's content."""
    steps = content.items() if isinstance(content, dict) else enumerate(content) if isinstance(content, list) else ()
    return [path] * bool(path) + [p for step, inner in steps for p in places(inner, (*path, step))]


@pytest.mark.parametrize("value", [5, "x", [], {}, None, -1, [[]], {"t": 3}, True, 1.5, "{", "[a|"], ids=str)
def test_any_value_anywhere_is_a_sentence(value: Any) -> None:
    """Trap: a traceback for a number where a list belongs. Every place of a module is tried with every sort of value."""
    base = changed()
    for path in places(base):
        content = changed()
        here = content
        for step in path[:-1]:
            here = here[step]
        here[path[-1]] = value
        try:
            module = parse_module(content, "kite_day")
        except ContentError:
            continue
        examine(module)
        with suppress(ContentError):
            svg(module)
