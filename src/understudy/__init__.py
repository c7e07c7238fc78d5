"""Understudy makes synthetic people with whole digital lives, and measures what such data is worth.

The public face: `Recipe`, `make`, `open_world`, `World` and the errors.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from understudy.errors import UnderstudyError

if TYPE_CHECKING:
    from understudy.making import make, open_world
    from understudy.recipe import Recipe
    from understudy.store.world import World

__version__ = "0.1.0"
__all__ = ["Recipe", "UnderstudyError", "World", "make", "open_world"]

_HOMES = {"Recipe": "understudy.recipe", "World": "understudy.store.world", "make": "understudy.making", "open_world": "understudy.making"}


def __getattr__(name: str) -> Any:
    """Import the public names when they are first used, so that `understudy --help` stays quick."""
    if name in _HOMES:
        from importlib import import_module

        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'understudy' has no attribute {name!r}")
