"""The engine that asks language models: renders the prompt, sends it, repairs and fits the answer, and asks once more where it is not fit."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import msgspec

from understudy.engine.budget import Budget, stop
from understudy.engine.call import Answer, Call, Unfit
from understudy.engine.endpoint import Endpoint, defaults
from understudy.engine.prompts import messages, prompt
from understudy.engine.request import EMPTY, FAILED, FILTERED, REFUSED, TRUNCATED, UNPAID, Reply, Request, key_of
from understudy.engine.shape import fit
from understudy.recipe import Model

SAMPLED = ("temperature", "top_p", "reasoning_effort")
_TEXT = json.JSONEncoder(ensure_ascii=False).encode  # made once: json.dumps makes one a call
LONGEST = 200_000
"""Characters of an answer that anybody tries to read."""


class Completes(Protocol):
    """Whoever turns requests into replies: the client, or a batch."""

    budget: Budget

    def complete(self, requests: Sequence[Request]) -> list[Reply]:
        """The replies, in order."""
        ...


class Models:
    """Answers the calls of one role by one model."""

    def __init__(self, client: Completes, endpoint: Endpoint, settings: Model, role: str, sample: int = 0):
        self.client, self.endpoint, self.role, self.sample = client, endpoint, role, sample
        self.name = endpoint.name
        given = {k: getattr(settings, k) for k in SAMPLED if getattr(settings, k) is not None}
        self.params = {**defaults(role), **given}
        self.tokens = settings.max_tokens

    def ask(self, calls: Sequence[Call[Any]]) -> list[Answer]:
        """Answer every call; where an answer is not fit, its model is shown why, once."""
        requests = [self.request(call, messages(call), 0) for call in calls]
        replies = self._paid(requests)
        answers: list[Answer] = []
        again: list[tuple[int, Request, str]] = []
        for number, (call, request, reply) in enumerate(zip(calls, requests, replies, strict=True)):
            answer, problem = self._read(call, request.shape, reply)
            answers.append(answer)
            if problem:
                again.append((number, request, problem))
        if again:
            repairs = [self._repair(calls[number], request, replies[number], problem) for number, request, problem in again]
            for (number, _, _), reply in zip(again, self._paid(repairs), strict=True):
                answers[number], _ = self._read(calls[number], requests[number].shape, reply)
        return answers

    def request(self, call: Call[Any], said: list[dict[str, str]], turn: int) -> Request:
        """The request of a call with these messages."""
        file, shape = prompt(call.prompt), call.shape()
        key = key_of(self.name, said, shape, self.params, call.id, self.sample, call.attempt)
        return Request(
            key,
            call.id,
            self.role,
            call.prompt,
            file.version,
            self.endpoint,
            said,
            shape,
            self.params,
            self.tokens or file.tokens,
            self.sample,
            call.attempt,
            turn,
        )

    def _paid(self, requests: list[Request]) -> list[Reply]:
        replies = self.client.complete(requests)
        if any(reply.status == UNPAID for reply in replies):
            raise stop(self.client.budget)
        return replies

    def _read(self, call: Call[Any], shape: Mapping[str, Any], reply: Reply) -> tuple[Answer, str]:
        """The answer in a reply, and what to show the model if it is not fit ("" where nothing can be mended)."""
        if reply.status in (FAILED, REFUSED, FILTERED, EMPTY):
            return Answer(None, self.name, f"{reply.status}: {reply.note or reply.text[:200]}".strip()), ""
        if reply.status == TRUNCATED:
            return Answer(
                None, self.name, "truncated: the answer was cut off at its token limit"
            ), "Your answer was cut off because it was too long. Answer again, much shorter."
        try:
            wire = fit(decode(reply.text), shape)
            value = call.read(wire)
            problems = call.check(value)
        except Unfit as error:
            return Answer(None, self.name, f"unfit: {error}"), f"That is not what was asked for: {error}. Answer again with the whole JSON object, mended."
        text = _TEXT(wire)
        if problems:
            listed = "; ".join(f"{p.text}" for p in problems[:6])
            return Answer(None, self.name, f"wrong: {listed}", text), f"That cannot be kept: {listed}. Answer again with the whole JSON object, mended."
        return Answer(value, self.name, "", text), ""

    def _repair(self, call: Call[Any], request: Request, reply: Reply, problem: str) -> Request:
        shown = reply.text if len(reply.text) <= 4000 else reply.text[:4000] + " ..."
        said = [*request.messages, {"role": "assistant", "content": shown}, {"role": "user", "content": problem}]
        return self.request(call, [dict(m) for m in said], 1)


def decode(text: str) -> Any:
    """The JSON in an answer, repaired where that is possible; `Unfit` where there is none."""
    try:
        return msgspec.json.decode(text)
    except (msgspec.DecodeError, UnicodeEncodeError, RecursionError):
        pass
    if len(text) > LONGEST:
        raise Unfit(f"the answer has {len(text):,} characters")
    start = text.find("{")
    if start < 0:
        raise Unfit("the answer holds no JSON object")
    import json_repair  # 0.04 s to import: only where something is broken

    try:
        found = json_repair.loads(text[start:])
    except (ValueError, RecursionError):
        raise Unfit("the answer is no JSON") from None
    if isinstance(found, list):  # text after the object
        found = next((item for item in found if isinstance(item, dict)), found)
    return found
