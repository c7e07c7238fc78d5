"""The commands that learn: data sets of a world, light models trained on them, and the papers' ablations."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from understudy.training.ablation import Ablated
    from understudy.training.compare import Trained
    from understudy.training.search import Searched
    from understudy.training.tables import Labelled

dataset = typer.Typer(no_args_is_help=True, add_completion=False, rich_markup_mode=None, help="Data sets of a world, as files that trainers read.")
train = typer.Typer(no_args_is_help=True, add_completion=False, rich_markup_mode=None, help="Light models, trained here and now, to see what data is worth.")


@dataset.command()
def documents(
    world: Annotated[Path, typer.Argument(help="the folder of a world")],
    out: Annotated[Path, typer.Option(help="the folder of the data sets")],
    size: Annotated[int, typer.Option(min=1, help="rows a task to train on, at most; an eighth of it to validate and to test")] = 4000,
    tasks: Annotated[list[str] | None, typer.Option(help="one of the tasks, all without it (repeat the flag)")] = None,
    labels: Annotated[Path | None, typer.Option(help="YAML, our category: your label (see examples/labels)")] = None,
) -> None:
    """Write PersonaTrace's downstream tasks (categorization, drafting, answering, next_message) and search, split by community, with a data card."""
    from understudy.datasets.build import TASKS, build
    from understudy.making import open_world

    made = build(open_world(world), out, size, tasks or TASKS, labels)
    if made.note.startswith("WARNING"):
        typer.echo(made.note, err=True)
    for task, counts in made.rows.items():
        typer.echo(f"{task}: {', '.join(f'{n:,} {split}' for split, n in counts.items())}")
    if made.labels:
        typer.echo(f"labels to train on: {', '.join(f'{label} {n:,}' for label, n in sorted(made.labels.items(), key=lambda c: -c[1]))}")
    for remark in made.remarks:
        typer.echo(remark)
    typer.echo(f"wrote {out}; its README.md says how everything was made")


@train.command("documents")
def train_documents(
    sets: Annotated[list[Path], typer.Argument(help="training sets: folders of `dataset documents`, or CSV or JSONL with labels", metavar="A [B C ...]")],
    test: Annotated[Path, typer.Option(help="labelled texts to test on: CSV, JSONL, or such a folder (its test split)")],
    column: Annotated[str | None, typer.Option(help="the column of the texts; default: text, body, content, ...")] = None,
    label: Annotated[str | None, typer.Option(help="the column of the labels; default: label, category, class, ...")] = None,
    size: Annotated[int, typer.Option(min=1, help="rows of each set at most, drawn")] = 4000,
    seed: Annotated[int, typer.Option(min=0, help="the draw of rows, and the transformer's start")] = 1,
    json_file: Annotated[Path | None, typer.Option("--json", help="write the figures there, too")] = None,
) -> None:
    """Train four light models on each set and test them on one file: accuracy and macro-F1, several training sets in one table."""
    need("numpy", "eval")
    from understudy.training.compare import compare
    from understudy.training.tables import read_labelled

    tested = read_labelled(test, column, label, "test")
    given = [read_labelled(path, column, label, strict=False).cut(size, seed) for path in sets]
    for rows in (*given, tested):
        if rows.left:
            typer.echo(f"{rows.name}: {rows.left:,} rows have no text or no label and were left out", err=True)
    found = compare(given, tested, seed, progress=lambda text: typer.echo(f"training {text}", err=True))
    print_trained(found, tested)
    if json_file:
        write_json(json_file, [{**t._asdict(), "scores": {m: s and s._asdict() for m, s in t.scores.items()}} for t in found])


def need(library: str, extra: str) -> None:
    """One sentence with the cure where a library is not installed."""
    from importlib.util import find_spec

    from understudy.errors import InputError

    if find_spec(library) is None:
        raise InputError(f"this needs {library}, which is not installed; pip install 'understudy[{extra}]'")


def wide() -> int:
    """Columns to print a wide table in: the terminal's, and 150 where there is none."""
    import shutil
    import sys

    return shutil.get_terminal_size((150, 24)).columns if sys.stdout.isatty() else 150


def write_json(path: Path, content: Any) -> None:
    """Figures as a file."""
    import json

    from understudy.store.parts import refused

    with refused(path):
        path.write_text(json.dumps(content, indent=1) + "\n")


def print_trained(found: Sequence[Trained], test: Labelled) -> None:
    """The table of training sets and models, and what has to be known to read it."""
    from rich.console import Console
    from rich.table import Table

    from understudy.training.classifiers.vectors import ENCODER
    from understudy.training.compare import TORCH

    titles = {"majority": "majority", "words": "bag of words", "vectors": "embeddings + linear", "transformer": "small transformer"}
    table = Table(title=f"accuracy / macro-F1 on {test.name}: {len(test.texts):,} rows, {len(set(test.labels))} labels", title_justify="left")
    for column in ("trained on", "rows", "labels met", *titles.values()):
        table.add_column(column, justify="left" if column == "trained on" else "right", no_wrap=True)
    for row in found:
        cells = [f"{s.accuracy:.3f} / {s.macro_f1:.3f}" if s else "not installed" for s in row.scores.values()]
        table.add_row(row.name, f"{row.rows:,}", f"{row.met:.0%}", *cells)
    console = Console(width=wide())
    console.print(table)
    console.print(f"embeddings: {ENCODER}; labels met: the test's rows whose label the training set knows, the most that it can get right", highlight=False)
    if any(s is None for row in found for s in row.scores.values()):
        console.print(f"the small transformer needs torch: {TORCH}", highlight=False, markup=False)


@train.command("search")
def train_search(
    folder: Annotated[Path, typer.Argument(help="a folder of `dataset documents`, or one in BEIR's form with qrels/train.tsv", metavar="DIR")],
    beir: Annotated[list[Path] | None, typer.Option(help="a folder to test on besides: corpus.jsonl, queries.jsonl, qrels/test.tsv (repeat the flag)")] = None,
    size: Annotated[int, typer.Option(min=1, help="queries to train on, at most")] = 4000,
    seed: Annotated[int, typer.Option(min=0, help="the draw of queries and the ranker's start")] = 1,
    json_file: Annotated[Path | None, typer.Option("--json", help="write the figures there, too")] = None,
) -> None:
    """Train a light ranker on a world's queries, and print Recall@10 before and after, on held-out communities and on any BEIR folder."""
    need("numpy", "eval")
    from understudy.training.search import search

    found = search(folder, beir or [], size, seed, lambda text: typer.echo(text, err=True))
    print_searched(found)
    if json_file:
        write_json(json_file, [s._asdict() for s in found])


def print_searched(found: Sequence[Searched]) -> None:
    """Recall before and after, a line for each set of queries."""
    from rich.console import Console
    from rich.table import Table

    from understudy.training.classifiers.vectors import ENCODER

    table = Table(title="Recall@10 before and after training", title_justify="left")
    for column in ("queries of", "queries", "documents", "before", "after", "points"):
        table.add_column(column, justify="left" if column == "queries of" else "right")
    for row in found:
        table.add_row(row.name, f"{row.queries:,}", f"{row.documents:,}", f"{row.before:.3f}", f"{row.after:.3f}", f"{100 * (row.after - row.before):+.1f}")
    console = Console()
    console.print(table)
    console.print(f"vectors: {ENCODER}; a query with an owner searches its owner's documents, another the whole corpus", highlight=False)


def ablate(
    recipe: Annotated[Path | None, typer.Argument(help="a recipe; without one, the defaults and the flags")] = None,
    out: Annotated[Path, typer.Option(help="the folder of the towns")] = Path("ablation"),
    people: Annotated[int | None, typer.Option(help="how many people; default: the recipe's")] = None,
    days: Annotated[int | None, typer.Option(help="how many days")] = None,
    seed: Annotated[int | None, typer.Option(help="the seed; the town that is tested on has the next one")] = None,
    noise: Annotated[float | None, typer.Option(help="share of noise among conversations, chats and purchases, 0 to 0.9")] = None,
    density: Annotated[float | None, typer.Option(help="how much people leave behind")] = None,
    start: Annotated[str | None, typer.Option(help="the first day, YYYY-MM-DD")] = None,
    jobs: Annotated[int | None, typer.Option(help="processes; default: one for each core")] = None,
    json_file: Annotated[Path | None, typer.Option("--json", help="write the figures there, too")] = None,
) -> None:
    """Make a town five ways (full; without critics, events, profile, agents), and print what each is worth; the same command goes on where it stopped."""
    need("numpy", "eval")
    from understudy.cli.making import ask_recipe
    from understudy.datasets.documents.categorization import labelled
    from understudy.errors import RecipeError
    from understudy.training.ablation import ablate as measure

    given = {"people": people, "days": days, "seed": seed, "noise": noise, "density": density, "start": start}
    asked = ask_recipe(recipe, {name: value for name, value in given.items() if value is not None}, {})
    if asked.models.asked():
        raise RecipeError("ablate makes its towns with the embedded engine; make those of a model with `understudy make --without ...`")
    found = measure(asked, out, labelled, jobs, lambda text: typer.echo(text, err=True))
    print_ablated(found)
    if json_file:
        write_json(json_file, [{**a._asdict(), "scores": {m: s._asdict() for m, s in a.scores.items()}} for a in found])


def print_ablated(found: Sequence[Ablated]) -> None:
    """One table: diversity, critics, and what a model learns from each town."""
    from rich.console import Console
    from rich.table import Table

    from understudy.training.ablation import encoder

    table = Table(title="a town made five ways", title_justify="left")
    columns = [
        "without",
        "artifacts",
        "questions",
        "pairwise correlation",
        "remote-clique",
        "entropy",
        *found[0].critics,
        "mails",
        "bag of words",
        "embeddings",
    ]
    for column in columns:
        table.add_column(column, justify="left" if column == "without" else "right")
    for row in found:
        measured = [f"{row.correlation:.3f}", f"{row.clique:.3f}", f"{row.entropy:.3f}", *(f"{score:.3f}" for score in row.critics.values())]
        learned = [f"{s.accuracy:.3f} / {s.macro_f1:.3f}" for s in row.scores.values()]
        table.add_row("nothing (full)" if row.way == "full" else row.way, f"{row.artifacts:,}", f"{row.questions:,}", *measured, f"{row.rows:,}", *learned)
    console = Console(width=wide())
    console.print(table)
    for line in (
        f"diversity: of {encoder()[0]}; pairwise correlation (less is better) and remote-clique (more is better) are one signal",
        "critics: the embedded ones' mean scores, 1 to 5, of all mails and messages, held against the ledger",
        "bag of words, embeddings: accuracy / macro-F1 of email categorization, trained on that town, tested on a full town of another seed",
    ):
        console.print(line, highlight=False)
