"""The one client of a run: journal first, then budget, then a limit that adapts, then the network. One event loop in one thread."""

from __future__ import annotations

import asyncio
import random
import threading
import time
from collections.abc import Coroutine, Sequence
from typing import Any, TypeVar

from understudy.engine.budget import Budget, dollars
from understudy.engine.endpoint import Endpoint
from understudy.engine.journal import Journal
from understudy.engine.pace import Pace
from understudy.engine.request import UNPAID, Reply, Request
from understudy.engine.transport import READ, TRIES, Sender, Session
from understudy.errors import EngineError

T = TypeVar("T")
FLUSH = 0.02
"""Seconds for which answers are gathered into one commit: until then nobody reads them."""


class Client:
    """Asks models: a list of requests in, a list of replies out, in order. Safe to use from many threads."""

    def __init__(self, journal: Journal, budget: Budget | None = None, parallel: int = 64, read: float = READ, tries: int = TRIES):
        self.journal, self.budget, self.parallel = journal, budget or Budget(), parallel
        self.sender = Sender(journal, tries, read)
        self.paces: dict[str, Pace] = {}
        self.flying: dict[str, asyncio.Future[Reply]] = {}
        self.replayed = self.asked = 0
        self._done: list[tuple[Request, Reply, asyncio.Future[Reply]]] = []
        self._flush: asyncio.TimerHandle | None = None
        self._loop = asyncio.new_event_loop()
        self._session = Session()
        self._failed: EngineError | None = None
        self._thread = threading.Thread(target=self._loop.run_forever, name="model client", daemon=True)
        self._thread.start()

    def complete(self, requests: Sequence[Request]) -> list[Reply]:
        """The replies to these requests, in order; an endpoint that nobody can ask raises `EngineError`."""
        return self.run(self._complete(requests))

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Run a coroutine in the client's loop and wait for it."""
        future = asyncio.run_coroutine_threadsafe(work, self._loop)
        try:
            return future.result()
        except KeyboardInterrupt:
            future.cancel()
            raise

    def session(self) -> Session:
        """The connections of the client's loop."""
        return self._session

    async def _complete(self, requests: Sequence[Request]) -> list[Reply]:
        known = self.journal.found([r.key for r in requests])
        self.replayed += len(known)
        waiting: list[asyncio.Future[Reply] | Reply] = []
        for request in requests:
            if request.key in known:
                waiting.append(known[request.key])
                continue
            future = self.flying.get(request.key)
            if future is None:
                future = self.flying[request.key] = self._loop.create_future()
                task = self._loop.create_task(self._one(request, future))
                task.add_done_callback(lambda task, future=future, key=request.key: self._ended(task, future, key))  # type: ignore[misc]
            waiting.append(future)
        replies = []
        for found in waiting:
            replies.append(found if isinstance(found, Reply) else await found)
        if self._failed is not None and any(not r.kept and r.status == UNPAID for r in replies):
            raise self._failed
        return replies

    def _ended(self, task: asyncio.Task[None], future: asyncio.Future[Reply], key: str) -> None:
        """A task that broke hands its error on, so that nobody waits for ever."""
        if not task.cancelled() and task.exception() is not None:
            self.flying.pop(key, None)
            if not future.done():
                future.set_exception(task.exception())  # type: ignore[arg-type]

    async def _one(self, request: Request, future: asyncio.Future[Reply]) -> None:
        """Ask once it is allowed, and hand the reply to the journal."""
        if self._failed is not None:
            self._unpaid(request, future)
            return
        tokens_in = request.tokens_in
        held = self.budget.cost(tokens_in + request.tokens, self._price(request.endpoint, tokens_in, 0, request.tokens))
        if not await self.budget.reserve(held):
            self._unpaid(request, future)
            return
        try:
            pace = self.paces.setdefault(request.endpoint.id, Pace(self.parallel))
            reply = await self._sent(request, pace)
            if reply.status != UNPAID:
                price = self._price(request.endpoint, reply.tokens_in, reply.tokens_cached, reply.tokens_out)
                reply = reply._replace(dollars=price, model=request.endpoint.name)
        except EngineError as error:
            self._failed = error
            reply = Reply(UNPAID)
        finally:
            self.budget.settle(held)
        if reply.status == UNPAID:
            self._unpaid(request, future)
            return
        self.asked += 1
        self._done.append((request, reply, future))
        if self._flush is None:
            self._flush = self._loop.call_later(FLUSH, self._write)

    async def _sent(self, request: Request, pace: Pace) -> Reply:
        """The reply after as many tries as it takes (at most the sender's), each with a place in the pace, none while waiting."""
        began = time.monotonic()
        last, gone, tokens_in, tokens_out = "", False, 0, 0
        number = 0
        while number < self.sender.tries:
            await pace.enter()
            try:
                if self.budget.over() or self._failed is not None:
                    return Reply(UNPAID)
                result = await self.sender.send(self.session(), request)
                if result.crowded:
                    pace.bad(time.monotonic(), result.full)
            finally:
                pace.leave()
            used = result.reply or result
            self.budget.spent += self.budget.cost(
                used.tokens_in + used.tokens_out, self._price(request.endpoint, used.tokens_in, used.tokens_cached, used.tokens_out)
            )
            if result.reply is not None:
                pace.good(result.seconds, time.monotonic())
                reply = result.reply
                return reply._replace(
                    seconds=round(time.monotonic() - began, 3), tokens_in=reply.tokens_in + tokens_in, tokens_out=reply.tokens_out + tokens_out
                )
            last, gone = result.note, result.gone
            tokens_in, tokens_out = tokens_in + result.tokens_in, tokens_out + result.tokens_out
            if result.at_once:
                continue  # something was learned: no try is lost, and there is only so much to learn
            number += 1
            if number < self.sender.tries:
                await asyncio.sleep(_pause(number - 1, result.after))
        return self.sender.given_up(request, last, gone)._replace(seconds=round(time.monotonic() - began, 3), tokens_in=tokens_in, tokens_out=tokens_out)

    def _write(self) -> None:
        """Keep what has come back, then let those who wait read it."""
        self._flush = None
        done, self._done = self._done, []
        try:
            self.journal.keep([(request, reply) for request, reply, _ in done])
        except Exception as error:
            for request, _, future in done:
                self.flying.pop(request.key, None)
                if not future.done():
                    future.set_exception(error)
            return
        for request, reply, future in done:
            self.flying.pop(request.key, None)
            if not future.done():
                future.set_result(reply)

    def _unpaid(self, request: Request, future: asyncio.Future[Reply]) -> None:
        self.flying.pop(request.key, None)
        if not future.done():
            future.set_result(Reply(UNPAID))

    def _price(self, endpoint: Endpoint, tokens_in: int, cached: int, tokens_out: int) -> float:
        return dollars(endpoint, tokens_in, cached, tokens_out) or 0.0

    def close(self) -> None:
        """End the loop; what is in flight is given up, what is back is kept."""
        if not self._thread.is_alive():
            return

        async def ending() -> None:
            for task in asyncio.all_tasks():
                if task is not asyncio.current_task():
                    task.cancel()
            if self._done:
                self._write()
            await self._session.close()

        asyncio.run_coroutine_threadsafe(ending(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()


def _pause(number: int, after: float | None) -> float:
    """Seconds before the next try: what the server asked for, or a doubling time with full jitter."""
    jitter = random.random()  # the only draw that no stream names: it changes when, never what
    if after is not None:
        return min(after, 120.0) * (1.0 + 0.1 * jitter)
    return (0.25 * 2.0**number) * (0.2 + 0.8 * jitter)
