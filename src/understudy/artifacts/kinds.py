"""Every kind of artifact that a town leaves behind; a new kind is one more line here."""

from __future__ import annotations

from understudy.artifacts import chat, email, jottings, message, purchase
from understudy.artifacts.kind import Kind

KINDS: dict[str, Kind] = {kind.name: kind for kind in (email.KIND, message.KIND, chat.KIND, jottings.CALENDAR, jottings.REMINDER, jottings.NOTE, purchase.KIND)}
