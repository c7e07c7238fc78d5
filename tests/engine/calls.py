"""What the tests of the model client share: a call with a prompt of its own, and a client, a journal and an engine around a server."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple
from unittest import mock

from understudy import assets
from understudy.engine import prompts
from understudy.engine.budget import Budget
from understudy.engine.call import Call, Unfit
from understudy.engine.client import Client
from understudy.engine.endpoint import endpoint
from understudy.engine.journal import Journal
from understudy.engine.models import Models
from understudy.engine.request import Request
from understudy.engine.shape import choice, listed, record, text, whole
from understudy.model.briefs import Problem
from understudy.recipe import Model

PROMPT = "tests/person"
FILE = """---
version: 3
tokens: 120
room: 900
---
You invent people for tests.

# The task
Invent person {{ number }}. {{ note }}
SCHEMA: {{ schema }}
"""
SHAPE = record({"name": text(60), "age": whole(0, 110), "mood": choice(("glad", "calm", "sad")), "likes": listed(text(40), 1, 4)})

with mock.patch.object(assets, "text", return_value=FILE):
    prompts.prompt(PROMPT)  # now in the cache under its name, so that no file of the package is needed


class Someone(NamedTuple):
    """The record that a `Person` call gives."""

    name: str
    age: int
    mood: str
    likes: list[str]


class Person(Call[Someone]):
    """Four fields of one person; a name with a digit is proved wrong, and nobody is called Nobody."""

    prompt = PROMPT
    role = "writer"
    __slots__ = ()

    def data(self) -> dict[str, Any]:
        return {"number": self.brief["number"], "note": self.brief.get("note", ""), "schema": json.dumps(SHAPE)}

    def shape(self) -> dict[str, Any]:
        return SHAPE

    def read(self, wire: Any) -> Someone:
        if wire["name"] == "Nobody":
            raise Unfit("name must be somebody's")
        return Someone(**wire)

    def check(self, answer: Someone) -> list[Problem]:
        return [Problem("person.digit", f'the name "{answer.name}" has a digit')] if any(c.isdigit() for c in answer.name) else []


def people(count: int, first: int = 0, note: str = "") -> list[Person]:
    """So many different calls, numbered from `first`."""
    return [Person(f"person/{n}", {"number": n, "note": note}) for n in range(first, first + count)]


def said(name: str = "Ann", age: int = 40) -> str:
    """A right answer as a model would send it."""
    return json.dumps({"name": name, "age": age, "mood": "calm", "likes": ["tea"]})


class Desk(NamedTuple):
    """All that is needed to ask: close the client at the end."""

    client: Client
    journal: Journal
    models: Models

    def requests(self, calls: list[Person]) -> list[Request]:
        """The requests of these calls' first turn."""
        return [self.models.request(call, prompts.messages(call), 0) for call in calls]


@contextmanager
def desk(
    url: str, path: Path, budget: Budget | None = None, parallel: int = 16, read: float = 0.5, tries: int = 7, retry_failed: bool = False, **settings: Any
) -> Iterator[Desk]:
    """A journal in the file `path`, a client over it and the model `mock` at `url` in the role of writer; all closed at the end."""
    asked = Model(model="mock", base_url=url, **settings)
    journal = Journal(path, retry_failed)
    client = Client(journal, budget, parallel, read=read, tries=tries)
    try:
        yield Desk(client, journal, Models(client, endpoint(asked), asked, "writer"))
    finally:
        client.close()
        journal.close()
