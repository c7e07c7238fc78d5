"""A document as its reader sees it, in plain text."""

from __future__ import annotations

from understudy.datasets.home import Home, name, parties, spoken_time
from understudy.model.records import Artifact

CALLED = {
    "email": "E-mail",
    "message": "Messages",
    "chat": "Chat with an assistant",
    "calendar": "Calendar",
    "reminder": "Reminder",
    "note": "Note",
    "purchase": "Purchase",
}


def shown(home: Home, artifact: Artifact) -> str:
    """What it is, when, between whom, and its text."""
    head = f"{CALLED.get(artifact.kind, artifact.kind.capitalize())}, {spoken_time(home, artifact.time)}"
    if artifact.kind == "email":
        head += f", from {name(home, artifact.author)} to {', '.join(name(home, p) for p in parties(artifact, 'to', 'cc'))}"
    elif artifact.kind == "message":
        head += f", between {' and '.join(name(home, p) for p in dict.fromkeys(p.person for p in artifact.people))}"
    body = f"{artifact.title}\n{artifact.text}" if artifact.title and artifact.title != artifact.text else artifact.text
    return f"{head}\n{body}"
