"""The data card: what a folder of data sets holds, how it was made and split, and what it must not be taken for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from understudy.datasets.rows import SPLITS, Row

HOW = {
    "categorization": "A mail and its category. The label comes from the ledger (kind of sender, topic of the event, tie), never from a model or from reading the text.",
    "drafting": "What the ledger knows of a mail before it is written (who, to whom, their tie, the event and details it gives away, the voice), and the mail.",
    "answering": "A question about a person, documents of that person in the order of time (evidence, and distractors among which there is noise), and the gold "
    "answer, which is a query on the ledger. In one row of ten the evidence was taken out, and the right answer is that the documents do not say.",
    "next_message": "The last turns of a conversation, some of an earlier sitting among them, and the owner's next turn.",
    "search": "Queries a person would type, the documents that answer them (by the reveals of the ledger), and hard negatives: same person, same kind, near in "
    "words. `corpus.jsonl`, `queries.jsonl` and `qrels/` are in BEIR's form; a query's `metadata.owner` names whose documents are searched.",
}


def card(world: str, about: Mapping[str, Any], note: str, made: Mapping[str, Mapping[str, Sequence[Row]]], remarks: Sequence[str]) -> str:
    """The README.md of a folder of data sets."""
    lines = [
        f"# Data sets from the world `{world}`",
        "",
        "Everybody in them is invented: no real person, address or number. Made by `understudy dataset documents`.",
        "",
        *(f"- {key}: {value}" for key, value in about.items()),
        "",
        "## Splits",
        "",
        note,
        "",
        "| task | " + " | ".join(SPLITS) + " |",
        "| --- | " + " | ".join("---:" for _ in SPLITS) + " |",
        *(f"| {task} | " + " | ".join(f"{len(parts.get(s, ())):,}" for s in SPLITS) + " |" for task, parts in made.items()),
        "",
        *(f"- {remark}" for remark in remarks),
        "",
        "## Files",
        "",
        'A folder a task. `train.jsonl`, `val.jsonl` and `test.jsonl` hold `{"messages": [...]}` and nothing else, as TRL and OpenAI\'s fine-tuning read them;',
        "line n of `train.meta.jsonl` has the plain fields of line n of `train.jsonl` (id, label, text and what they rest on).",
        "",
    ]
    for task, parts in made.items():
        lines += [f"## {task}", "", HOW[task], "", *_distribution(parts), ""]
    return "\n".join(lines)


def _distribution(parts: Mapping[str, Sequence[Row]]) -> list[str]:
    counts = {split: Counter(row.meta["label"] for row in rows) for split, rows in parts.items()}
    labels = sorted(set().union(*counts.values()))
    if not any(labels):
        return []
    noise = sum(bool(row.meta.get("noise")) for rows in parts.values() for row in rows)
    head = ["| label | " + " | ".join(SPLITS) + " |", "| --- | " + " | ".join("---:" for _ in SPLITS) + " |"]
    body = [f"| {label or '(none)'} | " + " | ".join(f"{counts.get(s, Counter())[label]:,}" for s in SPLITS) + " |" for label in labels]
    return [*head, *body, "", f"Rows made from noise documents: {noise:,}."]
