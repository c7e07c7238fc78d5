"""The command `refine`: texts for the rows of anybody's JSONL, written by a model and judged until they pass."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from understudy.errors import InputError

if TYPE_CHECKING:
    from understudy.refining import Summary

EVERY = 10.0
"""Seconds between two lines that say how far a run is."""
SHOWN = 5
"""Bad rows that are named."""


def refine(
    data: Annotated[Path, typer.Argument(help="rows, JSONL: one object a line")],
    prompt: Annotated[str, typer.Option(help="a file, or the text itself, with the rows' fields as {{ name }}")],
    out: Annotated[Path, typer.Option(help="where the rows go with their texts, JSONL; journal and verdicts are laid beside it")],
    criteria: Annotated[
        list[str] | None,
        typer.Option(help="what a text has to be like, in place of consistency, realism and fluency; a text, or a file with one a line (repeat the flag)"),
    ] = None,
    model: Annotated[str | None, typer.Option(help="PROVIDER/MODEL that writes, such as openai/gpt-5-mini")] = None,
    critic: Annotated[str | None, typer.Option(help='the model that judges, or "embedded"; default: the one that writes')] = None,
    base_url: Annotated[str | None, typer.Option(help="the address of an OpenAI-compatible server")] = None,
    budget: Annotated[str | None, typer.Option(help='stop in order at "$5", 2Mtok or 30min')] = None,
    parallel: Annotated[int, typer.Option(help="calls in flight at most; fewer where an endpoint cannot bear them")] = 64,
    rounds: Annotated[int, typer.Option(help="drafts of one text at most, 1 to 5")] = 5,
    pass_mark: Annotated[float, typer.Option(help="the least score of each critic, 1 to 5")] = 4.0,
    batch: Annotated[Path | None, typer.Option(help="write the calls as provider batch files into this folder, and read results from it")] = None,
    retry_failed: Annotated[bool, typer.Option("--retry-failed", help="ask again what failed in earlier runs")] = False,
) -> None:
    """Write a text for each row of a JSONL of your own, have critics judge it, and revise it until it passes; the same command goes on where it stopped."""
    from understudy.cli.models import asking, with_models
    from understudy.recipe import Recipe
    from understudy.refining import refine_rows

    recipe = with_models(
        Recipe.build({"quality": {"rounds": rounds, "pass_mark": pass_mark}}, "the command line"), model, [f"critic={critic}"] if critic else None, base_url
    )
    own = _criteria(criteria or ())
    if own and model and recipe.models.of("critic").embedded:
        typer.echo(
            "the embedded critics cannot read criteria: each is given the least of consistency, realism and fluency; name a model with --critic", err=True
        )
    how = asking(budget, parallel, retry_failed, batch, None)
    done = refine_rows(data, _file(prompt) or prompt, own, out, recipe.models, recipe.quality, how, _progress())
    _print(done)


def _file(given: str) -> Path | None:
    """The path that a flag's text is: of a file that is there, or of one that was plainly meant."""
    if len(given) >= 256 or "\n" in given or "\0" in given or "{{" in given:
        return None
    path = Path(given)
    return path if path.is_file() or (path.suffix in (".md", ".txt") and " " not in given) else None


def _criteria(given: Sequence[str]) -> list[str]:
    """The criteria, one for each text and one for each line of a file (headings and bullets are none)."""
    found: list[str] = []
    for each in given:
        path = _file(each)
        if path is None:
            found.append(each)
            continue
        try:
            lines = path.read_text("utf-8-sig").splitlines()
        except (OSError, UnicodeDecodeError) as error:
            raise InputError(f"cannot read the criteria in {path} ({getattr(error, 'strerror', None) or 'it is not UTF-8 text'}); check the path") from None
        read = [line.strip().removeprefix("- ") for line in lines if line.strip() and not line.startswith("#")]
        if not read:
            raise InputError(f"{path} holds no criteria; give it one a line, or leave it out")
        found += read
    return found


def _progress() -> Callable[[int], None]:
    """Says every ten seconds how many answers there are."""
    said = [time.monotonic()]

    def say(answers: int) -> None:
        if time.monotonic() - said[0] >= EVERY:
            said[0] = time.monotonic()
            print(f"{answers:,} answers so far", file=sys.stderr, flush=True)

    return say


def _print(done: Summary) -> None:
    """What became of the rows, what has to be known of them, and what it took."""
    from understudy.cli.calls import print_totals

    parts = [f"{done.passed} passed"]
    parts += [f"{done.unpassed} kept though not passed"] * bool(done.unpassed) + [f"{done.lost} without a text, for no draft was right"] * bool(done.lost)
    parts += [f"{len(done.bad)} bad"] * bool(done.bad)
    typer.echo(f"wrote {done.out}: {done.rows} rows, {', '.join(parts)} ({done.asked:,} answers paid, {done.replayed:,} from the journal)")
    for line, why in done.bad[:SHOWN]:
        typer.echo(f"line {line} {why}", err=True)
    if len(done.bad) > SHOWN:
        typer.echo(f"and {len(done.bad) - SHOWN} more bad rows", err=True)
    if done.unjudged:
        typer.echo(f"{done.unjudged} of those that did not pass were heard by no critic, for every one failed; --retry-failed asks again", err=True)
    if done.replaced:
        typer.echo(f"the rows had fields named {', '.join(done.replaced)}; in {done.out} they hold what this run found", err=True)
    print_totals(done.journal)
    typer.echo(f"next: understudy calls {done.journal}")
