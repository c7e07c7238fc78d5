"""The command `score`: a world and anybody's texts in one table, in the terminal, as a page, as JSON."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from understudy.errors import DiskError, InputError

EXTRA = ("numpy",)
"""What a scoring cannot do without."""


def score(
    sets: Annotated[list[Path], typer.Argument(metavar="WORLD", help="a world, and after it files (.jsonl, .json, .csv, .txt) or folders of others' texts")],
    against: Annotated[Path | None, typer.Option(help="real texts (or seeds) that each set is held against, a file or a folder")] = None,
    report: Annotated[Path | None, typer.Option(help="write one self-contained HTML page there")] = None,
    out: Annotated[Path | None, typer.Option("--json", help="write every figure there")] = None,
    kind: Annotated[str | None, typer.Option(help="only this kind of text, such as email or message; default: mails and conversations")] = None,
    encoder: Annotated[str, typer.Option(help="minilm or hashed; default: minilm where it is installed")] = "",
    sample: Annotated[int, typer.Option(min=10, help="texts of each set that are embedded")] = 2000,
    judge: Annotated[str, typer.Option(help="PROVIDER/MODEL that gives marks, embedded (flaws counted, nothing understood) or none")] = "embedded",
    second: Annotated[str | None, typer.Option(help="a second judge, whose agreement with the first is printed")] = None,
    judged: Annotated[int, typer.Option(min=1, help="texts of each set that are judged")] = 100,
    base_url: Annotated[str | None, typer.Option(help="the address of an OpenAI-compatible server, for both judges")] = None,
    budget: Annotated[str | None, typer.Option(help='stop in order at "$5", 2Mtok or 30min')] = None,
    seed: Annotated[int, typer.Option(help="which texts are sampled")] = 0,
) -> None:
    """Measure diversity, repetition, realism, voices, privacy and consistency of a world, beside anybody's texts."""
    _needs()
    from understudy.scoring.encoding import choose
    from understudy.scoring.score import prepare
    from understudy.scoring.score import score as measure

    if encoder not in ("", "minilm", "hashed"):
        raise InputError(f'--encoder is "{encoder}"; it is minilm or hashed')
    found, worlds = _read(sets, kind)
    chosen = choose(encoder)
    given = [prepare(s, w, chosen, w.path / "derived" / "vectors" if w else None, sample, seed) for s, w in zip(found, worlds, strict=True)]
    held = prepare(_others(against, kind), None, chosen, None, sample, seed) if against else None
    extra, notes = _audits(worlds)
    marks = _judged(found, (judge, second), judged, base_url, budget, seed, worlds)
    scores = measure(given, chosen, held, [*marks[0], *extra], [*notes, *marks[1]], seed)
    print_scores(scores)
    if out:
        from understudy.scoring.table import as_json

        _write(out, json.dumps(as_json(scores), indent=1, ensure_ascii=False) + "\n")
    if report:
        from understudy.scoring.picture import page

        _write(report, page(scores, given, held, chosen.embed))
        typer.echo(f"wrote {report}")


def _needs() -> None:
    """One sentence where numpy is missing."""
    from importlib.util import find_spec

    missing = [name for name in EXTRA if find_spec(name) is None]
    if missing:
        raise InputError(f'scoring needs {", ".join(missing)}; pip install "understudy[eval]" brings it')


def _read(paths: Sequence[Path], kind: str | None) -> tuple[list[Any], list[Any]]:
    """The sets and, where one is a world, the world; two sets of one name are told apart by number."""
    from understudy.making import open_world
    from understudy.scoring.reading import of_world
    from understudy.scoring.score import of_kind
    from understudy.store.world import MANIFEST

    found: list[Any] = []
    worlds: list[Any] = []
    for path in paths:
        world = open_world(path) if (path / MANIFEST).is_file() else None
        one = of_kind(of_world(world), kind) if world and kind else _letters(of_world(world)) if world else _others(path, kind)
        names = [f.name for f in found]
        found.append(one._replace(name=f"{one.name} ({len(names) + 1})") if one.name in names else one)
        worlds.append(world)
    return found, worlds


def _letters(found: Any) -> Any:
    """A world's mails and conversations: what other sets hold; lists, searches and reminders are no prose."""
    from understudy.scoring.samples import MAIL, TALK

    kept = tuple(p for p in found.pieces if p.kind in (*MAIL, *TALK))
    if not kept:
        raise InputError(f"{found.name} holds neither mails nor conversations; name a kind of text with --kind")
    return found._replace(pieces=kept)


def _others(path: Path, kind: str | None) -> Any:
    from understudy.scoring.reading import read_set
    from understudy.scoring.score import of_kind

    return of_kind(read_set(path), kind) if kind else read_set(path)


def _audits(worlds: Sequence[Any]) -> tuple[list[Any], list[str]]:
    """The share of the audit's rules that each world keeps, in one row each."""
    from understudy.audit.rules import audit_world
    from understudy.scoring.score import promises

    rows: list[Any] = []
    for place, world in enumerate(worlds):
        if world:
            own = promises([(f.rule, f.rows, len(f.offending)) for f in audit_world(world)], place, len(worlds))
            rows = [a._replace(cells=tuple(x or y for x, y in zip(a.cells, b.cells, strict=True))) for a, b in zip(rows, own, strict=True)] if rows else own
    return rows, []


def _judged(
    found: Sequence[Any], judges: tuple[str, str | None], count: int, base_url: str | None, budget: str | None, seed: int, worlds: Sequence[Any]
) -> tuple[list[Any], list[str]]:
    """The rows of one or two judges; the calls are kept in the first world's derived folder, so that none is paid twice."""
    if judges[0] == "none":
        return [], []
    from understudy.cli.models import asking, with_models
    from understudy.recipe import Recipe
    from understudy.scoring.judge import judge_sets, marks_rows

    home = next((w.path for w in worlds if w), None)
    folder = home / "derived" / "scores" if home else Path("understudy-scores")
    how = asking(budget, 64, False, None, None)
    heard = [
        judge_sets(
            found,
            with_models(Recipe.build({}, "the command line"), None, [f"judge={name}"], None if name == "embedded" else base_url),
            folder,
            how,
            count,
            seed,
        )
        for name in judges
        if name
    ]
    return marks_rows(len(found), heard)


def _write(path: Path, content: str) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode("utf-8", "replace"))
    except OSError as error:
        raise DiskError(f"cannot write {path} ({error.strerror}); choose another place") from None


def print_scores(scores: Any) -> None:
    """The table, a line a measure, with intervals below the figures they belong to, and references below the measures where the terminal is narrow."""
    from rich.box import SIMPLE
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    console = Console(highlight=False)
    for note in scores.notes:
        console.print(escape(note), style="dim")
    wide = console.width >= 70 + 14 * len(scores.sets) + 34
    table = Table(box=SIMPLE, pad_edge=False, padding=(0, 1, 0, 0))
    table.add_column("measure", overflow="fold")
    for name in scores.sets:
        table.add_column(escape(name), justify="right", overflow="fold", min_width=11)
    table.add_column("better")
    if wide:
        table.add_column("reference", overflow="fold", style="dim")
    for group in scores.groups():
        table.add_section()
        table.add_row(f"[bold]{escape(group)}[/]")
        for line in scores.rows:
            if line.group == group:
                cells = ["" if c is None else c.shown + (f"\n[dim]{c.low:.3f} {c.high:.3f}[/]" if c.low is not None else "") for c in line.cells]
                below = f"\n[dim]   {escape(line.reference)}[/]" if line.reference and not wide else ""
                table.add_row(f" {escape(line.name)}{below}", *cells, line.better, *([escape(line.reference)] if wide else []))
    console.print(table)
