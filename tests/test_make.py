"""`make` gives the same bytes on any number of processes and after any accident, goes on where it stopped, and keeps what is there."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from understudy import Recipe, UnderstudyError, World, make
from understudy.assets import file_hash

TOWN = Recipe(people=60, days=3, seed=7)
"""Several communities in a few seconds."""
PAIR = Recipe(people=35, days=2, seed=7)
"""Two communities, to be cut off."""


def files(world: Path) -> dict[str, str]:
    """The checksum of every file of a world by its name; what was derived later (scores, vectors) is not of its making."""
    found = [p for p in sorted(world.rglob("*")) if p.is_file() and "derived" not in p.relative_to(world).parts]
    return {str(p.relative_to(world)): hashlib.sha256(p.read_bytes()).hexdigest() for p in found}


def stamps(world: Path) -> dict[str, tuple[int, int]]:
    """Which file lies there and when it was last written."""
    return {str(p.relative_to(world)): (p.stat().st_ino, p.stat().st_mtime_ns) for p in world.rglob("*.parquet")}


def start(*words: str | Path, **env: str) -> subprocess.Popen[bytes]:
    """The command line in a process of its own that can be killed; it leads its own group, so that its workers can be counted."""
    command = [sys.executable, "-m", "understudy.cli.main", *map(str, words)]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env={**os.environ, **env}, start_new_session=True)


def wait_for(what: Any, seconds: float = 60.0) -> bool:
    """Whether something comes true within so many seconds."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if what():
            return True
        time.sleep(0.02)
    return False


def living(group: int) -> list[str]:
    """The processes of a group that still run."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rsplit(") ", 1)[1].split()
        except OSError:
            continue
        if int(fields[2]) == group and fields[0] != "Z":
            found.append(stat.parent.name)
    return found


@pytest.fixture(scope="session")
def pair(tmp_path_factory: pytest.TempPathFactory) -> World:
    """Two communities for two days, made undisturbed in one process."""
    return make(PAIR, tmp_path_factory.mktemp("pair") / "town", jobs=1)


def test_the_same_recipe_gives_the_same_bytes(small: World, tmp_path: Path) -> None:
    """Trap: something left over from the first world in this process (a cache, a counter) or a clock reaches the second."""
    again = make(Recipe(people=12, days=7, seed=7), tmp_path / "again", jobs=1)
    assert files(again.path) == files(small.path)


def test_the_number_of_processes_changes_nothing(tmp_path: Path) -> None:
    """Trap: communities made one after the other in one process leave traces in each other (caches of small talk, repetition counts)."""
    one = make(TOWN, tmp_path / "one", jobs=1)
    assert len(one.parts()) >= 2
    assert files(make(TOWN, tmp_path / "two", jobs=2).path) == files(one.path)


def test_hash_seeds_change_nothing(tmp_path: Path) -> None:
    """Trap: somewhere a set of strings is iterated, whose order differs from process to process."""
    words = ("make", "--people", "10", "--days", "3", "--seed", "7", "--jobs", "1", "--out")
    runs = [start(*words, tmp_path / number, PYTHONHASHSEED=number) for number in ("0", "1")]
    assert [run.wait(120) for run in runs] == [0, 0]
    assert files(tmp_path / "0") == files(tmp_path / "1")


def test_more_people_keep_those_who_are_there(tmp_path: Path) -> None:
    """Trap: a later community is drawn from the same stream as an earlier one, or sizes depend on how many are asked for."""
    world = make(TOWN.model_copy(update={"people": 35, "until": "life"}), tmp_path / "world", jobs=1)
    before, known = files(world.path), {i: world.part(i)["community"] for i in world.parts()}
    kept = [i for i in known if known[i][1]]
    assert kept, "no community of its natural size; choose other numbers"
    assert [i for i in known if not known[i][1]] in ([], [max(known)]), "only the last community may be short"
    grown = make(TOWN.model_copy(update={"people": 80, "until": "life"}), tmp_path / "world", jobs=1)
    after = files(grown.path)
    assert grown.counts()["people"] >= 80
    for name, sum_ in before.items():
        if any(name.endswith((f"{i:04d}.parquet", f"{i:04d}.json")) for i in kept) or "world.parquet" in name:
            assert after[name] == sum_, name
    direct = make(TOWN.model_copy(update={"people": 80, "until": "life"}), tmp_path / "direct", jobs=1)
    assert files(direct.path) == after, "growing and making at once are the same town"


def test_a_whole_world_is_left_alone(small: World, understudy: Any) -> None:
    """Trap: the second run makes everything again, or touches files that somebody is reading."""
    before, when = files(small.path), stamps(small.path)
    done = understudy("make", "--people", "12", "--days", "7", "--seed", "7", "--out", small.path)
    assert done.returncode == 0
    assert done.stdout.startswith("nothing to do: ")
    assert done.stdout.count("\n") == 1
    assert (files(small.path), stamps(small.path)) == (before, when)


@pytest.mark.parametrize(("field", "value"), [("seed", 8), ("days", 8), ("noise", 0.5), ("people", 11)])
def test_another_recipe_is_refused(small: World, field: str, value: Any) -> None:
    """Trap: two towns in one folder; the sentence must name what differs."""
    before = files(small.path)
    with pytest.raises(UnderstudyError, match=field if field != "people" else "12 people already"):
        make(Recipe.build({"people": 12, "days": 7, "seed": 7, field: value}), small.path, jobs=1)
    assert files(small.path) == before


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_killed_in_the_middle(pair: World, tmp_path: Path, jobs: str) -> None:
    """Trap: a part that looks whole and is not; workers that outlive their parent and write into the next run's folder."""
    out = tmp_path / "town"
    words = ("make", "--people", "35", "--days", "2", "--seed", "7", "--jobs", jobs, "--out", out)
    process = start(*words)
    assert wait_for(lambda: list((out / ".build").glob("*/visits.jsonl"))), "it never began"
    time.sleep(0.5)
    process.kill()
    process.wait()
    assert wait_for(lambda: not living(process.pid), 10), "workers outlive the process that started them"
    left = World(out)
    for index in left.parts():
        for table, about in left.part(index)["tables"].items():
            assert file_hash(out / table / f"{index:04d}.parquet") == about["sha256"]
    assert not left.whole(), "it was killed too late to prove anything"
    if jobs == "1":
        assert start(*words).wait(120) == 0
    else:
        make(PAIR, out, jobs=1)
    assert files(out) == files(pair.path)


def cut(monkeypatch: pytest.MonkeyPatch, ending: str, nth: int) -> None:
    """Stop the process when the nth file of this kind is to be moved into place."""
    really, seen = os.replace, []

    def replace(source: Any, target: Any) -> None:
        if str(target).endswith(ending):
            seen.append(target)
            if len(seen) == nth:
                raise KeyboardInterrupt
        really(source, target)

    monkeypatch.setattr(os, "replace", replace)


@pytest.mark.parametrize(("ending", "nth"), [("0001.parquet", 5), ("0001.json", 1)])
def test_cut_off_while_committing(pair: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ending: str, nth: int) -> None:
    """Trap: tables are moved into place one by one; whoever stops between two of them must not leave a part that counts."""
    cut(monkeypatch, ending, nth)
    with pytest.raises(KeyboardInterrupt):
        make(PAIR, tmp_path / "town", jobs=1)
    monkeypatch.undo()
    assert World(tmp_path / "town").parts() == [0]
    assert files(make(PAIR, tmp_path / "town", jobs=1).path) == files(pair.path)


def test_cut_off_while_the_last_community_grows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Trap: a short last community is made again, longer: its old part file still counts while half of its tables are new."""
    few = Recipe(people=10, days=1, seed=7, until="life")
    more = few.model_copy(update={"people": 20})
    assert not make(few, tmp_path / "town", jobs=1).part(0)["community"][1], "the first community is whole with 10 people; choose another seed"
    cut(monkeypatch, "0000.parquet", 5)
    with pytest.raises(KeyboardInterrupt):
        make(more, tmp_path / "town", jobs=1)
    monkeypatch.undo()
    assert World(tmp_path / "town").parts() == []
    assert files(make(more, tmp_path / "town", jobs=1).path) == files(make(more, tmp_path / "direct", jobs=1).path)


def test_stages_one_after_another(small: World, tmp_path: Path) -> None:
    """Trap: a run that stops early writes other facts than one that goes on, or cannot be gone on with."""
    asked = Recipe(people=12, days=7, seed=7)
    empty = {"persona": ("events", "visits", "artifacts", "questions"), "life": ("artifacts", "reveals", "questions"), "artifacts": ("questions",)}
    full = {"persona": ("people", "ties", "facts"), "life": ("events", "visits", "facts"), "artifacts": ("artifacts", "reveals")}
    for stage, tables in empty.items():
        counts = make(asked.model_copy(update={"until": stage}), tmp_path / "world", jobs=1).counts()
        assert not any(counts[t] for t in tables), stage
        assert all(counts[t] for t in full[stage]), stage
    assert files(make(asked, tmp_path / "world", jobs=1).path) == files(small.path)


def test_an_earlier_stage_throws_nothing_away(small: World) -> None:
    """Trap: asking a whole world for less (`--until life`) remakes it without what it holds."""
    asked, before, when = Recipe(people=12, days=7, seed=7), files(small.path), stamps(small.path)
    world = make(asked.model_copy(update={"until": "life"}), small.path, jobs=1)
    assert world.whole()
    assert world.counts() == small.counts()
    assert stamps(small.path) == when
    assert files(make(asked, small.path, jobs=1).path) == before


def test_a_run_beside_a_running_one(tmp_path: Path, understudy: Any) -> None:
    """Trap: the same command started twice at once: the second clears away what the first writes, and empty tables look whole."""
    words = ("make", "--people", "10", "--days", "120", "--seed", "7", "--jobs", "1", "--out", tmp_path / "town")
    first = start(*words)
    assert wait_for(lambda: list((tmp_path / "town" / ".build").glob("*/visits.jsonl"))), "it never began"
    second = understudy(*words)
    assert (second.returncode, second.stderr.count("\n")) == (2, 1)
    assert "another process" in second.stderr
    assert first.wait(120) == 0
    world = World(tmp_path / "town")
    assert world.whole()
    for table, about in world.part(0)["tables"].items():
        assert len(list(world.rows(table, 0))) >= about["rows"]
