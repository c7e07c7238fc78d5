"""E-mail: letters and threads between people, and what organizations send."""

from __future__ import annotations

from understudy.artifacts.kind import Kind, Writing, nothing
from understudy.language import mail, phrasebook
from understudy.language.pocket import compose_attachment
from understudy.model.briefs import Brief, Draft, Found, Part
from understudy.rng import Stream, stream


class WriteEmail(Writing):
    """Ask for one e-mail, or a thread of two."""

    file = "artifacts/email"
    __slots__ = ()

    def compose(self, rng: Stream) -> Draft:
        """A letter in the author's hand, or an organization's notice."""
        return mail.compose_organization(self.brief, rng) if self.brief.organization else mail.compose_person(self.brief, rng)


def attached(brief: Brief, draft: Draft) -> tuple[list[Part], list[Found]]:
    """The document that a mail of an event carries, with what it reveals."""
    part, sheet = compose_attachment(brief, phrasebook.module_words(brief.module, brief.say)["attachment"], stream(0, f"{brief.ids[0]}/attached"))
    return [part], sheet.found(len(draft.parts), brief.author)


KIND = Kind("email", WriteEmail, nothing, attached)
