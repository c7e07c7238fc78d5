"""The command `calls`: browses a journal of model calls, and shows what one call was asked, what it answered, and what critics said of it."""

from __future__ import annotations

import sqlite3
import unicodedata
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from understudy.errors import InputError, WorldError

if TYPE_CHECKING:
    from rich.console import Console

    from understudy.engine.journal import Journal

JOURNAL = "calls.sqlite"


def calls(
    world: Annotated[Path, typer.Argument(help="the folder of a world, or a journal of calls")],
    role: Annotated[str | None, typer.Option(help="only this role's calls, such as writer or critic")] = None,
    failed: Annotated[bool, typer.Option("--failed", help="only calls that did not end with an answer")] = False,
    call: Annotated[str | None, typer.Option(help="show one call, and what was asked about it: prompts, answers, verdicts")] = None,
    limit: Annotated[int, typer.Option(min=1, help="calls listed, the newest")] = 50,
) -> None:
    """Browse the calls to language models: what was asked and answered, by whom, for how many tokens and dollars."""
    path = world / JOURNAL if world.is_dir() else world
    book = _opened(path, world)
    try:
        if call is not None:
            _one(book, call, role, failed, limit, path)
            _verdicts(world, call)
        else:
            _list(book, role, failed, limit, path)
    finally:
        book.close()


def _opened(path: Path, world: Path) -> Journal:
    """The journal, after a look that changes nothing: another program's database must not become a journal."""
    from understudy.engine.journal import Journal

    if not path.is_file():
        if world.is_dir():
            raise WorldError(f"{world} has no {JOURNAL}: no language model was asked for it; a run with --model writes one")
        raise InputError(f"there is no file or folder {world}; check the path")
    try:
        with path.open("rb") as file:
            head = file.read(16)
    except OSError as error:
        raise InputError(f"cannot read {path} ({error.strerror}); check the path") from None
    known: set[str] = set()
    if head.startswith(b"SQLite format 3"):
        try:
            base = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)
            known = {name for (name,) in base.execute("SELECT name FROM pragma_table_info('calls')")}
            base.close()
        except sqlite3.DatabaseError as error:
            raise WorldError(f"{path} cannot be read as a journal of calls ({error}); restore it, or delete it and pay for its calls again") from None
    if not {"key", "call", "role", "request", "answer", "time"} <= known:
        raise WorldError(f"{path} is no journal of calls; give the folder of a world, or the .calls.sqlite beside what refine wrote")
    return Journal(path)


def _rows(book: Journal, where: str, values: Sequence[Any], limit: int, path: Path) -> list[Any]:
    """The newest rows that fit, oldest of them first."""
    try:
        newest = f"key IN (SELECT key FROM calls WHERE {where} ORDER BY time DESC, call DESC, attempt DESC, turn DESC LIMIT ?)"
        return list(book.rows(newest, (*values, limit)))
    except sqlite3.DatabaseError as error:
        raise WorldError(f"{path} is damaged ({error}); restore it, or delete it and pay for its calls again") from None


def _chosen(role: str | None, failed: bool) -> tuple[str, list[Any]]:
    parts = ["1"] + ["role = ?"] * (role is not None) + ["status <> 'answered'"] * failed
    return " AND ".join(parts), [role] * (role is not None)


def _list(book: Journal, role: str | None, failed: bool, limit: int, path: Path) -> None:
    where, values = _chosen(role, failed)
    rows = _rows(book, where, values, limit + 1, path)
    roles = list(dict.fromkeys(str(total[0]) for total in book.totals()))
    if role is not None and role not in roles:
        raise InputError(f'no call of {path} has the role "{role}"; there are {", ".join(roles) or "no calls at all"}')
    console, table = _console(), _table("time", "role", "call", "model", "status", "tokens in", "tokens out", "dollars")
    for row in rows[-limit:]:
        _add(table, plain(row["time"])[:19].replace("T", " "), plain(row["role"]), _place(row), plain(row["model"]), plain(row["status"]), *_numbers(row))
    console.print(table)
    if len(rows) > limit:
        console.print(f"older calls are not listed; --limit {limit * 10} lists more", markup=False)
    _totals(book, console)
    if rows:
        console.print(f"next: understudy calls {path} --call {rows[-1]['call']}", markup=False, soft_wrap=True)


def _place(row: Any) -> str:
    """A call's id, with its round and whether it was asked to mend its answer."""
    return plain(row["call"]) + f", round {row['attempt'] + 1}" * bool(row["attempt"]) + ", mended" * bool(row["turn"])


def _numbers(row: Any) -> list[str]:
    return [f"{row['tokens_in']:,}", f"{row['tokens_out']:,}", f"{row['dollars']:.4f}"]


def _one(book: Journal, call: str, role: str | None, failed: bool, limit: int, path: Path) -> None:
    """Everything that was asked for an id: the call itself, and those whose ids go on behind it (its critics and readers)."""
    import msgspec
    from rich.text import Text

    where, values = _chosen(role, failed)
    rows = _rows(book, f"(call = ? OR substr(call, 1, ?) = ?) AND {where}", [call, len(call) + 1, f"{call}/", *values], limit, path)
    if not rows:
        raise InputError(f"there is no such call as {call} in {path}; `understudy calls {path}` lists them")
    console = _console()
    for row in rows:
        console.rule(Text(f"{_place(row)} ({plain(row['role'])})"), align="left")
        console.print(
            f"{row['time']}, {plain(row['model'])}, {row['status']}{': ' if row['note'] else ''}{plain(row['note'])}, prompt {plain(row['prompt'])} version {row['version']}, "
            f"{row['tokens_in']:,} tokens in ({row['tokens_cached']:,} cached), {row['tokens_out']:,} out, ${row['dollars']:.4f}, {row['seconds']:.1f} s",
            markup=False, soft_wrap=True,
        )  # fmt: skip
        for message in msgspec.json.decode(row["request"])["messages"]:
            console.print(plain(message["role"]), style="bold", markup=False)
            console.print(plain(message["content"]), markup=False, soft_wrap=True)
        console.print("answer", style="bold")
        console.print(plain(row["answer"]) or "(none)", markup=False, soft_wrap=True)


def _verdicts(world: Path, call: str) -> None:
    """What critics said of an artifact, where the call is one's of a world."""
    from understudy.store.world import MANIFEST, World, index_of

    if not (world / MANIFEST).is_file():
        return
    made, ident = World(world), call.split("/")[0]
    index = index_of(ident)
    if index is None or index not in made.parts():
        return
    console, table = _console(), _table("round", "critic", "score", "passed", "reasons", title=f"verdicts on {ident}")
    for verdict in made.rows("verdicts", index, "artifact = ?", (ident,)):
        v: Any = verdict
        _add(table, str(v.round), plain(v.critic), "" if v.score is None else f"{v.score:g}", "yes" if v.passed else "no", plain("; ".join(v.reasons)))
    console.print(table if table.row_count else f"there are no verdicts on {plain(ident)}", markup=False)


def print_totals(path: Path) -> None:
    """The table of what was asked by role and model, over all runs, of a journal; nothing where there is none."""
    from understudy.engine.journal import Journal

    if not path.exists():
        return
    book = Journal(path)
    try:
        _totals(book, _console())
    finally:
        book.close()


def _totals(book: Journal, console: Console) -> None:
    table = _table("role", "model", "calls", "answered", "failed", "tokens in", "cached", "tokens out", "dollars", title="in all")
    for role, model, count, answered, failed, tokens_in, cached, tokens_out, dollars, _ in book.totals():
        share = f"{cached / tokens_in:.0%}" if tokens_in else "-"
        _add(table, plain(role), plain(model), f"{count:,}", f"{answered:,}", f"{failed:,}", f"{tokens_in:,}", share, f"{tokens_out:,}", f"{dollars:.4f}")
    console.print(table)


BIDI = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""Characters that turn the direction of what follows: a line would read as what it is not."""


def plain(said: Any) -> str:
    """A text without characters that would steer a terminal: what a model wrote is printed here as it came."""
    return "".join(c if c in "\n\t" or (unicodedata.category(c) != "Cc" and c not in BIDI) else "\ufffd" for c in str(said))


def _console() -> Console:
    from rich.console import Console

    return Console(highlight=False)


def _add(table: Any, *cells: str) -> None:
    """A row of texts as they are: brackets in them are no markup."""
    from rich.text import Text

    table.add_row(*[Text(cell) for cell in cells])


NUMBERS = ("tokens in", "tokens out", "dollars", "calls", "answered", "failed", "cached", "round", "score")


def _table(*names: str, title: str | None = None) -> Any:
    """A table whose numbers stand to the right."""
    from rich.table import Table

    table = Table(title=title, title_justify="left")
    for name in names:
        table.add_column(name, justify="right" if name in NUMBERS else "left", overflow="fold")
    return table
