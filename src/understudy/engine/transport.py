"""One try at one request over HTTP: sent, read within bounds, and told apart: an answer, a reason to try again, or the end."""

from __future__ import annotations

import asyncio
import base64
import ssl
import time
from asyncio import StreamReader, StreamWriter
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import NamedTuple
from urllib.parse import quote, unquote, urlsplit

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
KEPT = 15.0
"""Seconds for which a connection is kept open without use; servers begin to close theirs after 5 (uvicorn) to 75 (nginx)."""


class Unreachable(OSError):
    """No connection could be made: nobody there, no such name, or a certificate that is not to be trusted."""


class Target(NamedTuple):
    """Where a request goes: host, port, whether encrypted, and the head of the request up to its length."""

    host: str
    port: int
    tls: bool
    head: bytes


def target(url: str, key: str = "") -> Target:
    """The target of POST requests with JSON to this address; `ValueError` where the address or the key cannot stand in a head."""
    parts = urlsplit(url)
    host, tls = (parts.hostname or "").encode("idna").decode(), parts.scheme == "https"
    shown = f"[{host}]" if ":" in host else host
    path = quote(parts.path, safe="/%:@!$&'()*+,;=~") + (f"?{quote(parts.query, safe='/%:@!$&()*+,;=~?')}" if parts.query else "")
    lines = [f"POST {path} HTTP/1.1", f"Host: {shown}{f':{parts.port}' if parts.port else ''}", "User-Agent: understudy", "Accept-Encoding: identity"]
    if key:
        lines.append(f"Authorization: Bearer {key}")
    elif parts.username is not None:
        pair = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
        lines.append(f"Authorization: Basic {base64.b64encode(pair.encode()).decode()}")
    if not all(line.isprintable() for line in lines):
        raise ValueError("a line break or another control character in the address or the key")
    lines += ["Content-Type: application/json", "Content-Length: "]
    return Target(host, parts.port or (443 if tls else 80), tls, "\r\n".join(lines).encode("latin-1"))


class Session:
    """Connections that are kept open between requests: HTTP/1.1, a POST at a time each. For one event loop.

    By hand, on the standard library's streams: importing aiohttp takes 0.5 CPU-s and each of its calls twice what these lines take (benchmarks/client.py).
    """

    def __init__(self) -> None:
        self._idle: dict[Target, list[tuple[float, StreamReader, StreamWriter]]] = {}
        self._context: ssl.SSLContext | None = None

    async def post(self, to: Target, payload: bytes, read: float = READ) -> tuple[int, dict[str, str], bytes]:
        """Status, headers (names in lower case) and body (its first `LARGEST` bytes).

        Raises `Unreachable`, `TimeoutError` where no answer is there after `read` seconds (twice as many if it began before it was complete), and `OSError`,
        `EOFError`, `ValueError` or `asyncio.LimitOverrunError` where it breaks off or is no HTTP.
        """
        reader, writer = self._kept(to) or await self._connected(to)
        began = asyncio.get_running_loop().time()
        again = False
        try:
            async with asyncio.timeout_at(began + read) as limit:
                writer.write(b"%b%d\r\n\r\n%b" % (to.head, len(payload), payload))
                status, headers = await _head(reader)
                if "content-length" not in headers:  # begun before it was known how long it would be: some send blanks until the model is done
                    limit.reschedule(began + 2 * read)
                raw, again = await _body(reader, headers)
        finally:
            if again:
                self._idle.setdefault(to, []).append((time.monotonic(), reader, writer))
            else:
                writer.transport.abort()
        return status, headers, raw

    def _kept(self, to: Target) -> tuple[StreamReader, StreamWriter] | None:
        """The connection that was used last, if it is still good."""
        idle = self._idle.get(to)
        while idle:
            since, reader, writer = idle.pop()
            if time.monotonic() - since < KEPT and not reader.at_eof() and reader.exception() is None and not writer.is_closing():
                return reader, writer
            writer.transport.abort()
        return None

    async def _connected(self, to: Target) -> tuple[StreamReader, StreamWriter]:
        if to.tls and self._context is None:
            self._context = ssl.create_default_context()
            self._context.set_alpn_protocols(["http/1.1"])
        context = self._context if to.tls else None
        try:
            async with asyncio.timeout(CONNECT):
                return await asyncio.open_connection(to.host, to.port, ssl=context, happy_eyeballs_delay=0.25)
        except OSError as error:
            if isinstance(error, TimeoutError) and error.errno is None:
                raise
            raise Unreachable(str(error)) from error

    def close(self) -> None:
        """Close all connections that are not in use."""
        for idle in self._idle.values():
            for _, _, writer in idle:
                writer.transport.abort()
        self._idle.clear()


async def _head(reader: StreamReader) -> tuple[int, dict[str, str]]:
    """Status and headers of the answer that comes next; what comes before it ("100 Continue") is passed over."""
    while True:
        try:
            lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        except asyncio.IncompleteReadError:
            raise ConnectionResetError("closed without an answer") from None
        version, status = lines[0].split(None, 2)[:2]
        if not version.startswith("HTTP/1."):
            raise ValueError("no HTTP")
        if not status.startswith("1"):
            break
    pairs = [line.partition(":") for line in lines[1:-2]]
    headers = {name.lower(): value.strip() for name, _, value in pairs}
    if version == "HTTP/1.0":
        headers.setdefault("connection", "close")
    return int(status), headers


async def _body(reader: StreamReader, headers: dict[str, str]) -> tuple[bytes, bool]:
    """The body, up to the largest that could be an answer, and whether the connection can be used again."""
    again = headers.get("connection", "").lower() != "close"
    if "chunked" in headers.get("transfer-encoding", "").lower():
        return await _chunks(reader, again)
    if "content-length" not in headers:
        return await _rest(reader), False
    size = int(headers["content-length"])
    return await reader.readexactly(min(size, LARGEST)), again and size <= LARGEST


async def _rest(reader: StreamReader) -> bytes:
    """A body that ends with its connection."""
    raw = b""
    while len(raw) < LARGEST and (more := await reader.read(LARGEST - len(raw))):
        raw += more
    return raw


async def _chunks(reader: StreamReader, again: bool) -> tuple[bytes, bool]:
    """A body in chunks; lines after the last one are passed over."""
    chunks: list[bytes] = []
    room = LARGEST
    while size := int((await reader.readuntil(b"\r\n")).split(b";")[0], 16):
        chunks.append(await reader.readexactly(min(size, room)))
        room -= size
        if room <= 0:
            return b"".join(chunks), False
        await reader.readexactly(2)
    while await reader.readuntil(b"\r\n") != b"\r\n":
        pass
    return b"".join(chunks), again


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
            found = self._targets[endpoint.id] = target(f"{endpoint.base_url}/chat/completions", endpoint.key())
        return found

    async def send(self, session: Session, request: Request) -> Sent:
        """One try. Raises `EngineError` where no further call can succeed either."""
        endpoint = request.endpoint
        abilities = self.abilities(endpoint)
        before = msgspec.json.encode(abilities)
        began = time.monotonic()
        try:
            payload = _ENCODE(chat_api.body(request, abilities))
            status, headers, raw = await session.post(self.target(endpoint), payload, self.read)
        except TimeoutError:
            return Sent(None, note=f"no answer within {self.read:.0f} s", crowded=True)
        except (OSError, EOFError, ValueError, asyncio.LimitOverrunError) as error:
            gone = isinstance(error, Unreachable)
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
            return Sent(None, note=note, crowded=True, after=_after(headers.get("retry-after")))
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
    if isinstance(error, Unreachable):
        return f"nobody answers at {endpoint.where}"
    if isinstance(error, asyncio.IncompleteReadError):
        return "the answer was cut off on its way"
    return f"the connection broke ({type(error).__name__})"


def _way_out(endpoint: Endpoint, status: int) -> str:
    if status in (401, 403):
        return f"set {endpoint.key_name} to a valid key" if endpoint.key_name else "name the variable that holds its key in the recipe (key_env)"
    if status == 404:
        return "check the model's name and the address"
    return "top it up, or choose another model"
