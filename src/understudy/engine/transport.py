"""One try at one request over HTTP: sent, read within bounds, and told apart: an answer, a reason to try again, or the end."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import NamedTuple

import aiohttp
import msgspec

from understudy.engine import chat_api
from understudy.engine.endpoint import Abilities, Endpoint
from understudy.engine.journal import Journal
from understudy.engine.request import EMPTY, FAILED, Reply, Request
from understudy.errors import EngineError

_ENCODE = msgspec.json.Encoder().encode
TRIES = 7
LARGEST = 2_000_000
"""Bytes of an answer that are read at most; a chat completion is some thousands."""
CONNECT, READ = 15.0, 180.0
"""Seconds to connect, and seconds of silence while reading."""


class Sent(NamedTuple):
    """What one try gave: a reply, or why there is none and how to go on."""

    reply: Reply | None
    seconds: float = 0.0
    note: str = ""
    crowded: bool = False  # a sign that the endpoint has too much to do
    at_once: bool = False  # ask again at once, otherwise
    after: float | None = None
    gone: bool = False  # nobody was there at all
    tokens_in: int = 0  # paid for without use
    tokens_out: int = 0


class Sender:
    """Knows what every endpoint can do, and sends."""

    def __init__(self, journal: Journal, tries: int = TRIES, read: float = READ):
        self.journal, self.tries = journal, tries
        self.timeout = aiohttp.ClientTimeout(total=read * 2, sock_connect=CONNECT, sock_read=read)
        self.read = read
        self._abilities: dict[str, Abilities] = {}
        self._headers: dict[str, dict[str, str]] = {}

    def abilities(self, endpoint: Endpoint) -> Abilities:
        """What an endpoint can do, as far as is known."""
        found = self._abilities.get(endpoint.id)
        if found is None:
            found = self._abilities[endpoint.id] = self.journal.abilities(endpoint.id) or endpoint.abilities
        return found

    def headers(self, endpoint: Endpoint) -> dict[str, str]:
        """The headers of a request; the key goes here and nowhere else."""
        found = self._headers.get(endpoint.id)
        if found is None:
            found = {"Content-Type": "application/json"}
            key = endpoint.key()
            if key:
                found["Authorization"] = f"Bearer {key}"
            self._headers[endpoint.id] = found
        return found

    async def send(self, session: aiohttp.ClientSession, request: Request) -> Sent:
        """One try. Raises `EngineError` where no further call can succeed either."""
        endpoint = request.endpoint
        abilities = self.abilities(endpoint)
        before = msgspec.json.encode(abilities)
        began = time.monotonic()
        try:
            payload = _ENCODE(chat_api.body(request, abilities))
            url = f"{endpoint.base_url}/chat/completions"
            async with session.post(url, data=payload, headers=self.headers(endpoint), timeout=self.timeout, allow_redirects=False) as response:
                raw = await _read(response)
                status, after = response.status, _after(response.headers.get("Retry-After"))
        except TimeoutError:
            return Sent(None, note=f"no answer within {self.read:.0f} s", crowded=True)
        except (aiohttp.ClientError, OSError, ValueError) as error:
            gone = isinstance(error, aiohttp.ClientConnectorError)
            return Sent(None, note=_plain(error, endpoint), crowded=not gone, gone=gone)
        seconds = time.monotonic() - began
        if status == 200:
            return self._answer(raw, seconds)
        found = chat_api.trouble(status, raw, abilities)
        note = found.text.replace(endpoint.key(), "***") if endpoint.key() else found.text
        if found.sort == "run":
            raise EngineError(f"{endpoint.name} cannot be asked at {endpoint.where}: {note}; {_way_out(endpoint, status)}")
        if found.sort == "adapt":
            if msgspec.json.encode(abilities) != before:
                self.journal.remember(endpoint.id, abilities)
            return Sent(None, note=note, at_once=True)
        if found.sort == "retry":
            return Sent(None, note=note, crowded=True, after=after)
        return Sent(Reply(FAILED, note=note), seconds)

    def _answer(self, raw: bytes, seconds: float) -> Sent:
        if len(raw) >= LARGEST:
            return Sent(None, note=f"the answer is larger than {LARGEST // 1_000_000} MB")
        try:
            found = chat_api.completion(raw)
        except chat_api.BadBody as error:
            return Sent(None, note=str(error))
        if found.status == EMPTY:
            return Sent(None, note="the answer is empty", tokens_in=found.tokens_in, tokens_out=found.tokens_out)
        return Sent(Reply(found.status, found.text, "", found.tokens_in, found.tokens_out, found.cached), seconds)

    def given_up(self, request: Request, note: str, gone: bool) -> Reply:
        """The failure of a call after its last try; it is journalled as such. Where nobody is there any more, the run ends instead: nothing was asked."""
        if gone:
            raise EngineError(
                f"{request.endpoint.name} cannot be asked any more: {note}; what was answered is kept, and the same command goes on when the server is back"
            )
        return Reply(FAILED, note=f"given up after {self.tries} tries: {note}")


async def _read(response: aiohttp.ClientResponse) -> bytes:
    """The body, up to the largest that could be an answer."""
    chunks, size = [], 0
    async for chunk in response.content.iter_any():
        chunks.append(chunk)
        size += len(chunk)
        if size >= LARGEST:
            response.close()
            break
    return b"".join(chunks)


def _after(value: str | None) -> float | None:
    """Retry-After in seconds, given as a number or a date; None where there is none."""
    if not value:
        return None
    try:
        return max(0.0, float(value))
    except ValueError:
        pass
    try:
        return max(0.0, (parsedate_to_datetime(value) - datetime.now(UTC)).total_seconds())
    except (TypeError, ValueError):
        return None


def _plain(error: Exception, endpoint: Endpoint) -> str:
    """A network error in a few words, without key or query."""
    if isinstance(error, aiohttp.ClientConnectorError):
        return f"nobody answers at {endpoint.where}"
    if isinstance(error, aiohttp.ClientPayloadError):
        return "the answer was cut off on its way"
    return f"the connection broke ({type(error).__name__})"


def _way_out(endpoint: Endpoint, status: int) -> str:
    if status in (401, 403):
        return f"set {endpoint.key_name} to a valid key" if endpoint.key_name else "name the variable that holds its key in the recipe (key_env)"
    if status == 404:
        return "check the model's name and the address"
    return "top it up, or choose another model"
