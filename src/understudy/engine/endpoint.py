"""From a model's name to where it is asked: presets, keys from the environment, and what an endpoint can do."""

from __future__ import annotations

import os
from functools import cache
from typing import Any
from urllib.parse import urlsplit

import msgspec

from understudy import assets
from understudy.errors import EngineError
from understudy.recipe import Model

LEVELS = ("json_schema", "json_object", "prompt")
"""How an answer's shape is asked for, best first."""


class Abilities(msgspec.Struct, kw_only=True):
    """What one model behind one endpoint takes; found out once, remembered in the journal, never part of a call's key."""

    structured: str = "json_schema"
    length: str = "max_tokens"  # the parameter that limits an answer
    lacks: list[str] = []  # schema keywords that it refuses
    refuses: list[str] = []  # sampling parameters that it refuses
    context: int = 0  # tokens, 0: unknown


class Endpoint(msgspec.Struct, kw_only=True):
    """A model to ask: its name in the recipe, its name on the wire, the address, and the key (which is never printed)."""

    name: str
    model: str
    preset: str
    base_url: str
    key_name: str
    abilities: Abilities
    prices: str = ""  # the provider's name in the price library; empty: a server of one's own, which costs nothing
    price: tuple[float, float, float] | None = None  # the recipe's own: dollars for a million tokens in, cached in, out
    batch: bool = False
    where: str = ""  # the address as it is shown: without user and password
    id: str = ""  # what abilities are remembered under

    def __post_init__(self) -> None:
        parts = urlsplit(self.base_url)
        self.where = f"{parts.scheme}://{parts.hostname}{f':{parts.port}' if parts.port else ''}{parts.path}"
        self.id = f"{self.where} {self.model}"

    def key(self) -> str:
        """The key, from the environment only."""
        return os.environ.get(self.key_name, "").strip() if self.key_name else ""

    def __repr__(self) -> str:
        return f"Endpoint({self.name!r}, {self.where!r})"


@cache
def presets() -> dict[str, dict[str, Any]]:
    """The known providers and servers."""
    return dict(assets.data("data/models/presets.yaml")["presets"])


@cache
def defaults(role: str) -> dict[str, Any]:
    """What a role is asked with unless the recipe says otherwise."""
    return dict(assets.data("data/models/presets.yaml")["roles"].get(role, {}))


def _address(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:  # a port that is none, or half an IPv6 address
        return False


def endpoint(model: Model) -> Endpoint:
    """Where a recipe's model is asked; `EngineError` if the name leads nowhere."""
    head, _, rest = model.model.partition("/")
    preset = presets().get(head) if rest else None
    if preset is None and not model.base_url:
        names = ", ".join(presets())
        raise EngineError(f'"{model.model}" names no known provider; write PROVIDER/MODEL with one of {names}, or give the server\'s address with --base-url')
    found = preset or {}
    url = (model.base_url or found["base_url"]).rstrip("/")
    if not _address(url):
        raise EngineError(f"{url} is no address of a model server; give one such as http://127.0.0.1:8000/v1 with --base-url")
    key = model.key_env or found.get("key") or ("OPENAI_API_KEY" if model.base_url and preset is None and os.environ.get("OPENAI_API_KEY") else "")
    abilities = Abilities(structured=found.get("structured", "json_schema"), length=found.get("length", "max_tokens"), lacks=list(found.get("lacks", ())))
    return Endpoint(
        name=model.model, model=rest if preset is not None else model.model, preset=head if preset is not None else "", base_url=url, key_name=key,
        abilities=abilities, prices=found.get("prices", ""), price=model.price, batch=bool(found.get("batch")) or preset is None,
    )  # fmt: skip
