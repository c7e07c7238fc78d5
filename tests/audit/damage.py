"""Breaks a copy of a world with SQL, and seals the changed file again so that its checksum does not give it away."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import duckdb

from understudy.assets import file_hash
from understudy.model.records import TABLES


class Damage:
    """A copy of a world of one community that is to be broken."""

    def __init__(self, path: Path):
        self.path = path

    def file(self, table: str) -> Path:
        """The Parquet file of a table."""
        return self.path / table / "0000.parquet"

    def _connect(self, changed: str = "") -> duckdb.DuckDBPyConnection:
        connection = duckdb.connect(config={"threads": 1})
        for table in TABLES:
            kind = "TABLE" if table == changed else "VIEW"
            connection.execute(f"CREATE {kind} {table} AS SELECT * FROM read_parquet('{self.file(table)}')")
        return connection

    def row(self, query: str) -> tuple[Any, ...]:
        """The first row of a query over the tables; the world must have one, or the way of breaking it proves nothing."""
        with self._connect() as connection:
            found = connection.execute(query).fetchone()
        assert found is not None, f"the small world has no row for: {query}"
        return found

    def one(self, query: str) -> Any:
        """The first value of the first row."""
        return self.row(query)[0]

    def change(self, table: str, text: str, values: list[Any] | None = None) -> None:
        """Run one statement on a table, write it back and seal it."""
        with self._connect(table) as connection:
            connection.execute(text, values or [])
            rows = connection.execute(f"SELECT count(*) FROM {table}").fetchone()
            connection.execute(f"COPY {table} TO '{self.file(table)}' (FORMAT parquet, COMPRESSION zstd)")
        part = self.path / "parts" / "0000.json"
        content = json.loads(part.read_text())
        content["tables"][table].update(rows=(rows or (0,))[0], sha256=file_hash(self.file(table)))
        part.write_text(json.dumps(content))

    def set(self, table: str, ident: str, **columns: Any) -> str:
        """Set columns of the row with this id; returns the id."""
        names = ", ".join(f"{name} = ?" for name in columns)
        self.change(table, f"UPDATE {table} SET {names} WHERE id = ?", [*columns.values(), ident])
        return ident

    def copy(self, table: str, ident: str, **columns: Any) -> str:
        """Add a row that is like another but for these columns; returns its id."""
        changed = ", ".join(f"? AS {name}" for name in columns)
        self.change(table, f"INSERT INTO {table} SELECT * REPLACE ({changed}) FROM {table} WHERE id = ?", [*columns.values(), ident])
        return str(columns["id"])

    def tie(self, a: str, b: str, kind: str, inverse: str) -> None:
        """Tie two people, both ways."""
        like = "INSERT INTO ties SELECT * REPLACE (? AS a, ? AS b, ? AS kind, ? AS inverse) FROM (SELECT * FROM ties ORDER BY a, b LIMIT 1)"
        self.change("ties", like, [a, b, kind, inverse])
        self.change("ties", like, [b, a, inverse, kind])

    def untie(self, a: str, b: str) -> None:
        """Make strangers of two people."""
        self.change("ties", "DELETE FROM ties WHERE (a = ? AND b = ?) OR (a = ? AND b = ?)", [a, b, b, a])

    def payload(self, ident: str) -> dict[str, Any]:
        """The payload of an artifact."""
        return dict(json.loads(self.one(f"SELECT payload FROM artifacts WHERE id = '{ident}'")))
