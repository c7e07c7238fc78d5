"""E-mail: letters and threads between people, and what organizations send."""

from __future__ import annotations

from understudy.artifacts.kind import Kind, Writing, nothing
from understudy.language import mail
from understudy.model.briefs import Draft
from understudy.rng import Stream


class WriteEmail(Writing):
    """Ask for one e-mail, or a thread of two."""

    file = "artifacts/email"
    __slots__ = ()

    def compose(self, rng: Stream) -> Draft:
        """A letter in the author's hand, or an organization's notice."""
        return mail.compose_organization(self.brief, rng) if self.brief.organization else mail.compose_person(self.brief, rng)


KIND = Kind("email", WriteEmail, nothing)
