"""A run that asks models: opens journal and client, looks before it leaps, makes communities in threads, and says what was asked."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from understudy import assets
from understudy.errors import EngineError, Pending, Stopped
from understudy.recipe import Recipe
from understudy.runner import threads

if TYPE_CHECKING:  # an embedded run, and each of its processes, has no use for half a second of network libraries
    from understudy.engine.batch import Batch
    from understudy.engine.budget import Budget
    from understudy.engine.client import Client
    from understudy.engine.router import Router

JOURNAL = "calls.sqlite"
PARALLEL = 64
TOGETHER = 16
"""Communities in the making at once: enough to keep an endpoint busy, few enough for a small machine's memory."""


class Asking(NamedTuple):
    """How models are asked in this run; none of it changes what a world holds."""

    budget: Budget | None = None
    parallel: int = PARALLEL
    retry_failed: bool = False
    batch: Path | None = None
    journal: Path | None = None  # default: calls.sqlite in the world's folder
    together: int = TOGETHER


PLAINLY = Asking()


def rooms(recipe: Recipe) -> dict[str, int]:
    """The context that each role needs, in tokens, as its prompt files say."""
    from understudy.engine.prompts import prompt

    found: dict[str, int] = {}
    for name in prompt_names():
        for role, folders in ROLE_PROMPTS.items():
            if name.startswith(folders):
                found[role] = max(found.get(role, 0), prompt(name).room)
    return {role: room for role, room in found.items() if role in recipe.models.asked()}


ROLE_PROMPTS = {
    "writer": ("artifacts/",), "critic": ("critics/combined", "critics/consistency"), "reader": ("critics/reader",), "persona": ("persona/",),
    "community": ("community/",), "life": ("life/events", "life/expand", "life/drift"), "behavior": ("life/leisure",), "judge": ("judge/",),
}  # fmt: skip
"""Which prompt files a role is asked with."""


def prompt_names() -> list[str]:
    """Every prompt file by its name."""
    return sorted(str(p.relative_to(assets.HERE / "prompts").with_suffix("")) for p in (assets.HERE / "prompts").rglob("*.md"))


@contextmanager
def asked(recipe: Recipe, out: Path, how: Asking) -> Iterator[tuple[Router, Client | Batch]]:
    """The engine of a run, and the client (or the batch) behind it; closed at the end. Raises `EngineError` before anything is done."""
    from understudy.engine.assemble import endpoints, engine_of
    from understudy.engine.batch import Batch
    from understudy.engine.client import Client
    from understudy.engine.journal import Journal
    from understudy.engine.probe import probe

    path = how.journal or out / JOURNAL
    known = path.exists()
    journal = Journal(path, how.retry_failed)
    client: Client | Batch | None = None
    try:
        if how.budget is not None and how.budget.sort == "$":
            _priced(recipe)
        if how.batch is not None:
            _batchable(recipe)
            client = Batch(how.batch, journal)
        else:
            client = Client(journal, how.budget, how.parallel)
            probe(client, endpoints(recipe), rooms(recipe))
        known = True
        yield engine_of(recipe, client), client
    finally:
        if isinstance(client, Client):
            client.close()
        journal.close()
        if not known:  # refused before anything was asked: nothing is left behind
            path.unlink(missing_ok=True)


def _priced(recipe: Recipe) -> None:
    from understudy.engine.assemble import endpoints
    from understudy.engine.budget import dollars

    for endpoint in endpoints(recipe).values():
        if dollars(endpoint, 1000, 0, 1000) is None:
            raise EngineError(
                f"no price is known for {endpoint.name}, so a budget in dollars cannot be kept; give it one in the recipe (price: [in, cached, out]) or a budget in tokens"
            )


def _batchable(recipe: Recipe) -> None:
    from understudy.engine.assemble import endpoints

    for endpoint in endpoints(recipe).values():
        if not endpoint.batch:
            raise EngineError(f"{endpoint.preset} takes no batch files of OpenAI's form; leave --batch out for {endpoint.name}")


def make_communities(
    task: Callable[[Any], None], items: Sequence[tuple[str, Any]], client: Client | Batch, how: Asking, progress: Callable[[float, int], None]
) -> None:
    """Make every community; a run that has to stop (budget, batch) stops in order and says so by `Stopped`."""
    from understudy.engine.batch import Batch

    stop, whole = threads.run(task, items, 1 if isinstance(client, Batch) else how.together, progress)
    if isinstance(client, Batch) and (client.missing or stop):
        raise _pending(client)
    if stop is not None:
        raise type(stop)(f"{stop}; {whole} of {len(items)} communities of this run are whole, {len(items) - whole} are left")


def _pending(client: Batch) -> Stopped:
    written = client.write()
    said = f"read {client.read} results, " if client.read else ""
    if client.bad:
        said += f"{len(client.bad)} lines could not be read ({client.bad[0]}), "
    waiting = len(client.missing)
    if written:
        names = ", ".join(f"{path} ({count} calls)" for path, count in written)
        return Pending(f"{said}wrote {names}; lay the results beside them as any other .jsonl file, and run the same command again")
    return Pending(f"{said}{waiting} calls still wait for results in {client.folder}; lay them there as .jsonl, and run the same command again")
