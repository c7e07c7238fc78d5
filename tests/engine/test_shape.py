"""Shapes: what `fit` takes, what it forgives, and that nothing a model may send raises anything but `Unfit`; and how answers are read as JSON."""

from __future__ import annotations

import contextlib
import time
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.servers.instances import fits, instance, wrong
from understudy.engine.call import Unfit
from understudy.engine.models import decode
from understudy.engine.shape import Shape, choice, fit, listed, record, sketch, text, whole, without
from understudy.rng import stream

LEAVES = st.one_of(
    st.builds(lambda most: text(most), st.integers(1, 80)),
    st.builds(lambda options: choice(options), st.lists(st.text(min_size=1, max_size=8), min_size=1, max_size=5)),
    st.builds(lambda low, span: whole(low, low + span), st.integers(-1000, 1000), st.integers(0, 1000)),
)


def _wider(inner: st.SearchStrategy[Shape]) -> st.SearchStrategy[Shape]:
    lists = st.builds(lambda of, least, more: listed(of, least, least + more), inner, st.integers(0, 2), st.integers(0, 3))
    return st.one_of(lists, st.dictionaries(st.text(min_size=1, max_size=8), inner, max_size=4).map(record))


SHAPES = st.recursive(LEAVES, _wider, max_leaves=8)
FLOATS = st.floats(allow_nan=True, allow_infinity=True)
JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), FLOATS, st.text(alphabet=st.characters()), st.just(10**400), st.just("\ud800")),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(st.text(max_size=8), inner, max_size=4)),
    max_leaves=10,
)
PERSON = record({"name": text(10), "age": whole(0, 110), "mood": choice(["Glad", "sad"]), "likes": listed(text(5), 1, 2)})
GOOD = {"name": "Ann", "age": 40, "mood": "Glad", "likes": ["tea"]}


@settings(max_examples=150, deadline=None)
@given(SHAPES, st.integers(0, 10**6))
def test_what_fits_the_schema_fits_and_stays_what_it_is(shape: Shape, seed: int) -> None:
    value = instance(shape, stream(seed, "instance"))
    assert fit(value, shape) == value


@settings(max_examples=150, deadline=None)
@given(SHAPES, JSON)
def test_nothing_raises_anything_but_unfit_and_what_comes_through_fits(shape: Shape, value: Any) -> None:
    try:
        found = fit(value, shape)
    except Unfit as error:
        said = error
    else:
        said = None
    if said is not None:
        assert len(str(said)) < 2000
        return
    assert fits(shape, found)
    assert fit(found, shape) == found


@settings(max_examples=80, deadline=None)
@given(SHAPES, st.integers(0, 10**6))
def test_what_was_sent_wrong_never_comes_through_unfit(shape: Shape, seed: int) -> None:
    try:
        found = fit(wrong(shape, stream(seed, "wrong")), shape)
    except Unfit:
        return
    assert fits(shape, found)


@pytest.mark.parametrize(
    ("change", "name", "value"),
    [
        ({"age": "41"}, "age", 41),
        ({"age": 41.0}, "age", 41),
        ({"mood": " GLAD "}, "mood", "Glad"),
        ({"name": "  Ann\n"}, "name", "Ann"),
        ({"more": 1}, "name", "Ann"),
    ],
)
def test_small_slips_are_forgiven(change: dict[str, Any], name: str, value: Any) -> None:
    found = fit({**GOOD, **change}, PERSON)
    assert found[name] == value
    assert list(found) == list(GOOD)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"age": 111}, "age is 111; it must be a whole number from 0 to 110"),
        ({"age": True}, "age must be a whole number"),
        ({"age": 1.5}, "age is 1.5"),
        ({"age": float("nan")}, "age is NaN"),
        ({"age": 10**400}, "age"),
        ({"age": "9" * 5000}, "age"),
        ({"age": None}, "age must be a whole number, not null"),
        ({"mood": "mad"}, 'mood is "mad"; it must be one of Glad, sad'),
        ({"mood": ["Glad"]}, "mood is"),
        ({"name": "   "}, "name has 0 characters"),
        ({"name": "x" * 11}, "name has 11 characters"),
        ({"likes": []}, "likes has 0 items"),
        ({"likes": ["a", 5]}, "likes[1] must be a text, not 5"),
        ({"likes": "tea"}, "likes must be a list"),
    ],
)
def test_what_is_wrong_is_said_where_it_is(change: dict[str, Any], says: str) -> None:
    with pytest.raises(Unfit) as raised:
        fit({**GOOD, **change}, PERSON)
    assert says in str(raised.value)


@pytest.mark.parametrize("value", [None, [], "x", 7, [GOOD]])
def test_an_answer_that_is_no_object_is_unfit(value: Any) -> None:
    with pytest.raises(Unfit, match="the answer must be an object"):
        fit(value, PERSON)


def test_a_field_that_is_missing_is_named() -> None:
    with pytest.raises(Unfit, match='the answer lacks "age"'):
        fit({"name": "Ann"}, PERSON)


def test_text_that_comes_through_can_be_written_to_disk() -> None:
    """The trap: JSON may hold half a surrogate pair, and neither SQLite nor Parquet takes one; it fails long after the answer was taken."""
    for sent in ('{"name": "A\\ud83d", "age": 4, "mood": "sad", "likes": ["x"]}', '{"name": "A\ud83d", "age": 4, "mood": "sad", "likes": ["x"]}'):
        try:
            found = fit(decode(sent), PERSON)
        except Unfit:
            continue
        assert msgspec.json.encode(found)
        assert found["name"].encode("utf-8")


def test_the_sketch_names_fields_choices_and_bounds() -> None:
    line = sketch(PERSON)
    assert line == '{"name": text of at most 10 characters, "age": 0..110, "mood": "Glad"|"sad", "likes": [1 to 2 of text of at most 5 characters]}'


def test_keywords_are_taken_out_but_not_fields_of_that_name() -> None:
    """The trap: a field called `minLength` is not a keyword."""
    shape = record({"minLength": text(5), "in": listed(record({"maxItems": whole(0, 5)}), 1, 2)})
    found = without(shape, ("minLength", "maxLength", "maxItems"))
    assert list(found["properties"]) == ["minLength", "in"]
    assert found["properties"]["minLength"] == {"type": "string"}
    assert list(found["properties"]["in"]["items"]["properties"]) == ["maxItems"]
    assert "maxItems" not in found["properties"]["in"]


@pytest.mark.parametrize(
    "sent",
    [
        '{"a": 1}',
        '```json\n{"a": 1}\n```',
        'Here you are:\n{"a": 1}\nBye!',
        '{"a": 1,}',
        "{'a': 1}",
        '{"a": 1',
        '<think>hm</think>{"a": 1}',
        '{"a": 0, "a": 1}',
        '\ufeff{"a": 1}',
    ],
)
def test_json_is_found_in_what_models_send(sent: str) -> None:
    assert decode(sent) == {"a": 1}


BAD = {
    "nothing": "",
    "no object": "I cannot.",
    "deep lists": "[" * 100_000,
    "deep objects": '{"a":' * 20_000,
    "deep in an object": '{"a":' + "[" * 50_000 + "]" * 50_000 + "}",
    "long": '{"a": "' + "x" * 300_000,
    "quotes": '{"a": "' + '"x' * 20_000,
    "escapes": '{"a": "' + "\\" * 50_001,
    "braces": "{}" * 20_000,
    "digits": '{"a": ' + "9" * 6000 + "}",
}


@pytest.mark.parametrize("name", list(BAD))
def test_whatever_is_sent_is_read_or_unfit_and_soon(name: str) -> None:
    began = time.monotonic()
    with pytest.raises(Unfit) as raised:
        fit(decode(BAD[name]), PERSON)
    assert len(str(raised.value)) < 2000
    assert time.monotonic() - began < 5.0


@settings(max_examples=150, deadline=None)
@given(st.one_of(st.text(max_size=60), st.text(alphabet='{}[]":,\\ntfae0.-', max_size=60)))
def test_reading_never_raises_anything_but_unfit(sent: str) -> None:
    with contextlib.suppress(Unfit):
        decode(sent)
