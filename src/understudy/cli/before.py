"""The commands that come before a run: estimate and preview."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def estimate(
    recipe: Annotated[Path, typer.Argument(help="a recipe in which models answer at least one role, or give --model")],
    model: Annotated[str | None, typer.Option(help="PROVIDER/MODEL for every role that the recipe leaves open")] = None,
    role: Annotated[list[str] | None, typer.Option(help="ROLE=MODEL for one role (repeat the flag)")] = None,
    base_url: Annotated[str | None, typer.Option(help="the address of an OpenAI-compatible server")] = None,
    people: Annotated[int | None, typer.Option(help="how many people")] = None,
    days: Annotated[int | None, typer.Option(help="how many days")] = None,
    out: Annotated[Path, typer.Option(help="the folder of the world, whose journal may know how often texts are revised")] = Path("town"),
) -> None:
    """Say how many calls, tokens and dollars a run will take, by role, before anything is spent."""
    from understudy.asking.estimate import estimate as reckon
    from understudy.cli.making import ask_recipe
    from understudy.cli.models import print_estimate, with_models
    from understudy.errors import RecipeError

    fields = {name: value for name, value in (("people", people), ("days", days)) if value is not None}
    asked = with_models(ask_recipe(recipe, fields, {}), model, role, base_url)
    if not asked.models.asked():
        raise RecipeError(f"{recipe} asks no model: nothing will be spent; name one with --model or in the recipe (models:)")
    print_estimate(reckon(asked, out))


def preview(
    recipe: Annotated[Path, typer.Argument(help="a recipe in which models answer at least one role, or give --model")],
    model: Annotated[str | None, typer.Option(help="PROVIDER/MODEL for every role that the recipe leaves open")] = None,
    role: Annotated[list[str] | None, typer.Option(help="ROLE=MODEL for one role (repeat the flag)")] = None,
    base_url: Annotated[str | None, typer.Option(help="the address of an OpenAI-compatible server")] = None,
    each: Annotated[int, typer.Option(min=1, help="texts of each kind")] = 2,
    budget: Annotated[str | None, typer.Option(help='stop in order at "$5", 2Mtok or 30min')] = None,
    out: Annotated[Path, typer.Option(help="the folder of the world: what a preview pays for is used by the run")] = Path("town"),
) -> None:
    """Make a few texts of each kind in the first community, and print prompts, answers, verdicts and cost."""
    from understudy.asking.preview import preview as look
    from understudy.cli.making import ask_recipe
    from understudy.cli.models import asking, print_preview, with_models
    from understudy.errors import RecipeError

    asked = with_models(ask_recipe(recipe, {}, {}), model, role, base_url)
    if "writer" not in asked.models.asked():
        raise RecipeError(f"in {recipe} no model writes: there is nothing to preview; name one with --model or --role writer=MODEL")
    print_preview(look(asked, out, asking(budget, 16, False, None, None), each))
