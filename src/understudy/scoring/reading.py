"""Sets of texts to be scored side by side: a world's own, and anybody's files and folders."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from email import message_from_string
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from understudy import assets
from understudy.errors import InputError
from understudy.model.records import Artifact
from understudy.store.world import MANIFEST, World, index_of

NOBODY = frozenset(("a", "b", "user", "human", "assistant", "gpt", "bot", "system", "agent", "customer", "speaker1", "speaker2"))
"""Speakers who are a part, not a person: the "A" of one conversation did not write what the "A" of another did."""
TEXT = ("text", "body", "content", "message", "email", "utterance", "response", "output")
"""Fields that hold a row's text, the first that is there; `turns`, `messages` or `dialog` make a row a conversation."""
TURNS = ("turns", "messages", "dialog", "dialogue", "conversation", "conversations")
AUTHOR = ("author", "sender", "from", "speaker", "user", "persona_id", "person")
TITLE = ("title", "subject")
TIME = ("time", "timestamp", "date", "created_at")
KIND = ("kind", "type", "category_type")
MACHINES = ("assistant", "system", "gpt", "bot", "model")
"""Speakers whose turns are nobody's words."""
SUFFIXES = (".jsonl", ".json", ".csv", ".txt")
HEADER = re.compile(r"(?:Message-ID|Received|From|Date|Return-Path|Delivered-To): \S.*\n[A-Za-z-]+: ", re.I)
QUOTED = re.compile(r"^-{3,} ?(?:Original Message|Forwarded by)|^\s*On .{5,80} wrote:$|^_{20,}$|^\s*From: .*\n\s*(?:Sent|Date|To): ", re.M)
"""What opens a mail's quoted history."""
LARGEST = 1 << 26
"""Characters of one field of a CSV file at most."""


class Said(NamedTuple):
    """One turn: who, what, when (None where nobody says)."""

    speaker: str
    text: str
    time: datetime | None = None


class Piece(NamedTuple):
    """One text: a mail, a sitting of turns (`turns` is then not empty and `text` is what persons said, joined), a note."""

    kind: str
    author: str
    text: str
    time: datetime | None = None
    title: str = ""
    turns: tuple[Said, ...] = ()
    thread: str = ""
    ident: str = ""

    @property
    def whole(self) -> str:
        """The text with its title above it, as a reader sees it and as it is embedded."""
        return f"{self.title}\n\n{self.text}" if self.title and self.title != self.text else self.text


class TextSet(NamedTuple):
    """A named set; `bad` names the rows that could not be read, `skipped` counts those left out: without words, of another kind, or beyond what is drawn."""

    name: str
    pieces: tuple[Piece, ...]
    bad: tuple[str, ...] = ()
    skipped: int = 0


WRITTEN = "author LIKE 'c%.p%'"
"""What is a person's, in SQL."""
MOST = 200_000
"""Texts of a world that are held in memory at most: about 1 GB."""


def of_world(world: World, name: str = "", most: int = MOST) -> TextSet:
    """The texts that persons of the world wrote (see `pieces_of`), or `most` of them; what is left out is counted in `skipped`."""
    total = int(world.sql(f"SELECT count(*) FROM artifacts WHERE {WRITTEN}")[1][0][0])
    pieces = tuple(pieces_of(world, most if total > most else None))
    return TextSet(name or world.path.name, pieces, skipped=total - len(pieces))


def pieces_of(world: World, most: int | None = None) -> Iterator[Piece]:
    """Every text that a person of the world wrote, one at a time, in the ledger's order; `most` draws so many by a hash of their ids.

    Organizations' are left out; of conversations and chats only the persons' turns are given. Times are local.
    """
    drawn = f" AND id IN (SELECT id FROM artifacts WHERE {WRITTEN} ORDER BY md5(id) LIMIT {most})" if most is not None else ""
    zones = {index: ZoneInfo(zone) for index, zone in world.sql("SELECT community, min(timezone) FROM people GROUP BY community")[1]}
    for artifact in world.rows("artifacts", where=WRITTEN + drawn):
        assert isinstance(artifact, Artifact)
        ahead = artifact.time.replace(tzinfo=UTC).astimezone(zones[index_of(artifact.id) or 0]).utcoffset() or timedelta()
        said = tuple(
            Said(t["speaker"], t["text"], datetime.fromisoformat(t["time"]) + ahead if t.get("time") else None) for t in artifact.payload.get("turns", ())
        )
        if said or artifact.text.strip():
            yield piece(artifact.kind, artifact.author, artifact.text, artifact.time + ahead, artifact.title, said, artifact.thread or "", artifact.id)


def piece(kind: str, author: str, text: str, time: datetime | None, title: str, said: Sequence[Said], thread: str = "", ident: str = "") -> Piece:
    """A piece whose turns, if it has any, are the persons' only."""
    spoken = tuple(turn for turn in said if turn.speaker.lower() not in MACHINES)
    return Piece(kind, author, "\n".join(t.text for t in spoken) if spoken else text, time, title, spoken, thread, ident)


def _turns(given: Any) -> tuple[Said, ...]:
    """Turns in any of the usual forms: objects, or bare texts whose speakers take turns."""
    found = []
    for number, turn in enumerate(given if isinstance(given, list) else ()):
        if isinstance(turn, str):
            found.append(Said("AB"[number % 2], turn))
        elif isinstance(turn, dict):
            said = _first(turn, ("text", "content", "value", "utterance", "message"))
            if isinstance(said, str) and said.strip():
                found.append(Said(str(_first(turn, ("speaker", "role", "from", "author", "sender")) or "AB"[number % 2]), said, _time(_first(turn, TIME))))
    return tuple(found)


def _first(row: dict[str, Any], names: Sequence[str]) -> Any:
    """The value of the first of these fields that the row has, whatever its case."""
    folded = {str(key).lower(): value for key, value in row.items()}
    return next((folded[name] for name in names if folded.get(name) not in (None, "")), None)


def _time(value: Any) -> datetime | None:
    if isinstance(value, datetime):
        return value.replace(tzinfo=None)
    if not isinstance(value, str):
        return None
    try:
        return datetime.fromisoformat(value.strip()).replace(tzinfo=None)
    except ValueError:
        return None


def read_set(path: Path) -> TextSet:
    """A world, a file (JSONL, JSON list, CSV, or a text a line) or a folder of .txt files (a text each) and such files; `InputError` where it is none of these."""
    if (path / MANIFEST).is_file():
        return of_world(World(path))
    if path.is_dir():
        return _folder(path)
    if not path.is_file():
        raise InputError(f"there is no file or folder {path}; check the path")
    if path.suffix.lower() == ".txt":
        pieces = [_line(line.strip()) for line in _text(path).splitlines() if line.strip()]
        return _checked(path, TextSet(path.stem, tuple(pieces)))
    if path.suffix.lower() not in SUFFIXES:
        raise InputError(f"{path} cannot be scored; give a world, a folder, or a .jsonl, .json, .csv or .txt file")
    return _checked(path, _rows(path))


def _line(line: str) -> Piece:
    """A line of a text file; `__eou__` parts the turns of a conversation, as DailyDialog has it."""
    said = _turns([part.strip() for part in line.split("__eou__") if part.strip()]) if "__eou__" in line else ()
    return piece("message" if said else "text", "", line, None, "", said)


def _folder(path: Path) -> TextSet:
    """Every text of a folder's files, below it too; a .txt file there is one text."""
    pieces: list[Piece] = []
    bad: list[str] = []
    for file in sorted(p for p in path.rglob("*") if p.is_file() and p.suffix.lower() in SUFFIXES):
        if file.suffix.lower() == ".txt":
            content = _text(file).strip()
            own = from_raw(content) if raw(content) else Piece("text", file.parent.name if file.parent != path else "", content)
            pieces += [own] if own.text else []
        else:
            found = _rows(file)
            pieces += found.pieces
            bad += found.bad
    return _checked(path, TextSet(path.name, tuple(pieces), tuple(bad)))


def _checked(path: Path, found: TextSet) -> TextSet:
    if not found.pieces:
        raise InputError(f"{path} holds no text; a row needs one of the fields {', '.join(TEXT[:4])} or a list in turns or messages")
    return found


def _rows(path: Path) -> TextSet:
    """The texts of a file of rows; rows without one are named by line."""
    pieces: list[Piece] = []
    bad: list[str] = []
    for line, row in _objects(path, bad):
        if isinstance(row.get("formatted_emails"), list):  # a thread of mails a row
            pieces += [_mail(m) for m in row["formatted_emails"] if isinstance(m, dict) and isinstance(_first(m, TEXT), str)]
            continue
        said = _turns(_first(row, TURNS))
        title, text, kind = _first(row, TITLE), _first(row, TEXT), _first(row, KIND)
        if not said and not isinstance(text, str):
            bad.append(f"{path.name} line {line} has no text")
            continue
        if isinstance(text, str) and raw(text):
            pieces.append(from_raw(text))
            continue
        kind = str(kind) if isinstance(kind, str) else "message" if said else "email" if isinstance(title, str) else "text"
        author = _first(row, AUTHOR)
        pieces.append(piece(kind, str(author) if author is not None else "", text if isinstance(text, str) else "", _time(_first(row, TIME)),
                            title if isinstance(title, str) else "", said, str(row.get("thread") or ""), str(row.get("id") or "")))  # fmt: skip
    return TextSet(path.stem, tuple(pieces), tuple(bad))


def _mail(row: dict[str, Any]) -> Piece:
    """A mail of a thread that stands in one row."""
    title, author = _first(row, TITLE), _first(row, AUTHOR)
    return Piece("email", str(author or ""), _first(row, TEXT), _time(_first(row, TIME)), title if isinstance(title, str) else "")


def raw(text: str) -> bool:
    """Whether a text is a mail as servers keep it, with its headers."""
    return HEADER.match(text) is not None


def from_raw(text: str) -> Piece:
    """A mail with headers as a piece of its author's own words: quoted and forwarded lines are left out."""
    parsed = message_from_string(text)
    body = parsed.get_payload()
    own = QUOTED.split(body if isinstance(body, str) else "", maxsplit=1)[0]
    lines = [line for line in own.splitlines() if not line.lstrip().startswith(">")]
    try:
        time = parsedate_to_datetime(parsed["Date"]).replace(tzinfo=None) if parsed["Date"] else None
    except (ValueError, TypeError):
        time = None
    return Piece("email", str(parsed["From"] or ""), "\n".join(lines).strip(), time, str(parsed["Subject"] or ""))


def _objects(path: Path, bad: list[str]) -> Iterator[tuple[int, dict[str, Any]]]:
    if path.suffix.lower() == ".jsonl":
        rows, wrong = assets.read_jsonl(path)
        bad += [f"{path.name} line {line} is no JSON object" for line in wrong]
        yield from rows.items()
    elif path.suffix.lower() == ".json":
        yield from _json(path, bad)
    else:
        csv.field_size_limit(LARGEST)
        lines = csv.DictReader(_text(path).splitlines(keepends=True))
        try:
            for row in lines:
                yield lines.line_num, {str(k): v for k, v in row.items() if isinstance(v, str)}
        except csv.Error as error:
            raise InputError(f"{path}, line {lines.line_num} is no CSV ({error}); mend it there") from None


def _json(path: Path, bad: list[str]) -> Iterator[tuple[int, dict[str, Any]]]:
    try:
        content = json.loads(_text(path))
    except (ValueError, RecursionError):
        raise InputError(f"{path} is not valid JSON; give one list of objects, or JSON lines in a .jsonl file") from None
    if isinstance(content, dict):  # a list under a name, as many releases have it
        content = next((value for value in content.values() if isinstance(value, list)), [content])
    for number, row in enumerate(content if isinstance(content, list) else [], 1):
        if isinstance(row, dict):
            yield number, row
        elif isinstance(row, str):
            yield number, {"text": row}
        elif isinstance(row, list):
            yield number, {"turns": row}
        else:
            bad.append(f"{path.name} entry {number} is no object")


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8-sig")
    except OSError as error:
        raise InputError(f"cannot read {path} ({error.strerror}); check the path") from None
    except UnicodeDecodeError:
        raise InputError(f"{path} is not UTF-8 text; save it as UTF-8") from None
