"""The table of a scoring: measures down, sets across, and what each is held against."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple


class Cell(NamedTuple):
    """One figure of one set; `low` and `high` are a 95 % interval where there is one."""

    value: float
    shown: str
    low: float | None = None
    high: float | None = None


class Row(NamedTuple):
    """One measure over all sets; a set that it cannot be taken of has None. `better` is lower, higher, nearer (to the reference) or nothing."""

    group: str
    name: str
    cells: tuple[Cell | None, ...]
    better: str = ""
    reference: str = ""


class Scores(NamedTuple):
    """Everything that was measured; `notes` stand above the table."""

    sets: tuple[str, ...]
    rows: tuple[Row, ...]
    notes: tuple[str, ...] = ()
    about: dict[str, Any] = {}

    def groups(self) -> list[str]:
        """The groups in the order in which they come."""
        return list(dict.fromkeys(row.group for row in self.rows))


Shown = Callable[[float], str]


def cell(value: float | None, shown: Shown, low: float | None = None, high: float | None = None) -> Cell | None:
    """A figure as it is printed; None where there is none."""
    return None if value is None else Cell(float(value), shown(value), low, high)


def row(group: str, name: str, values: Sequence[float | None], shown: Shown, better: str = "", reference: str = "") -> Row:
    """A measure without intervals."""
    return Row(group, name, tuple(cell(v, shown) for v in values), better, reference)


def count(value: float) -> str:
    """A whole number."""
    return f"{value:,.0f}"


def three(value: float) -> str:
    """Three decimals."""
    return f"{value:.3f}"


def share(value: float) -> str:
    """A percentage."""
    return f"{value:.1%}"


def plain(value: float) -> str:
    """As short as it is."""
    return f"{value:g}"


def as_json(scores: Scores) -> dict[str, Any]:
    """The table as plain data."""
    return {
        "sets": list(scores.sets),
        "notes": list(scores.notes),
        "rows": [
            {
                "group": r.group, "measure": r.name, "better": r.better, "reference": r.reference,
                "values": {name: None if c is None else c._asdict() for name, c in zip(scores.sets, r.cells, strict=True)},
            }
            for r in scores.rows
        ],
        "about": scores.about,
    }  # fmt: skip
