"""A world on disk, read back: its manifest, its committed parts, its tables as records or as SQL."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from understudy.errors import InputError, WorldError
from understudy.model.records import TABLES, Record
from understudy.store.parts import refused
from understudy.store.schema import SCHEMAS, columns

MANIFEST = "world.json"
VIEWS = {
    "inbox": """
        SELECT p.person AS owner, a.id, a.time, a.author, a.title, a.text, a.thread, a.reply_to, a.event, a.noise
        FROM artifacts a, UNNEST(a.people) AS u(p) WHERE a.kind = 'email' AND p.role IN ('to', 'cc') ORDER BY a.time""",
    "conversations": """
        SELECT p.person AS owner, a.id, a.time, a.thread, list_transform(a.people, lambda x: x.person) AS members, a.text, a.event, a.noise
        FROM artifacts a, UNNEST(a.people) AS u(p) WHERE a.kind = 'message' ORDER BY a.time""",
    "timeline": """
        SELECT person, starts, ends, 'visit' AS what, id, intent || ' at ' || category AS label FROM visits
        UNION ALL SELECT UNNEST(people), starts, ends, 'event', id, title FROM events
        UNION ALL SELECT p.person, time, time, kind, a.id, coalesce(nullif(title, ''), left(text, 60)) FROM artifacts a, UNNEST(a.people) AS u(p)
        ORDER BY 2""",
}
"""What a person asks for first."""


class World:
    """A made town. Tables are Parquet files that DuckDB, pandas and Polars read as they are."""

    def __init__(self, path: str | Path):
        self.path = Path(path)
        file = self.path / MANIFEST
        if not file.is_file():
            raise WorldError(f"{self.path} is not a world: it has no {MANIFEST}; make one with `understudy make --out {self.path}`")
        try:
            self.manifest: dict[str, Any] = json.loads(file.read_text())
        except ValueError:
            raise WorldError(f"{file} is damaged; restore it, or make the world again in another folder") from None
        for table, number in self.manifest.get("schemas", {}).items():
            if number > SCHEMAS.get(table, 0):
                raise WorldError(f"{self.path} was made by a newer version (table {table}, schema {number}); upgrade understudy")
        self._connection: Any = None

    @property
    def seed(self) -> int:
        """The seed it was made with."""
        return int(self.manifest["recipe"]["seed"])

    def parts(self) -> list[int]:
        """The indices of the committed communities that belong to the world as it was last asked for."""
        wanted = len(self.manifest["communities"])
        found = sorted(int(p.stem) for p in (self.path / "parts").glob("*.json") if p.stem.isdigit())
        return [i for i in found if i < wanted]

    def part(self, index: int) -> dict[str, Any]:
        """A committed part's row counts and checksums."""
        file = self.path / "parts" / f"{index:04d}.json"
        try:
            content: dict[str, Any] = json.loads(file.read_text())
        except (OSError, ValueError):
            raise WorldError(f"{file} is damaged; delete it, and the same `understudy make` makes this community again") from None
        return content

    def whole(self) -> bool:
        """Whether every community is committed as it was asked for."""
        wanted = self.manifest["communities"]
        return len(self.parts()) == len(wanted) and all(self.part(i)["community"] == wanted[i] for i in self.parts())

    def files(self, table: str, index: int | None = None) -> list[str]:
        """The Parquet files of a table, of one part or of all."""
        parts = self.parts() if index is None else [index]
        found = [str(self.path / table / f"{i:04d}.parquet") for i in parts]
        shared = self.path / table / "world.parquet"
        return [*found, str(shared)] if shared.exists() else found

    def connect(self) -> Any:
        """A DuckDB connection (in memory) with a view for every table, and inbox, conversations and timeline."""
        if self._connection is None:
            import duckdb

            connection = duckdb.connect(config={"threads": 2})
            try:
                connection.execute("SET enable_progress_bar = false")
                for table in TABLES:
                    connection.execute(f"CREATE VIEW {table} AS {self._select(table)}")
                for view, text in VIEWS.items():
                    connection.execute(f"CREATE VIEW {view} AS {text}")
            except duckdb.Error as error:
                raise self._damaged(error) from None
            self._connection = connection
        return self._connection

    def _damaged(self, error: Exception) -> WorldError:
        return WorldError(f"{self.path} is damaged ({str(error).splitlines()[0]}); `understudy audit {self.path}` names every file that has changed")

    def _select(self, table: str, index: int | None = None) -> str:
        files = self.files(table, index)
        if not files:
            empty = ", ".join(f'CAST(NULL AS {kind}) AS "{name}"' for name, kind in columns(table).items())
            return f"SELECT {empty} WHERE false"
        listed = ", ".join("'" + f.replace("'", "''") + "'" for f in files)
        return f"SELECT * FROM read_parquet([{listed}], union_by_name=true)"

    def sql(self, query: str) -> tuple[list[str], list[tuple[Any, ...]]]:
        """Column names and rows of a query over all tables; `InputError` with DuckDB's reason if it is wrong."""
        import duckdb

        try:
            cursor = self.connect().execute(query)
            if cursor is None:
                raise InputError(f"the query failed: it is empty; tables are {', '.join([*TABLES, *VIEWS])}")
            return [d[0] for d in cursor.description or []], cursor.fetchall()
        except duckdb.Error as error:
            raise InputError(f"the query failed: {str(error).splitlines()[0]}; tables are {', '.join([*TABLES, *VIEWS])}") from None

    def rows(self, table: str, index: int | None = None, where: str = "", values: tuple[Any, ...] = ()) -> Iterator[Record]:
        """A table's rows as records, of one community (fast: one file) or of all, in the order in which they were made."""
        record = TABLES[table]
        json_columns = [name for name, kind in columns(table).items() if kind == "JSON"]
        cursor = self.connect().cursor()
        query = f"SELECT * FROM ({self._select(table, index)}){' WHERE ' + where if where else ''}"
        for names, batch in self._batches(cursor, query, list(values)):
            for row in batch:
                found = dict(zip(names, row, strict=True))
                for name in json_columns:
                    found[name] = json.loads(found[name]) if found.get(name) else {}
                yield msgspec.convert({k: v for k, v in found.items() if v is not None}, record)

    def _batches(self, cursor: Any, query: str, values: list[Any]) -> Iterator[tuple[list[str], list[tuple[Any, ...]]]]:
        import duckdb

        try:
            cursor.execute(query, values)
            names = [d[0] for d in cursor.description]
            while batch := cursor.fetchmany(2000):
                yield names, batch
        except duckdb.Error as error:
            raise self._damaged(error) from None

    def one(self, table: str, ident: str) -> Record | None:
        """The record with this id, read from its own part only."""
        index = index_of(ident)
        return next(iter(self.rows(table, index, "id = ?", (ident,))), None)

    def counts(self) -> dict[str, int]:
        """Rows by table, from the parts' own counts."""
        totals = dict.fromkeys(TABLES, 0)
        for index in self.parts():
            for table, about in self.part(index)["tables"].items():
                totals[table] += about["rows"]
        return totals

    def size_mb(self) -> float:
        """Megabytes on disk."""
        return sum(f.stat().st_size for f in self.path.rglob("*") if f.is_file()) / 1e6


def index_of(ident: str) -> int | None:
    """The community's index in an id such as c0003.p07, or None for what all share."""
    head = ident.split(".")[0]
    return int(head[1:]) if head.startswith("c") and head[1:].isdigit() else None


def write_manifest(path: Path, manifest: dict[str, Any]) -> None:
    """Write world.json in one step."""
    with refused(path):
        path.mkdir(parents=True, exist_ok=True)
        draft = path / f"{MANIFEST}.draft"
        draft.write_text(json.dumps(manifest, indent=1, sort_keys=True) + "\n")
        os.replace(draft, path / MANIFEST)
