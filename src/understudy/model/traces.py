"""What life hands to the artifacts: the traces that events tend to leave, before anyone has written them."""

from __future__ import annotations

from understudy.model.records import Record


class Trace(Record, frozen=True, kw_only=True):
    """An artifact that an event tends to leave: who writes what kind of thing to whom, when, and in which words."""

    event: str
    root: str
    module: str
    say: str
    kind: str
    by: str  # person or organization id
    to: list[str]  # person ids
    minute: int  # local
    mood: str
    owner: str  # the person whose life the module is
    roles: dict[str, str] = {}  # cast role -> person id
    facts: dict[str, str] = {}  # `uses` slot -> fact id
    organizations: dict[str, str] = {}  # detail -> organization id
    merchant: str | None = None
