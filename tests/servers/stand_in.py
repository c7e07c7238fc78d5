"""A model that answers as the embedded engine would: what a run will ask is found out by a dry run, each request with the embedded answer in wire form."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from understudy.engine.budget import Budget
from understudy.engine.call import Call
from understudy.engine.embedded import Embedded
from understudy.engine.endpoint import endpoint
from understudy.engine.models import Models
from understudy.engine.request import ANSWERED, Reply, Request
from understudy.engine.router import Router
from understudy.pipeline import communities, make_community
from understudy.recipe import Recipe
from understudy.rng import stream

from .instances import messages_key
from .model_server import ModelServer

NOWHERE = "http://127.0.0.1:9/v1"
"""The address of a dry run; it is no part of what is asked."""


class _Recorder:
    """In place of the client: answers every request from the call that it was made for, and remembers both."""

    def __init__(self, seed: int, table: dict[str, str]):
        self.seed, self.table, self.budget = seed, table, Budget()
        self.calls: dict[str, Call[Any]] = {}

    def complete(self, requests: Sequence[Request]) -> list[Reply]:
        """The embedded answers (for events: some that a model might tell)."""
        return [Reply(ANSWERED, self._said(request)) for request in requests]

    def _said(self, request: Request) -> str:
        call = self.calls[request.key]
        said = json.dumps(call.wire(call.guess(stream(self.seed, f"{call.id}/{call.attempt}"))), ensure_ascii=False)
        return self.table.setdefault(messages_key(request.messages), said)  # who is asked the same twice answers the same


class _Recorded(Models):
    """The engine that asks models, which tells the recorder whose request it makes."""

    def request(self, call: Call[Any], said: list[dict[str, str]], turn: int) -> Request:
        """The request of a call; the recorder is told of it."""
        made = super().request(call, said, turn)
        assert isinstance(self.client, _Recorder)
        self.client.calls[made.key] = call
        return made


class Nowhere:
    """A part's writer that keeps nothing."""

    def add(self, table: str, rows: Iterable[Any]) -> None:
        """Whatever is made lazily is made."""
        list(rows)

    def progress(self, share: float) -> None:
        """Nobody looks."""


def table(recipe: Recipe) -> dict[str, str]:
    """Every request that a run of this recipe makes of models (by the key of its messages), with the answer; a town is made for it, in memory."""
    return dict(_table(at(recipe, NOWHERE).model_dump_json()))


@cache
def _table(recipe: str) -> Mapping[str, str]:
    asked = Recipe.model_validate_json(recipe)
    found: dict[str, str] = {}
    recorder = _Recorder(asked.seed, found)
    roles = {role: _Recorded(recorder, endpoint(m), m, role) for role, m in asked.models.asked().items()}
    for part in communities(asked):
        make_community(asked, part, Nowhere(), Router(Embedded(asked.seed), roles).fresh())  # type: ignore[arg-type]
    return found


class Known:
    """Answers from a table; what is not in it is noted in `missed` and answered by what fits the schema."""

    def __init__(self, answers: Mapping[str, str], changed: Callable[[dict[str, Any], str], str | None] | None = None):
        self.answers, self.changed = answers, changed
        self.missed: list[dict[str, Any]] = []

    def __call__(self, body: dict[str, Any]) -> str | None:
        """The content for a request; `changed` may give another in place of the one that is known."""
        said = self.answers.get(messages_key(body["messages"]))
        if said is None:
            if "ready" not in body["messages"][-1]["content"]:  # the probe before a run
                self.missed.append(body)
            return None
        return (self.changed and self.changed(body, said)) or said


def stand_in(recipe: Recipe, latency: float = 0.0, **settings: Any) -> ModelServer:
    """A server that answers the calls of this recipe by what is asked alone, after `latency` seconds; `settings` are further ones of `ModelServer`."""
    return ModelServer(latency=latency, answer=Known(table(recipe)), **settings)


def missed(server: ModelServer) -> list[str]:
    """The last message of every request that a stand-in's table did not hold: empty, or the run asked what the dry run did not."""
    assert isinstance(server.answer, Known)
    return [str(body["messages"][-1]["content"]) for body in server.answer.missed]


def at(recipe: Recipe, server: ModelServer | str) -> Recipe:
    """The same recipe with every model at this server, or at this address."""
    url = server if isinstance(server, str) else server.url
    models = recipe.models.model_dump()
    moved = {role: {**m, "base_url": url} if m and m["model"] != "embedded" else m for role, m in models.items()}
    return Recipe.build({**recipe.model_dump(), "models": moved})


def fingerprint(world: Path) -> dict[str, Any]:
    """What a world holds: the SHA-256 of every table's every file, and what every part says of its rows."""
    found: dict[str, Any] = {str(p.relative_to(world)): sha256(p.read_bytes()).hexdigest() for p in sorted(world.rglob("*.parquet"))}
    return found | {str(p.relative_to(world)): json.loads(p.read_text()) for p in sorted((world / "parts").glob("*.json"))}
