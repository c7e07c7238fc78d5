"""Every kind of artifact that a town leaves behind; a new kind is one more line here."""

from __future__ import annotations

from understudy.artifacts import chat, email, jottings, message, pocket, purchase
from understudy.artifacts.kind import Kind

WRITTEN = (
    email.KIND, message.KIND, chat.KIND, jottings.CALENDAR, jottings.REMINDER, jottings.NOTE, purchase.KIND, pocket.SEARCH, pocket.PHOTO, pocket.POST,
    pocket.CALL, pocket.NOTIFICATION, pocket.PASS, pocket.TRANSACTION,
)  # fmt: skip
KINDS: dict[str, Kind] = {kind.name: kind for kind in WRITTEN}
"""Every kind that a call writes, by name."""
ALL = (*KINDS, "document")
"""Every kind; a document only comes with a mail."""
