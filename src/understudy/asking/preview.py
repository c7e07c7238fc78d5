"""A look before a run: a few texts of each kind from the first community, with their prompts, answers, verdicts and cost. What it pays for, the run uses."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from understudy.asking.run import JOURNAL, Asking, asked
from understudy.critics.judging import Judge, Read
from understudy.engine.call import Answer, Call, Engine
from understudy.engine.embedded import Embedded
from understudy.engine.journal import Journal
from understudy.engine.router import Router
from understudy.model.briefs import Draft
from understudy.model.records import Artifact, Verdict
from understudy.pipeline import communities, make_community
from understudy.recipe import Recipe


class Shown(NamedTuple):
    """One text of a preview: the artifact, every call about it (journal rows), and the verdicts."""

    artifact: Artifact
    calls: list[Any]
    verdicts: list[Verdict]


class Preview(NamedTuple):
    """The texts, and what the preview cost: calls, tokens in and out, dollars."""

    texts: list[Shown]
    calls: int
    tokens_in: int
    tokens_out: int
    dollars: float


class _Enough(Exception):
    """The first stretch of days is written."""


class _Few:
    """Lets a model write the first few texts of each kind; the embedded engine writes the others, which nobody looks at."""

    def __init__(self, model: Engine, embedded: Engine, each: int):
        self.model, self.embedded, self.each = model, embedded, each
        self.chosen: dict[str, list[str]] = {}

    def ask(self, calls: Sequence[Call[Any]]) -> list[Answer]:
        """The model's answers for the chosen, the embedded ones for the rest, in order."""
        mine = [self._mine(call) for call in calls]
        paid = iter(self.model.ask([c for c, m in zip(calls, mine, strict=True) if m]))
        free = iter(self.embedded.ask([c for c, m in zip(calls, mine, strict=True) if not m]))
        return [next(paid) if m else next(free) for m in mine]

    def _mine(self, call: Call[Any]) -> bool:
        if isinstance(call, Judge | Read):  # critics and readers look at models' texts only
            draft = call.brief.draft if isinstance(call, Judge) else None
            return isinstance(call, Read) or (isinstance(draft, Draft) and draft.read)
        known = self.chosen.setdefault(call.brief.kind, [])
        if call.id not in known and len(known) < self.each and not (call.brief.organization and len(known) == self.each - 1):
            known.append(call.id)
        return call.id in known


class _Catch:
    """A part's writer that keeps artifacts and verdicts in memory, and ends after the first stretch."""

    def __init__(self) -> None:
        self.artifacts: list[Artifact] = []
        self.verdicts: list[Verdict] = []

    def add(self, table: str, rows: Any) -> None:
        """Keep what a preview shows."""
        for row in rows:
            if table == "artifacts":
                self.artifacts.append(row)
            elif table == "verdicts":
                self.verdicts.append(row)


def preview(recipe: Recipe, out: Path, how: Asking, each: int = 2) -> Preview:
    """Preview a recipe; everything that is answered is in the journal of the world's folder, and is not paid for again."""
    part = communities(recipe)[0]
    out.mkdir(parents=True, exist_ok=True)
    before = _totals(out)
    caught = _Catch()
    with asked(recipe, out, how) as (engine, _):
        spare = Embedded(recipe.seed)
        writer = _Few(engine.roles["writer"], spare, each)
        roles: dict[str, Engine] = {**engine.roles, "writer": writer}
        roles.update({role: _Few(engine.roles[role], spare, each) for role in ("critic", "reader") if role in engine.roles})

        def enough(share: float) -> None:
            raise _Enough

        with contextlib.suppress(_Enough):
            make_community(recipe, part, caught, Router(spare, roles), enough)  # type: ignore[arg-type]
    ids = [ident for found in writer.chosen.values() for ident in found]
    texts = [Shown(a, _about(out, a.id), [v for v in caught.verdicts if v.artifact == a.id]) for a in caught.artifacts if a.id in ids]
    after = _totals(out)
    return Preview(texts, after[0] - before[0], after[1] - before[1], after[2] - before[2], after[3] - before[3])


def _about(out: Path, artifact: str) -> list[Any]:
    journal = Journal(out / JOURNAL)
    rows = journal.rows("call = ? OR call LIKE ?", (artifact, f"{artifact}/%"))
    journal.close()
    return rows


def _totals(out: Path) -> tuple[int, int, int, float]:
    if not (out / JOURNAL).exists():
        return 0, 0, 0, 0.0
    journal = Journal(out / JOURNAL)
    rows = journal.totals()
    journal.close()
    return sum(r[2] for r in rows), sum(r[5] for r in rows), sum(r[7] for r in rows), sum(r[8] for r in rows)
