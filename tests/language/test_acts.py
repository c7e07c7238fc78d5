"""Acts of a sitting: every one has words, answers follow what they answer, and the plan's promises are performed."""

from __future__ import annotations

import itertools
from collections import Counter
from typing import Any

import pytest

from understudy.critics.checks import check
from understudy.language import conversation, phrasebook
from understudy.language.acts import Act, plan
from understudy.language.voice import draw_voice
from understudy.model.briefs import Brief, Recall, Speaker, Tell
from understudy.model.clock import DAY
from understudy.rng import stream


def somebody(number: int, age: int) -> Speaker:
    voice = draw_voice(stream(number, "v"), age, "bachelor", "female")
    return Speaker(id=f"c0000.p{number:02d}", given=("Mara", "Theo", "Nell")[number], family="Vance", sex="female", age=age, voice=voice)


def brief(tie: str = "friend", ages: tuple[int, ...] = (34, 41), **more: Any) -> Brief:
    people = [somebody(n, age) for n, age in enumerate(ages)]
    back = {"parent": "child", "child": "parent", "manager": "report"}.get(tie, tie)
    ties = {f"{a.id}>{b.id}": tie if a.id < b.id else back for a in people for b in people if a is not b}
    return Brief(
        ids=["c0000.a000001"], kind="message", minute=18 * 60, author=people[0].id, speakers=people, tie=ties, part="evening",
        people=[(p.id, "member") for p in people], **more,
    )  # fmt: skip


def topics(count: int) -> tuple[str, ...]:
    return tuple(t.name for t in phrasebook.topics().values() if (not t.ties or "friend" in t.ties) and t.age[0] <= 34 <= t.age[1] >= 41 and len(t.turns) > 3)[
        :count
    ]


def test_every_act_has_words() -> None:
    """The trap: an act that is planned and has no rule is silently never done."""
    moves = phrasebook.moves()
    named = {move.rstrip("?") for sort in phrasebook.sittings()["exchange"]["sorts"] for move in sort["moves"]}
    named |= {"greet", "open_plain", "late", "again", "nudge", "after_it", "after_that", "after_answer", "update_it", "update_that", "update_taken"}
    named |= {"recall_it", "recall_that", "recall_answer", "misread", "repair", "bridge", "fade", "close", "close_back", "ack", "react_flat"}
    assert not named - set(moves.rules)
    assert all(len([line for line in rule.lines if not line.conditions]) >= 3 for rule in moves.rules.values())


@pytest.mark.parametrize("kind", ["event", "topic"])
@pytest.mark.parametrize("label", ["the printer", ""])
def test_callbacks_speak_of_what_came_before(kind: str, label: str) -> None:
    """The trap: a callback to somebody else's matter that asks its own author."""
    for whose in ("c0000.p00", "c0000.p01"):
        given = brief(recall=Recall(kind, label, 4, whose), topics=topics(1))
        acts = plan(given, stream(1, kind))
        first = next(a for a in acts if a.name.startswith(("after_", "update_", "recall_")))
        assert first.by == 0
        assert first.name.startswith("update" if kind == "event" and whose == given.author else "after" if kind == "event" else "recall")
        texts = [" ".join(t.text for t in conversation.compose(given, stream(n, "c")).parts[0].turns).lower() for n in range(40)]
        assert not label or sum(label in text for text in texts) > 25
        assert not any("{" in text for text in texts)


def test_nobody_answers_an_unanswered_sitting() -> None:
    tell = Tell(fact="f", key="preferences.food.dish", value="soup dumplings", polarity="positive", how="stated", speaker="c0000.p00", about="c0000.p00")
    if tell.key not in phrasebook.sayings():
        tell = Tell(**{**{f: getattr(tell, f) for f in tell.__struct_fields__}, "key": next(iter(phrasebook.sayings()))})
    given = brief(unanswered=True, tells=[tell], topics=topics(1))
    for number in range(30):
        draft = conversation.compose(given, stream(number, "u"))
        assert {t.speaker for t in draft.parts[0].turns} == {given.author}
        assert [f.source[1] for f in draft.found] == ["f"]
        assert not check(given, draft)


def test_two_topics_at_once_keep_their_speakers() -> None:
    """The trap: in an interleaved sitting somebody answers their own question."""
    names = topics(2)
    first, second = ({id(turn): place for place, turn in enumerate(phrasebook.topics()[n].turns)} for n in names)
    mixed = 0
    for number in range(300):
        acts = [a for a in plan(brief(topics=names), stream(number, "i")) if a.name == "topic"]
        for places in (first, second):
            own = [(places[id(a.rule)], a.by) for a in acts if id(a.rule) in places]
            assert [p for p, _ in own] == list(range(len(own)))
            assert all(a[1] != b[1] for a, b in itertools.pairwise(own))
        order = ["ab"[id(a.rule) in second] for a in acts]
        mixed += "".join(order) not in ("a" * order.count("a") + "b" * order.count("b"), "b" * order.count("b") + "a" * order.count("a"))
    assert 10 < mixed < 90, "now and then: a reader loses the thread where it is the rule"


def test_acts_are_as_frequent_as_the_tables_say() -> None:
    names = topics(6)
    seen: Counter[str] = Counter()
    for number in range(2000):
        acts = plan(brief(topics=(names[number % 6],)), stream(number, "r"))
        seen.update({a.name for a in acts})
        seen["greets first"] += acts[0].name == "greet"
    rates = phrasebook.sittings()
    assert 0.1 < seen["greets first"] / 2000 < 0.3
    assert rates["closes"]["friend"] * 0.8 < seen["close"] / 2000 < rates["closes"]["friend"] * 1.2
    assert 0.02 < seen["misread"] / 2000 < 0.09


def test_an_answer_needs_what_it_answers() -> None:
    for number in range(300):
        acts: list[Act] = plan(brief(topics=topics(2)), stream(number, "n"))
        for before, act in itertools.pairwise(acts):
            if act.only:
                assert act.by != before.by


def test_a_slip_is_put_right_and_keeps_values_whole() -> None:
    """The trap: a slip of the finger inside a value, after which the reveal is no longer there."""
    tell = Tell(fact="f", key=next(iter(phrasebook.sayings())), value="something", polarity="positive", how="stated", speaker="c0000.p00", about="c0000.p00")
    sitting = conversation.Sitting(brief(), stream(1, "s"))
    for _ in range(200):
        sitting.said.clear()
        assert sitting.perform(Act("tell", 0, tell=tell))
        before = sitting.said[0][1]
        sitting.slip()
        for mark in sitting.said[0][2]:
            assert sitting.said[0][1][mark.start : mark.end] == before[mark.start : mark.end]
        if len(sitting.said) == 2:
            assert sitting.said[0][1] != before
            assert sitting.said[1][1][1:] in before
            assert len(before) == len(sitting.said[0][1])


def test_sittings_end_within_hours_and_before_midnight() -> None:
    longest = 0
    for number in range(400):
        given = brief("kin", topics=topics(2))
        turns = conversation.compose(given, stream(number, "t")).parts[0].turns
        assert [t.after for t in turns] == sorted(t.after for t in turns)
        longest = max(longest, turns[-1].after)
        assert given.minute % DAY + turns[-1].after < DAY
    assert 60 < longest < 360
