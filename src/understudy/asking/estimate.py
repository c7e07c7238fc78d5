"""What a run will ask, before anything is spent: a dry run on the embedded engine, with the real prompts counted."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from understudy.asking.run import JOURNAL
from understudy.engine.assemble import endpoints
from understudy.engine.budget import dollars
from understudy.engine.call import Answer, Call
from understudy.engine.embedded import Embedded
from understudy.engine.journal import Journal
from understudy.engine.prompts import CHARACTERS_A_TOKEN, messages, prompt
from understudy.engine.router import Router
from understudy.model.briefs import Draft
from understudy.pipeline import communities, make_community
from understudy.recipe import Recipe
from understudy.rng import stream

SAMPLE = 3
"""Communities of a dry run at most; the rest is taken to be like them, person by person."""
AGAIN = 0.1
"""The share of a writer's calls that is asked once more where nothing is known yet: the bar that our prompts are held to (docs/models.md has the measurement)."""


class Line(NamedTuple):
    """One role of an estimate. Tokens and dollars as expected, and at most (every round and repair of every call, at its token limit)."""

    role: str
    model: str
    calls: int
    tokens_in: int
    tokens_out: int
    dollars: float | None
    at_most: float | None


class Estimate(NamedTuple):
    """All roles, from how many communities of how many, the share of input tokens that is the same for all calls of a prompt, and the share asked again."""

    lines: list[Line]
    sampled: int
    communities: int
    static: float
    again: float


class _Count:
    """Answers as the embedded engine would, and counts what a model would have been sent and have said."""

    def __init__(self, seed: int):
        self.seed, self.embedded = seed, Embedded(seed)
        self.calls = self.static = self.said = self.back = self.limit = 0

    def ask(self, calls: Sequence[Call[Any]]) -> list[Answer]:
        """The embedded answers (for events, some that a model might tell)."""
        answers = []
        for call in calls:
            value = call.guess(stream(self.seed, f"{call.id}/{call.attempt}"))
            sent = messages(call)
            self.calls += 1
            self.static += len(sent[0]["content"])
            self.said += sum(len(m["content"]) for m in sent)
            self.back += len(json.dumps(call.wire(value), ensure_ascii=False))
            self.limit += prompt(call.prompt).tokens
            if isinstance(value, Draft):
                value = msgspec.structs.replace(value, read=True)  # or no blind reader would be asked about it
            answers.append(Answer(value, "estimate"))
        return answers


class _Nowhere:
    """A part's writer that keeps nothing."""

    def add(self, table: str, rows: Any) -> None:
        for _ in rows:
            pass

    def progress(self, share: float) -> None:
        """Nobody looks."""


def estimate(recipe: Recipe, world: Path | None = None) -> Estimate:
    """The estimate of a recipe; what a world's journal knows of revisions is taken into account."""
    parts = communities(recipe)
    sampled = parts[:SAMPLE]
    counts = {role: _Count(recipe.seed) for role in recipe.models.asked()}
    for part in sampled:
        make_community(recipe, part, _Nowhere(), Router(Embedded(recipe.seed), counts))  # type: ignore[arg-type]
    scale = sum(p.people for p in parts) / max(1, sum(p.people for p in sampled))
    again = seen_again(world)
    where = endpoints(recipe)
    lines = []
    for role, count in counts.items():
        more = 1.0 + (again if role in ("writer", "critic", "reader") else again / 2)
        calls = count.calls * scale * more
        tokens_in, tokens_out = int(count.said * scale * more / CHARACTERS_A_TOKEN), int(count.back * scale * more / CHARACTERS_A_TOKEN)
        rounds = recipe.quality.rounds * 2 if role == "writer" else recipe.quality.rounds if role in ("critic", "reader") else 2
        most_in, most_out = int(count.said * scale * rounds / CHARACTERS_A_TOKEN), int(count.limit * scale * rounds)
        lines.append(Line(
            role, where[role].name, round(calls), tokens_in, tokens_out, dollars(where[role], tokens_in, 0, tokens_out), dollars(where[role], most_in, 0, most_out)
        ))  # fmt: skip
    said = sum(c.said for c in counts.values())
    return Estimate(lines, len(sampled), len(parts), sum(c.static for c in counts.values()) / said if said else 0.0, again)


def seen_again(world: Path | None) -> float:
    """The share of writers' calls that were asked once more in this world so far; the bar for our prompts where nothing is known."""
    path = world / JOURNAL if world else None
    if path is None or not path.exists():
        return AGAIN
    journal = Journal(path)
    rows = journal.rows("role = 'writer'")
    journal.close()
    first = sum(r["attempt"] == 0 and r["turn"] == 0 for r in rows)
    return (len(rows) - first) / first if first >= 20 else AGAIN
