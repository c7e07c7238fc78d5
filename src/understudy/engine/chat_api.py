"""The OpenAI chat protocol: a request as a body for this endpoint, a body as a completion, and what an error means."""

from __future__ import annotations

import json
import re
from typing import Any, NamedTuple

import msgspec

from understudy.engine.endpoint import LEVELS, Abilities
from understudy.engine.request import ANSWERED, EMPTY, FILTERED, REFUSED, TRUNCATED, Request
from understudy.engine.shape import without

_DECODE = msgspec.json.Decoder().decode
RETRY = frozenset((408, 409, 425, 429, 500, 502, 503, 504, 520, 522, 524, 529))
"""HTTP statuses after which the same question may be asked again."""
SAMPLING = ("temperature", "top_p", "seed", "frequency_penalty", "presence_penalty", "reasoning_effort", "top_k")


class Completion(NamedTuple):
    """One answer as it came over the wire."""

    status: str
    text: str
    tokens_in: int
    tokens_out: int
    cached: int
    model: str


class BadBody(Exception):
    """An answer with status 200 that is no chat completion."""


def body(request: Request, abilities: Abilities) -> dict[str, Any]:
    """The request as this endpoint takes it."""
    found: dict[str, Any] = {"model": request.endpoint.model, "messages": list(request.messages), abilities.length: request.tokens}
    found.update({k: v for k, v in request.params.items() if k not in abilities.refuses})
    if abilities.structured == "json_schema":
        shape = without(request.shape, abilities.lacks) if abilities.lacks else request.shape
        found["response_format"] = {"type": "json_schema", "json_schema": {"name": "answer", "strict": True, "schema": shape}}
    elif abilities.structured == "json_object":
        found["response_format"] = {"type": "json_object"}
    return found


def completion(raw: bytes) -> Completion:
    """What a body with status 200 says; `BadBody` if it says nothing."""
    try:
        content = _DECODE(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        try:
            content = json.loads(raw.decode("utf-8", "replace"))  # surrogates and broken UTF-8: servers do send them
        except (ValueError, RecursionError):
            raise BadBody("the answer is no JSON") from None
    try:
        choice = content["choices"][0]
        message = choice["message"]
        text, refusal, finish = message.get("content"), message.get("refusal"), choice.get("finish_reason")
    except (KeyError, IndexError, TypeError, AttributeError):
        raise BadBody("the answer holds no message") from None
    if isinstance(text, list):  # parts, as some servers send them
        text = "".join(str(part.get("text", "")) for part in text if isinstance(part, dict))
    text = text.encode("utf-8", "replace").decode() if isinstance(text, str) else ""  # half a surrogate pair, which JSON may hold, cannot be sent or kept
    usage = content.get("usage") if isinstance(content.get("usage"), dict) else {}
    details = usage.get("prompt_tokens_details")
    cached = details.get("cached_tokens") if isinstance(details, dict) else 0
    status = _status(text, refusal, finish)
    return Completion(
        status, str(refusal) if status == REFUSED and refusal else text, _count(usage.get("prompt_tokens")), _count(usage.get("completion_tokens")), _count(cached),
        str(content.get("model") or ""),
    )  # fmt: skip


def _status(text: str, refusal: Any, finish: Any) -> str:
    if refusal:
        return REFUSED
    if finish == "content_filter":
        return FILTERED
    if finish == "length":
        return TRUNCATED
    return ANSWERED if text.strip() else EMPTY


def _count(value: Any) -> int:
    return int(value) if isinstance(value, int | float) and value == value and 0 <= value < 1e12 else 0


class Trouble(NamedTuple):
    """What an HTTP error means: `adapt` (ask again otherwise), `retry`, `call` (this call only) or `run` (nothing can go on), with a sentence."""

    sort: str
    text: str
    after: float | None = None  # seconds to wait, if the server says


def trouble(status: int, raw: bytes, abilities: Abilities) -> Trouble:
    """What an error body means; adapts `abilities` in place where the endpoint only refuses how it was asked."""
    said, code = _said(raw)
    low = said.lower()
    if status in (401, 403):
        return Trouble("run", f"the key was refused ({said})")
    if status == 402 or code == "insufficient_quota" or "insufficient_quota" in low or "exceeded your current quota" in low:
        return Trouble("run", f"the account has no credit left ({said})")
    if status == 404 or code in ("model_not_found", "invalid_model"):
        return Trouble("run", f"the model is unknown there ({said})")
    if status in RETRY:
        return Trouble("retry", f"HTTP {status} ({said})")
    if status in (400, 413, 422):
        if code == "context_length_exceeded" or re.search(
            r"context (length|size|window)|maximum context|too many tokens|exceeds? the available context|prompt is too long", low
        ):
            return Trouble("call", f"the context is too small ({said})")
        if _adapt(low, code, abilities):
            return Trouble("adapt", said)
    return Trouble("call", f"HTTP {status} ({said})")


def _adapt(low: str, code: str, abilities: Abilities) -> bool:
    """Ask for less: drop a parameter, a schema keyword, or step down a level; True if there was something to give up."""
    if "max_tokens" in low or "max_completion_tokens" in low:
        other = "max_completion_tokens" if abilities.length == "max_tokens" else "max_tokens"
        if f"length {other}" not in abilities.refuses:
            abilities.refuses.append(f"length {abilities.length}")
            abilities.length = other
            return True
    for name in SAMPLING:
        if name in low and name not in abilities.refuses:
            abilities.refuses.append(name)
            return True
    for keyword in ("minLength", "maxLength", "minItems", "maxItems", "minimum", "maximum", "additionalProperties"):
        if keyword.lower() in low and keyword not in abilities.lacks and abilities.structured == "json_schema":
            abilities.lacks.append(keyword)
            return True
    if any(word in low for word in ("response_format", "json_schema", "json_object", "json mode", "schema", "structured", "grammar")):
        level = LEVELS.index(abilities.structured)
        if level + 1 < len(LEVELS):
            abilities.structured = LEVELS[level + 1]
            return True
    return False


def _said(raw: bytes) -> tuple[str, str]:
    """An error body's message (short, one line) and code."""
    try:
        content = json.loads(raw)
        error = content.get("error", content) if isinstance(content, dict) else {}
        error = error if isinstance(error, dict) else {"message": str(error)}
        text, code = str(error.get("message") or error.get("detail") or ""), str(error.get("code") or "")
    except (ValueError, AttributeError, RecursionError):
        text, code = re.sub(r"<[^>]*>", " ", raw[:2000].decode("utf-8", "replace")), ""
    text = " ".join(text.split())
    return (text[:157] + "..." if len(text) > 160 else text) or "no reason given", code
