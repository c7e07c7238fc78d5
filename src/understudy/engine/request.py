"""What is asked of a model, the key it is kept under, and what came back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Any, NamedTuple

import msgspec

from understudy.engine.endpoint import Endpoint

_ENCODE = msgspec.json.Encoder(order="deterministic").encode

ANSWERED, REFUSED, TRUNCATED, FILTERED, EMPTY, FAILED = "answered", "refused", "truncated", "filtered", "empty", "failed"
"""How a call ended. All but the last were paid for."""
UNPAID = "unpaid"
"""Not asked, because the budget was met."""


class Request(NamedTuple):
    """One question to a model, before it is adapted to what the endpoint can do."""

    key: str
    call: str
    role: str
    prompt: str
    version: int
    endpoint: Endpoint
    messages: Sequence[Mapping[str, str]]
    shape: dict[str, Any]
    params: Mapping[str, Any]
    tokens: int  # the most that an answer may have
    sample: int
    attempt: int
    turn: int  # 0, or 1 for a repair

    @property
    def tokens_in(self) -> int:
        """About how many tokens the messages have (four characters each)."""
        return sum(len(m["content"]) for m in self.messages) // 4 + 8


class Reply(NamedTuple):
    """What came back: the text if there is one, how the call ended, and what it used."""

    status: str
    text: str = ""
    note: str = ""  # why it failed, in words
    tokens_in: int = 0
    tokens_out: int = 0
    tokens_cached: int = 0
    dollars: float = 0.0
    seconds: float = 0.0
    model: str = ""
    kept: bool = False  # from the journal: not paid for again


def key_of(model: str, messages: Any, shape: Any, params: Any, call: str, sample: int, attempt: int) -> str:
    """SHA-256 over all that decides what is asked, before adaptation: a second look at what an endpoint can do changes no key."""
    return sha256(_ENCODE([model, messages, shape, params, call, sample, attempt])).hexdigest()
