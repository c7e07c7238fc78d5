"""How good answers are: accuracy and macro-F1."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple


class Score(NamedTuple):
    """Shares in [0, 1]."""

    accuracy: float
    macro_f1: float


def score(true: Sequence[str], said: Sequence[str]) -> Score:
    """Accuracy, and the plain mean of F1 over the labels of `true` (0 for one that is never met); a label unknown to `true` is a wrong answer like any."""
    if len(true) != len(said) or not true:
        raise ValueError(f"{len(said)} answers to {len(true)} questions")
    right = Counter(t for t, s in zip(true, said, strict=True) if t == s)
    wanted, given = Counter(true), Counter(said)
    return Score(sum(right.values()) / len(true), sum(2 * right[label] / (wanted[label] + given[label]) for label in wanted) / len(wanted))
