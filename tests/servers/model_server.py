"""An OpenAI-compatible model server for tests and benchmarks, on 127.0.0.1, in a thread or as a process, with faults on demand.

In a thread: `with ModelServer(latency=0.02, faults={"429": 0.1}) as server: ... server.url, server.stats(), server.requests`.
As a process: `python -m tests.servers.model_server --port 0 --latency 0.02 --faults 429=0.1,hang=0.01`, which prints `listening PORT`;
ask `GET /stats` for what `stats()` gives and `POST /reset` to begin anew.
"""

from __future__ import annotations

import argparse
import asyncio
import math
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from email.utils import formatdate
from hashlib import sha256
from typing import Any, NamedTuple

import msgspec
from aiohttp import web

from understudy.rng import Stream, stream

from .instances import CONTENT_FAULTS, embedding, instance, messages_key, schema_of, spoiled, texts_of

STATUS_FAULTS = ("429", "429-after", "500", "503")
BODY_FAULTS = ("not_json_body", "no_choices", "bad_utf8", "cut", "hang")
FAULTS = (*STATUS_FAULTS, *BODY_FAULTS, *CONTENT_FAULTS)
"""Every fault that `faults` may name."""

HANG = 40.0
"""Seconds that a hanging call is held open before the connection is closed without an answer."""

CREATED = 1_735_689_600
"""The `created` of every answer (2025-01-01), so that equal calls give equal bytes."""

Answer = Callable[[dict[str, Any]], str | None]


class Reply(NamedTuple):
    """What goes back: status, body, further headers, tokens to count, and whether the body breaks off half way."""

    status: int
    body: bytes
    headers: dict[str, str]
    tokens: tuple[int, int, int] = (0, 0, 0)
    cut: bool = False


@dataclass
class Tally:
    """What the server has seen since it started or was reset."""

    calls: int = 0
    finished: int = 0
    aborted: int = 0
    rejected: int = 0
    in_flight: int = 0
    max_in_flight: int = 0
    tokens: list[int] = field(default_factory=lambda: [0, 0, 0])
    by_status: Counter[str] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)
    asked: Counter[str] = field(default_factory=Counter)
    other: Counter[str] = field(default_factory=Counter)
    keys: set[str] = field(default_factory=set)
    openings: set[str] = field(default_factory=set)


def snapshot(tally: Tally) -> dict[str, Any]:
    """The tally as plain JSON values; counts are of calls, tokens are of answers written whole."""
    return {
        "calls": tally.calls,
        "finished": tally.finished,
        "aborted": tally.aborted,
        "rejected": tally.rejected,
        "in_flight": tally.in_flight,
        "max_in_flight": tally.max_in_flight,
        "by_status": dict(sorted(tally.by_status.items())),
        "faults": dict(sorted(tally.faults.items())),
        "prompt_tokens": tally.tokens[0],
        "completion_tokens": tally.tokens[1],
        "cached_tokens": tally.tokens[2],
        "keys": len(tally.keys),
        "asked": dict(tally.asked),
        "other": dict(sorted(tally.other.items())),
    }


def refusal_of(status: int, message: str, code: str | None, param: str | None = None, kind: str = "invalid_request_error") -> Reply:
    """An error in the form of OpenAI's API reference: {"error": {"message", "type", "param", "code"}}."""
    return Reply(status, msgspec.json.encode({"error": {"message": message, "type": kind, "param": param, "code": code}}), {})


def _limited(wait: str | None) -> Reply:
    reply = refusal_of(429, "Rate limit reached for requests. Please try again later.", "rate_limit_exceeded", kind="requests")
    return reply._replace(headers={"Retry-After": wait}) if wait is not None else reply


def _broken_status(fault: str, draw: Stream) -> Reply:
    """The answer of a fault that is an HTTP status; the wait of `429-after` is in seconds or, in a third of cases, the present as an HTTP date."""
    if fault == "429":
        return _limited(None)
    if fault == "429-after":
        return _limited(draw.pick(("0", "0.05", formatdate(time.time(), usegmt=True))))
    if fault == "500":
        return refusal_of(500, "The server had an error while processing your request. Sorry about that!", None, kind="server_error")
    return refusal_of(503, "The engine is currently overloaded, please try again later.", None, kind="service_unavailable_error")


def completion_body(digest: str, model: Any, made: tuple[str | None, str, str | None], prompt: int, cached: int) -> tuple[bytes, tuple[int, int, int]]:
    """A chat.completion as bytes, and its prompt, completion and cached tokens (a token is four characters, rounded up)."""
    content, finish, refusal = made
    said = math.ceil(len(content or "") / 4)
    body = {
        "id": "chatcmpl-" + digest[:24],
        "object": "chat.completion",
        "created": CREATED,
        "model": model,
        "choices": [{"index": 0, "message": {"role": "assistant", "content": content, "refusal": refusal}, "logprobs": None, "finish_reason": finish}],
        "usage": {
            "prompt_tokens": prompt,
            "completion_tokens": said,
            "total_tokens": prompt + said,
            "prompt_tokens_details": {"cached_tokens": cached},
        },
    }
    return msgspec.json.encode(body), (prompt, said, cached)


async def _send(request: web.BaseRequest, reply: Reply) -> web.StreamResponse:
    """Write the reply until the kernel has all of it; `ConnectionResetError` if the client is gone or the reply is to break off."""
    transport = request.transport
    if transport is None or transport.is_closing():
        raise ConnectionResetError("the client is gone")
    headers = {"Content-Type": "application/json", **reply.headers}
    if reply.cut:
        torn = web.StreamResponse(status=reply.status, headers={**headers, "Content-Length": str(len(reply.body))})
        await torn.prepare(request)
        await torn.write(reply.body[: len(reply.body) // 2])
        transport.close()
        raise ConnectionResetError("cut off on purpose")
    response = web.Response(status=reply.status, body=reply.body, headers=headers)
    await response.prepare(request)
    await response.write_eof()
    if transport.get_write_buffer_size():
        # more than the socket takes at once: without a buffer allowed, drain waits for the last byte, or fails with the connection
        transport.set_write_buffer_limits(0)
        await request.writer.drain()
    if transport.is_closing():
        raise ConnectionResetError("the client left before the end")
    return response


@dataclass(eq=False)
class ModelServer:
    """A model server with the faults that it was given; a context manager that runs it in a thread.

    latency: seconds before an answer. faults: name (of `FAULTS`) to share of calls, 0..1, together at most 1. answer: makes the content from the body,
    None leaves it to the schema. seed: of contents and faults. limit: calls in flight above which 429 is given, 0 for none. slow_over: calls in flight
    above which latency grows in proportion, 0 for never. key: the bearer key demanded. models: the names served, none for any. context: prompt tokens
    above which a call is refused, 0 for none. refuse_schema: "json_schema" or "both". refuse_params: parameters not taken. keep: collect the bodies of
    chat calls in `requests`, in order of arrival. port: 0 for any. Raises `ValueError` for faults or a refuse_schema that do not exist.
    """

    latency: float = 0.0
    faults: Mapping[str, float] | None = None
    answer: Answer | None = None
    seed: int = 0
    limit: int = 0
    slow_over: int = 0
    key: str | None = None
    models: Sequence[str] = ()
    context: int = 0
    refuse_schema: str | None = None
    refuse_params: Sequence[str] = ()
    keep: bool = False
    port: int = 0
    requests: list[dict[str, Any]] = field(default_factory=list, init=False)
    _tally: Tally = field(default_factory=Tally, init=False)

    def __post_init__(self) -> None:
        faults = self.faults or {}
        unknown = [name for name in faults if name not in FAULTS]
        if unknown or min(faults.values(), default=0) < 0 or sum(faults.values()) > 1 + 1e-9:
            raise ValueError(f"faults {faults}: known are {', '.join(FAULTS)}, shares of 0 to 1 in all")
        if self.refuse_schema not in (None, "json_schema", "both"):
            raise ValueError(f"refuse_schema {self.refuse_schema!r}: json_schema or both")
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._stop = asyncio.Event()

    def __enter__(self) -> ModelServer:
        self._stop = asyncio.Event()  # a new one, as an event belongs to the loop that waited for it: a server may start again
        started: Future[int] = Future()
        self._thread = threading.Thread(target=self._run, args=(started,), name="model-server", daemon=True)
        self._thread.start()
        self.port = started.result(30)
        return self

    def __exit__(self, *_: object) -> None:
        if self._loop is not None and self._thread is not None:
            self._loop.call_soon_threadsafe(self._stop.set)
            self._thread.join(10)
        self._loop = None

    @property
    def url(self) -> str:
        """The base URL, as clients want it: with /v1 at its end."""
        return f"http://127.0.0.1:{self.port}/v1"

    def stats(self) -> dict[str, Any]:
        """What happened so far, from any thread; see `snapshot`. At rest, calls == finished + aborted."""
        found: dict[str, Any] = self._within(lambda: snapshot(self._tally))
        return found

    def reset(self) -> None:
        """Forget all counts, requests and how often what was asked; calls in flight stay counted as calls."""
        self._within(self._clear)

    def _within(self, work: Callable[[], Any]) -> Any:
        """Do it in the server's thread, between two steps of its loop, or here if that is where we are or none is running."""
        if self._loop is None or threading.current_thread() is self._thread:
            return work()

        async def step() -> Any:
            return work()

        return asyncio.run_coroutine_threadsafe(step(), self._loop).result(30)

    def _clear(self) -> None:
        open_now = self._tally.in_flight
        self._tally = Tally(calls=open_now, in_flight=open_now, max_in_flight=open_now)
        self.requests.clear()

    def _run(self, started: Future[int]) -> None:
        try:
            asyncio.run(self.serve(started.set_result))
        except BaseException as error:
            if started.done():
                raise
            started.set_exception(error)

    async def serve(self, ready: Callable[[int], None], signals: bool = False) -> None:
        """Serve until told to stop (or until SIGTERM or SIGINT, if `signals`); `ready` gets the port. Raises `OSError` if the port is taken."""
        self._loop = asyncio.get_running_loop()
        if signals:
            for number in (signal.SIGTERM, signal.SIGINT):
                self._loop.add_signal_handler(number, self._stop.set)
        runner = web.ServerRunner(web.Server(self._handle, handler_cancellation=True, access_log=None), shutdown_timeout=0.1)
        await runner.setup()
        try:
            await web.TCPSite(runner, "127.0.0.1", self.port, backlog=2048).start()
            self.port = runner.addresses[0][1]
            ready(self.port)
            await self._stop.wait()
        finally:
            await runner.cleanup()

    async def _handle(self, request: web.BaseRequest) -> web.StreamResponse:
        raw = await request.content.read()
        header = request.headers.get("Authorization")
        if header is not None:
            self._tally.keys.add(sha256(header.encode()).hexdigest())
        if request.path == "/v1/chat/completions" and request.method == "POST":
            return await self._chat(request, raw)
        self._tally.other[f"{request.method} {request.path}"] += 1
        reply = self._other(request, raw)
        return web.Response(status=reply.status, body=reply.body, headers={"Content-Type": "application/json"})

    async def _chat(self, request: web.BaseRequest, raw: bytes) -> web.StreamResponse:
        """One chat call, counted: as finished only when all of its answer was written."""
        self._tally.calls += 1
        try:
            body, refused = self._admit(request, raw)
            if refused is None:
                reply, response = await self._work(request, body)
            else:
                self._tally.rejected += 1
                reply, response = refused, await _send(request, refused)
        except ConnectionError:
            self._tally.aborted += 1
            raise asyncio.CancelledError from None  # aiohttp then closes the connection and logs nothing
        except BaseException:
            self._tally.aborted += 1
            raise
        self._tally.finished += 1
        self._tally.by_status[str(reply.status)] += 1
        self._tally.tokens = [sum(pair) for pair in zip(self._tally.tokens, reply.tokens)]
        return response

    def _admit(self, request: web.BaseRequest, raw: bytes) -> tuple[dict[str, Any], Reply | None]:
        """The decoded body, and why the call is refused, if it is."""
        try:
            body = msgspec.json.decode(raw)
            texts = [text for message in body["messages"] for text in texts_of(message)]
        except (msgspec.DecodeError, UnicodeDecodeError, KeyError, TypeError):
            return {}, self._locked(request) or refusal_of(400, "We could not parse the JSON body of your request, or it holds no messages.", None)
        if self.keep:
            self.requests.append(body)
        return body, self._locked(request) or self._unknown(body.get("model")) or self._unable(body) or self._full(texts)

    def _locked(self, request: web.BaseRequest) -> Reply | None:
        """401 without the right key; the key comes back with its middle starred, as OpenAI does."""
        header = request.headers.get("Authorization", "")
        if self.key is None or header == "Bearer " + self.key:
            return None
        given = header.removeprefix("Bearer ").strip()
        if not given:
            return refusal_of(401, "You didn't provide an API key. You need to provide your API key in an Authorization header using Bearer auth.", None)
        shown = given[:4] + "*" * max(4, len(given) - 8) + given[-4:] if len(given) > 12 else "*" * len(given)
        return refusal_of(401, f"Incorrect API key provided: {shown}.", "invalid_api_key")

    def _unknown(self, model: Any) -> Reply | None:
        if not self.models or model in self.models:
            return None
        return refusal_of(404, f"The model `{model}` does not exist or you do not have access to it.", "model_not_found", "model")

    def _unable(self, body: dict[str, Any]) -> Reply | None:
        """400 for parameters and response formats that this server was told not to take."""
        for name in self.refuse_params:
            if name in body:
                return refusal_of(400, f"Unsupported parameter: '{name}' is not supported with this model.", "unsupported_parameter", name)
        form = body.get("response_format")
        kind = form.get("type") if isinstance(form, dict) else None
        if kind in {None: (), "json_schema": ("json_schema",), "both": ("json_schema", "json_object")}[self.refuse_schema]:
            message = f"Invalid parameter: 'response_format' of type '{kind}' is not supported with this model."
            return refusal_of(400, message, None, "response_format")
        return refusal_of(400, "Streaming is not supported by this server.", "unsupported_parameter", "stream") if body.get("stream") else None

    def _full(self, texts: Sequence[str]) -> Reply | None:
        """400 for a prompt beyond the context, 429 with a wait of a second beyond the limit of calls in flight."""
        tokens = math.ceil(sum(map(len, texts)) / 4) if self.context else 0
        if tokens > self.context:
            message = f"This model's maximum context length is {self.context} tokens. However, your messages resulted in {tokens} tokens."
            return refusal_of(400, message, "context_length_exceeded", "messages")
        return _limited("1") if self.limit and self._tally.in_flight >= self.limit else None

    async def _work(self, request: web.BaseRequest, body: dict[str, Any]) -> tuple[Reply, web.StreamResponse]:
        """Answer a call that was let in: draw its fault, make the answer, wait out the rest of the latency, send."""
        tally = self._tally
        tally.in_flight += 1
        tally.max_in_flight = max(tally.max_in_flight, tally.in_flight)
        try:
            loop = asyncio.get_running_loop()
            over = tally.in_flight / self.slow_over if self.slow_over else 1.0
            due = loop.time() + self.latency * max(1.0, over)
            digest = messages_key(body["messages"])
            fault = self._fault(digest)
            tally.asked[digest] += 1
            if fault == "hang":
                await asyncio.sleep(HANG)
                raise ConnectionResetError("hung up without an answer")
            reply = self._reply(body, digest, fault)
            wait = due - loop.time()
            if wait > 0 and reply.status != 429:
                await asyncio.sleep(wait)
            return reply, await _send(request, reply)
        finally:
            self._tally.in_flight -= 1  # not `tally`: a reset in between brings a new one, which counts us too

    def _fault(self, digest: str) -> str | None:
        """The fault of this call, drawn by the seed, the messages and how often they were asked before."""
        if not self.faults:
            return None
        point = stream(self.seed, f"fault/{self._tally.asked[digest]}/{digest}").random()
        for name, share in self.faults.items():
            point -= share
            if point < 0:
                self._tally.faults[name] += 1
                return name
        return None

    def _reply(self, body: dict[str, Any], digest: str, fault: str | None) -> Reply:
        """The reply to these messages with this fault."""
        draw = stream(self.seed, f"content/{digest}")
        if fault in STATUS_FAULTS:
            return _broken_status(fault, draw)
        if fault == "not_json_body":
            return Reply(200, b"<!DOCTYPE html><html><body><h1>Bad gateway</h1></body></html>", {"Content-Type": "text/html"})
        texts = [texts_of(message) for message in body["messages"]]
        flat = [text for some in texts for text in some]
        content = self.answer(body) if self.answer is not None else None
        try:
            schema = schema_of(body, flat)
            if content is None:
                content = msgspec.json.encode(instance(schema, draw)).decode()
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            return refusal_of(400, f"Invalid schema for response_format: {error}", None, "response_format")
        made = spoiled(fault, content, schema, draw) if fault in CONTENT_FAULTS else (content, "stop", None)
        prompt = math.ceil(sum(map(len, flat)) / 4)
        raw, tokens = completion_body(digest, body.get("model"), made, prompt, self._cached(texts))
        if fault == "no_choices":
            raw = raw[: raw.index(b'"choices":[')] + b'"choices":[]' + raw[raw.rindex(b',"usage":') :]
        elif fault == "bad_utf8":
            raw = raw.replace(b'"content":"', b'"content":"\xff\xc3(', 1)
        return Reply(200, raw, {}, tokens, fault == "cut")

    def _cached(self, texts: Sequence[Sequence[str]]) -> int:
        """Tokens of the first message if calls before began with it and more follows: a prefix cache that forgets nothing."""
        if len(texts) < 2:
            return 0
        opening = messages_key(texts[0])
        if opening in self._tally.openings:
            return sum(map(len, texts[0])) // 4
        self._tally.openings.add(opening)
        return 0

    def _other(self, request: web.BaseRequest, raw: bytes) -> Reply:
        """Anything but a chat call: statistics, the models, embeddings."""
        encode = msgspec.json.encode
        asked = (request.method, request.path)
        if asked == ("GET", "/stats"):
            return Reply(200, encode(snapshot(self._tally)), {})
        if asked == ("POST", "/reset"):
            self._clear()
            return Reply(200, b"{}", {})
        locked = self._locked(request)
        if locked is not None:
            return locked
        if asked == ("GET", "/v1/models"):
            served = [{"id": name, "object": "model", "created": CREATED, "owned_by": "tests"} for name in self.models or ("mock",)]
            return Reply(200, encode({"object": "list", "data": served}), {})
        if asked == ("POST", "/v1/embeddings"):
            return self._embed(raw)
        return refusal_of(404, f"Invalid URL ({request.method} {request.path})", None)

    def _embed(self, raw: bytes) -> Reply:
        try:
            body = msgspec.json.decode(raw)
            given = body["input"]
        except (msgspec.DecodeError, KeyError, TypeError):
            return refusal_of(400, "We could not parse the JSON body of your request, or it holds no input.", None)
        unknown = self._unknown(body.get("model"))
        if unknown is not None:
            return unknown
        texts = given if isinstance(given, list) and not (given and isinstance(given[0], int)) else [given]
        packed = body.get("encoding_format") == "base64"
        data = [{"object": "embedding", "index": i, "embedding": embedding(text, self.seed, packed)} for i, text in enumerate(texts)]
        tokens = sum(math.ceil(len(text) / 4) if isinstance(text, str) else len(text) for text in texts)
        usage = {"prompt_tokens": tokens, "total_tokens": tokens}
        return Reply(200, msgspec.json.encode({"object": "list", "model": body.get("model"), "data": data, "usage": usage}), {})


def _shares(text: str) -> dict[str, float]:
    """Faults from the command line: `429=0.1,hang=0.01`."""
    return {name.strip(): float(share) for name, _, share in (part.partition("=") for part in text.split(",") if part.strip())}


def _names(text: str) -> list[str]:
    return [name.strip() for name in text.split(",") if name.strip()]


def main() -> None:
    """Run as a process until SIGTERM or SIGINT; prints `listening PORT` when calls can come."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    for name in ("port", "seed", "limit", "slow-over", "context"):
        parser.add_argument(f"--{name}", type=int, default=0)
    parser.add_argument("--latency", type=float, default=0.0, help="seconds")
    parser.add_argument("--faults", type=_shares, default={}, help="for example 429=0.1,hang=0.01")
    parser.add_argument("--key")
    parser.add_argument("--models", type=_names, default=[], help="comma-separated")
    parser.add_argument("--refuse-schema", choices=("json_schema", "both"))
    parser.add_argument("--refuse-params", type=_names, default=[], help="comma-separated")
    server = ModelServer(**vars(parser.parse_args()))
    asyncio.run(server.serve(lambda port: print(f"listening {port}", flush=True), signals=True))


if __name__ == "__main__":
    main()
