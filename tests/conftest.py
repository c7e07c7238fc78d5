"""Fixtures: one small world for all tests that only read, and a runner for the command line."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.servers.town import Made, Say, made_in, run_main
from understudy import Recipe, World, make


@pytest.fixture(scope="session")
def small(tmp_path_factory: pytest.TempPathFactory) -> World:
    """Twelve people for a week, whole."""
    return make(Recipe(people=12, days=7, seed=7), tmp_path_factory.mktemp("worlds") / "small", jobs=1)


@pytest.fixture(scope="session")
def month(tmp_path_factory: pytest.TempPathFactory) -> World:
    """Twenty-four people for four weeks: what `make demo` makes."""
    return make(Recipe(people=24, days=28, seed=1), tmp_path_factory.mktemp("worlds") / "month", jobs=1)


def cli(*words: str | Path, env: dict[str, str] | None = None, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    """Run the command line in a process of its own, as a user does."""
    return subprocess.run(
        [sys.executable, "-m", "understudy.cli.main", *map(str, words)], capture_output=True, text=True, env={**os.environ, **(env or {})}, cwd=cwd, check=False
    )


@pytest.fixture
def understudy() -> Any:
    """The command line as a function."""
    return cli


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """The small town by models that several files of tests look at."""
    return made_in(tmp_path_factory.mktemp("models"))


@pytest.fixture
def say(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Say:
    """The command line in this process, in an empty folder."""
    monkeypatch.chdir(tmp_path)
    return lambda *words: run_main(monkeypatch, capfd, words)
