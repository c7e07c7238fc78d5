"""Email categorization (PersonaTrace, section 4): a mail, and what it is about."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from understudy.datasets.home import Home, name, parties, read_home
from understudy.datasets.labels import grounds, label_of, names
from understudy.datasets.rows import Row, chat, even, once
from understudy.datasets.splits import Split
from understudy.store.world import World


def rows(home: Home, split: Split, own: Mapping[str, str | None] | None, labels: list[str]) -> Iterator[tuple[str, Row]]:
    """One row for each mail of a community whose label the ledger decides, with its split; the prompt names all `labels`."""
    system = f"You sort e-mail. Answer with one category and nothing else: {', '.join(labels)}."
    for mail in home.artifacts.values():
        if mail.kind != "email":
            continue
        why = grounds(home, mail)
        label = label_of(why, own)
        if not label:
            continue
        text = f"{mail.title}\n\n{mail.text}" if mail.title else mail.text
        user = f"From: {name(home, mail.author)}\nSubject: {mail.title}\n\n{mail.text}"
        meta = {
            "id": mail.id, "label": label, "text": text, "subject": mail.title, "body": mail.text, "category": why.category, "module": why.module,
            "topic": why.topic, "sender": why.sender, "tie": why.tie, "event": mail.event or "", "author": mail.author,
            "owner": next(iter(parties(mail, "to")), ""), "noise": mail.noise,
        }  # fmt: skip
        yield split.of(home, mail.id), Row(chat(system, user, label), meta)


def labelled(world: World, size: int = 4000) -> tuple[list[str], list[str]]:
    """The mails of a whole world and their categories, the same text once, at most `size` of them, as even over the categories as they can be."""
    kept: list[Row] = []
    said: set[str] = set()
    for index in world.parts():
        home = read_home(world, index)
        split = Split({index: "train"}, {}, "")
        kept += once((row for _, row in rows(home, split, None, names())), said, lambda row: str(row.meta["text"]))[0]
    drawn = even(kept, size, world.seed, "categorization/labelled", lambda row: str(row.meta["label"]))
    return [row.meta["text"] for row in drawn], [row.meta["label"] for row in drawn]
