"""Calls as provider batch files, at half the price: one file carries the calls of all communities; the results, laid beside it, are read by the same command."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

import msgspec

from understudy.engine import chat_api
from understudy.engine.budget import Budget, dollars
from understudy.engine.journal import Journal
from understudy.engine.request import ANSWERED, EMPTY, FAILED, Reply, Request
from understudy.errors import DiskError, InputError, Pending

MOST = 50_000
"""Requests in one file, and bytes: the limits of OpenAI's batch endpoint."""
LARGEST = 190_000_000
_ENCODE = msgspec.json.Encoder().encode


class Batch:
    """In place of the client: what the journal does not know is staged, and the community that asked is parked."""

    def __init__(self, folder: Path, journal: Journal):
        self.folder, self.journal, self.budget = folder, journal, Budget()
        self.missing: dict[str, Request] = {}
        self.bad: list[str] = []
        self.read = 0
        self.results: dict[str, Reply | None] = {}  # None: to be asked again
        self.failures: dict[str, list[str]] = {}
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise DiskError(f"cannot write into {folder} ({error.strerror}); choose another folder for --batch") from None
        for path in sorted(folder.glob("*.jsonl")):
            self._collect(path)

    def _collect(self, path: Path) -> None:
        """The results in a file: lines with a custom_id and a response (OpenAI's form) or simply a content."""
        try:
            with path.open("rb") as file:
                for number, line in enumerate(file, 1):
                    if line.strip():
                        self._line(line, f"{path.name}, line {number}")
        except OSError as error:
            raise InputError(f"cannot read {path} ({error.strerror}); check it, or remove it") from None

    def _line(self, line: bytes, where: str) -> None:
        try:
            row = json.loads(line)
            key = str(row["custom_id"])
        except (ValueError, KeyError, TypeError, RecursionError):
            self.bad.append(where)
            return
        if "method" in row and "body" in row:
            return  # a request, ours
        reply = _reply(row)
        if reply is None or reply.status == FAILED:
            self.failures.setdefault(key, []).append(f"{where} {sha256(line).hexdigest()[:16]}")
        if key not in self.results or _worth(reply) >= _worth(self.results[key]):
            self.results[key] = reply

    def complete(self, requests: Sequence[Request]) -> list[Reply]:
        """The replies to all of these, or `Pending` after staging what has none."""
        known = self.journal.found([r.key for r in requests])
        fresh = []
        for request in requests:
            reply = self.results.get(request.key)
            if request.key not in known and reply is not None and not (reply.status == FAILED and self.journal.retry_failed):
                price = dollars(request.endpoint, reply.tokens_in, reply.tokens_cached, reply.tokens_out) or 0.0
                known[request.key] = reply._replace(dollars=price / 2, model=request.endpoint.name)
                fresh.append((request, known[request.key]))
        if fresh:
            self.journal.keep(fresh)
            self.read += len(fresh)
        missing = {r.key: r for r in requests if r.key not in known}
        if missing:
            self.missing.update(missing)
            raise Pending(f"{len(missing)} calls wait for the results of a batch")
        return [known[r.key] for r in requests]

    def write(self) -> list[tuple[Path, int]]:
        """Write what is staged and not yet in a file; gives back the new files with the calls in each."""
        before, acted = self.journal.placed(), self.journal.acted()
        new = {key: [line for line in lines if line not in acted] for key, lines in self.failures.items()}
        todo = [r for r in self.missing.values() if r.key not in before or new.get(r.key)]
        written = []
        for endpoint in dict.fromkeys(r.endpoint.id for r in todo):
            for block in _blocks([r for r in todo if r.endpoint.id == endpoint]):
                path = self.folder / f"calls-{self._number():04d}.jsonl"
                part = path.with_suffix(".part")
                try:
                    part.write_bytes(b"".join(line for _, line in block))
                    part.rename(path)
                except OSError as error:
                    raise DiskError(f"cannot write {path} ({error.strerror}); free some space and run the same command again") from None
                self.journal.stage([(key, path.name) for key, _ in block], [line for key, _ in block for line in new.get(key, ())])
                written.append((path, len(block)))
        return written

    def _number(self) -> int:
        """The next file's number: above all that are here or ever were, as files are moved away."""
        names = [path.name for path in self.folder.glob("calls-*.jsonl")] + list(self.journal.placed().values())
        return 1 + max((int(found[1]) for name in names if (found := re.match(r"calls-(\d+)", name))), default=0)


def _worth(reply: Reply | None) -> int:
    """Which of two results for one call is the better."""
    return 0 if reply is None else 1 if reply.status == FAILED else 2


def _blocks(requests: Sequence[Request]) -> Iterator[list[tuple[str, bytes]]]:
    """Lines for one file each, within the providers' limits."""
    block: list[tuple[str, bytes]] = []
    size = 0
    for request in requests:
        line = (
            _ENCODE({"custom_id": request.key, "method": "POST", "url": "/v1/chat/completions", "body": chat_api.body(request, request.endpoint.abilities)})
            + b"\n"
        )
        if block and (len(block) >= MOST or size + len(line) > LARGEST):
            yield block
            block, size = [], 0
        block.append((request.key, line))
        size += len(line)
    if block:
        yield block


def _reply(row: dict[str, Any]) -> Reply | None:
    """What a result line says; None for what is worth another try."""
    if isinstance(row.get("content"), str | dict):
        content = row["content"] if isinstance(row["content"], str) else json.dumps(row["content"], ensure_ascii=False)
        return Reply(ANSWERED if content.strip() else EMPTY, content.encode("utf-8", "replace").decode())
    response = row.get("response")
    if not isinstance(response, dict):
        return None
    body, status = response.get("body"), response.get("status_code", 200)
    if status != 200:
        return None if status in chat_api.RETRY else Reply(FAILED, note=f"HTTP {status} in the batch")
    try:
        found = chat_api.completion(json.dumps(body).encode())  # not msgspec: half a surrogate pair is no reason to stop
    except chat_api.BadBody as error:
        return Reply(FAILED, note=str(error))
    return Reply(found.status, found.text, "", found.tokens_in, found.tokens_out, found.cached)
