"""Whatever a user gets wrong ends with exit code 2 and one sentence that says what, where and the way out; nothing half-written stays behind."""

from __future__ import annotations

import errno
import json
import os
import resource
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from tests.servers.town import Say, refused, without_progress
from understudy import World

PUMS = Path(__file__).parents[1] / "population" / "pums"
QUICK = ("make", "--people", "10", "--days", "2", "--seed", "7", "--jobs", "1", "--out", "town")


# -------------------------------------------------------------------------------------------------------- recipes, flags

RECIPES = {
    "an unknown field": ("peopel: 12\n", "peopel"),
    "an unknown input": ("inputs: {pumps: [a.csv]}\n", "pumps"),
    "nobody": ("people: 0\n", "people"),
    "a word for a number": ("days: many\n", "days"),
    "a list": ("- people\n", "mapping"),
    "a text": ("just a text\n", "mapping"),
    "broken YAML": ("people: [1, 2\n", "line"),
    "no such day": ("start: 2025-02-30\n", "day"),
    "no such stage": ("until: dinner\n", "until"),
    "no text at all": ("people: \x00\n", "town.yaml"),
}


@pytest.mark.parametrize("name", RECIPES)
def test_recipes(say: Say, tmp_path: Path, name: str) -> None:
    """Trap: a misspelt field is ignored and the default made instead."""
    text, word = RECIPES[name]
    (tmp_path / "town.yaml").write_text(text)
    refused(say("make", "town.yaml", "--out", "town"), word)
    assert [p.name for p in tmp_path.iterdir()] == ["town.yaml"]


FLAGS = {
    "nobody": (("--people", "0"), "people"),
    "fewer than nobody": (("--people", "-3"), "people"),
    "no number": (("--people", "ten"), "people"),
    "no days": (("--days", "0"), "days"),
    "no processes": (("--jobs", "0"), "--jobs"),
    "fewer than no processes": (("--jobs", "-1"), "--jobs"),
    "too much noise": (("--noise", "1.5"), "noise"),
    "no density": (("--density", "0"), "density"),
    "no such month": (("--start", "2025-13-01"), "start"),
    "a date in words": (("--start", "next Monday"), "start"),
    "a negative seed": (("--seed", "-1"), "seed"),
    "no such stage": (("--until", "dinner"), "until"),
    "an unknown flag": (("--peoples", "3"), "--peoples"),
    "a flag without its value": (("--people",), "--people"),
    "one word too many": (("a.yaml", "b.yaml"), "b.yaml"),
    "a missing recipe": (("nothing.yaml",), "nothing.yaml"),
    "a folder for a recipe": ((".",), "."),
}


@pytest.mark.parametrize("name", FLAGS)
def test_flags(say: Say, tmp_path: Path, name: str) -> None:
    """Trap: the parser's own complaint is three lines and a usage text, or a traceback."""
    flags, word = FLAGS[name]
    refused(say("make", *flags, "--out", "town"), word)
    assert not list(tmp_path.iterdir())


def test_commands(say: Say) -> None:
    """Trap: an unknown command or a missing argument falls through to a traceback."""
    refused(say("mak"), "mak")
    refused(say("show"), "world")
    refused(say("sql", "town"), "query")
    refused(say("--peopel", "3"), "--peopel")


def test_init_keeps_what_is_there(say: Say, tmp_path: Path) -> None:
    """Trap: a recipe that somebody has worked on is overwritten."""
    (tmp_path / "recipe.yaml").write_text("people: 3\n")
    refused(say("init"), "recipe.yaml")
    assert (tmp_path / "recipe.yaml").read_text() == "people: 3\n"
    refused(say("init", tmp_path / "no" / "such" / "recipe.yaml"), "recipe.yaml")


# ---------------------------------------------------------------------------------------------------------------- worlds


@pytest.mark.parametrize("words", [("show", "town"), ("show", "town", "c0000.p00"), ("sql", "town", "select 1"), ("audit", "town")])
@pytest.mark.parametrize("there", ["nothing", "empty", "a file", "other things"])
def test_no_world(say: Say, tmp_path: Path, words: tuple[str, ...], there: str) -> None:
    """Trap: reading commands make a folder, or take any folder for an empty world."""
    if there == "a file":
        (tmp_path / "town").write_text("no world\n")
    elif there != "nothing":
        (tmp_path / "town").mkdir()
    if there == "other things":
        (tmp_path / "town" / "notes.txt").write_text("mine\n")
    before = sorted(tmp_path.rglob("*"))
    refused(say(*words), "town", "not a world")
    assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.parametrize("there", ["a file", "other things"])
def test_no_room_for_a_world(say: Say, tmp_path: Path, there: str) -> None:
    """Trap: a town is strewn among somebody's files."""
    if there == "a file":
        (tmp_path / "town").write_text("mine\n")
    else:
        (tmp_path / "town").mkdir()
        (tmp_path / "town" / "notes.txt").write_text("mine\n")
    before = sorted(tmp_path.rglob("*"))
    refused(say(*QUICK), "town")
    assert sorted(tmp_path.rglob("*")) == before


def test_another_town_is_there(say: Say, small: World) -> None:
    """Trap: another seed goes on in the same folder, and the world is of two minds."""
    refused(say("make", "--people", "12", "--days", "7", "--seed", "8", "--out", small.path), "seed", "--out")


NOTHING = (
    "c0000.p99", "c0009.p00", "c0000.a999999", "c0000.e99999", "c0000.h99", "somebody", "c0000", "c0000.", ".p00", "c.p00", "", "@", "c0000.p00@", "c0000.p00@2025-13-40",
    "c0000.p00@2031-01-01", "c0000.p00@2024-12-31", "c0000.p99@2025-01-09", "nobody@2025-01-09", "c0000.h00@2025-01-09", "c0000.x00", "'; drop table people; --",
)  # fmt: skip


@pytest.mark.parametrize("what", NOTHING)
def test_ids_of_nothing(say: Say, small: World, what: str) -> None:
    """Trap: an id that is almost right, or not one at all, ends in a KeyError."""
    refused(say("show", small.path, what))


QUERIES = (
    "selec 1",
    "select * from nowhere",
    "select nope from people",
    "select (",
    "",
    ";",
    "select 'a'::int",
    "update people set id = 'x'",
    "select * from people where",
)


@pytest.mark.parametrize("query", QUERIES)
def test_wrong_sql(say: Say, small: World, query: str) -> None:
    """Trap: the database's own error, many lines long; or a statement that changes nothing and says nothing."""
    refused(say("sql", small.path, query), "query failed")


def test_sql_that_asks_for_no_rows(say: Say, small: World) -> None:
    """Trap: a limit below one prints everything but the last row."""
    refused(say("sql", small.path, "select 1", "--limit", "-1"), "--limit")


@pytest.fixture
def broken(small: World, tmp_path: Path) -> Path:
    """A copy of a world, to be damaged."""
    return Path(shutil.copytree(small.path, tmp_path / "town"))


@pytest.mark.parametrize(
    "words",
    [("show", "town"), ("show", "town", "c0000.p00"), ("show", "town", "c0000.p00@2025-01-09"), ("sql", "town", "select count(*), min(email) from people")],
)
@pytest.mark.parametrize("damage", ["manifest", "part", "table", "no table"])
def test_damaged_worlds(say: Say, broken: Path, words: tuple[str, ...], damage: str) -> None:
    """Trap: a half-copied world ends in the reader's traceback."""
    names = {"manifest": ("world.json",), "part": ("parts/0000.json",)}.get(damage, ("people/0000.parquet",))
    for name in names:
        if damage == "no table":
            (broken / name).unlink()
        else:
            (broken / name).write_bytes((broken / name).read_bytes()[:100])
    said = say(*words)
    if damage == "part" and words != ("show", "town"):
        assert said.code == 0, "the tables are whole, only their counts are lost"
        return
    refused(said, "town")


def test_a_world_of_a_newer_version(say: Say, broken: Path) -> None:
    """Trap: tables of tomorrow read as tables of today."""
    manifest = json.loads((broken / "world.json").read_text())
    manifest["schemas"]["people"] = 99
    (broken / "world.json").write_text(json.dumps(manifest))
    refused(say("show", "town"), "newer", "upgrade")


# ----------------------------------------------------------------------------------------------------------------- files

GOOD = {
    "--personas": '{"persona": "A retired nurse who keeps bees"}\n',
    "--news": '{"date": "2025-01-07", "title": "Bridge closes for repairs", "summary": "For a week.", "source": "The Valley Wire"}\n',
    "--profiles": '{"given_name": "Ada", "sex": "female", "age": 40}\n',
}


@pytest.mark.parametrize("flag", GOOD)
@pytest.mark.parametrize(("bad", "word"), [("{broken\n", "line 2"), ('["a list"]\n', "line 2"), ('"a text"\n', "line 2"), (b"\xff\xfe\x00", "UTF-8")])
def test_broken_lines(say: Say, tmp_path: Path, flag: str, bad: str | bytes, word: str) -> None:
    """Trap: lines that cannot be read are dropped in silence."""
    (tmp_path / "mine.jsonl").write_bytes(GOOD[flag].encode() + (bad if isinstance(bad, bytes) else bad.encode()))
    refused(say(*QUICK, flag, "mine.jsonl"), "mine.jsonl", word)
    assert not (tmp_path / "town").exists()


FILES = {
    "a persona that is no text": ("--personas", "a.jsonl", '{"persona": 3}\n', "line 1"),
    "a line without a persona": ("--personas", "a.jsonl", '{"line": "A nurse"}\n', "line 1"),
    "the wrong line, counted with empty ones": ("--personas", "a.jsonl", '\n\n{"line": "A nurse"}\n', "line 3"),
    "news without a title": ("--news", "a.jsonl", '{"date": "2025-01-07"}\n', "line 1"),
    "no news": ("--news", "a.jsonl", "\n", "a.jsonl"),
    "no personas": ("--personas", "a.jsonl", "", "a.jsonl"),
    "no profiles": ("--profiles", "a.csv", "given_name,sex\n", "a.csv"),
    "an unknown column": ("--profiles", "a.csv", "given_name,shoe_size\nAda,39\n", "shoe_size"),
    "a birth date that is none": ("--profiles", "a.csv", "given_name,birth_date\nAda,1985-02-30\n", "row 1"),
    "an age in words": ("--profiles", "a.csv", "given_name,age\nAda,forty\n", "row 1"),
    "a third sex that no table knows": ("--profiles", "a.csv", "given_name,sex\nAda,x\n", "row 1"),
    "a row longer than its header": ("--profiles", "a.csv", "given_name,sex\nAda,f,40,50\n", "row 1"),
    "an age of three hundred": ("--profiles", "a.jsonl", '{"given_name": "Ada", "age": 300}\n', "row 1"),
    "somebody not born yet": ("--profiles", "a.jsonl", '{"given_name": "Ada", "birth_date": "2031-01-01"}\n', "row 1"),
    "shares that are none": ("--distributions", "a.csv", "hello,world\n1,2\n", "a.csv"),
    "PUMS without persons": ("--pums", "psam_hxx.csv", "SERIALNO,WGTP\n1,2\n", "psam"),
    "interests that are none": ("--interests", "a.yaml", "", "a.yaml"),
    "broken interests": ("--interests", "a.yaml", "Music: [Jazz\n", "a.yaml"),
    "an IAB file that is none": ("--interests", "a.tsv", "hello\n", "a.tsv"),
    "attributes that are none": ("--attributes", "a.yaml", "hello: world\n", "a.yaml"),
    "an attribute without values": ("--attributes", "a.yaml", "attributes:\n- {key: traits.a.b, label: x, from: {}}\n", "traits.a.b"),
    "an attribute of an unknown tier": ("--attributes", "a.yaml", "attributes:\n- {key: pets.a.b, label: x, from: {choice: {a: 1}}}\n", "pets.a.b"),
    "an attribute of an unknown catalogue": ("--attributes", "a.yaml", "attributes:\n- {key: traits.a.b, label: x, from: {catalogue: ../../x}}\n", "a.yaml"),
    "an attribute that is there already": ("--attributes", "a.yaml", "attributes:\n- {key: traits.values.motto, label: x, from: {choice: {a: 1}}}\n", "traits.values.motto"),
}  # fmt: skip


@pytest.mark.parametrize("name", FILES)
def test_files_that_do_not_say_what_they_should(say: Say, tmp_path: Path, name: str) -> None:
    """Trap: found out only in the middle of a run, or in a worker, or never."""
    flag, file, text, word = FILES[name]
    (tmp_path / file).write_text(text)
    refused(say(*QUICK, flag, file), word)
    assert not (tmp_path / "town").exists()


@pytest.mark.parametrize("flag", ["--pums", "--distributions", "--profiles", "--personas", "--interests", "--attributes", "--news"])
@pytest.mark.parametrize("there", ["nothing", "a folder"])
def test_missing_files(say: Say, tmp_path: Path, flag: str, there: str) -> None:
    """Trap: a mistyped path is taken for no file at all."""
    if there == "a folder":
        (tmp_path / "mine.csv").mkdir()
    refused(say(*QUICK, flag, "mine.csv"), "mine.csv")
    assert not (tmp_path / "town").exists()


@pytest.mark.parametrize(("file", "column"), [("psam_hxx.csv", "WGTP"), ("psam_pxx.csv", "AGEP"), ("psam_pxx.csv", "SERIALNO")])
def test_pums_without_a_column(say: Say, tmp_path: Path, file: str, column: str) -> None:
    """Trap: a column that a cut-down PUMS file lacks reads as zero."""
    for path in PUMS.glob("*.csv"):
        shutil.copy(path, tmp_path)
    (tmp_path / file).write_text((tmp_path / file).read_text().replace(column, "XXXX", 1))
    refused(say(*QUICK, "--pums", "psam_hxx.csv", "psam_pxx.csv"), file, column)
    assert not (tmp_path / "town").exists()


def test_too_many_profiles_for_a_small_town(say: Say, tmp_path: Path) -> None:
    """Trap: profiles that find no room are dropped in silence."""
    (tmp_path / "mine.jsonl").write_text(GOOD["--profiles"] * 30)
    refused(say(*QUICK, "--profiles", "mine.jsonl"), "30", "people")
    assert not (tmp_path / "town").exists()


# ------------------------------------------------------------------------------------------------------------------ disk


class Full:
    """A file on a disk that has no room left."""

    def __init__(self, file: Any, room: int):
        self.file, self.room = file, room

    def write(self, data: Any) -> int:
        self.room -= len(data)
        if self.room < 0:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return int(self.file.write(data))

    def close(self) -> None:
        self.file.close()


@pytest.mark.parametrize("where", ["manifest", "shared", "rows", "open", "place"])
def test_a_full_disk(say: Say, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, where: str) -> None:
    """Trap: a full disk is a traceback, or leaves a part that looks whole; after some tidying the same command must go on."""
    refusal = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    write_text, write_bytes, path_open, replace = Path.write_text, Path.write_bytes, Path.open, os.replace

    def text(self: Path, *args: Any, **kwargs: Any) -> int:
        if where == "manifest" and self.name.startswith("world.json"):
            raise refusal
        return write_text(self, *args, **kwargs)

    def binary(self: Path, data: bytes) -> int:
        if where == "shared" and self.name == "world.jsonl":
            raise refusal
        return write_bytes(self, data)

    def opened(self: Path, mode: str = "r", *args: Any, **kwargs: Any) -> Any:
        if where == "open" and self.name == "visits.jsonl":
            raise refusal
        file = path_open(self, mode, *args, **kwargs)
        return Full(file, 40_000) if where == "rows" and self.name == "visits.jsonl" else file

    def placed(source: Any, target: Any) -> None:
        if where == "place" and str(target).endswith("visits/0000.parquet"):
            raise refusal
        replace(source, target)

    for owner, name, fake in ((Path, "write_text", text), (Path, "write_bytes", binary), (Path, "open", opened), (os, "replace", placed)):
        monkeypatch.setattr(owner, name, fake)
    refused(say(*QUICK), "the disk is full", "same command")
    for owner, name, real in ((Path, "write_text", write_text), (Path, "write_bytes", write_bytes), (Path, "open", path_open), (os, "replace", replace)):
        monkeypatch.setattr(owner, name, real)
    assert not list((tmp_path / "town").glob("parts/*.json"))
    assert not list((tmp_path / "town").glob(".build/*"))
    assert say(*QUICK).code == 0
    assert World(tmp_path / "town").whole()


def command(*words: str | Path, **more: Any) -> subprocess.Popen[str]:
    """The command line in a process and a group of its own, as under a terminal."""
    line = [sys.executable, "-m", "understudy.cli.main", *map(str, words)]
    ready = more.pop("preexec_fn", lambda: None)

    def begin() -> None:
        signal.signal(signal.SIGINT, signal.SIG_DFL)  # whoever runs the tests in the background has it ignored
        ready()

    return subprocess.Popen(line, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True, preexec_fn=begin, **more)


@pytest.mark.parametrize("room", [100, 9_000, 60_000])
def test_files_that_may_not_grow(tmp_path: Path, room: int) -> None:
    """Trap: DuckDB, too, is refused by the disk, with another kind of error; so are workers, whose errors must find the way home."""

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (room, room))

    words = ("make", "--people", "10", "--days", "3", "--seed", "7", "--jobs", "1" if room < 60_000 else "2", "--out", tmp_path / "town")
    process = command(*words, preexec_fn=limit)
    _, err = process.communicate(timeout=120)
    lines = without_progress(err)
    assert process.returncode == 2, err
    assert len(lines) == 1, err
    assert lines[0].startswith("understudy: cannot write ")
    assert not list((tmp_path / "town").glob("parts/*.json"))


# ------------------------------------------------------------------------------------------------------------ being stopped


def begun(out: Path) -> bool:
    """Whether a community is being made within a minute."""
    for _ in range(1200):
        if list(out.glob(".build/*/visits.jsonl")):
            return True
        time.sleep(0.05)
    return False


@pytest.mark.parametrize("jobs", [1, 2])
def test_ctrl_c(say: Say, tmp_path: Path, jobs: int) -> None:
    """Trap: every worker prints a traceback of its own; nothing says whether the work is lost."""
    out = tmp_path / "town"
    words = ("make", "--people", "35", "--days", "1", "--seed", "7", "--jobs", str(jobs), "--out", out)
    process = command(*words)
    assert begun(out)
    os.killpg(process.pid, signal.SIGINT)
    _, err = process.communicate(timeout=30)
    lines = without_progress(err)
    assert process.returncode == 130, err
    assert len(lines) == 1, err
    assert "same command" in lines[0]
    assert not World(out).whole(), "it was stopped too late to prove anything"
    assert say(*words).code == 0
    assert World(out).whole()


def test_a_worker_that_is_killed(tmp_path: Path) -> None:
    """Trap: the system kills a worker for want of memory: a traceback of the pool, or an endless wait."""
    out = tmp_path / "town"
    words = ("make", "--people", "35", "--days", "1", "--seed", "7", "--jobs", "2", "--out", out)
    process = command(*words)
    assert begun(out)
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
    workers = [int(c) for c in children if b"spawn_main" in Path(f"/proc/{c}/cmdline").read_bytes()]
    os.kill(workers[0], signal.SIGKILL)
    _, err = process.communicate(timeout=30)
    lines = without_progress(err)
    assert (process.returncode, len(lines)) == (2, 1), err
    assert "--jobs 1" in lines[0]
