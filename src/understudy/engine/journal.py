"""Every model call and its answer, in SQLite: written before an answer is read, browsed, replayed, never paid for twice."""

from __future__ import annotations

import sqlite3
import threading
import zlib
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from understudy.engine.endpoint import Abilities
from understudy.engine.request import FAILED, Reply, Request
from understudy.errors import WorldError

SCHEMA = """
CREATE TABLE IF NOT EXISTS calls (
  key TEXT PRIMARY KEY, call TEXT, role TEXT, prompt TEXT, version INTEGER, model TEXT, sample INTEGER, attempt INTEGER, turn INTEGER,
  status TEXT, note TEXT, request BLOB, answer BLOB, tokens_in INTEGER, tokens_out INTEGER, tokens_cached INTEGER, dollars REAL, seconds REAL, time TEXT
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS endpoints (id TEXT PRIMARY KEY, abilities TEXT);
CREATE TABLE IF NOT EXISTS staged (key TEXT PRIMARY KEY, file TEXT);
CREATE TABLE IF NOT EXISTS acted (line TEXT PRIMARY KEY);
"""
COLUMNS = "key, call, role, prompt, version, model, sample, attempt, turn, status, note, request, answer, tokens_in, tokens_out, tokens_cached, dollars, seconds, time"
_ENCODE = msgspec.json.Encoder().encode


class Journal:
    """The calls of a world. One connection under a lock: SQLite's own time is microseconds a call."""

    def __init__(self, path: Path | str, retry_failed: bool = False):
        self.path, self.retry_failed = str(path), retry_failed
        self._lock = threading.Lock()
        try:
            self._base = sqlite3.connect(self.path, check_same_thread=False, isolation_level=None)
            self._base.execute("PRAGMA journal_mode=WAL")
            self._base.execute("PRAGMA synchronous=NORMAL")
            self._base.execute("PRAGMA cache_size=-4000")
            self._base.executescript(SCHEMA)
        except sqlite3.DatabaseError as error:
            raise WorldError(f"{path} is no journal of calls ({error}); move it away, or choose another folder") from None

    def found(self, keys: Sequence[str]) -> dict[str, Reply]:
        """The replies that are known for these keys; failures too, unless they are to be asked again."""
        known: dict[str, Reply] = {}
        with self._lock:
            for first in range(0, len(keys), 500):
                some = keys[first : first + 500]
                marks = ",".join("?" * len(some))
                query = f"SELECT key, status, note, answer, tokens_in, tokens_out, tokens_cached, dollars, seconds, model FROM calls WHERE key IN ({marks})"
                for row in self._base.execute(query, some):
                    if row[1] == FAILED and self.retry_failed:
                        continue
                    known[row[0]] = Reply(
                        row[1], zlib.decompress(row[3]).decode() if row[3] else "", row[2], row[4], row[5], row[6], row[7], row[8], row[9], True
                    )
        return known

    def keep(self, pairs: Iterable[tuple[Request, Reply]]) -> None:
        """Write replies, all of them or none; what was kept before stays (a failure that is asked again is replaced)."""
        now = datetime.now(UTC).isoformat(timespec="seconds")
        rows = []
        for request, reply in pairs:
            asked = _ENCODE({"messages": request.messages, "shape": request.shape, "params": request.params, "tokens": request.tokens})
            rows.append((
                request.key, request.call, request.role, request.prompt, request.version, request.endpoint.name, request.sample, request.attempt, request.turn,
                reply.status, reply.note, zlib.compress(asked, 1), zlib.compress(reply.text.encode("utf-8", "replace"), 1) if reply.text else b"",
                reply.tokens_in, reply.tokens_out, reply.tokens_cached, reply.dollars, reply.seconds, now,
            ))  # fmt: skip
        with self._lock:
            self._base.execute("BEGIN")
            try:
                self._base.executemany(
                    f"INSERT INTO calls ({COLUMNS}) VALUES ({','.join('?' * 19)}) ON CONFLICT(key) DO UPDATE SET status=excluded.status, note=excluded.note, "
                    "request=excluded.request, answer=excluded.answer, tokens_in=tokens_in+excluded.tokens_in, tokens_out=tokens_out+excluded.tokens_out, "
                    "tokens_cached=tokens_cached+excluded.tokens_cached, dollars=dollars+excluded.dollars, seconds=excluded.seconds, time=excluded.time",
                    rows,
                )
                self._base.execute("COMMIT")
            except BaseException:
                self._base.execute("ROLLBACK")
                raise

    def abilities(self, ident: str) -> Abilities | None:
        """What is remembered of an endpoint."""
        with self._lock:
            row = self._base.execute("SELECT abilities FROM endpoints WHERE id = ?", (ident,)).fetchone()
        return msgspec.json.decode(row[0], type=Abilities) if row else None

    def remember(self, ident: str, abilities: Abilities) -> None:
        """Remember what an endpoint can do."""
        with self._lock:
            self._base.execute("INSERT OR REPLACE INTO endpoints VALUES (?, ?)", (ident, msgspec.json.encode(abilities).decode()))

    def staged(self) -> dict[str, str]:
        """The keys that were written into batch files and have no answer yet, with the file's name."""
        with self._lock:
            return dict(self._base.execute("SELECT key, file FROM staged WHERE key NOT IN (SELECT key FROM calls) ORDER BY file, key"))

    def placed(self) -> dict[str, str]:
        """The keys that any batch file ever held, answered or not, with the last such file's name."""
        with self._lock:
            return dict(self._base.execute("SELECT key, file FROM staged ORDER BY file, key"))

    def acted(self) -> dict[str, None]:
        """The failed result lines after which a call was staged again: they lie there still, and count once."""
        with self._lock:
            return {line: None for (line,) in self._base.execute("SELECT line FROM acted ORDER BY line")}

    def stage(self, rows: Sequence[tuple[str, str]], lines: Sequence[str] = ()) -> None:
        """Note which batch file holds which call, and which failed result lines are answered by it."""
        with self._lock:
            self._base.execute("BEGIN")
            self._base.executemany("INSERT OR REPLACE INTO staged VALUES (?, ?)", rows)
            self._base.executemany("INSERT OR IGNORE INTO acted VALUES (?)", [(line,) for line in lines])
            self._base.execute("COMMIT")

    def rows(self, where: str = "1", values: Sequence[Any] = (), limit: int = -1) -> list[Mapping[str, Any]]:
        """Rows of the journal, newest last, with request and answer as text."""
        names = [name.strip() for name in COLUMNS.split(",")]
        with self._lock:
            found = self._base.execute(f"SELECT {COLUMNS} FROM calls WHERE {where} ORDER BY time, call, attempt, turn LIMIT ?", (*values, limit)).fetchall()
        return [{**dict(zip(names, row, strict=True)), "request": _text(row[11]), "answer": _text(row[12])} for row in found]

    def totals(self) -> list[tuple[Any, ...]]:
        """By role and model: calls, answered, failed, tokens in, of these cached, tokens out, dollars, seconds."""
        query = """SELECT role, model, count(*), sum(status = 'answered'), sum(status = 'failed'), sum(tokens_in), sum(tokens_cached), sum(tokens_out), sum(dollars), sum(seconds)
            FROM calls GROUP BY role, model ORDER BY role, model"""
        with self._lock:
            return self._base.execute(query).fetchall()

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._base.close()


def _text(blob: bytes | None) -> str:
    return zlib.decompress(blob).decode("utf-8", "replace") if blob else ""
