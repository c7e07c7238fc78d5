"""Mail between people: threads as long as they were planned, forwards under one's own note, no opening that runs into its salutation."""

from __future__ import annotations

import msgspec

from understudy.language import mail, phrasebook
from understudy.language.voice import draw_voice
from understudy.model.briefs import Brief, Speaker
from understudy.model.clock import DAY
from understudy.rng import stream

PEOPLE = [
    Speaker(id=f"c0000.p{n:02d}", given=given, family="Vance", sex="female", age=48, voice=draw_voice(stream(n, "m"), 48, "bachelor", "female"))
    for n, given in enumerate(("Mara", "Nell"))
]


def letter(mails: int, number: int = 0, tie: str = "friend") -> Brief:
    able = [i for i, e in enumerate(phrasebook.letters()) if not e.get("ties") or tie in e["ties"]]
    ids = [f"c0000.a{n:06d}" for n in range(mails)]
    pair = {"c0000.p00>c0000.p01": tie, "c0000.p01>c0000.p00": tie}
    return Brief(ids=ids, kind="email", minute=9 * 60, author="c0000.p00", speakers=PEOPLE, tie=pair, spoken={"letter": able[number % len(able)]})


def test_threads_alternate_and_stay_within_their_ids_and_a_day_or_so() -> None:
    for number in range(60):
        for mails in (1, 2, 3, 4):
            draft = mail.compose_person(letter(mails, number), stream(number, f"t{mails}"))
            assert 1 <= len(draft.parts) <= mails
            assert [p.author for p in draft.parts] == [PEOPLE[n % 2].id for n in range(len(draft.parts))]
            assert all(p.title.startswith("Re: ") and not p.title.startswith("Re: Re:") for p in draft.parts[1:])
            after = [p.after for p in draft.parts]
            assert after == sorted(after)
            assert after[-1] < DAY + 160


def test_a_salutation_stands_alone() -> None:
    """The trap: "Maureen, hi You wouldn't believe"."""
    names = {p.given for p in PEOPLE}
    for number in range(200):
        text = mail.compose_person(letter(1, number), stream(number, "s")).parts[0].text
        first = text.split("\n\n")[0]
        assert len(first.split()) < 5 or not any(first.startswith((f"Hi {n}", f"{n}, hi", f"Dear {n}", f"Hey {n}")) for n in names), text


def test_some_letters_are_passed_on() -> None:
    drafts = [mail.compose_person(letter(2, number), stream(number, "f")) for number in range(300)]
    passed = [d for d in drafts if d.parts[0].title.startswith("Fwd: ")]
    assert 8 < len(passed) < 50
    lines = {line.text for line in phrasebook.frames().rules["forward_line"].lines}
    assert all(any(line in d.parts[0].text for line in lines) for d in passed)
    assert not any("{" in p.text for d in drafts for p in d.parts)


def test_the_same_brief_is_the_same_mail() -> None:
    one, two = (mail.compose_person(letter(3, 5), stream(8, "d")) for _ in range(2))
    assert msgspec.json.encode(one) == msgspec.json.encode(two)
