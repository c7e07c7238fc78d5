"""Training sets side by side: the same light models trained on each and tested on one file of labelled texts (PersonaTrace, section 4)."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from importlib import import_module
from importlib.util import find_spec
from typing import NamedTuple

from understudy.errors import InputError
from understudy.training.classifiers.answer import Fit
from understudy.training.measures import Score, score
from understudy.training.tables import Labelled

MODELS = ("majority", "words", "vectors", "transformer")
"""Light models, from the one that reads nothing to the one that reads in order; a module of `classifiers` each."""
TORCH = "pip install 'understudy[train]'"


class Trained(NamedTuple):
    """One training set's rows: what it was and, by model, the score and the seconds it took (None where the model could not be trained)."""

    name: str
    rows: int
    labels: int
    met: float  # share of the test's rows whose label the training set knows
    scores: dict[str, Score | None]
    seconds: dict[str, float]


def fit_of(model: str) -> Fit | None:
    """How a model is trained, or None where its library is not installed."""
    if model == "transformer" and find_spec("torch") is None:
        return None
    found: Fit = import_module(f"understudy.training.classifiers.{model}").fit
    return found


def compare(
    sets: Sequence[Labelled], test: Labelled, seed: int = 1, models: Sequence[str] = MODELS, progress: Callable[[str], None] = lambda text: None
) -> list[Trained]:
    """Every model trained on every set and tested on the test's rows; `InputError` where a set shares no label with it."""
    found = []
    wanted = set(test.labels)
    for rows in sets:
        own = set(rows.labels)
        if not own & wanted:
            raise InputError(
                f"{rows.name} and {test.name} share no label ({_some(own)} against {_some(wanted)}); map ours to yours: dataset documents --labels FILE"
            )
        scores: dict[str, Score | None] = {}
        seconds: dict[str, float] = {}
        for model in models:
            fit = fit_of(model)
            if fit is None:
                scores[model] = None
                continue
            progress(f"{rows.name}: {model}")
            start = time.perf_counter()
            scores[model] = score(test.labels, fit(rows.texts, rows.labels, seed)(test.texts))
            seconds[model] = time.perf_counter() - start
        found.append(Trained(rows.name, len(rows.texts), len(own), sum(label in own for label in test.labels) / len(test.labels), scores, seconds))
    return found


def _some(labels: set[str]) -> str:
    listed = sorted(labels)
    return ", ".join(listed[:4]) + (f" and {len(listed) - 4} more" if len(listed) > 4 else "")
