"""The command `make`: from flags to a recipe, what will be made, and what was."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import typer

from understudy.asking import Asking
from understudy.cli.models import print_asked
from understudy.cli.progress import Progress, summary
from understudy.errors import RecipeError
from understudy.making import expect, make, said
from understudy.recipe import Recipe


def ask_recipe(path: Path | None, fields: dict[str, Any], files: dict[str, Any]) -> Recipe:
    """The recipe of a file (or the defaults) with the flags' fields and files in place of its own."""
    asked = Recipe.load(path, **fields) if path else Recipe.build(fields, "the command line")
    return asked.model_copy(update={"inputs": asked.inputs.model_copy(update=files)}) if files else asked


def make_it(recipe: Recipe, out: Path, jobs: int | None, how: Asking) -> None:
    """Make the world, or go on with it, and say what was done."""
    if jobs is not None and jobs < 1:
        raise RecipeError(f"--jobs is {jobs}; it must be 1 or more")
    expected = expect(recipe, out, jobs)
    for note in said(recipe):
        typer.echo(note)
    if not expected.left:
        make(recipe, out, jobs)
        typer.echo(f"nothing to do: {out} is whole ({expected.people} people in {expected.communities} communities)")
        return
    plural = "y" if expected.left == 1 else "ies"
    length = "as long as its models take" if recipe.models.asked() else f"about {expected.seconds:.0f} s"
    typer.echo(f"making {expected.left} of {expected.communities} communit{plural}, {recipe.days} days: {length} and about {expected.megabytes} MB in {out}")
    with Progress(expected.left) as progress:
        world = make(recipe, out, jobs, progress.update, how)
    summary(world, progress.seconds)
    if recipe.models.asked():
        print_asked(out, how.journal)
