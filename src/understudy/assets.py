"""The only reader of data files, prompts, grammars and the user's own folders: finds, parses and hashes them."""

from __future__ import annotations

import json
import os
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

import msgspec
import yaml

from understudy.errors import ContentError, InputError

HERE = Path(__file__).parent
SMALL = 2_000
"""Bytes below which a file is parsed each time: small ones are the user's, and quick."""
_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def cache_folder() -> Path | None:
    """Where compiled content is kept between processes: `UNDERSTUDY_CACHE`, else the user's cache folder; None where that is set to "off"."""
    said = os.environ.get("UNDERSTUDY_CACHE", "")
    if said.lower() in ("off", "no", "0"):
        return None
    return Path(said) if said else Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "understudy"


def _parsed(content: bytes) -> Any:
    """YAML as data, compiled once: parsing two megabytes costs seconds a process, reading them back a tenth of one. The key is the content's own hash, so
    nothing stale is ever read; a cache that cannot be written or read is done without."""
    folder = cache_folder()
    kept = folder / f"{sha256(content).hexdigest()[:32]}.msgpack" if folder and len(content) > SMALL else None
    try:
        if kept is not None and kept.exists():
            return msgspec.msgpack.decode(kept.read_bytes(), strict=False)
    except (OSError, ValueError):
        pass
    found = yaml.load(content, Loader=_Loader)  # noqa: S506 (a safe loader, in C where there is one)
    if kept is not None:
        try:
            packed = msgspec.msgpack.encode(found)
            if msgspec.msgpack.decode(packed) == found:  # dates and sets would come back as something else
                kept.parent.mkdir(parents=True, exist_ok=True)
                draft = kept.with_name(f"{kept.name}.{os.getpid()}")
                draft.write_bytes(packed)
                draft.replace(kept)
        except (OSError, TypeError, ValueError, RecursionError):
            pass
    return found


def read_yaml(path: Path) -> Any:
    """The parsed content of one YAML file; a `ContentError` with file and line if it is broken."""
    try:
        return _parsed(path.read_bytes())
    except FileNotFoundError:
        raise InputError(f"there is no file {path}; check the path") from None
    except OSError as error:
        raise InputError(f"cannot read {path} ({error.strerror}); check the path") from None
    except ValueError as error:  # a date such as 2025-02-30, or bytes that are no text
        raise ContentError(f"{path} cannot be read ({error}); mend it there") from None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f", line {mark.line + 1}" if mark else ""
        what = getattr(error, "problem", None) or "cannot be parsed"
        raise ContentError(f"{path}{where} is not valid YAML ({what}); mend it there") from None


@cache
def data(name: str) -> Any:
    """A file of the package by its name below `data/` or `grammars/`, e.g. `data/catalogues/dishes.yaml`. Do not change it."""
    return read_yaml(HERE / name)


def text(name: str) -> str:
    """The text of a file of the package, e.g. `prompts/artifacts/email.md`; a `ContentError` if it is not there."""
    try:
        return (HERE / name).read_text("utf-8")
    except OSError as error:
        raise ContentError(f"cannot read {HERE / name} ({error.strerror}); install the package anew") from None


def folder(name: str, suffix: str = ".yaml") -> list[Path]:
    """The files of a package folder, in the order of their names."""
    return sorted((HERE / name).glob(f"*{suffix}"))


def catalogue(name: str) -> list[dict[str, Any]]:
    """The entries of `data/catalogues/<name>.yaml`."""
    content = data(f"data/catalogues/{name}.yaml")
    return list(content["entries"])


@cache
def content_hash() -> str:
    """SHA-256 over every data file of the package: part of a run's identity, so that stale worlds are never continued."""
    digest = sha256()
    for part in ("data", "grammars", "prompts"):
        for path in sorted((HERE / part).rglob("*")):
            if path.is_file() and "__pycache__" not in path.parts:
                digest.update(str(path.relative_to(HERE)).encode())
                digest.update(path.read_bytes())
    return digest.hexdigest()


def file_hash(path: Path) -> str:
    """SHA-256 of a user's file, streamed; an `InputError` if it cannot be read."""
    digest = sha256()
    try:
        with path.open("rb") as file:
            for block in iter(lambda: file.read(1 << 20), b""):
                digest.update(block)
    except OSError as error:
        raise InputError(f"cannot read {path} ({error.strerror}); check the path") from None
    return digest.hexdigest()


def stamp(*paths: Path | None) -> tuple[Any, ...]:
    """What changes when one of these files does: part of the key of whatever is kept of a user's file in memory."""
    found: list[Any] = []
    for path in paths:
        about = path.stat() if path is not None and path.exists() else None
        found.append((str(path.resolve()), about.st_mtime_ns, about.st_size) if path is not None and about is not None else None)
    return tuple(found)


def read_jsonl(path: Path) -> tuple[dict[int, dict[str, Any]], list[int]]:
    """The objects of a JSON-lines file by line number, and the numbers of the lines that are no JSON object (counted, never dropped in silence)."""
    rows: dict[int, dict[str, Any]] = {}
    bad: list[int] = []
    try:
        text = path.read_text("utf-8-sig")
    except OSError as error:
        raise InputError(f"cannot read {path} ({error.strerror}); check the path") from None
    except UnicodeDecodeError:
        raise InputError(f"{path} is not UTF-8 text; save it as UTF-8") from None
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except (ValueError, RecursionError):
            row = None
        if isinstance(row, dict):
            rows[number] = row
        else:
            bad.append(number)
    return rows, bad
