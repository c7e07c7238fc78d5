"""Scores sets of texts side by side: diversity, repetition, likeness to real talk, distance to given texts, voices, and a world's own promises and days."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

from understudy import assets
from understudy.errors import InputError
from understudy.metrics import diversity, fidelity, privacy, rhythm, texts, twosample, voice
from understudy.scoring.days import Days, days_of, volume
from understudy.scoring.encoding import Encoder, vectors
from understudy.scoring.reading import NOBODY, TextSet
from understudy.scoring.samples import by_author, mail, sample, talk
from understudy.scoring.table import Cell, Row, Scores, cell, count, plain, row, share, three
from understudy.store.world import World

SAMPLE = 2000
"""Texts of a set that are embedded, and over which the bootstrap goes."""
ROUNDS = 200
TOLD = 500
"""Texts of either set that the two-sample test takes at most."""
RUN = 50_000
PAPER = "PersonaTrace names no encoder, sample or formula: its figures are for orientation, not a bar that this table could measure itself against"
FEW = 500
"""Texts for self-BLEU and copied n-grams, which grow with the number of texts: all sets give as many."""


class Given(NamedTuple):
    """One set, with its world where it is one, and the vectors of a sample of its texts."""

    texts: TextSet
    world: World | None
    sampled: list[str]
    vectors: Any


def of_kind(found: TextSet, kind: str) -> TextSet:
    """Only the texts of a kind; texts of no known kind ("text") stay. `InputError` where none are left."""
    kept = tuple(p for p in found.pieces if p.kind in (kind, "text"))
    if not kept:
        raise InputError(f"{found.name} holds no {kind}; its kinds are {', '.join(sorted({p.kind for p in found.pieces}))}")
    return found._replace(pieces=kept, skipped=found.skipped + len(found.pieces) - len(kept))


def prepare(found: TextSet, world: World | None, encoder: Encoder, kept: Path | None, size: int = SAMPLE, seed: int = 0) -> Given:
    """A set with a sample of its texts as vectors, kept in a folder where one is given."""
    few = sample([p.whole for p in found.pieces if p.whole.strip()], size, "texts", seed)
    return Given(found, world, few, vectors(encoder, few, kept))


def score(sets: Sequence[Given], encoder: Encoder, against: Given | None = None, extra: Sequence[Row] = (), notes: Sequence[str] = (), seed: int = 0) -> Scores:
    """The whole table of one or more sets; `against` are real (or seed) texts that each is held against; `extra` are rows of a judge or an audit."""
    rows = [*sizes(sets), *spread(sets, seed), *repetition(sets, seed), *manner(sets)]
    if against is not None:
        rows += distance(sets, against, seed)
    rows += [*voices(sets), *extra, *lives(sets)]
    head = [f"texts as vectors: {encoder.name}, {', '.join(count(len(g.sampled)) for g in sets)} texts sampled", diversity.ONE_SIGNAL, PAPER]
    head += [encoder.note] if encoder.note else []
    head += [f"{g.texts.name}: {len(g.texts.bad)} rows could not be read ({'; '.join(g.texts.bad[:3])})" for g in sets if g.texts.bad]
    head += list(notes)
    return Scores(
        tuple(g.texts.name for g in sets), tuple(rows), tuple(head), {"encoder": encoder.name, "seed": seed, "against": against.texts.name if against else None}
    )


def sizes(sets: Sequence[Given]) -> list[Row]:
    """How much there is."""
    words = [sum(len(texts.words(p.text)) for p in g.texts.pieces) for g in sets]
    people = [
        len({n for n in {t.speaker for p in g.texts.pieces for t in p.turns} | {p.author for p in g.texts.pieces} if n and n.lower() not in NOBODY}) or None
        for g in sets
    ]
    return [
        row("size", "texts", [len(g.texts.pieces) for g in sets], count),
        row("size", "words", words, count),
        row("size", "people who write", people, count),
        row("size", "words a text", [w / max(1, len(g.texts.pieces)) for w, g in zip(words, sets, strict=True)], lambda v: f"{v:.1f}"),
    ]


def spread(sets: Sequence[Given], seed: int = 0) -> list[Row]:
    """Diversity (PersonaTrace, section 5.1); the Vendi score over as many texts of each set, for it grows with them."""
    found = [diversity.measure(g.vectors, ROUNDS, seed) for g in sets]
    least = min(len(g.vectors) for g in sets)

    def of(value: Callable[[diversity.Diversity], float], interval: Callable[[diversity.Diversity], Any]) -> tuple[Cell | None, ...]:
        return tuple(cell(value(d), three, *(interval(d) or (None, None))) if d.size > 1 else None for d in found)

    return [
        Row("diversity", "pairwise correlation", of(lambda d: d.pairwise_correlation, lambda d: d.pairwise_interval), "lower", "PersonaTrace 0.2093"),
        Row("diversity", "remote-clique", of(lambda d: d.remote_clique, lambda d: d.remote_interval), "higher", "PersonaTrace 0.7898"),
        Row("diversity", "entropy, 5 x 5 cells", of(lambda d: d.entropy, lambda d: d.entropy_interval), "higher", "PersonaTrace 2.8305; most 3.219"),
        row(
            "diversity", f"Vendi score of {least:,}", [diversity.vendi(g.vectors[:least]) if least > 1 else None for g in sets], lambda v: f"{v:.1f}", "higher"
        ),
    ]


def _spoken(found: TextSet) -> list[str]:
    """Each text as one string: of a conversation its turns, joined."""
    return [" ".join(t.text for t in p.turns) if p.turns else p.text for p in found.pieces]


def repetition(sets: Sequence[Given], seed: int = 0) -> list[Row]:
    """How often the same is said, over equal amounts of each set."""
    spoken = [_spoken(g.texts) for g in sets]
    drawn = [sample(s, len(s), "order", seed) for s in spoken]
    runs = [texts.running(d, RUN) for d in drawn]
    least = min(map(len, runs))
    few = min(FEW, *map(len, drawn)) if len(drawn) > 1 else min(FEW, len(drawn[0]))
    length = min(200_000, *(sum(map(len, d)) for d in drawn), 200_000)
    name = "repetition"
    return [
        *(row(name, f"distinct-{n} over {least:,} words", [texts.distinct(r[:least], n) for r in runs], three, "higher") for n in (1, 2, 3)),
        row(name, f"self-BLEU-4 of {few:,}", [texts.self_bleu(d[:few]) if few > 1 else None for d in drawn], three, "lower"),
        row(name, f"6-grams in another of {few:,}", [texts.copied(d[:few]) if few > 1 else None for d in drawn], share, "lower"),
        row(name, f"compression of {length / 1000:,.0f} kB", [texts.compression(d, length) for d in drawn], lambda v: f"{v:.2f}", "lower"),
        row(name, "exact duplicates (12+ words)", [texts.duplicates(s)[0] for s in spoken], lambda v: f"{v:.2%}", "lower"),
        row(name, "commonest opening of 6 words", [texts.openings(s)[0] for s in spoken], lambda v: f"{v:.2%}", "lower"),
    ]


def manner(sets: Sequence[Given]) -> list[Row]:
    """How people write and talk, beside real mail and chat."""
    return [*letters(sets), *conversations(sets)]


def letters(sets: Sequence[Given]) -> list[Row]:
    """How long e-mails are and how they open, beside real ones; for sets that have some."""
    each = [[p.text for p in mail(g.texts.pieces)] for g in sets]
    if not any(each):
        return []
    real = assets.data("data/reference/real_life.yaml")["mail"]
    lengths = [median(len(texts.words(t)) for t in e) if e else None for e in each]
    greeted = [sum(bool(texts.GREETING.match(t)) for t in e) / len(e) if e else None for e in each]
    return [
        row("mail", "words a mail, median", lengths, plain, "nearer", f"real e-mail {real['own_words']['median']:g}"),
        row("mail", "mails that open with a greeting", greeted, share, "nearer", f"real e-mail {real['greeting']['share']:.0%}"),
    ]


def conversations(sets: Sequence[Given]) -> list[Row]:
    """Lengths, greetings, marks and pauses of conversations, beside real chat."""
    found = [rhythm.talk([[t.text for t in p.turns] for p in talk(g.texts.pieces)]) for g in sets]
    if not any(f.turns for f in found):
        return []
    real = assets.data("data/reference/real_life.yaml")["chat"]

    def line(name: str, value: Callable[[rhythm.Talk], float], shown: Callable[[float], str], reference: str) -> Row:
        return row("talk", name, [value(f) if f.turns else None for f in found], shown, "nearer", reference)

    waits = [_delay(g) for g in sets]
    weekly = [_weekdays(g) for g in sets]
    apps = assets.data("data/reference/real_life.yaml")["phone"]["weekday"]
    week = {str(n): share for n, share in enumerate(apps.values())}
    return [
        line(
            "words a turn, median", lambda f: f.words_a_turn, plain, f"DailyDialog {real['words_a_turn']['median']:g}, SMS (US) {real['sms_words']['median']:g}"
        ),
        line("characters a turn, median", lambda f: f.characters_a_turn, plain, f"SMS (US) {real['sms_characters']['median']:g}"),
        line("turns a session, median", lambda f: f.turns_a_session, plain, f"DailyDialog {real['turns_a_session']['median']:g}"),
        line("first turn a greeting", lambda f: f.greeting, share, f"real {real['greeting']['low']:.0%} to {real['greeting']['high']:.0%}"),
        line("turns with an exclamation mark", lambda f: f.exclaim, share, f"real {real['exclaim']['low']:.0%} to {real['exclaim']['high']:.0%}"),
        line("turns with a question", lambda f: f.question, share, f"real {real['question']['low']:.0%} to {real['question']['high']:.0%}"),
        line("turns that end without a stop", lambda f: f.ends_without_stop, share, f"SMS (US) {real['ends_without_stop']['share']:.0%}"),
        line("turns that start upper-case", lambda f: f.starts_upper, share, f"SMS (US) {real['starts_upper']['share']:.0%}"),
        line("turns with an emoji or emoticon", lambda f: f.emoticon, share, f"SMS (US) {real['emoticon']['share']:.0%}"),
        row("talk", "minutes to an answer, median", waits, plain),
        row("talk", "weekdays of texts, distance", [fidelity.total_variation(w, week) if w else None for w in weekly], three, "lower", "0 is app use (Frappe)"),
    ]


def _delay(given: Given) -> float | None:
    """The median minutes until another one answers within a sitting, where turns have times."""
    timed = [[(t.speaker, t.time.timestamp() / 60) for t in p.turns if t.time] for p in talk(given.texts.pieces)]
    found = rhythm.delays(timed)
    return median(found) if found else None


def _weekdays(given: Given) -> dict[str, float] | None:
    """How many texts fall on each weekday, where they have times."""
    found = Counter(str(p.time.weekday()) for p in given.texts.pieces if p.time)
    return {day: float(n) for day, n in found.items()} or None


def distance(sets: Sequence[Given], against: Given, seed: int = 0) -> list[Row]:
    """How far each set lies from given texts, and whether it copies them."""
    name = f"against {against.texts.name}"
    told, lettered, copies, near = [], [], [], []
    other = twosample.letter_groups(against.sampled[:TOLD])
    for given in sets:
        enough = min(len(given.sampled), len(against.sampled)) >= 2 * twosample.FOLDS
        told.append(twosample.told_apart(given.vectors[:TOLD], against.vectors[:TOLD], seed) if enough else None)
        lettered.append(twosample.told_apart(twosample.letter_groups(given.sampled[:TOLD]), other, seed) if enough else None)
        copies.append(privacy.copying([p.text for p in given.texts.pieces], [p.text for p in against.texts.pieces]))
        near.append(privacy.likeness(given.vectors, against.vectors))
    halves = [(against.vectors[::2], against.vectors[1::2])]
    itself = [twosample.told_apart(a, b, seed).auc for a, b in halves if min(len(a), len(b)) >= 2 * twosample.FOLDS]
    ceiling = f"0.5 is perfect{f'; its own halves {itself[0]:.2f}' if itself else ''}"
    return [
        Row(name, "told apart by meaning, area", tuple(cell(t.auc, three, t.low, t.high) if t else None for t in told), "nearer", ceiling),
        Row(name, "told apart by letters, area", tuple(cell(t.auc, three, t.low, t.high) if t else None for t in lettered), "nearer", "0.5 is perfect"),
        row(name, f"texts that copy {privacy.RUN}+ words in a row", [c.copied for c in copies], share, "lower"),
        row(name, "texts that are half a copy", [c.half for c in copies], share, "lower"),
        row(name, "longest run copied, words", [c.longest for c in copies], count, "lower"),
        row(name, "likeness to the nearest, median", [m for m, _ in near], three),
        row(name, "likeness to the nearest, largest", [m for _, m in near], three),
    ]


def voices(sets: Sequence[Given]) -> list[Row]:
    """Who wrote it, told by the writing and by the topics."""
    found = [voice.attribution(by_author(g.texts.pieces)) for g in sets]
    if not any(found):
        return []
    return [
        row("voices", "people compared", [f.people if f else None for f in found], count),
        row("voices", f"author found from {voice.JOINED} messages", [f.accuracy if f else None for f in found], share, "higher"),
        row("voices", "the same by content words alone", [f.topic if f else None for f in found], share),
        row("voices", "chance", [f.chance if f else None for f in found], share),
    ]


def lives(sets: Sequence[Given]) -> list[Row]:
    """A world's days and amounts, beside time-use diaries."""
    if not any(g.world for g in sets):
        return []
    days: list[Days | None] = [days_of(g.world) if g.world else None for g in sets]
    amounts = [volume(g.world) if g.world else None for g in sets]
    real = assets.data("data/reference/real_life.yaml")
    top = real["following"]["top"]
    hours = real["tempogram"]["diaries"]

    def line(name: str, value: Callable[[Days], float], shown: Callable[[float], str], better: str = "nearer", reference: str = "") -> Row:
        return row("days", name, [value(d) if d else None for d in days], shown, better, reference)

    return [
        line("hour of day by activity, distance", Days.hour_mean, three, "lower", f"0 is the tempogram of {hours:,} diaries"),
        line("use of awake time, distance", Days.use_distance, three, "lower", "the same"),
        line("what follows what, distance", lambda d: d.following_mean(top), three, "lower", "0 is that of 800 diaries"),
        line("hours asleep a day", lambda d: d.use()[0]["Sleep"], lambda v: f"{v:.2f}", reference=f"{next(d for d in days if d).use()[1]['Sleep']:.2f}" if any(days) else ""),
        line("episodes a day", lambda d: d.episodes_a_day, lambda v: f"{v:.1f}", reference=f"diaries {real['days']['episodes']['median']:g}"),
        line("hours of travel a day", lambda d: d.travel_hours, lambda v: f"{v:.2f}", reference=f"{next(d for d in days if d).real['Travel'].sum() / 60:.2f}" if any(days) else ""),
        line("people with a weekday that never varies", lambda d: len(d.unvaried), count, "lower"),
        row("days", "events and visits a person-year", [v.events_visits if v else None for v in amounts], count),
        row("days", "artifacts a person-year", [v.artifacts if v else None for v in amounts], count),
    ]  # fmt: skip


def promises(findings: Sequence[tuple[str, int, int]], place: int, sets: int) -> list[Row]:
    """An audit's findings (rule, rows looked at, rows broken) of the set at `place` as rows: the share of rules kept, and of rows that break none."""
    kept = sum(not broken for _, _, broken in findings) / max(1, len(findings))
    rows, broken = sum(r for _, r, _ in findings), sum(b for _, _, b in findings)

    def at(value: float) -> list[float | None]:
        return [value if n == place else None for n in range(sets)]

    return [
        row("consistency", "rules of the audit that hold", at(kept), share, "higher", f"{len(findings)} rules"),
        row("consistency", "rows that break a rule", at(broken), count, "lower", f"{rows:,} looked at; 20 a rule are counted"),
    ]
