"""The commands `module check|schema|draw|write`, as a user types them."""

from __future__ import annotations

import json
from pathlib import Path

from typer.testing import CliRunner

from understudy.cli.authoring import app
from understudy.errors import RecipeError

KITE = Path(__file__).parent / "kite_day.yaml"


def run(*words: str | Path):  # type: ignore[no-untyped-def]
    return CliRunner().invoke(app, [str(w) for w in words])


def test_check_says_what_and_ends_with_2(tmp_path: Path) -> None:
    assert run("check", KITE, "--strict").exit_code == 0
    path = tmp_path / "kite_day.yaml"
    path.write_text(KITE.read_text().replace("place: park", "place: moon").replace('"Buy line"', '"Buy line!!"'))
    done = run("check", tmp_path)
    assert done.exit_code == 2
    assert "kite_day.yaml, line 19: events.flown.place: there is no place moon" in done.output
    assert "1 problem in 1 module" in done.output


def test_schema_is_json() -> None:
    assert json.loads(run("schema").output)["title"] == "a life module"


def test_draw_writes_the_picture(tmp_path: Path) -> None:
    done = run("draw", KITE, "--out", tmp_path / "kite.svg")
    assert done.exit_code == 0
    assert "2 events, 3 traces" in done.output
    assert (tmp_path / "kite.svg").read_text().startswith("<svg ")


def test_write_never_overwrites_what_somebody_wrote(tmp_path: Path) -> None:
    """Trap: an afternoon's work replaced by a model's."""
    own = tmp_path / "kite_day.yaml"
    own.write_text(KITE.read_text())
    done = run("write", "an afternoon with a kite", "--out", own, "--model", "openai/gpt-5-mini", "--batch", tmp_path / "batch")
    assert isinstance(done.exception, RecipeError)
    assert "no model wrote it" in str(done.exception)
    assert own.read_text() == KITE.read_text()
