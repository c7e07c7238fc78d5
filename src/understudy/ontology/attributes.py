"""The attributes: 130 keys `tier.category.entity` in seven tiers, each with who may have it and where its values come from."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import msgspec

from understudy import assets
from understudy.errors import ContentError
from understudy.ontology.who import Who

TIERS = ("background", "career", "relationships", "interests", "behaviors", "traits", "aspirations")


class Source(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """Where values come from: exactly one of these."""

    catalogue: str | None = None
    choice: dict[str, float] | None = None
    field: str | None = None
    tie: list[str] | None = None
    text: list[Any] | None = None


class Attribute(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """One key: its label, type, cardinality, eligibility, source of values, and how openly people speak of it (CSP's schema)."""

    key: str
    label: str
    source: Source = msgspec.field(name="from")
    type: str = "text"  # text | name | choice | number | date
    many: tuple[int, int] = (1, 1)
    have: float = 1.0
    who: Who = Who()
    negative: float = 0.0
    openness: float = 0.5
    drift: float = 0.0
    personabench: str | list[str] | None = None

    @property
    def tier(self) -> str:
        """The first part of the key."""
        return self.key.split(".")[0]


def parse_attributes(content: Any, where: str) -> list[Attribute]:
    """The attributes of one file's parsed YAML; a `ContentError` says what is wrong."""
    try:
        found = msgspec.convert(content["attributes"], list[Attribute])
    except (msgspec.ValidationError, KeyError, TypeError) as error:
        raise ContentError(f"{where}: {error}") from None
    for attribute in found:
        given = [name for name in ("catalogue", "choice", "field", "tie", "text") if getattr(attribute.source, name)]
        if len(given) != 1:
            raise ContentError(f"{where}: {attribute.key} must say `from` one of catalogue, choice, field, tie, text")
        if attribute.key.count(".") != 2 or attribute.tier not in TIERS:
            raise ContentError(f"{where}: {attribute.key} is not tier.category.entity with a tier of {', '.join(TIERS)}")
        if not 1 <= attribute.many[0] <= attribute.many[1] <= 5:
            raise ContentError(f"{where}: {attribute.key} may have 1 to 5 values, not {attribute.many}")
    return found


def read_attributes(path: Path) -> list[Attribute]:
    """A user's further attributes; a key that is ours already, or a value that nobody has, is refused."""
    found = parse_attributes(assets.read_yaml(path), path.name)
    for attribute in found:
        if attribute.key in attributes():
            raise ContentError(f"{path}: {attribute.key} is one of our own keys; choose another entity")
        if attribute.source.catalogue and not (assets.HERE / f"data/catalogues/{attribute.source.catalogue}.yaml").exists():
            raise ContentError(f"{path}: {attribute.key} asks for the catalogue {attribute.source.catalogue}, which does not exist; use choice or text")
    return found


@cache
def attributes() -> dict[str, Attribute]:
    """Every attribute of the package by key, tier by tier."""
    found: dict[str, Attribute] = {}
    for tier in TIERS:
        path = assets.HERE / "data/ontology/attributes" / f"{tier}.yaml"
        if path.exists():
            found.update({a.key: a for a in parse_attributes(assets.data(f"data/ontology/attributes/{tier}.yaml"), path.name)})
    return found
