"""Labelled texts to train and test on: a folder of data sets, or anybody's CSV or JSONL."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from understudy import assets
from understudy.errors import InputError
from understudy.rng import stream

TEXTS = ("text", "body", "content", "message", "email", "mail")
LABELS = ("label", "category", "class", "genre", "topic")
"""Names of columns that are taken where none is named, the first that there is."""
TASK = "categorization"


class Labelled(NamedTuple):
    """Texts with their labels (spaces trimmed, lower case), and how many rows had no text or no label."""

    name: str
    texts: list[str]
    labels: list[str]
    left: int

    def cut(self, size: int, seed: int) -> Labelled:
        """At most `size` of the rows, drawn."""
        if len(self.texts) <= size:
            return self
        kept = sorted(stream(seed, f"training/cut/{self.name}").some(range(len(self.texts)), size))
        return Labelled(self.name, [self.texts[n] for n in kept], [self.labels[n] for n in kept], self.left)


def read_labelled(path: Path, text: str | None = None, label: str | None = None, split: str = "train", strict: bool = True) -> Labelled:
    """The labelled texts of a file, or of a folder that `dataset documents` wrote (its `split`); `InputError` where there are none.

    Columns are named for the file that is tested on; one that is trained on (`strict` false) may have the usual names instead.
    """
    if path.is_dir():
        files = [p for p in (path / TASK / f"{split}.meta.jsonl", path / f"{split}.meta.jsonl") if p.is_file()]
        if not files:
            raise InputError(
                f"{path} holds no {TASK}/{split}.meta.jsonl; make it with `understudy dataset documents WORLD --out {path}`, or name a CSV or JSONL"
            )
        return _labelled(path.name, files[0], assets.read_jsonl(files[0])[0], None, None)
    if path.suffix.lower() in (".jsonl", ".ndjson", ".json"):
        rows, bad = assets.read_jsonl(path)
        if bad:
            raise InputError(f"{path}: line {bad[0]} is no JSON object ({len(bad)} such lines); mend or remove them")
        return _labelled(path.stem, path, rows, text, label, strict)
    return _labelled(path.stem, path, _csv(path), text, label, strict)


def _csv(path: Path) -> dict[int, dict[str, Any]]:
    csv.field_size_limit(1 << 27)  # mails may be longer than the module's own 128 kB
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            reader = csv.DictReader(file, delimiter="\t" if path.suffix.lower() == ".tsv" else ",")
            rows: dict[int, dict[str, Any]] = {}
            for row in reader:
                rows[reader.line_num] = row
            return rows
    except FileNotFoundError:
        raise InputError(f"there is no file {path}; check the path") from None
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise InputError(f"cannot read {path} ({error}); save it as UTF-8 CSV with a line of column names") from None


def _labelled(name: str, path: Path, rows: Mapping[int, Mapping[str, Any]], text: str | None, label: str | None, strict: bool = True) -> Labelled:
    if not rows:
        raise InputError(f"{path} holds no rows")
    columns = list(dict.fromkeys(key for row in rows.values() for key in row if key is not None))
    words, about = (
        _column(path, columns, asked if strict or asked in columns else None, usual, flag)
        for asked, usual, flag in ((text, TEXTS, "--column"), (label, LABELS, "--label"))
    )
    found = [(str(row.get(words) or "").strip(), str(row.get(about) if row.get(about) is not None else "").strip().lower()) for row in rows.values()]
    kept = [(said, labelled) for said, labelled in found if said and labelled]
    if not kept:
        raise InputError(f'{path} has no row with both a text in "{words}" and a label in "{about}"; name other columns with --column and --label')
    return Labelled(name, [said for said, _ in kept], [labelled for _, labelled in kept], len(found) - len(kept))


def _column(path: Path, columns: Sequence[str], asked: str | None, usual: Sequence[str], flag: str) -> str:
    if asked is not None:
        if asked not in columns:
            raise InputError(f'{path} has no column "{asked}"; it has {", ".join(columns)}')
        return asked
    found = next((name for name in usual if name in columns), None)
    if found is None:
        raise InputError(f"{path} has none of the columns {', '.join(usual)}; name one of {', '.join(columns)} with {flag}")
    return found
