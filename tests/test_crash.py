"""Killed without warning, again and again, a run that asks models loses nothing that was paid for, and ends with the world of an undisturbed run."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import yaml

from tests.servers.model_server import ModelServer
from tests.servers.stand_in import at, fingerprint, missed, stand_in, table
from understudy import Recipe, make
from understudy.asking import Asking
from understudy.audit.rules import audit_world
from understudy.engine.client import FLUSH
from understudy.making import open_world
from understudy.rng import Stream, stream

TOWN = Recipe.build({"people": 5, "days": 2, "density": 0.3, "seed": 7, "models": "mock/m"})
KILLS, PARALLEL, LATENCY = 20, 4, 0.03


@contextmanager
def warm(recipe: Path) -> Iterator[subprocess.Popen[str]]:
    """A process that starts the command line at once."""
    command = [sys.executable, "-m", "tests.servers.warm", str(recipe)]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[1], env=dict(os.environ))
    try:
        yield process
    finally:
        assert process.stdin is not None
        process.stdin.close()
        process.wait(30)


def line(process: subprocess.Popen[str]) -> str:
    """The next line that the process prints."""
    assert process.stdout is not None
    return process.stdout.readline().strip()


def begin(process: subprocess.Popen[str], *words: str | Path) -> int:
    """Start a command; its process id."""
    assert process.stdin is not None
    process.stdin.write(json.dumps([str(word) for word in words]) + "\n")
    process.stdin.flush()
    return int(line(process))


def wait_and_kill(pid: int, server: ModelServer, draw: Stream, number: int) -> None:
    """Kill a process at a drawn moment: after so many more answers, or (every fifth) after so many seconds, wherever it is by then."""
    moment = draw.whole(0, 60) / 1000
    if number % 5 == 4:
        time.sleep(draw.whole(0, 1500) / 1000)
    else:
        more = server.stats()["finished"] + draw.whole(1, 9)
        until = time.monotonic() + 20
        while server.stats()["finished"] < more and time.monotonic() < until and Path(f"/proc/{pid}").exists():
            time.sleep(0.005)
    time.sleep(moment)
    os.kill(pid, signal.SIGKILL)  # the parent has not waited for it, so that the id is still its own


@pytest.mark.skipif(not hasattr(os, "fork") or not Path("/proc").is_dir(), reason="forks and looks into /proc")
def test_killed_twenty_times(tmp_path: Path) -> None:
    """Trap: an answer that was paid for and not yet kept; a half-written part that counts; a resumed run that asks something else than the first."""
    draw = stream(11, "kills")
    with stand_in(TOWN, latency=LATENCY) as server:
        recipe = tmp_path / "recipe.yaml"
        recipe.write_text(yaml.safe_dump(at(TOWN, server).model_dump(mode="json", exclude={"inputs"})))
        words = ("make", recipe, "--out", tmp_path / "town", "--parallel", str(PARALLEL))
        killed, code = 0, -signal.SIGKILL
        with warm(recipe) as process:
            assert line(process) == "ready"
            while killed < KILLS:
                pid = begin(process, *words)
                wait_and_kill(pid, server, draw, killed)
                code = int(line(process))
                if code != -signal.SIGKILL:
                    break
                killed += 1
            assert (killed, code) == (KILLS, -signal.SIGKILL), "it was through too early to prove anything"
            assert not list((tmp_path / "town" / "parts").glob("*.json")), "killed too late to prove anything"
            begin(process, *words)
            assert int(line(process)) == 0
        assert missed(server) == []
        asked, finished = server.stats()["asked"], server.stats()["finished"]
    check_calls(tmp_path / "town", asked, finished, killed)
    with stand_in(TOWN) as server:
        direct = make(at(TOWN, server), tmp_path / "direct", asking=Asking())
    assert fingerprint(tmp_path / "town") == fingerprint(direct.path)
    assert [finding for finding in audit_world(open_world(tmp_path / "town")) if finding.offending] == []


def check_calls(world: Path, asked: dict[str, int], finished: int, killed: int) -> None:
    """Every call is in the journal once, and only what was in flight (or in the gathering of one commit) at a kill was asked again."""
    known = table(TOWN)
    again = {key: count - 1 for key, count in asked.items() if key in known and count > 1}
    assert set(known) <= set(asked)
    most = PARALLEL + int(FLUSH / LATENCY * PARALLEL)  # in flight, and back but not yet committed
    assert max(again.values(), default=0) <= killed
    assert sum(again.values()) <= most * killed, again
    base = sqlite3.connect(world / "calls.sqlite")
    assert base.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    assert (
        base.execute("SELECT count(*), count(DISTINCT key), count(DISTINCT call || '/' || attempt || '/' || turn) FROM calls").fetchone() == (len(known),) * 3
    )
    base.close()
    print(f"{killed} kills, {len(known)} calls, {sum(again.values())} asked again, {finished} answered")
