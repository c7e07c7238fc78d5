"""Grammar: what is written comes out, marks point at values, and a stranger's file cannot run anything."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from understudy.engine.grammar import Grammar, Rule, Writer, article, parse
from understudy.errors import ContentError
from understudy.model.briefs import Value
from understudy.rng import stream


def write(text: str, **slots: object) -> tuple[str, list]:  # type: ignore[type-arg]
    return Writer(None, dict(slots), {}, stream(1, text)).expand(parse(text))


def test_marks_point_at_sourced_values_only() -> None:
    text, marks = write("At {gate} by [six|noon] with {name}.", gate=Value("B12", ("detail", "e1", "gate")), name="Mara")
    assert [(text[m.start : m.end], m.source) for m in marks] == [("B12", ("detail", "e1", "gate"))]


@given(
    st.lists(st.sampled_from(["{v}", " really", "[ so| very|]", " I", " said {v} twice", ", {^v}!", " {a:v}"]), min_size=1, max_size=8),
    st.text("abcxyz ", min_size=1).map(str.strip).filter(bool),
)
def test_marks_survive_any_composition(pieces: list[str], value: str) -> None:
    """The trap: spaces that an empty choice leaves behind are taken away, and spans slip."""
    text, marks = write("".join(pieces), v=Value(value, ("fact", "f1")))
    assert all(text[m.start : m.end].lower() == value.lower() for m in marks)
    assert len(marks) == sum(piece.count("v}") for piece in pieces)


def test_empty_choices_leave_no_double_spaces() -> None:
    assert write("I [|] think [|] so [|].")[0] == "I think so."


@pytest.mark.parametrize("line", ["[open", "closed]", "{Bad Slot}", "{__class__.__mro__}", "{0}"])
def test_broken_lines_are_named(line: str) -> None:
    with pytest.raises(ContentError):
        parse(line)


def test_conditions_choose_and_missing_slots_are_avoided() -> None:
    rule = Rule([{"t": "Hi {you}.", "if": {"tie": ["friend"]}}, "Hello.", "Dear {title}."])
    said = {Writer(None, {"you": "Al"}, {"tie": tie}, stream(n, "x")).line(rule)[0] for n in range(60) for tie in ("friend", "manager")}  # type: ignore[index]
    assert said == {"Hi Al.", "Hello."}
    assert {Writer(None, {"you": "Al"}, {"tie": "manager"}, stream(n, "y")).line(rule)[0] for n in range(30)} == {"Hello."}  # type: ignore[index]


def test_unknown_rules_and_conditions_are_named() -> None:
    with pytest.raises(ContentError, match="no rule"):
        Grammar({"a": ["<b>"]})
    with pytest.raises(ContentError, match="conditions are"):
        Rule([{"t": "x", "if": {"mod": ["good"]}}])


@pytest.mark.parametrize(
    ("noun", "with_article"),
    [
        ("apple", "an "),
        ("user guide", "a "),
        ("uniform", "a "),
        ("hour", "an "),
        ("HVAC technician", "an "),
        ("beagle", "a "),
        ("umbrella", "an "),
        ("one-pager", "a "),
        ("8-minute walk", "an "),
    ],
)
def test_articles(noun: str, with_article: str) -> None:
    assert article(noun) == with_article
