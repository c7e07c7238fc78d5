"""What a mail is about, by the ledger: the category of its sender's kind, its event's topic or its tie; and the user's own labels for them."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import NamedTuple

from understudy import assets
from understudy.datasets.home import Home, parties, tie_between
from understudy.errors import InputError
from understudy.model.records import Artifact
from understudy.ontology.modules import modules

FINE = ("module", "sender", "tie")
"""What may stand before a colon in a file of labels, and goes before the plain category."""


class Grounds(NamedTuple):
    """What the label of a mail rests on; empty where the ledger has no such thing."""

    category: str
    module: str
    topic: str
    sender: str
    tie: str


@cache
def categories() -> dict[str, dict[str, str]]:
    """The category by topic, by tie and by kind of sender."""
    found: dict[str, dict[str, str]] = {"topics": {}, "ties": {}, "senders": {}}
    for category, entry in assets.data("data/datasets/categories.yaml")["categories"].items():
        for part, names in entry.items():
            found[part].update(dict.fromkeys(names, category))
    return found


def names() -> list[str]:
    """Every category, in the order of the file."""
    return list(assets.data("data/datasets/categories.yaml")["categories"])


def grounds(home: Home, mail: Artifact) -> Grounds:
    """What a mail is about and why: an organization's by its kind (an event's topic where the kind has no category), a person's by event, then by tie."""
    known = categories()
    event = home.events.get(mail.event or "")
    module = event.module if event else ""
    about = modules().get(module)
    topic = about.topic if about else ""
    sender = home.organizations[mail.author].kind if mail.author in home.organizations else ""
    readers = parties(mail, "to", "cc")
    tie = tie_between(home, mail.author, readers[0]) if readers and not sender else ""
    by_topic, by_tie = known["topics"].get(topic, ""), known["ties"].get(tie, "")
    category = known["senders"].get(sender) or by_topic if sender else by_topic or by_tie
    return Grounds(category, module, topic, sender, tie)


def own_labels(path: Path | None) -> dict[str, str | None] | None:
    """A user's labels: our category, or module:NAME, sender:KIND or tie:KIND, to a label; null leaves such mails out. `InputError` for a name that is none."""
    if path is None:
        return None
    content = assets.read_yaml(path)
    if not isinstance(content, dict) or not content:
        raise InputError(f"{path} holds no labels; write one `category: label` a line, with our categories {', '.join(names())}")
    kinds = set(assets.data("data/catalogues/organizations.yaml")["kinds"]) | set(categories()["senders"])
    allowed = {"module": set(modules()), "sender": kinds, "tie": set(categories()["ties"])}
    for key, label in content.items():
        part, sign, name = str(key).partition(":")
        if (part not in FINE or name not in allowed[part]) if sign else key not in names():
            raise InputError(f'{path}: "{key}" is neither a category ({", ".join(names())}) nor module:, sender: or tie: with a known name; correct it there')
        if label is not None and not isinstance(label, str):
            raise InputError(f'{path}: the label of "{key}" must be a text or null, not {label!r}; correct it there')
    return {str(key): label for key, label in content.items()}


def label_of(found: Grounds, own: Mapping[str, str | None] | None) -> str:
    """The label of a mail: our category, or the user's for its module, sender, tie or category, the first that there is; empty where it has none."""
    if own is None:
        return found.category
    for part in FINE:
        if f"{part}:{getattr(found, part)}" in own:
            return own[f"{part}:{getattr(found, part)}"] or ""
    return own.get(found.category) or ""
