"""The commands `module check|schema|draw|write`: modules of one's own, looked over, drawn, and written by a model."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from understudy.errors import DiskError, InputError, RecipeError

if TYPE_CHECKING:
    from understudy.authoring.writing import Theme, Written

app = typer.Typer(name="module", no_args_is_help=True, help="Life modules of your own: check, draw, have one written.", rich_markup_mode=None)
SHOWN = 200
"""Characters of a text that are printed."""


@app.command()
def check(
    paths: Annotated[list[Path], typer.Argument(help="module files, or folders of them")],
    strict: Annotated[bool, typer.Option("--strict", help="matters of style too: few alternatives, openings that repeat, exclamation marks")] = False,
) -> None:
    """Look modules over before they are lived: dead ends, impossible times, slots and leads that go nowhere; exit code 2 if something is found."""
    from understudy.authoring.check import check_modules

    files = _files(paths)
    problems = check_modules(files, strict)
    for problem in problems:
        typer.echo(problem)
    count = f"{len(files)} module{'s' * (len(files) != 1)}"
    if problems:
        typer.echo(f"{len(problems)} problem{'s' * (len(problems) != 1)} in {count}")
        raise typer.Exit(2)
    typer.echo(f"{count}: nothing found{'' if strict else '; --strict looks at style, too'}")


def _files(paths: Sequence[Path]) -> list[Path]:
    from understudy.ontology.modules import module_files

    return list(dict.fromkeys(file for path in paths for file in module_files(path)))


@app.command()
def schema() -> None:
    """Print the JSON Schema of a module, for editors."""
    from understudy.authoring.schema import schema as of_modules

    typer.echo(of_modules(), nl=False)


@app.command()
def draw(
    path: Annotated[Path, typer.Argument(help="a module's file")],
    out: Annotated[Path | None, typer.Option(help="where to write the picture; default: the module's name with .svg")] = None,
) -> None:
    """Draw a module's tree of events, with what each leaves behind and leads to, as an SVG that needs nothing else."""
    from understudy.authoring.drawing import svg
    from understudy.ontology.reading import read_module

    module = read_module(path)
    target = out or Path(f"{path.stem}.svg")
    try:
        target.write_text(svg(module), "utf-8")
    except OSError as error:
        raise DiskError(f"cannot write {target} ({error.strerror}); choose another place with --out") from None
    leaves = sum(len(node.leaves) for node in module.events.values())
    typer.echo(f"wrote {target}: {len(module.events)} events, {leaves} traces")


@app.command()
def write(
    theme: Annotated[str | None, typer.Argument(help='what it is about, such as "training for a first triathlon"')] = None,
    themes: Annotated[Path | None, typer.Option(help="several at once: a file with one theme a line, each with or without `name:` before it")] = None,
    model: Annotated[str | None, typer.Option(help="PROVIDER/MODEL that writes, such as openai/gpt-5-mini")] = None,
    base_url: Annotated[str | None, typer.Option(help="the address of an OpenAI-compatible server")] = None,
    out: Annotated[Path | None, typer.Option(help="the file of one module, or the folder of several; default: my_modules/")] = None,
    rounds: Annotated[int, typer.Option(help="drafts of one module at most, 1 to 8: what is wrong is sent back")] = 4,
    budget: Annotated[str | None, typer.Option(help='stop in order at "$5", 2Mtok or 30min')] = None,
    parallel: Annotated[int, typer.Option(help="calls in flight at most")] = 8,
    batch: Annotated[Path | None, typer.Option(help="write the calls as provider batch files into this folder, and read results from it")] = None,
    journal: Annotated[Path | None, typer.Option(help="the journal of calls; default: calls.sqlite beside the modules")] = None,
    retry_failed: Annotated[bool, typer.Option("--retry-failed", help="ask again what failed in earlier runs")] = False,
) -> None:
    """Have a model write modules with all their words, check them, try each on a small town, and keep those that hold; the same command goes on."""
    from understudy.authoring.writing import BY_MODEL, keep, theme_of, themes_of, write_modules
    from understudy.cli.models import asking, with_models
    from understudy.ontology.modules import shipped
    from understudy.recipe import Recipe

    if (theme is None) == (themes is None):
        raise RecipeError('say what to write about: either a theme ("training for a first triathlon") or --themes FILE')
    if not 1 <= rounds <= 8:
        raise RecipeError(f"--rounds is {rounds}; it must be 1 to 8")
    wanted = themes_of(themes) if themes else [theme_of(str(theme))]
    folder, files = _targets(wanted, out)
    for file in files:
        if file.exists() and BY_MODEL not in file.read_text("utf-8", "replace"):
            raise RecipeError(f"{file} exists, and no model wrote it; choose another name, or move it away")
    models = with_models(Recipe.build({}), model, None, base_url).models
    how = asking(budget, parallel, retry_failed, batch, journal)
    done = write_modules(wanted, models, folder, shipped(), how, rounds, lambda line: typer.echo(line, err=True))
    for written, file in zip(done, files, strict=True):
        if written.module is not None:
            keep(written, file, models.of("life").model)
        _print(written, file)
    good = [w for w in done if w.module is not None]
    first = sum(w.rounds == 1 for w in good)
    typer.echo(
        f"{len(good)} of {len(done)} accepted, {first} at the first draft; next: understudy make --modules {folder}, or understudy module draw {files[0]}"
    )
    if len(good) < len(done):
        raise typer.Exit(2)


def _targets(themes: Sequence[Theme], out: Path | None) -> tuple[Path, list[Path]]:
    """The folder of modules and journal, and the file of each module."""
    if out is not None and out.suffix in (".yaml", ".yml"):
        if len(themes) > 1:
            raise RecipeError(f"--out {out} is a file, but there are {len(themes)} themes; name a folder")
        if out.stem != themes[0].name:
            themes[0:1] = [themes[0]._replace(name=out.stem)]  # type: ignore[index]
        return out.parent, [out]
    folder = out or Path("my_modules")
    if folder.is_file():
        raise InputError(f"{folder} is a file; name a folder, or a file that ends in .yaml, with --out")
    return folder, [folder / f"{theme.name}.yaml" for theme in themes]


def _print(written: Written, file: Path) -> None:
    """What became of one theme: the trial's figures and three of its texts, or what is wrong with the last draft."""
    from rich.console import Console
    from rich.markup import escape
    from rich.rule import Rule

    console: Any = Console()
    console.print(Rule(f"{written.theme.name}: {escape(written.theme.theme)}", align="left"))
    if written.module is None or written.trial is None:
        console.print(f"not accepted after {written.rounds} drafts; the last one's problems:")
        for problem in written.problems[-1] if written.problems else ():
            console.print(f"  {problem}", markup=False)
        return
    trial = written.trial
    fired = [f"{say} {count}" for say, count in trial.said.items() if count]
    quiet = [say for say, count in trial.said.items() if not count]
    console.print(f"accepted at draft {written.rounds}, kept as {file}")
    console.print(
        f"in a town of {trial.people} people and {trial.days} days, planted often: {trial.trees} times; every promise of the audit holds", markup=False
    )
    console.print(f"events: {', '.join(f'{name} {count}' for name, count in trial.events.items())}", markup=False)
    console.print(f"words that fired: {', '.join(fired)}{'; that did not: ' + ', '.join(quiet) if quiet else ''}", markup=False)
    for kind, title, text in trial.texts:
        console.print(f"[bold]{kind}[/] {escape(title)}")
        console.print(escape("\n".join("  " + line for line in text.split("\n"))))
