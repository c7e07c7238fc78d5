"""A world's tables as columns: generated from the records and declared to DuckDB, so that nothing is inferred."""

from __future__ import annotations

import types
import typing
from datetime import date, datetime
from functools import cache
from typing import Any

from understudy.model.records import TABLES, Record

SCHEMAS = dict.fromkeys(TABLES, 1)
"""The schema number of every table; a change of a record's fields raises its table's number."""
PLAIN = {str: "VARCHAR", int: "BIGINT", float: "DOUBLE", bool: "BOOLEAN", date: "DATE", datetime: "TIMESTAMP"}


def column_type(annotation: Any) -> str:
    """The DuckDB type of a record's field; free-form mappings are JSON."""
    origin = typing.get_origin(annotation)
    if origin in (types.UnionType, typing.Union):
        inner = [a for a in typing.get_args(annotation) if a is not type(None)]
        return column_type(inner[0])
    if origin is list:
        return f"{column_type(typing.get_args(annotation)[0])}[]"
    if origin is dict:
        return "JSON"
    if isinstance(annotation, type) and issubclass(annotation, Record):
        fields = ", ".join(f"{name} {kind}" for name, kind in columns_of(annotation).items())
        return f"STRUCT({fields})"
    return PLAIN[annotation]


@cache
def columns_of(record: type[Record]) -> dict[str, str]:
    """Every column of a record with its DuckDB type, in the order of the fields."""
    hints = typing.get_type_hints(record)
    return {name: column_type(hints[name]) for name in record.__struct_fields__}


def columns(table: str) -> dict[str, str]:
    """Every column of a table with its DuckDB type."""
    return columns_of(TABLES[table])
