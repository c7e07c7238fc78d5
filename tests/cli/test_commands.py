"""Every command does what its help says, help is quick, and what the README shows runs."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from rich.console import Console

from understudy import Recipe, World
from understudy.cli.main import main
from understudy.recipe import Inputs

ROOT = Path(__file__).parents[2]
COMMANDS = ("init", "make", "show", "sql", "audit", "estimate", "preview", "refine", "calls", "score", "ablate", "dataset", "train", "module")


# ------------------------------------------------------------------------------------------------------------------ help


@pytest.mark.parametrize("words", [("--help",), *((c, "--help") for c in COMMANDS)])
def test_help_imports_nothing_heavy(words: tuple[str, ...]) -> None:
    """Trap: the same, before a slow machine notices."""
    text = f"import sys\nfrom understudy.cli.main import main\nsys.argv = ['understudy', *{words!r}]\ntry:\n    main()\nexcept SystemExit:\n    print(*sys.modules, file=sys.stderr)"
    done = subprocess.run([sys.executable, "-c", text], capture_output=True, text=True, check=True)
    heavy = {"duckdb", "numpy", "pandas", "holidays", "yaml", "msgspec", "understudy.recipe", "understudy.pipeline", "understudy.assets"}
    if words == ("--help",):
        heavy.add("pydantic")  # which typer itself asks about a command's flags
    assert not heavy & set(done.stderr.split())
    assert done.stdout.startswith("Usage: ")


def test_every_command_and_flag_has_help(understudy: Any) -> None:
    """Trap: a flag without a word of what it is for; a command that this file does not know."""
    listed = understudy("--help").stdout.split("Commands:")[1]
    assert re.findall(r"^  (\w+) ", listed, re.MULTILINE) == list(COMMANDS)
    for command in COMMANDS:
        text = understudy(command, "--help").stdout
        assert re.search(r"^\n? {2}[A-Z].{20,}", text, re.MULTILINE), f"{command} does not say what it does"
        for flag in re.finditer(r"^  (--[\w-]+)(?: [A-Z<\[][^ ]*)?(.*(?:\n {8,}.*)*)", text, re.MULTILINE):
            assert len(" ".join(flag[2].split())) > 8 or flag[1] == "--help", f"{command} {flag[1]} is not explained"


def test_every_field_of_a_recipe_has_a_flag(understudy: Any) -> None:
    """Trap: a recipe's field that cannot be asked for from the command line, or the other way round."""
    flags = set(re.findall(r"^  --([\w-]+)", understudy("make", "--help").stdout, re.MULTILINE)) - {"help", "out", "jobs"}
    flags -= {"model", "role", "base-url", "budget", "parallel", "retry-failed", "batch", "journal"}  # how models are asked
    files = set(Inputs.model_fields)
    plain = set(Recipe.model_fields) - {"inputs", "news_share", "persona_share", "models", "quality", "tree"}
    assert flags == files | plain


def test_no_words_at_all(understudy: Any) -> None:
    """Trap: help that begins with an error's name."""
    done = understudy()
    assert "Commands:" in done.stdout + done.stderr
    assert "understudy: Usage" not in done.stdout + done.stderr


# ------------------------------------------------------------------------------------------------------------------ init


def fields(model: Any, prefix: str = "") -> set[str]:
    """Every field of a recipe by its dotted name."""
    found = set()
    for name, field in model.model_fields.items():
        inner = getattr(field.annotation, "model_fields", None)
        found |= fields(field.annotation, f"{prefix}{name}.") if inner else {f"{prefix}{name}"}
    return found


def test_init_writes_every_field_with_its_default(understudy: Any, tmp_path: Path) -> None:
    """Trap: a field that the template forgot, a default that it has otherwise, a value that YAML reads as another type."""
    done = understudy("init", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    text = (tmp_path / "recipe.yaml").read_text()
    content = yaml.safe_load(text)
    assert {f"{n}.{m}" if m else n for n, v in content.items() for m in (v if isinstance(v, dict) else [""])} == {
        f.removesuffix(".model") for f in fields(Recipe) if f.count(".") < 2
    } | {"models.all"}
    assert Recipe.load(tmp_path / "recipe.yaml") == Recipe()
    assert Recipe.load(tmp_path / "recipe.yaml").identity() == Recipe().identity()
    assert text.count("#") > len(fields(Recipe)), "every field has a comment"
    assert "recipe.schema.json" in text
    assert (tmp_path / "recipe.schema.json").read_text().startswith("{")


def test_flags_beat_the_recipe_and_paths_are_its_own(understudy: Any, tmp_path: Path) -> None:
    """Trap: a recipe's files are looked for where the command is run, and flags do not count beside a recipe."""
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "mine.jsonl").write_text('{"persona": "A retired nurse who keeps bees"}\n')
    (tmp_path / "deep" / "town.yaml").write_text("people: 10\ndays: 30\nuntil: persona\ninputs: {personas: mine.jsonl}\n")
    done = understudy("make", "deep/town.yaml", "--days", "2", "--jobs", "1", "--out", "town", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    world = World(tmp_path / "town")
    assert world.manifest["recipe"]["days"] == 2
    assert world.sql("select persona from people where persona <> ''")[1] == [("A retired nurse who keeps bees",)]


# ------------------------------------------------------------------------------------------------------------------ show


@pytest.fixture
def show(small: World, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Any:
    """`understudy show` in this process, on a wide terminal; returns what it prints."""
    from understudy.cli import show as pages

    monkeypatch.setattr(pages, "console", Console(highlight=False, width=240))

    def run(*words: str) -> str:
        monkeypatch.setattr(sys, "argv", ["understudy", "show", str(small.path), *words])
        with pytest.raises(SystemExit) as stop:
            main()
        out, err = capfd.readouterr()
        assert not stop.value.code, err
        return out

    return run


def one(world: World, query: str) -> str:
    """The first value of a query."""
    return str(world.sql(query)[1][0][0])


def test_show_the_town(small: World, show: Any) -> None:
    """Trap: a household or somebody in it is left out."""
    page = show()
    assert "12 people for 7 days" in page
    for (ident,) in small.sql("select id from households")[1]:
        assert ident in page
    for given, family in small.sql("select given_name, family_name from people")[1]:
        assert f"{given} {family}" in " ".join(page.replace("│", " ").split())


def test_show_everybody(small: World, show: Any) -> None:
    """Trap: a baby, a person without a job, or a fact with a bracket in it breaks the page."""
    for (ident,) in small.sql("select id from people order by id")[1]:
        page = show(ident)
        assert ident in page
        assert "people around" in page
        for (key,) in small.sql(f"select distinct key from facts where person = '{ident}'")[1]:
            assert key in page


def test_show_households(small: World, show: Any) -> None:
    """Trap: the address, or a member, is missing."""
    for ident, members, address in small.sql("select h.id, h.members, l.address from households h join places l on l.id = h.home")[1]:
        page = show(ident)
        assert address in page
        assert all(member in page for member in members)


@pytest.mark.parametrize("number", [0, 3, 6])
def test_show_a_day(small: World, show: Any, number: int) -> None:
    """Trap: the first and the last day of the window, whose nights lie half outside."""
    day = date.fromisoformat(small.manifest["recipe"]["start"]) + timedelta(days=number)
    page = show(f"{one(small, 'select person from visits group by person order by count(*) desc, person')}@{day}")
    assert f"{day:%A}" in page
    assert "sleep at home" in page
    assert len(page.splitlines()) > 8


def test_show_events_and_artifacts(small: World, show: Any) -> None:
    """Trap: one kind of artifact has no title, another no event, a third no person for an author."""
    idents = [r[0] for r in small.sql("select distinct root from events order by root")[1]]
    idents += [r[0] for r in small.sql("select min(id) from artifacts group by kind, noise, event is null order by 1")[1]]
    for ident in idents:
        page = show(ident)
        assert ident in page
        assert len(page.splitlines()) >= 2


def test_show_what_is_revealed(small: World, show: Any) -> None:
    """Trap: the words that are shown are not the words of the span."""
    ident = one(small, "select artifact from reveals where fact is not null group by artifact order by count(*) desc, artifact")
    quoted = [words.lower() for words in re.findall("“(.*?)”", " ".join(show(ident).split()))]
    for (value,) in small.sql(f"select f.value from reveals r join facts f on f.id = r.fact where r.artifact = '{ident}'")[1]:
        assert any(words and value.lower().startswith(words) for words in quoted)


# ------------------------------------------------------------------------------------------------------------- sql, audit


def test_sql(small: World, understudy: Any) -> None:
    """Trap: rows that do not fit are left out without a word; text in brackets is taken for a color."""
    done = understudy("sql", small.path, "select '[bold]x[/] [red]' as kept")
    assert "[bold]x[/] [red]" in done.stdout
    done = understudy("sql", small.path, "select id from people order by id", "--limit", "3")
    assert "c0000.p02" in done.stdout
    assert "c0000.p03" not in done.stdout
    assert "9 more rows" in done.stdout
    for view in ("inbox", "conversations", "timeline"):
        assert len(small.sql(f"select * from {view} limit 2")[1]) == 2


def test_sql_into_a_pipe_that_closes(small: World) -> None:
    """Trap: `| head -1` ends in a traceback of the broken pipe."""
    line = f'"{sys.executable}" -m understudy.cli.main sql "{small.path}" "select * from visits" --limit 200 | head -1'
    done = subprocess.run(["bash", "-c", line], capture_output=True, text=True, check=False)
    assert "Traceback" not in done.stderr
    assert "Exception" not in done.stderr


def test_audit_says_yes_and_no(small: World, understudy: Any, tmp_path: Path) -> None:
    """Trap: an audit that finds something and still ends with code 0 lets every release gate through."""
    import shutil

    done = understudy("audit", small.path, env={"COLUMNS": "200"})
    assert done.returncode == 0, done.stdout
    assert re.search(r"all \d+ rules hold", done.stdout)
    broken = Path(shutil.copytree(small.path, tmp_path / "broken"))
    (broken / "visits" / "0000.parquet").unlink()
    done = understudy("audit", broken, env={"COLUMNS": "200"})
    assert done.returncode == 1, done.stdout
    assert "visits/0000.parquet is missing" in done.stdout


# ---------------------------------------------------------------------------------------------------------------- README


def blocks(language: str) -> list[str]:
    """The README's blocks in a language."""
    return re.findall(rf"^```{language}\n(.*?)^```", (ROOT / "README.md").read_text(), re.MULTILINE | re.DOTALL)


def test_the_readme_runs(tmp_path: Path) -> None:
    """Trap: the first thing that a newcomer types no longer works."""
    lines = [shlex.split(line, comments=True) for block in blocks("sh") for line in block.splitlines()]
    lines = [words for words in lines if words and words[0] != "make"]
    assert len(lines) >= 5
    for words in lines:
        assert words[0] == ".venv/bin/understudy", f"the README shows {words[0]}, which this test does not know"
        done = subprocess.run([sys.executable, "-m", "understudy.cli.main", *words[1:]], capture_output=True, text=True, cwd=tmp_path, check=False)
        assert done.returncode == 0, f"{' '.join(words)}\n{done.stdout[-2000:]}\n{done.stderr}"
        assert done.stdout


def test_the_readme_python_runs(tmp_path: Path) -> None:
    """Trap: the public names move, and only the README still knows the old ones."""
    for block in blocks("python"):
        done = subprocess.run([sys.executable, "-c", block], capture_output=True, text=True, cwd=tmp_path, check=False)
        assert done.returncode == 0, done.stderr
        assert done.stdout.count("\n") >= 2


def test_the_readme_points_to_what_is_there() -> None:
    """Trap: a link to a page that was renamed, or is still to be written."""
    missing = [p for p in re.findall(r"\]\(([\w./-]+)\)", (ROOT / "README.md").read_text()) if not (ROOT / p).exists()]
    assert not missing
