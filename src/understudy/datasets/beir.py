"""Search sets in BEIR's form (Thakur et al., 2021): corpus.jsonl, queries.jsonl and qrels/, with hard negatives beside them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from understudy.datasets.rows import Row

NAMES = {"train": "train", "val": "dev", "test": "test"}
"""BEIR calls the validation split dev."""


def write_search(folder: Path, parts: Mapping[str, Sequence[Row]], documents: Mapping[str, Mapping[str, Any]]) -> None:
    """Write the queries of all splits with the documents of everybody who asks; `metadata.owner` says whose documents a query is about."""
    (folder / "qrels").mkdir(parents=True, exist_ok=True)
    asking = {(str(row.meta["owner"]), where) for where, rows in parts.items() for row in rows}
    with (folder / "corpus.jsonl").open("w", encoding="utf-8") as file:
        for ident, document in documents.items():
            owners = [p for p in document["owners"] if (p, document["split"]) in asking]
            if owners:
                metadata = {"owners": owners, "kind": document["kind"], "noise": document["noise"], "split": document["split"]}
                file.write(_line({"_id": ident, "title": document["title"], "text": document["text"], "metadata": metadata}))
    with (folder / "queries.jsonl").open("w", encoding="utf-8") as file:
        for where, rows in parts.items():
            for row in rows:
                metadata = {"owner": row.meta["owner"], "kind": row.meta["label"], "split": where, "negatives": row.meta["negatives"]}
                file.write(_line({"_id": row.meta["id"], "text": row.meta["query"], "metadata": metadata}))
    for where, rows in parts.items():
        lines = ["query-id\tcorpus-id\tscore", *(f"{row.meta['id']}\t{answer}\t1" for row in rows for answer in row.meta["answers"])]
        (folder / "qrels" / f"{NAMES[where]}.tsv").write_text("\n".join(lines) + "\n")


def _line(content: Mapping[str, Any]) -> str:
    return json.dumps(content, ensure_ascii=False) + "\n"
