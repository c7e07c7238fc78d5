"""One try at one request over HTTP: sent, read within bounds, and told apart: an answer, a reason to try again, or the end."""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import NamedTuple
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

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
"""Seconds to connect, and seconds until an answer is there; twice as many where it began before it was complete."""


class Target(NamedTuple):
    """Where a request goes, by which proxy if any, and its headers; the key stands there and nowhere else."""

    url: str
    headers: dict[str, str]
    proxy: str | None


def target(url: str, key: str = "") -> Target:
    """The target of POST requests with JSON to this address; `ValueError` where the address or the key cannot stand in a request."""
    if not (url + key).isprintable() or not key.isascii():
        raise ValueError("a line break or another control character in the address or the key")
    return Target(url, {"Content-Type": "application/json", **({"Authorization": f"Bearer {key}"} if key else {})}, _proxy(url))


def _proxy(url: str) -> str | None:
    """The proxy that the environment names for an address. Looked up once a target: aiohttp's own way asks two threads a call, 1.1 CPU-ms."""
    parts = urlsplit(url)
    found = getproxies().get(parts.scheme)
    if not found or proxy_bypass(parts.hostname or ""):
        return None
    return found if "://" in found else f"http://{found}"


class Session:
    """Connections that are kept open between requests, for one event loop; proxies are taken from the environment."""

    def __init__(self) -> None:
        self._session: aiohttp.ClientSession | None = None

    async def post(self, to: Target, payload: bytes, read: float = READ) -> tuple[int, Mapping[str, str], bytes]:
        """Status, headers and body (its first `LARGEST` bytes). Raises what aiohttp raises, and `TimeoutError` where no answer is there after `read` seconds
        (twice as many if it began before it was complete)."""
        if self._session is None:
            connector = aiohttp.TCPConnector(limit=0, ttl_dns_cache=300)
            self._session = aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.DummyCookieJar())
        timeout = aiohttp.ClientTimeout(total=2 * read, sock_connect=CONNECT, sock_read=read)
        async with self._session.post(to.url, data=payload, headers=to.headers, proxy=to.proxy, timeout=timeout, allow_redirects=False) as response:
            return response.status, response.headers, await _body(response)

    async def close(self) -> None:
        """Close all connections."""
        if self._session is not None:
            await self._session.close()


async def _body(response: aiohttp.ClientResponse) -> bytes:
    """The body, up to the largest that could be an answer."""
    chunks, size = [], 0
    async for chunk in response.content.iter_any():
        chunks.append(chunk)
        size += len(chunk)
        if size >= LARGEST:
            response.close()
            break
    return b"".join(chunks)


class Sent(NamedTuple):
    """What one try gave: a reply, or why there is none and how to go on."""

    reply: Reply | None
    seconds: float = 0.0
    note: str = ""
    crowded: bool = False  # a sign that the endpoint has too much to do
    full: bool = False  # refused at once, as one too many
    at_once: bool = False  # ask again at once, otherwise
    after: float | None = None
    gone: bool = False  # nobody was there at all
    tokens_in: int = 0  # paid for without use
    tokens_out: int = 0
    tokens_cached: int = 0


class Sender:
    """Knows what every endpoint can do, and sends."""

    def __init__(self, journal: Journal, tries: int = TRIES, read: float = READ):
        self.journal, self.tries = journal, tries
        self.read = read
        self._abilities: dict[str, Abilities] = {}
        self._targets: dict[str, Target] = {}

    def abilities(self, endpoint: Endpoint) -> Abilities:
        """What an endpoint can do, as far as is known."""
        found = self._abilities.get(endpoint.id)
        if found is None:
            found = self._abilities[endpoint.id] = self.journal.abilities(endpoint.id) or endpoint.abilities
        return found

    def target(self, endpoint: Endpoint) -> Target:
        """Where and how an endpoint is asked; the key goes here and nowhere else."""
        found = self._targets.get(endpoint.id)
        if found is None:
            try:
                found = self._targets[endpoint.id] = target(f"{endpoint.base_url}/chat/completions", endpoint.key())
            except ValueError:
                what = f"the key in {endpoint.key_name} or the address" if endpoint.key_name else "the address"
                raise EngineError(
                    f"{endpoint.name} cannot be asked at {endpoint.where}: {what} holds a character that no request can carry; set it again"
                ) from None
        return found

    async def send(self, session: Session, request: Request) -> Sent:
        """One try. Raises `EngineError` where no further call can succeed either."""
        endpoint = request.endpoint
        abilities = self.abilities(endpoint)
        to = self.target(endpoint)
        before = msgspec.json.encode(abilities)
        began = time.monotonic()
        try:
            payload = _ENCODE(chat_api.body(request, abilities))
            status, headers, raw = await session.post(to, payload, self.read)
        except TimeoutError:
            return Sent(None, note=f"no answer within {self.read:.0f} s", crowded=True)
        except (aiohttp.ClientError, OSError, ValueError) as error:
            gone = isinstance(error, aiohttp.ClientConnectorError)
            return Sent(None, note=_plain(error, endpoint), crowded=not gone, gone=gone)
        seconds = time.monotonic() - began
        if status == 200:
            return self._answer(raw, seconds)
        if status in (400, 422) and msgspec.json.encode(abilities) != before:
            return Sent(None, note="asked as before the endpoint was known better", at_once=True)  # another call in flight has learned it meanwhile
        key = endpoint.key()
        found = chat_api.trouble(status, raw.replace(key.encode(), b"***") if key else raw, abilities)  # before a message is cut: half a key is no longer found
        note = found.text
        if found.sort == "run":
            raise EngineError(f"{endpoint.name} cannot be asked at {endpoint.where}: {note}; {_way_out(endpoint, status)}")
        if found.sort == "adapt":
            if msgspec.json.encode(abilities) != before:
                self.journal.remember(endpoint.id, abilities)
            return Sent(None, note=note, at_once=True)
        if found.sort == "retry":
            return Sent(None, note=note, crowded=True, full=status in (429, 529), after=_after(headers.get("Retry-After")))
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
