"""What training on a world's queries brings a search: Recall@10 before and after (PersonaTrace, section 4.3)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from understudy.errors import InputError
from understudy.training.beir import read_library
from understudy.training.ranker import recall, train


class Searched(NamedTuple):
    """Recall@10 on one set of queries, before and after."""

    name: str
    queries: int
    documents: int
    before: float
    after: float


def search(folder: Path, others: Sequence[Path], size: int, seed: int = 1, progress: Callable[[str], None] = lambda text: None) -> list[Searched]:
    """Train on a folder's train queries, stop by its dev queries (where it has any), test on its test queries and on other folders'."""
    tested = [read_library(other, "test") for other in others]  # what is wrong with them is said before anything is trained
    try:
        own = read_library(folder, "test")
    except InputError:
        if not others:
            raise
        own = None
    learning = read_library(folder, "train")
    try:
        held = read_library(folder, "dev")
    except InputError:
        progress("no dev queries: the last pass is taken as it is")
        held = None
    progress(f"training on {min(size, len(learning.queries)):,} queries over {len(learning.documents):,} documents")
    learned = train(learning, held, size, seed, progress)
    return [Searched(lib.name, len(lib.queries), len(lib.documents), recall(lib), recall(lib, learned)) for lib in ([own] if own else []) + tested]
