"""Folders to search: corpus.jsonl, queries.jsonl and qrels/*.tsv, ours and anybody's in BEIR's form (Thakur et al., 2021)."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

from understudy import assets
from understudy.errors import InputError


class Query(NamedTuple):
    """What is asked: by whom (whose documents are searched; empty: all), what answers it, and what only looks as if it did."""

    text: str
    owner: str
    answers: frozenset[str]
    negatives: tuple[str, ...]


class Library(NamedTuple):
    """Documents by id, the queries of one split, and by owner the documents that they search."""

    name: str
    documents: dict[str, str]
    queries: dict[str, Query]
    owned: dict[str, list[str]]

    def among(self, query: Query) -> list[str]:
        """The documents that a query searches."""
        return self.owned[query.owner] if query.owner else list(self.documents)


def read_library(folder: Path, split: str = "test") -> Library:
    """One split of a folder; `InputError` where a file is missing or nothing in it can be searched."""
    root = folder if (folder / "corpus.jsonl").is_file() else folder / "search"
    qrels = root / "qrels" / f"{split}.tsv"
    for file in (root / "corpus.jsonl", root / "queries.jsonl", qrels):
        if not file.is_file():
            raise InputError(f"{folder} is nothing to search: there is no {file}; it needs corpus.jsonl, queries.jsonl and qrels/{split}.tsv, in BEIR's form")
    documents: dict[str, str] = {}
    owned: dict[str, list[str]] = {}
    for row in _rows(root / "corpus.jsonl"):
        about = row.get("metadata") or {}
        if about.get("split") in (None, {"dev": "val"}.get(split, split)):
            title = str(row.get("title") or "")
            body = str(row.get("text") or "")
            documents[str(row["_id"])] = body if not title or title in body else f"{title} {body}"
            for owner in about.get("owners") or ():
                owned.setdefault(owner, []).append(str(row["_id"]))
    answers = _answers(qrels)
    queries: dict[str, Query] = {}
    for row in _rows(root / "queries.jsonl"):
        ident, about = str(row["_id"]), row.get("metadata") or {}
        right = frozenset(a for a in answers.get(ident, ()) if a in documents)
        if right:
            owner = str(about.get("owner") or "")
            queries[ident] = Query(str(row.get("text") or ""), owner if owner in owned else "", right, tuple(about.get("negatives") or ()))
    if not queries:
        raise InputError(f"{folder}: no query of qrels/{split}.tsv has an answer in corpus.jsonl")
    return Library(f"{root.name if root == folder else folder.name}, {split}", documents, queries, owned)


def _rows(path: Path) -> list[dict[str, Any]]:
    rows, bad = assets.read_jsonl(path)
    bad += [number for number, row in rows.items() if "_id" not in row]
    if bad:
        raise InputError(f'{path}: line {min(bad)} is no JSON object with an "_id" ({len(bad)} such lines); mend or remove them')
    return list(rows.values())


def _answers(path: Path) -> dict[str, list[str]]:
    """Answers by query; a line is query, document and score, and a first line of names is passed over."""
    found: dict[str, list[str]] = {}
    for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
        parts = line.split("\t")
        if len(parts) not in (3, 4) or not line.strip():
            raise InputError(f"{path}: line {number} is not query-id, corpus-id and score with tabs between")
        query, document, score = parts[0], parts[-2], parts[-1]
        if number == 1 and not score.strip().lstrip("-").isdigit():
            continue
        if not score.strip().lstrip("-").isdigit():
            raise InputError(f'{path}: line {number} has the score "{score}"; it must be a whole number')
        if int(score) > 0:
            found.setdefault(query, []).append(document)
    return found
