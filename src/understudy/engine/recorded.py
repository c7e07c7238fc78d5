"""Answers that were recorded from a model, given again: found by what was asked, or where prompts have moved on, by the call's id."""

from __future__ import annotations

import json
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

from understudy.engine.budget import Budget
from understudy.engine.journal import Journal
from understudy.engine.request import ANSWERED, FAILED, Reply, Request
from understudy.errors import InputError


class Recorded:
    """In place of the client: a file of recorded answers. What was not recorded is a failure, which the embedded engine makes good."""

    def __init__(self, path: Path):
        self.budget = Budget()
        self.by_task: dict[tuple[str, int], str] = {}
        self.by_call: dict[tuple[str, int, int], str] = {}
        self.exact = self.near = self.missing = 0
        try:
            rows = [json.loads(line) for line in path.read_text("utf-8").split("\n") if line.strip()]
        except (OSError, ValueError) as error:
            raise InputError(f"cannot read the recorded answers in {path} ({error}); record them anew") from None
        for row in rows:
            self.by_task[row["task"], row["sample"]] = row["answer"]
            self.by_call[row["call"], row["attempt"], row["turn"]] = row["answer"]

    def complete(self, requests: Sequence[Request]) -> list[Reply]:
        """The recorded replies, in order."""
        return [self._reply(request) for request in requests]

    def _reply(self, request: Request) -> Reply:
        answer = self.by_task.get((task_of(request.messages), request.sample))
        if answer is not None:
            self.exact += 1
            return Reply(ANSWERED, answer)
        answer = self.by_call.get((request.call, request.attempt, request.turn))
        self.near += answer is not None
        self.missing += answer is None
        return Reply(ANSWERED, answer) if answer is not None else Reply(FAILED, note="this was not recorded")


def task_of(messages: Sequence[Any]) -> str:
    """What was asked, without the static part: SHA-256 of all messages but the first."""
    return sha256(json.dumps([m["content"] for m in messages[1:]], ensure_ascii=False).encode("utf-8", "replace")).hexdigest()


def record(journal: Journal, path: Path) -> int:
    """Write the answered calls of a journal as recorded answers, in the order of their ids (of a call that was asked twice, the later); returns how many."""
    found = {}
    for row in journal.rows("status = 'answered' AND role <> 'probe'"):
        kept = {name: row[name] for name in ("role", "prompt", "version", "call", "sample", "attempt", "turn")}
        found[row["call"], row["sample"], row["attempt"], row["turn"]] = {
            **kept,
            "task": task_of(json.loads(row["request"])["messages"]),
            "answer": row["answer"],
        }
    rows = sorted(found.values(), key=lambda r: (r["role"], r["call"], r["attempt"], r["turn"]))
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), "utf-8")
    return len(rows)
