"""What is taken from a set for each measure: by kind, at random but the same at every call, whole conversations in their order."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import TypeVar

from understudy.rng import stream
from understudy.scoring.reading import NOBODY, Piece, Said

T = TypeVar("T")
MAIL = ("email",)
TALK = ("message", "direct")
"""Kinds that are conversations of persons; a chat with an assistant is none."""


def sample(items: Sequence[T], count: int, name: str, seed: int = 0) -> list[T]:
    """`count` items in a drawn order (all of them if there are fewer), the same for a seed and name."""
    rng = stream(seed, f"score/{name}")
    keyed = sorted((rng.random(), number) for number in range(len(items)))
    return [items[number] for _, number in keyed[:count]]


def mail(pieces: Iterable[Piece]) -> list[Piece]:
    """The e-mails."""
    return [p for p in pieces if p.kind in MAIL and not p.turns]


def talk(pieces: Iterable[Piece]) -> list[Piece]:
    """The conversations: sittings with turns of two persons or one, of a conversational kind."""
    return [p for p in pieces if p.turns and p.kind != "chat"]


def turns(pieces: Iterable[Piece]) -> list[Said]:
    """Every turn of the conversations, in their order."""
    return [turn for piece in talk(pieces) for turn in piece.turns]


def by_author(pieces: Iterable[Piece]) -> dict[str, list[str]]:
    """What each person wrote, one text a turn or mail, in the order of time; people of one text are there too."""
    found: dict[str, list[tuple[str, int, str]]] = defaultdict(list)
    for number, piece in enumerate(pieces):
        for said in piece.turns or (Said(piece.author, piece.text, piece.time),):
            if said.speaker and said.speaker.lower() not in NOBODY and said.text.strip():
                found[said.speaker].append((str(said.time or piece.time or ""), number, said.text))
    return {author: [text for _, _, text in sorted(texts, key=lambda t: t[:2])] for author, texts in sorted(found.items())}
