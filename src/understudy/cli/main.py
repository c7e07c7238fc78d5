"""The command line: parses, calls the public API, prints. Errors that a user can cure are one sentence and exit code 2."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from understudy.cli import authoring, before, calls, learning, refining, scoring
from understudy.errors import DiskError, Stopped, UnderstudyError

app = typer.Typer(name="understudy", no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None,
                  help="Synthetic people with whole digital lives, and what such data is worth.")  # fmt: skip


def _given(**flags: Any) -> dict[str, Any]:
    return {name: value for name, value in flags.items() if value is not None}


@app.command()
def init(
    path: Annotated[Path, typer.Argument(help="where to write the recipe")] = Path("recipe.yaml"),
    paper: Annotated[str | None, typer.Option(help="a paper's set-up instead: personatrace, behaviorgen, csp or personabench")] = None,
) -> None:
    """Write a recipe in which every field stands with its default and a comment (or a paper's set-up), and its JSON Schema beside it."""
    from understudy.errors import RecipeError
    from understudy.recipe import of_paper, schema, template

    if path.exists():
        raise RecipeError(f"{path} exists already; choose another name or delete it first")
    try:
        path.write_text(of_paper(paper) if paper else template())
        (path.parent / "recipe.schema.json").write_text(schema())
    except OSError as error:
        raise DiskError(f"cannot write {path} ({error.strerror}); choose another place") from None
    typer.echo(f"wrote {path} and {path.parent / 'recipe.schema.json'}; next: understudy make {path} --out town")


@app.command()
def make(
    recipe: Annotated[Path | None, typer.Argument(help="a recipe; without one, the defaults and the flags")] = None,
    out: Annotated[Path, typer.Option(help="the folder of the world")] = Path("town"),
    people: Annotated[int | None, typer.Option(help="how many people")] = None,
    days: Annotated[int | None, typer.Option(help="how many days")] = None,
    start: Annotated[str | None, typer.Option(help="the first day, YYYY-MM-DD")] = None,
    seed: Annotated[int | None, typer.Option(help="another seed, another town")] = None,
    noise: Annotated[float | None, typer.Option(help="share of noise among conversations, chats and purchases, 0 to 0.9")] = None,
    density: Annotated[float | None, typer.Option(help="how much people leave behind; 1 is about 18 artifacts a person-day")] = None,
    until: Annotated[str | None, typer.Option(help="stop after persona, life, artifacts or questions")] = None,
    jobs: Annotated[int | None, typer.Option(help="processes; default: one for each core")] = None,
    pums: Annotated[list[Path] | None, typer.Option(help="ACS PUMS files, person and household (repeat the flag)")] = None,
    distributions: Annotated[list[Path] | None, typer.Option(help="demographic shares as CSV (repeat the flag)")] = None,
    profiles: Annotated[Path | None, typer.Option(help="people of your own, CSV or JSONL")] = None,
    personas: Annotated[Path | None, typer.Option(help="one-line personas, JSONL")] = None,
    interests: Annotated[Path | None, typer.Option(help="an interest taxonomy, IAB TSV or YAML")] = None,
    attributes: Annotated[Path | None, typer.Option(help="further attributes, YAML")] = None,
    news: Annotated[Path | None, typer.Option(help="news, JSONL")] = None,
    modules: Annotated[Path | None, typer.Option(help="life modules of your own, a YAML file or a folder of them")] = None,
    model: Annotated[str | None, typer.Option(help="PROVIDER/MODEL for every role that the recipe leaves open, such as openai/gpt-5-mini")] = None,
    role: Annotated[list[str] | None, typer.Option(help="ROLE=MODEL for one role, such as writer=ollama/llama3.2 (repeat the flag)")] = None,
    base_url: Annotated[str | None, typer.Option(help="the address of an OpenAI-compatible server")] = None,
    budget: Annotated[str | None, typer.Option(help='stop in order at "$5", 2Mtok or 30min')] = None,
    parallel: Annotated[int, typer.Option(help="calls in flight at most; fewer where an endpoint cannot bear them")] = 64,
    retry_failed: Annotated[bool, typer.Option("--retry-failed", help="ask again what failed in earlier runs")] = False,
    batch: Annotated[Path | None, typer.Option(help="write the calls as provider batch files into this folder, and read results from it")] = None,
    journal: Annotated[Path | None, typer.Option(help="the journal of calls; default: calls.sqlite in the world's folder")] = None,
    stride: Annotated[int | None, typer.Option(help="days that are planned and written at once; more of them mean fewer rounds of batches")] = None,
    without: Annotated[list[str] | None, typer.Option(help="leave out critics, events, profile or agents (repeat the flag)")] = None,
) -> None:
    """Make a town, or go on with one: the same folder again continues, and says so when nothing is left to do."""
    from understudy.cli.making import ask_recipe, make_it
    from understudy.cli.models import asking, with_models

    fields = _given(people=people, days=days, start=start, seed=seed, noise=noise, density=density, until=until, stride=stride, without=without or None)
    files = _given(
        pums=pums or None, distributions=distributions or None, profiles=profiles, personas=personas, interests=interests, attributes=attributes, news=news,
        modules=modules,
    )  # fmt: skip
    asked = with_models(ask_recipe(recipe, fields, files), model, role, base_url)
    make_it(asked, out, jobs, asking(budget, parallel, retry_failed, batch, journal))


@app.command()
def show(
    world: Annotated[Path, typer.Argument(help="the folder of a world")],
    what: Annotated[str | None, typer.Argument(metavar="[ID]", help="a person, household, day (c0000.p03@2025-01-09), event or artifact")] = None,
) -> None:
    """Show the town, or one person, household, day, event tree or artifact with what it reveals and why."""
    from understudy.cli.show import show_world
    from understudy.making import open_world

    show_world(open_world(world), what)


@app.command()
def sql(
    world: Annotated[Path, typer.Argument(help="the folder of a world")],
    query: Annotated[str, typer.Argument(help='for instance "select kind, count(*) from artifacts group by all"')],
    limit: Annotated[int, typer.Option(min=1, help="rows printed")] = 50,
) -> None:
    """Ask all tables with SQL; views inbox, conversations and timeline are there too."""
    from understudy.cli.show import print_rows
    from understudy.making import open_world

    print_rows(*open_world(world).sql(query), limit)


@app.command()
def audit(
    world: Annotated[Path, typer.Argument(help="the folder of a world")],
) -> None:
    """Prove the world's promises, rule by rule, with counts; exit code 1 if one is broken."""
    from understudy.audit.rules import audit_world
    from understudy.cli.show import print_audit
    from understudy.making import open_world

    findings = audit_world(open_world(world))
    print_audit(findings)
    if any(f.offending for f in findings):
        raise typer.Exit(1)


app.command()(before.estimate)
app.command()(before.preview)


SEVERAL = ("--pums", "--distributions")
"""Flags that take several files in a row, as a shell's * gives them."""


def spread(words: list[str]) -> list[str]:
    """Repeat a flag before each of its files: `--pums a.csv b.csv` becomes `--pums a.csv --pums b.csv`."""
    found: list[str] = []
    flag = ""
    for word in words:
        if word.startswith("-"):
            flag = word if word in SEVERAL else ""
        elif flag and found[-1] != flag and word.lower().endswith(".csv"):
            found.append(flag)
        found.append(word)
    return found


def main() -> None:
    """Run the command line; a user's mistake ends with one sentence and exit code 2, Ctrl-C with how to go on."""
    code: int | None
    try:
        code = app(args=spread(sys.argv[1:]), standalone_mode=False)  # typer hands exit codes back, Ctrl-C's 130 among them
    except Stopped as stop:
        print(f"understudy: {stop}", file=sys.stderr)
        sys.exit(UNFINISHED)
    except UnderstudyError as error:
        print(f"understudy: {error}", file=sys.stderr)
        sys.exit(2)
    except MemoryError:
        print("understudy: out of memory; ask for fewer processes with --jobs 1", file=sys.stderr)
        sys.exit(2)
    except KeyboardInterrupt:
        code = STOPPED
    except typer.Exit as stop:
        code = stop.exit_code
    except Exception as error:
        if type(error).__name__ != "Abort":
            _usage(error)
            raise
        code = STOPPED
    if code == STOPPED:
        start = "\n" if sys.stderr.isatty() else ""  # the terminal has written ^C
        print(f"{start}understudy: stopped; what is finished is kept, and the same command goes on from there", file=sys.stderr)
    sys.exit(code or 0)


UNFINISHED = 3
"""The exit code of a run that stopped in order before its end: its budget is met, or it waits for a batch."""
STOPPED = 130
"""The exit code of what Ctrl-C has stopped."""


def _usage(error: Exception) -> None:
    """Turn the parser's own complaints about flags into one sentence."""
    if hasattr(error, "format_message") and hasattr(error, "exit_code"):
        message = error.format_message()
        if type(error).__name__ == "NoArgsIsHelpError":
            print(message)
        elif message:
            print(f"understudy: {message.rstrip('.')}; see understudy --help", file=sys.stderr)
        sys.exit(2)


app.command()(refining.refine)
app.command()(calls.calls)
app.command()(scoring.score)
app.add_typer(learning.dataset, name="dataset")
app.add_typer(learning.train, name="train")
app.command()(learning.ablate)
app.add_typer(authoring.app, name="module")

if __name__ == "__main__":
    main()
