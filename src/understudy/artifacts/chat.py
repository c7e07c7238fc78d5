"""Chats of a person with an AI assistant."""

from __future__ import annotations

from understudy.artifacts.kind import Kind, Writing, turns_payload
from understudy.language import assistant
from understudy.model.briefs import Draft
from understudy.rng import Stream


class WriteChat(Writing):
    """Ask for one session with an assistant."""

    file = "artifacts/chat"
    __slots__ = ()

    def compose(self, rng: Stream) -> Draft:
        """A request in which a fact may come up, with plain answers."""
        return assistant.compose(self.brief, rng)


KIND = Kind("chat", WriteChat, turns_payload)
