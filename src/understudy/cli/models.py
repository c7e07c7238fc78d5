"""What the command line says about language models: flags into a recipe, what a run asked, and how a stopped run goes on."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from understudy.errors import RecipeError
from understudy.recipe import ROLES, Recipe


def with_models(recipe: Recipe, model: str | None, roles: list[str] | None, base_url: str | None) -> Recipe:
    """The recipe with the flags' models: --model for every role that the recipe leaves open, --role for one, --base-url for all of them."""
    fields: dict[str, Any] = recipe.models.model_dump()
    if model is not None:
        fields["all"] = {**fields["all"], "model": model}
    for given in roles or ():
        role, sign, name = given.partition("=")
        if not sign or role not in ROLES or not name:
            raise RecipeError(f'--role is "{given}"; write it as ROLE=MODEL with one of {", ".join(ROLES)}')
        fields[role] = {**(fields[role] or fields["all"]), "model": name}
    if base_url is not None:
        if all(f is None or f["model"] == "embedded" for f in fields.values()):
            raise RecipeError("--base-url needs a model's name too: give it with --model")
        for name, field in fields.items():
            if field is not None and field["model"] != "embedded":
                fields[name] = {**field, "base_url": base_url}
    return Recipe.build({**recipe.model_dump(), "models": fields}, "the command line")


def asking(budget: str | None, parallel: int, retry_failed: bool, batch: Path | None, journal: Path | None) -> Any:
    """How models are asked, from the flags."""
    from understudy.asking import Asking
    from understudy.engine.budget import parse

    if parallel < 1:
        raise RecipeError(f"--parallel is {parallel}; it must be 1 or more")
    return Asking(parse(budget) if budget else None, parallel, retry_failed, batch, journal)


def print_asked(world: Path, journal: Path | None) -> None:
    """The table of what models were asked, by role, and the share of what was kept that is their own."""
    from rich.console import Console
    from rich.table import Table

    from understudy.asking import JOURNAL
    from understudy.engine.journal import Journal
    from understudy.making import open_world

    path = journal or world / JOURNAL
    if not path.exists():
        return
    own: dict[str, list[int]] = {}
    for index in (made := open_world(world)).parts():
        for role, (kept, whole) in made.part(index).get("own", {}).items():
            own[role] = [own.get(role, [0, 0])[0] + kept, own.get(role, [0, 0])[1] + whole]
    book = Journal(path)
    table = Table(title="language models, over all runs (own: the share of what is kept that no embedded answer had to replace)", title_justify="left")
    for name in ("role", "model", "calls", "answered", "failed", "tokens in", "cached", "tokens out", "dollars", "own"):
        table.add_column(name, justify="left" if name in ("role", "model") else "right")
    for role, model, calls, answered, failed, tokens_in, cached, tokens_out, dollars, _ in book.totals():
        share = f"{cached / tokens_in:.0%}" if tokens_in else "-"
        table.add_row(
            role,
            model,
            f"{calls:,}",
            f"{answered:,}",
            f"{failed:,}",
            f"{tokens_in:,}",
            share,
            f"{tokens_out:,}",
            f"{dollars:.4f}",
            f"{own[role][0] / own[role][1]:.0%}" if role in own else "-",
        )
    book.close()
    Console().print(table)
