"""A judge's marks for finished texts (PersonaTrace, section 5.1): blind to the set, one text at a time, in an order that no set decides.

A model is given a stated rubric for each kind (`prompts/judge/`) and marks consistency, realism, fluency and an overall from 1 to 5. Texts of all sets are
asked in the order of their hashes, so neither the sets' order nor a text's place in one can matter, and the same text gets the same mark in every set.
Whether a judge only likes length is printed: the rank correlation of the overall mark with the number of words.
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

from understudy.critics.measured import opinions
from understudy.engine.call import Call
from understudy.engine.shape import Shape, record, whole
from understudy.errors import DiskError
from understudy.metrics.agreement import rank_correlation, weighted_kappa
from understudy.metrics.texts import words
from understudy.model.briefs import Brief, Draft, Part, Turn
from understudy.recipe import Recipe
from understudy.rng import Stream
from understudy.scoring.reading import Piece, TextSet
from understudy.scoring.samples import sample
from understudy.scoring.table import Cell, Row, cell

MARKS = ("consistency", "realism", "fluency", "overall")
KINDS = {"email": "email", "message": "message", "direct": "message", "chat": "chat"}
"""Which rubric a kind is judged by; others by that for any text."""
LONGEST = 12_000
"""Characters of a text that a judge is shown."""
AGREE = "agreement of the two judges, weighted kappa"


class Marks(NamedTuple):
    """Marks of one text, 1 to 5; the embedded judge has none for consistency, which cannot be counted without knowing what was meant."""

    consistency: float | None
    realism: float
    fluency: float
    overall: float


class Heard(NamedTuple):
    """What one judge said: its name, for each set the judged texts' (id, words, marks), and how many calls failed."""

    judge: str
    sets: list[list[tuple[str, int, Marks]]]
    failed: int = 0


class JudgeText(Call[Marks]):
    """Ask for four marks of one text; the brief is the piece."""

    role = "judge"
    __slots__ = ()

    @property
    def prompt(self) -> str:  # type: ignore[override]
        """The rubric of the piece's kind."""
        return f"judge/{KINDS.get(self.brief.kind, 'message' if self.brief.turns else 'text')}"

    def data(self) -> dict[str, Any]:
        """The text, which cannot end the fence it stands in; of a conversation each turn with its speaker's letter."""
        return {"text": shown(self.brief)[:LONGEST].replace(">>>", "> > >").replace("<<<", "< < <")}

    def shape(self) -> Shape:
        """Four whole marks."""
        return record({name: whole(1, 5) for name in MARKS})

    def read(self, wire: Any) -> Marks:
        """The marks."""
        return Marks(*(float(wire[name]) for name in MARKS))

    def wire(self, answer: Marks) -> Any:
        """Marks as a model would have sent them."""
        return {name: round(5.0 if mark is None else mark) for name, mark in answer._asdict().items()}

    def compose(self, rng: Stream) -> Marks:
        """What can be counted: realism and fluency by their flaws, overall the lower of the two."""
        piece: Piece = self.brief
        spoken = [Turn(speaker=t.speaker, after=0, text=t.text) for t in piece.turns]
        part = Part(author=piece.author or "row", title=piece.title, text="" if spoken else piece.text, turns=spoken)
        kind = KINDS.get(piece.kind, "message" if spoken else "text")
        found = {o.critic: o.score for o in opinions(Brief(ids=["row"], kind=kind, minute=720, author=part.author), Draft(parts=[part]), None)}
        return Marks(None, found["realism"], found["fluency"], min(found["realism"], found["fluency"]))


def shown(piece: Piece) -> str:
    """A piece as a judge reads it: names of sets and people's ids are left out."""
    if not piece.turns:
        return piece.whole
    letters: dict[str, str] = {}
    lines = []
    for turn in piece.turns:
        letter = letters.setdefault(turn.speaker, chr(ord("A") + len(letters) % 26))
        lines.append(f"{letter}: {turn.text}")
    return "\n".join(lines)


def judge_sets(sets: Sequence[TextSet], recipe: Recipe, folder: Path, how: Any, count: int = 100, seed: int = 0) -> Heard:
    """Have the recipe's judge mark a sample of each set. Calls are journaled in `folder` and never paid twice.

    Raises `EngineError` where the model cannot be asked, `Stopped` when the budget is met.
    """
    taken = [sample([p for p in s.pieces if shown(p).strip()], count, "judge", seed) for s in sets]
    calls = {ident(p): JudgeText(ident(p), p) for pieces in taken for p in pieces}
    ordered = [calls[name] for name in sorted(calls)]
    answers = _ask(ordered, recipe, folder, how)
    marks = {call.id: answer.value for call, answer in zip(ordered, answers, strict=True) if answer.value is not None}
    found = [[(ident(p), len(words(p.text)), marks[ident(p)]) for p in pieces if ident(p) in marks] for pieces in taken]
    return Heard(recipe.models.of("judge").model, found, len(ordered) - len(marks))


def ident(piece: Piece) -> str:
    """The id of a piece's call: of its content alone, so that the same text is asked once, whatever set it is in."""
    return f"judge/{sha256(f'{piece.kind}/{shown(piece)}'.encode('utf-8', 'replace')).hexdigest()[:16]}"


def _ask(calls: Sequence[JudgeText], recipe: Recipe, folder: Path, how: Any) -> list[Any]:
    """The answers, embedded or by a model in a thread, so that Ctrl-C is heard."""
    if recipe.models.of("judge").embedded:
        from understudy.engine.embedded import Embedded

        return Embedded(recipe.seed).ask(calls)
    from understudy.asking import asked, make_communities

    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise DiskError(f"cannot write into {folder} ({error.strerror}); free some space or choose another world") from None
    only = Recipe.build({"models": {"judge": recipe.models.of("judge").model_dump()}})
    answers: list[Any] = []
    with asked(only, folder, how) as (engine, client):
        make_communities(lambda item: answers.extend(engine.ask(calls)), [("judge", None)], client, how, lambda share, whole: None)
    return answers


def marks_rows(sets: int, heard: Sequence[Heard]) -> tuple[list[Row], list[str]]:
    """The rows of one or two judges, and what has to be said of them: lost calls, agreement."""
    rows: list[Row] = []
    notes = []
    for one in heard:
        embedded = one.judge == "embedded"
        group = "judge: flaws counted, nothing understood" if embedded else f"judge: {one.judge}"
        for place, name in enumerate(MARKS):
            values = [[m[2][place] for m in given if m[2][place] is not None] for given in one.sets]
            if any(values):
                rows.append(
                    Row(group, f"{name}, 1 to 5", tuple(_mean(v) for v in values), "higher", "PersonaTrace 4.79" if name == "overall" and not embedded else "")
                )
        liked = [rank_correlation([m[2].overall for m in given], [m[1] for m in given]) if len(given) > 2 else None for given in one.sets]
        rows.append(Row(group, "overall mark with length, rank correlation", tuple(cell(v, lambda x: f"{x:+.2f}") for v in liked), "", "0: length is no merit"))
        notes += [f"{one.judge} gave no fit answer to {one.failed} texts"] if one.failed else []
    if len(heard) == 2:
        agreed = [_agreement(heard[0].sets[n], heard[1].sets[n]) for n in range(sets)]
        rows.append(Row("judges", AGREE, tuple(cell(v, lambda x: f"{x:.2f}") for v in agreed), "higher", "1 is agreement, 0 chance"))
    return rows, notes


def _mean(values: Sequence[float | None]) -> Cell | None:
    found = [v for v in values if v is not None]
    if not found:
        return None
    mean = sum(found) / len(found)
    if len(found) < 2:
        return Cell(mean, f"{mean:.2f}")
    error = (sum((v - mean) ** 2 for v in found) / (len(found) - 1) / len(found)) ** 0.5
    return Cell(mean, f"{mean:.2f}", mean - 1.96 * error, mean + 1.96 * error)


def _agreement(a: Sequence[tuple[str, int, Marks]], b: Sequence[tuple[str, int, Marks]]) -> float | None:
    """Of the overall marks (rounded) of the texts that both have judged."""
    second = {name: marks for name, _, marks in b}
    both = [(round(marks.overall), round(second[name].overall)) for name, _, marks in a if name in second]
    return weighted_kappa([x for x, _ in both], [y for _, y in both]) if both else None
