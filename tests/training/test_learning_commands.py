"""The commands as a user types them: a data set of a world, then a table over it and over a file of one's own."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from understudy import World
from understudy.cli import learning
from understudy.training import compare


def test_from_a_world_to_a_table(small: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compare, "find_spec", lambda name: None)  # as if torch were not there
    run = CliRunner()
    done = run.invoke(learning.dataset, [str(small.path), "--out", str(tmp_path / "set"), "--tasks", "categorization", "--size", "200"])
    assert done.exit_code == 0, done.output
    assert "WARNING: this world is ONE community" in done.output
    (tmp_path / "own.csv").write_text("text,label\nYour statement is ready,money\nSale ends Sunday,shopping\n")
    words = ["documents", str(tmp_path / "set"), str(tmp_path / "own.csv"), "--test", str(tmp_path / "set"), "--json", str(tmp_path / "t.json")]
    done = run.invoke(learning.train, words)
    assert done.exit_code == 0, done.output
    assert "not installed" in done.output
    assert "pip install 'understudy[train]'" in done.output
    ours, own = json.loads((tmp_path / "t.json").read_text())
    assert ours["scores"]["words"]["accuracy"] > ours["scores"]["majority"]["accuracy"] + 0.2
    assert own["rows"] == 2
    assert own["met"] < 1


def test_search_before_and_after(small: World, tmp_path: Path) -> None:
    run = CliRunner()
    done = run.invoke(learning.dataset, [str(small.path), "--out", str(tmp_path / "set"), "--tasks", "search", "--size", "60"])
    assert done.exit_code == 0, done.output
    words = ["search", str(tmp_path / "set"), "--beir", str(tmp_path / "set" / "search"), "--size", "40", "--json", str(tmp_path / "s.json")]
    done = run.invoke(learning.train, words)
    assert done.exit_code == 0, done.output
    first, again = json.loads((tmp_path / "s.json").read_text())
    assert 0 < first["before"] < 1
    assert 0 < first["after"] <= 1
    assert (first["before"], first["after"]) == (again["before"], again["after"])
