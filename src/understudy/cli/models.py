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
    table = _table(
        "language models, over all runs, with tokens in and out; own: the share of what is kept that no embedded answer had to replace",
        ("role", "model", "calls", "good", "failed", "in", "cached", "out", "dollars", "own"),
    )
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
            _money(dollars),
            f"{own[role][0] / own[role][1]:.0%}" if role in own else "-",
        )
    book.close()
    Console().print(table)


def print_estimate(found: Any) -> None:
    """An estimate as a table."""
    from rich.console import Console

    table = _table(
        "what a run will ask (expected; at most: every round and repair at its limit)",
        ("role", "model", "calls", "tokens in", "tokens out", "dollars", "at most"),
    )
    for line in (line for line in found.lines if line.calls):
        table.add_row(line.role, line.model, f"{line.calls:,}", f"{line.tokens_in:,}", f"{line.tokens_out:,}", _money(line.dollars), _money(line.at_most))
    known = [line for line in found.lines if line.dollars is not None]
    table.add_row("all", "", *(f"{sum(getattr(line, n) for line in found.lines):,}" for n in ("calls", "tokens_in", "tokens_out")),
                  _money(sum(line.dollars for line in known)), _money(sum(line.at_most for line in known)))  # fmt: skip
    Console().print(table)
    print(f"from a dry run of {found.sampled} of {found.communities} communities; {found.again:.0%} of the texts taken to be asked once more; ", end="")
    print(f"{found.static:.0%} of the input is the same in all calls of a prompt, which most providers bill at a fraction")


def _table(title: str, names: tuple[str, ...]) -> Any:
    """A table that fits a terminal: only a model's name may be folded."""
    from rich.box import SIMPLE
    from rich.table import Table

    table = Table(box=SIMPLE, padding=(0, 1, 0, 0), pad_edge=False, title=title, title_justify="left")
    for name in names:
        model = name == "model"
        table.add_column(name, justify="left" if model or name == "role" else "right", no_wrap=not model, overflow="fold", min_width=12 if model else None)
    return table


def _money(dollars: float | None) -> str:
    return "unknown" if dollars is None else f"${dollars:,.2f}" if dollars >= 0.1 or not dollars else f"${dollars:.4f}"


def print_preview(found: Any) -> None:
    """A preview: each text with what was asked, answered and judged."""
    import json

    from rich.console import Console
    from rich.markup import escape
    from rich.rule import Rule

    console = Console()
    systems: set[str] = set()
    for artifact, calls, verdicts in found.texts:
        console.print(Rule(f"{artifact.kind} {artifact.id}, by {artifact.engine}{'' if artifact.passed else ', not passed'}", align="left"))
        for row in calls:
            said = json.loads(row["request"])["messages"]
            console.print(f"[bold]{row['role']}[/], {row['prompt']}, round {row['attempt'] + 1}{', repair' if row['turn'] else ''}: {row['status']}, "
                          f"{row['tokens_in']:,} tokens in, {row['tokens_out']:,} out, ${row['dollars']:.5f}")  # fmt: skip
            if row["prompt"] not in systems:
                systems.add(row["prompt"])
                console.print(escape(said[0]["content"]), style="dim")
            for message in said[1:]:
                console.print(escape(message["content"]), style="dim")
            console.print(escape(row["answer"] or row["note"]))
        for verdict in verdicts:
            score = "" if verdict.score is None else f" {verdict.score:g}"
            console.print(
                f"{verdict.critic}, round {verdict.round}:{score} {'passed' if verdict.passed else 'not passed'} {escape('; '.join(verdict.reasons))}"
            )
        console.print(escape(f"{artifact.title}\n{artifact.text}" if artifact.title and artifact.title != artifact.text else artifact.text), style="bold")
    console.print(Rule())
    console.print(f"{found.calls:,} calls, {found.tokens_in:,} tokens in, {found.tokens_out:,} out, ${found.dollars:.4f}; the run will not pay for them again")
