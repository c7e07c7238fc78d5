"""What a phone keeps: searches, photos, posts, calls, passes, notifications. The last two are forms that nobody composes."""

from __future__ import annotations

from typing import Any

from understudy.artifacts.kind import Kind, Writing, nothing
from understudy.artifacts.orders import compose_deposit
from understudy.engine.call import CLERK
from understudy.language import pocket
from understudy.model.briefs import Brief, Draft, Part
from understudy.model.clock import Clock
from understudy.rng import Stream


class WriteSearch(Writing):
    """Ask for what somebody types into a search box."""

    file = "artifacts/search"
    __slots__ = ()

    def compose(self, rng: Stream) -> Draft:
        """One to three queries."""
        return pocket.compose_search(self.brief, rng)


class WritePhoto(Writing):
    """Ask for a photo's caption."""

    file = "artifacts/photo"
    __slots__ = ()

    def compose(self, rng: Stream) -> Draft:
        """The caption; place, time and people come from the ledger."""
        return pocket.compose_photo(self.brief, rng)


class WritePost(Writing):
    """Ask for a post on a social network."""

    file = "artifacts/post"
    __slots__ = ()

    def compose(self, rng: Stream) -> Draft:
        """The post, and what friends write under it."""
        return pocket.compose_post(self.brief, rng)


class WriteCall(Writing):
    """Ask for what is left on a voicemail; an answered call is only a line in the log."""

    file = "artifacts/call"
    __slots__ = ()

    @property
    def role(self) -> str:  # type: ignore[override]
        """A writer where words are left, a clerk where there are none."""
        return "writer" if self.brief.spoken.get("missed") and self.brief.spoken.get("left") else CLERK

    def compose(self, rng: Stream) -> Draft:
        """The log's entry."""
        return pocket.compose_call(self.brief, rng)


class FillNotification(Writing):
    """A line on the screen; a form."""

    role = CLERK
    __slots__ = ()

    def compose(self, rng: Stream) -> Draft:
        """The line."""
        return pocket.compose_notification(self.brief, rng)


class FillPass(Writing):
    """A pass in the wallet; a form."""

    role = CLERK
    __slots__ = ()

    def compose(self, rng: Stream) -> Draft:
        """Title and fields."""
        return pocket.compose_pass(self.brief, rng)


class FillTransaction(Writing):
    """A line of a bank statement; a form."""

    role = CLERK
    __slots__ = ()

    def compose(self, rng: Stream) -> Draft:
        """The line, with the event's amount."""
        return compose_deposit(self.brief, rng)


def search_payload(brief: Brief, part: Part, clock: Clock) -> dict[str, Any]:
    """The queries one by one, the pages opened, and where."""
    return {"queries": list(dict.fromkeys(part.text.split("\n"))), "pages": part.payload.get("pages", []), "site": brief.spoken.get("site", "")}


def photo_payload(brief: Brief, part: Part, clock: Clock) -> dict[str, Any]:
    """The place's id and name, and who was there."""
    spoken = brief.spoken
    return {"place": spoken.get("place"), "location": spoken.get("location", ""), "with": list(spoken.get("with", ()))}


def post_payload(brief: Brief, part: Part, clock: Clock) -> dict[str, Any]:
    """The network, what friends wrote under it, and how many liked it (our estimate: some of a post's friends)."""
    replies = part.payload.get("replies", [])
    return {"network": brief.spoken.get("network", ""), "replies": replies, "likes": int(brief.spoken.get("likes", 0)) + len(replies)}


def call_payload(brief: Brief, part: Part, clock: Clock) -> dict[str, Any]:
    """Whether it was answered, how long it lasted in minutes, and whether something was left on the voicemail."""
    missed = bool(brief.spoken.get("missed"))
    return {"answered": not missed, "minutes": 0 if missed else int(brief.spoken.get("minutes", 1)), "voicemail": part.text != part.title}


SEARCH = Kind("search", WriteSearch, search_payload)
PHOTO = Kind("photo", WritePhoto, photo_payload)
POST = Kind("post", WritePost, post_payload)
CALL = Kind("call", WriteCall, call_payload)
NOTIFICATION = Kind("notification", FillNotification, nothing)
PASS = Kind("pass", FillPass, nothing)
TRANSACTION = Kind("transaction", FillTransaction, nothing)
