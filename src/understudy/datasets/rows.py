"""A row of a data set, and how rows are chosen: the same rows for the same world, whatever else is made of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

from understudy.rng import stream

SPLITS = ("train", "val", "test")
Message = dict[str, str]


class Row(NamedTuple):
    """One example: a chat as trainers read it, and the plain fields that it was made of (always with `id` and `label`, which may be empty)."""

    messages: list[Message]
    meta: dict[str, Any]


def chat(system: str, user: str, answer: str) -> list[Message]:
    """A chat of one question and one answer, in the form that OpenAI's fine-tuning and TRL read."""
    return [{"role": "system", "content": system}, {"role": "user", "content": user}, {"role": "assistant", "content": answer}]


def even(rows: Sequence[Row], size: int, seed: int, name: str, group: Callable[[Row], str]) -> list[Row]:
    """At most `size` rows, drawn so that the groups are as even as they can be: the small ones whole, the large ones cut to one common size.

    The rows keep their order.
    """
    groups: dict[str, list[int]] = {}
    for number, row in enumerate(rows):
        groups.setdefault(group(row), []).append(number)
    left, taken = size, []
    for done, (label, numbers) in enumerate(sorted(groups.items(), key=lambda g: (len(g[1]), g[0]))):
        share = left // (len(groups) - done)
        drawn = stream(seed, f"datasets/{name}/{label}").some(numbers, share)
        taken += drawn
        left -= len(drawn)
    return [rows[number] for number in sorted(taken)]


def once(rows: Iterable[Row], said: set[str], text: Callable[[Row], str]) -> tuple[list[Row], int]:
    """The rows whose text is not yet among `said` (which grows by theirs), and how many were left out."""
    kept, left = [], 0
    for row in rows:
        words = text(row)
        if words in said:
            left += 1
        else:
            said.add(words)
            kept.append(row)
    return kept, left
