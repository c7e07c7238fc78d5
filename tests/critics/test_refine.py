"""The loop of generator and critics: what is wrong is never kept, what is only repeated is kept and marked."""

from __future__ import annotations

from understudy.artifacts.message import WriteMessage
from understudy.critics.checks import contained, gives_away
from understudy.critics.judging import Judge
from understudy.critics.refine import ROUNDS, Standard, refine
from understudy.critics.repetition import Repetition
from understudy.engine.scripted import Scripted
from understudy.model.briefs import Brief, Draft, Found, Part, Speaker, Tell, Turn

MARA = Speaker(id="c0000.p00", given="Mara", family="Vance", sex="female", age=40, voice={})
FACT = Tell(fact="f1", key="interests.food.dish", value="pad see ew", polarity="positive", how="stated", speaker=MARA.id, about=MARA.id)


def brief(**fields: object) -> Brief:
    return Brief(ids=["c0000.a000001"], kind="message", minute=600, author=MARA.id, speakers=[MARA], people=[(MARA.id, "member")], **fields)  # type: ignore[arg-type]


def draft(text: str, found: list[Found] | None = None, speaker: str = MARA.id) -> Draft:
    return Draft(parts=[Part(author=MARA.id, turns=[Turn(speaker=speaker, after=0, text=text)])], found=found or [])


def run(script: list[Draft], **fields: object):  # type: ignore[no-untyped-def]
    return refine(Scripted(script), [WriteMessage("c0000.a000001", brief(**fields))], Repetition())[0]


def test_a_wrong_span_is_sent_back() -> None:
    good = draft("I had pad see ew.", [Found(("fact", "f1"), 0, 0, 6, 16, "stated", MARA.id)])
    bad = draft("I had pad see ew.", [Found(("fact", "f1"), 0, 0, 0, 5, "stated", MARA.id)])
    result = run([bad, good], tells=[FACT])
    assert result.draft is good
    assert [p.code for p in result.problems[0]] == ["wrong"]


def test_a_promise_not_kept_is_never_kept() -> None:
    result = run([draft("Nothing to see here.")] * ROUNDS, tells=[FACT])
    assert result.draft is None
    assert len(result.problems) == ROUNDS


def test_noise_that_leaks_and_strangers_who_speak() -> None:
    assert run([draft("Made Pad See Ew again.")] * ROUNDS, noise=True, silent=(("pad see ew",),)).draft is None
    assert run([draft("Hello.", speaker="c0000.p99")] * ROUNDS).draft is None


def test_only_repeated_is_kept_after_the_last_round() -> None:
    text = draft("one two three four five six seven eight nine ten eleven twelve thirteen")
    calls = [WriteMessage(f"c0000.a00000{n}", brief()) for n in range(2)]
    first, second = refine(Scripted(lambda call: text), calls, Repetition())
    assert first.problems == []
    assert second.draft is text
    assert {p.code for p in second.problems[-1]} == {"repeated"}


def test_values_are_found_by_whole_words() -> None:
    """The trap: 'art' in 'start', or a value broken by a line's end."""
    assert contained("Let us start.", ("art",)) == []
    assert contained("We had pad\nsee ew, twice.", ("pad see ew", "ramen")) == ["pad see ew"]
    assert not gives_away("coffee")
    assert gives_away("hard bop")


def test_what_no_critic_could_judge_has_passed_nothing() -> None:
    """Trap: critics that fail, one after the other, and a town of texts that "passed"."""
    good = draft("I had pad see ew.", [Found(("fact", "f1"), 0, 0, 6, 16, "stated", MARA.id)])
    engine = Scripted(lambda call: RuntimeError("refused") if isinstance(call, Judge) else good)
    result = refine(engine, [WriteMessage("c0000.a000001", brief(tells=[FACT]))], Repetition(), Standard("combined"))[0]
    assert result.draft is good
    assert not result.passed
