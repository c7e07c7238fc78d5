"""`dataset documents`: the downstream tasks of a world (PersonaTrace, section 4) as files, split so that nothing leaks, with a data card."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from understudy.datasets.beir import write_search
from understudy.datasets.card import card
from understudy.datasets.documents import answering, categorization, drafting, next_message, search
from understudy.datasets.home import Home, read_home
from understudy.datasets.labels import names, own_labels
from understudy.datasets.rows import SPLITS, Row, even, once
from understudy.datasets.splits import Split, by_community, by_household
from understudy.errors import InputError
from understudy.store.parts import refused
from understudy.store.world import World

TASKS = ("categorization", "drafting", "answering", "next_message", "search")
ENOUGH = 3
"""Communities are read until there are so many times the rows wanted: what is drawn from is wide, and a large world is not read whole."""


class Made(NamedTuple):
    """What was written: rows by task and split, and what has to be said of them."""

    rows: dict[str, dict[str, int]]
    labels: dict[str, int]
    note: str
    remarks: list[str]


def wanted(size: int) -> dict[str, int]:
    """How many rows each split has at most: `size` to train on, an eighth of it to validate and to test."""
    return {"train": size, "val": max(1, size // 8), "test": max(1, size // 8)}


def build(world: World, out: Path, size: int = 4000, tasks: Sequence[str] = TASKS, labels: Path | None = None) -> Made:
    """Write the data sets of a world into a folder; `InputError` for an unknown task or label, or where nothing can be made."""
    unknown = [task for task in tasks if task not in TASKS]
    if unknown:
        raise InputError(f'there is no task "{unknown[0]}"; the tasks are {", ".join(TASKS)}')
    if out.exists() and (not out.is_dir() or any(p.name != "README.md" and p.name not in TASKS for p in out.iterdir())):
        raise InputError(f"{out} holds something else; choose another folder with --out")
    own = own_labels(labels)
    indices = world.parts()
    if not indices:
        raise InputError(f"{world.path} has no finished community; let `understudy make` finish it")
    lone = read_home(world, indices[0]) if len(indices) == 1 else None
    split = by_household(lone, world.seed) if lone else by_community(indices, world.seed)
    searched: dict[str, dict[str, Any]] = {}
    made, remarks = _collect(world, lone, split, size, tasks, own, searched)
    if not any(rows for parts in made.values() for rows in parts.values()):
        raise InputError(f"{world.path} leaves nothing to learn for {', '.join(tasks)}; were artifacts made (until), and do the labels name what is there?")
    with refused(out):
        out.mkdir(parents=True, exist_ok=True)
        for task, parts in made.items():
            if task == "search":
                write_search(out / task, parts, searched)
            else:
                _write(out / task, parts)
        (out / "README.md").write_text(card(world.path.name, _about(world, indices, size), split.note, made, remarks))
    counts = {task: {s: len(rows) for s, rows in parts.items()} for task, parts in made.items()}
    found: dict[str, int] = {}
    for row in made.get("categorization", {}).get("train", ()):
        found[row.meta["label"]] = found.get(row.meta["label"], 0) + 1
    return Made(counts, found, split.note, remarks)


Maker = Callable[[Home, Split], Any]


def _makers(tasks: Sequence[str], own: Mapping[str, str | None] | None, seed: int, searched: dict[str, dict[str, Any]]) -> dict[str, Maker]:
    """How the rows of each task are made, as pairs of a split and a row; `searched` is filled with the documents that search reads."""
    labels = sorted({label for label in own.values() if label}) if own is not None else names()
    makers: dict[str, Maker] = {
        "categorization": lambda home, split: categorization.rows(home, split, own, labels),
        "drafting": drafting.rows,
        "answering": lambda home, split: answering.rows(home, split, seed),
        "next_message": lambda home, split: next_message.rows(home, split, seed),
        "search": lambda home, split: search.rows(home, split, seed, searched),
    }
    return {task: makers[task] for task in TASKS if task in tasks}


def _collect(
    world: World, lone: Home | None, split: Split, size: int, tasks: Sequence[str], own: Mapping[str, str | None] | None, searched: dict[str, dict[str, Any]]
) -> tuple[dict[str, dict[str, list[Row]]], list[str]]:
    """The rows of every task and split, drawn from as many communities as it takes, and remarks on what was left out."""
    makers, limits = _makers(tasks, own, world.seed, searched), wanted(size)
    pools: dict[str, dict[str, list[Row]]] = {task: {s: [] for s in SPLITS} for task in makers}
    read = dict.fromkeys(SPLITS, 0)
    for index, where in sorted(split.communities.items(), key=lambda c: (SPLITS.index(c[1]), c[0])):
        if all(len(pool[where]) >= ENOUGH * limits[where] for pool in pools.values()) and not lone:
            continue
        home = lone or read_home(world, index)
        read[where] += 1
        for task, maker in makers.items():
            for found, row in maker(home, split):
                row.meta["community"], row.meta["split"] = home.number, found
                pools[task][found].append(row)
    made: dict[str, dict[str, list[Row]]] = {}
    remarks = [] if lone else [f"communities read: {', '.join(f'{read[s]} for {s}' for s in SPLITS)}"]
    for task, pool in pools.items():
        said: set[str] = set()
        made[task] = {}
        left = 0
        for where in ("test", "val", "train"):  # the rarer splits first: what they hold may not be in train again
            kept, out = once(pool[where], said, _text)
            left += out
            made[task][where] = even(kept, limits[where], world.seed, f"{task}/{where}", lambda row: str(row.meta["label"]))
        made[task] = {where: made[task][where] for where in SPLITS}
        remarks.append(f"{task}: {left:,} rows left out, for the very same text is in another row; {sum(map(len, pool.values())):,} to draw from")
    return made, remarks


def _text(row: Row) -> str:
    """What makes two rows the same: what is asked and what is answered, names of senders aside."""
    return str(row.meta.get("text") or "\n".join(message["content"] for message in row.messages[1:]))


def _write(folder: Path, parts: Mapping[str, Sequence[Row]]) -> None:
    folder.mkdir(exist_ok=True)
    for where, rows in parts.items():
        with (folder / f"{where}.jsonl").open("w", encoding="utf-8") as chats, (folder / f"{where}.meta.jsonl").open("w", encoding="utf-8") as metas:
            for row in rows:
                chats.write(json.dumps({"messages": row.messages}, ensure_ascii=False) + "\n")
                metas.write(json.dumps(row.meta, ensure_ascii=False) + "\n")


def _about(world: World, indices: Sequence[int], size: int) -> dict[str, Any]:
    recipe = world.manifest["recipe"]
    return {
        "world": f"{recipe['people']} people, {recipe['days']} days from {recipe['start']}, seed {recipe['seed']}, {len(indices)} communities",
        "version": world.manifest.get("version"), "identity of the recipe": world.manifest["identity"], "rows to train on": f"at most {size:,} a task",
    }  # fmt: skip
