"""What a world has to reach before its texts and days are called deep: each bar as a figure, the bar, and whether it is reached."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from typing import NamedTuple

from understudy import assets
from understudy.metrics import diversity, rhythm, texts, voice
from understudy.scoring.days import days_of, volume
from understudy.scoring.encoding import Encoder, vectors
from understudy.scoring.reading import Piece, TextSet, of_world, pieces_of
from understudy.scoring.samples import by_author, mail, sample, talk
from understudy.store.world import World

SAMPLE = 1000
RUN = 50_000
"""Tokens over which distinct n-grams are counted."""
LETTERS = ("email", "message")
NEAR = 0.15
"""How far a median may lie from its reference, as a share of it."""


class Bar(NamedTuple):
    """One figure; `reached` is None where it is told for its own sake."""

    name: str
    value: float
    shown: str
    bar: str = ""
    reached: bool | None = None
    note: str = ""


def reference() -> dict[str, object]:
    """The statistics of real texts and days."""
    return dict(assets.data("data/reference/real_life.yaml"))


def all_bars(world: World, encoder: Encoder, kept: Path | None = None) -> Iterator[Bar]:
    """Every bar, cheap ones first."""
    found = of_world(world)
    yield from duplicates(world)
    yield from repetition(found)
    yield from manner(found)
    yield from voices(found)
    yield from days(world)
    yield from amounts(world)
    yield from spread(found, encoder, kept)


def most(name: str, value: float, limit: float, shown: str, bar: str, note: str = "") -> Bar:
    """A bar that the figure must not exceed."""
    return Bar(name, value, shown, bar, value <= limit, note)


def least(name: str, value: float, limit: float, shown: str, bar: str, note: str = "") -> Bar:
    """A bar that the figure must reach."""
    return Bar(name, value, shown, bar, value >= limit, note)


def repetition(found: TextSet) -> Iterator[Bar]:
    """Worn openings, distinct n-grams, self-BLEU, copied n-grams, compression."""
    spoken = [_joined(p) for p in found.pieces if p.kind in LETTERS]
    often, opening = texts.openings(spoken)
    yield Bar("commonest opening of 6 words", often, f"{often:.2%}", note=f'"{opening}"')
    run = texts.running((turn.text for p in talk(found.pieces) for turn in p.turns), RUN)
    for size, bar in ((1, None), (2, None), (3, 0.80)):
        value = texts.distinct(run, size)
        name = f"distinct-{size} over {len(run):,} words of conversation"
        yield Bar(name, value, f"{value:.3f}") if bar is None else least(name, value, bar, f"{value:.3f}", f">= {bar:.2f}", "real chat 0.85")
    mailed = texts.running((p.text for p in mail(found.pieces)), RUN)
    value = texts.distinct(mailed, 3)
    yield Bar(f"distinct-3 over {len(mailed):,} words of person-written mail", value, f"{value:.3f}")
    for name, chosen in (("mail", [p.text for p in mail(found.pieces)]), ("conversation", [p.text for p in talk(found.pieces)])):
        few = sample(chosen, 500, name)
        yield Bar(f"self-BLEU-4 of {len(few)}, {name}", value := texts.self_bleu(few), f"{value:.3f}")
        yield Bar(f"6-grams that stand in another of {len(few)}, {name}", value := texts.copied(few), f"{value:.1%}")
        yield Bar(f"compression of 200 kB, {name}", value := texts.compression(chosen), f"{value:.2f}")


def duplicates(world: World) -> Iterator[Bar]:
    """Exact duplicates, over every text of the world: a drawn part of them would have fewer."""
    counts: dict[str, Counter[str]] = {"mails and sittings": Counter(), "all kinds": Counter(), "all kinds, own words of chats alone": Counter()}
    for found in pieces_of(world):
        told = _joined(found)
        if len(texts.words(told)) >= texts.LONG:
            counts["all kinds, own words of chats alone"][told] += 1
            counts["all kinds"][told] += found.kind != "chat"
            counts["mails and sittings"][told] += found.kind in LETTERS
    for (told,) in world.sql("SELECT text FROM artifacts WHERE kind = 'chat'")[1]:  # a chat is one text, the assistant's part included
        counts["all kinds"][told] += len(texts.words(told)) >= texts.LONG
    for name, each in counts.items():
        total, twice = sum(each.values()), sum(n for n in each.values() if n > 1)
        text, often = each.most_common(1)[0] if each else ("", 0)
        note = f"of {total:,}; " + (f'{often}x "{text[:50]}"' if often > 1 else "none twice")
        share = twice / max(1, total)
        if "alone" in name:
            yield Bar(f"exact duplicates, texts of 12+ words, {name}", share, f"{share:.2%}", note=note)
            continue
        yield most(f"exact duplicates, texts of 12+ words, {name}", share, 0.005, f"{share:.2%}", "<= 0.5 %", note)


def _joined(piece: Piece) -> str:
    return " ".join(t.text for t in piece.turns) if piece.turns else piece.text


def manner(found: TextSet) -> Iterator[Bar]:
    """Lengths, greetings and marks, beside real chat."""
    real = assets.data("data/reference/real_life.yaml")["chat"]
    seen = rhythm.talk([[t.text for t in p.turns] for p in found.pieces if p.kind == "message" and p.turns])
    yield Bar("conversations", seen.sessions, f"{seen.sessions:,}", note=f"{seen.turns:,} turns")
    yield Bar("first turn a greeting", seen.greeting, f"{seen.greeting:.1%}", "10-30 %", 0.10 <= seen.greeting <= 0.30, "real 15-27 %")
    yield most("turns with an exclamation mark", seen.exclaim, 0.30, f"{seen.exclaim:.1%}", "<= 30 %", "real 7-28 %")
    for name, value, about, source in (
        ("words a turn, median", seen.words_a_turn, real["words_a_turn"], "DailyDialog"),
        ("turns a session, median", seen.turns_a_session, real["turns_a_session"], "DailyDialog"),
        ("words a message (SMS), median", seen.words_a_turn, real["sms_words"], "NUS SMS, US"),
    ):
        away = value / about["median"] - 1
        yield Bar(name, value, f"{value:g}", f"{about['median']:g} +- 15 %", abs(away) <= NEAR, f"{away:+.0%}, {source}")
    for name, value, note in (
        ("characters a message, median", seen.characters_a_turn, f"SMS {real['sms_characters']['median']:g}"),
        ("turns with a question", seen.question, f"SMS {real['question']['low']:.0%}, DailyDialog {real['question']['high']:.0%}"),
        ("turns that end without a stop", seen.ends_without_stop, f"SMS {real['ends_without_stop']['share']:.0%}"),
        ("turns that start upper-case", seen.starts_upper, f"SMS {real['starts_upper']['share']:.0%}"),
        ("turns with an emoji or emoticon", seen.emoticon, f"SMS {real['emoticon']['share']:.0%}"),
    ):
        yield Bar(name, value, f"{value:.1%}" if value <= 1 else f"{value:g}", note=note)
    real = assets.data("data/reference/real_life.yaml")["mail"]
    mails = [p.text for p in mail(found.pieces)] or [""]
    long = median(len(texts.words(t)) for t in mails)
    greeted = sum(bool(texts.GREETING.match(t)) for t in mails) / len(mails)
    yield Bar("words a mail, median", long, f"{long:g}", note=f"real {real['own_words']['median']:g}")
    yield Bar("mails that open with a greeting", greeted, f"{greeted:.1%}", note=f"real {real['greeting']['share']:.0%}")


def voices(found: TextSet) -> Iterator[Bar]:
    """Whether people can be told apart by how they write."""
    pieces: list[Piece] = [p for p in found.pieces if p.kind in ("message", "email", "direct")]
    seen = voice.attribution(by_author(pieces))
    if seen is None:
        yield Bar("author found", 0.0, "too few", "> 40 %", False)
        return
    note = f"of {seen.examples} examples of {voice.JOINED} messages; chance {seen.chance:.1%}"
    yield Bar(f"author found among {seen.people} people", seen.accuracy, f"{seen.accuracy:.1%}", "> 40 % of 50", seen.accuracy > 0.40, note)
    yield Bar("the same by content words alone", seen.topic, f"{seen.topic:.1%}", note="what the topics give away")


def spread(found: TextSet, encoder: Encoder, kept: Path | None = None) -> Iterator[Bar]:
    """How far apart the texts lie."""
    for name, chosen in (("person-written mail", mail(found.pieces)), ("conversations", talk(found.pieces))):
        few = sample([p.whole for p in chosen], SAMPLE, name)
        if len(few) < 2:
            continue
        seen = diversity.measure(vectors(encoder, few, kept), rounds=200)
        low, high = seen.pairwise_interval or (0.0, 0.0)
        note = f"{low:.3f} to {high:.3f}; PersonaTrace 0.2093"
        yield most(f"pairwise correlation, {len(few):,} {name}", seen.pairwise_correlation, 0.18, f"{seen.pairwise_correlation:.4f}", "<= 0.18", note)
        low, high = seen.entropy_interval or (0.0, 0.0)
        note = f"{low:.2f} to {high:.2f}; PersonaTrace 2.8305; at most 3.219"
        yield least(f"entropy, {len(few):,} {name}", seen.entropy, 2.9, f"{seen.entropy:.4f}", ">= 2.9", note)
        yield Bar(f"remote-clique, {len(few):,} {name}", seen.remote_clique, f"{seen.remote_clique:.4f}", note="PersonaTrace 0.7898; one signal with the first")
        yield Bar(f"Vendi score, {len(few):,} {name}", seen.vendi, f"{seen.vendi:.1f}")


def days(world: World) -> Iterator[Bar]:
    """Hours and use of time beside the tempogram, and weeks that differ."""
    seen = days_of(world)
    if seen is None:
        return
    far = seen.hour_distances()
    note = "mean over groups by real time; people of 15 or older"
    yield most("hour of day by activity group, distance", seen.hour_mean(), 0.08, f"{seen.hour_mean():.3f}", "<= 0.08", note)
    ours, real = seen.use()
    for group, distance in sorted(far.items(), key=lambda pair: -pair[1]):
        yield Bar(f"  {group}", distance, f"{distance:.3f}", note=f"{ours[group]:.2f} h a day; real {real[group]:.2f}")
    yield Bar("hour of day of all awake time at a place, distance", seen.awake_distance(), f"{seen.awake_distance():.3f}")
    yield Bar("use of awake time by group, distance", seen.use_distance(), f"{seen.use_distance():.3f}")
    yield Bar("hours asleep a day", ours["Sleep"], f"{ours['Sleep']:.2f}", note=f"real {real['Sleep']:.2f}")
    real_days = assets.data("data/reference/real_life.yaml")["days"]
    yield Bar("visits a day", seen.visits_a_day, f"{seen.visits_a_day:.1f}")
    episodes = real_days["episodes"]["median"]
    yield Bar("episodes a day, journeys among them", seen.episodes_a_day, f"{seen.episodes_a_day:.1f}", note=f"diaries {episodes:g}, median")
    work = seen.work_hours
    yield Bar("hours of work and study, weekday and weekend", sum(work[:5]) / 5, f"{sum(work[:5]) / 5:.2f} {sum(work[5:]) / 2:.2f}")
    same = seen.unvaried
    yield most("people with a weekday that never varies", len(same), 0, f"{len(same)}", "none", ", ".join(same[:3]))


def amounts(world: World) -> Iterator[Bar]:
    """Rows a person-year."""
    seen = volume(world)
    near = 4000 <= seen.events_visits <= 6500
    yield Bar("events and visits a person-year", seen.events_visits, f"{seen.events_visits:,.0f}", "about 5,000", near, f"{seen.events:,.0f} events")
    within = 5000 <= seen.artifacts <= 8000
    note = ", ".join(f"{kind} {n:,.0f}" for kind, n in sorted(seen.kinds.items(), key=lambda pair: -pair[1]))
    yield Bar(
        "artifacts a person-year", seen.artifacts, f"{seen.artifacts:,.0f}", "5,000-8,000", within, f"{seen.held:,.0f} counting each person's own view; {note}"
    )
    yield least("mails, messages, chats by or to a person, median", seen.correspondence, 1500, f"{seen.correspondence:,.0f}", ">= 1,500", "a person-year")
