"""Messages: one sitting of turns between the same people, two or a group."""

from __future__ import annotations

from understudy.artifacts.kind import Kind, Writing, turns_payload
from understudy.language import conversation
from understudy.model.briefs import Draft
from understudy.rng import Stream


class WriteMessage(Writing):
    """Ask for one sitting."""

    file = "artifacts/message"
    __slots__ = ()

    def compose(self, rng: Stream) -> Draft:
        """A sitting from the module's words, the facts' sayings, topics and moves."""
        return conversation.compose(self.brief, rng)


KIND = Kind("message", WriteMessage, turns_payload)
