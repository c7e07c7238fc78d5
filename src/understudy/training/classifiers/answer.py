"""What a trained classifier is: a function from texts to labels."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias

Answer: TypeAlias = Callable[[Sequence[str]], list[str]]
Fit: TypeAlias = Callable[[Sequence[str], Sequence[str], int], Answer]
"""From texts, labels and a seed to a trained classifier."""
