"""The model server itself: what it answers, how it fails when told to, and that its counts are right."""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, NamedTuple

import aiohttp
import pytest

from understudy.rng import stream

from .instances import CONTENT_FAULTS, fits, instance, messages_key, wrong
from .model_server import FAULTS, ModelServer

ROOT = Path(__file__).parents[2]
SCHEMA = {
    "type": "object",
    "properties": {
        "mood": {"enum": ["calm", "tired"]},
        "note": {"type": "string", "minLength": 12, "maxLength": 30},
        "tags": {"type": "array", "items": {"type": "string", "maxLength": 9}, "minItems": 2, "maxItems": 3},
        "age": {"type": "integer", "minimum": 18, "maximum": 20},
        "friend": {"anyOf": [{"$ref": "#/$defs/Person"}, {"type": "null"}]},
        "alone": {"type": "boolean"},
    },
    "required": ["mood", "note", "tags", "age", "friend", "alone"],
    "additionalProperties": False,
    "$defs": {
        "Person": {
            "type": "object",
            "properties": {"name": {"type": "string"}, "friends": {"type": "array", "items": {"$ref": "#/$defs/Person"}}},
            "required": ["name", "friends"],
        }
    },
}
FORM = {"type": "json_schema", "json_schema": {"name": "answer", "strict": True, "schema": SCHEMA}}


class Got(NamedTuple):
    """An answer as it came."""

    status: int
    raw: bytes
    headers: dict[str, str]

    @property
    def body(self) -> Any:
        return json.loads(self.raw)

    @property
    def choice(self) -> Any:
        return self.body["choices"][0]

    @property
    def content(self) -> Any:
        return self.choice["message"]["content"]


Ask = Callable[..., Awaitable[Got]]


def talk(server: ModelServer, work: Callable[[Ask], Awaitable[Any]], **headers: str) -> Any:
    """Run `work` with a client: `await ask("text", more=...)` is a chat call, with `path=` any other."""

    async def go() -> Any:
        async with aiohttp.ClientSession(headers=headers, connector=aiohttp.TCPConnector(limit=0)) as session:

            async def ask(text: str | list[Any] = "Hello.", path: str = "/chat/completions", **more: Any) -> Got:
                body = {"model": "mock", "messages": [{"role": "user", "content": text}], **more}
                async with session.post(server.url + path, json=body) as response:
                    return Got(response.status, await response.read(), dict(response.headers))

            return await work(ask)

    return asyncio.run(go())


def chat(server: ModelServer, *texts: str, **more: Any) -> list[Got]:
    """These calls, one after another."""

    async def work(ask: Ask) -> list[Got]:
        return [await ask(text, **more) for text in texts]

    found: list[Got] = talk(server, work)
    return found


def settled(server: ModelServer, name: str, count: int) -> dict[str, Any]:
    """The stats once a count got there: a client's end takes a moment to be noticed."""
    for _ in range(200):
        stats = server.stats()
        if stats[name] >= count:
            return stats
        time.sleep(0.01)
    raise AssertionError(f"{name} stayed at {stats[name]}: {stats}")


def test_answers_fit_the_schema_and_repeat() -> None:
    with ModelServer(seed=3, keep=True) as server:
        texts = [f"Question {n}, please." for n in range(20)]
        first = chat(server, *texts, response_format=FORM)
        again = chat(server, *texts, response_format=FORM)
        stats = server.stats()
    assert all(fits(SCHEMA, json.loads(got.content)) for got in first)
    assert [got.raw for got in first] == [got.raw for got in again]
    assert len({got.content for got in first}) > 15
    assert len(server.requests) == 40
    assert server.requests[0]["messages"][0]["content"] == texts[0]
    usage = first[0].body["usage"]
    assert usage["prompt_tokens"] == -(-len(texts[0]) // 4)
    assert usage["completion_tokens"] == -(-len(first[0].content) // 4)
    assert (stats["calls"], stats["finished"], stats["by_status"], stats["in_flight"]) == (40, 40, {"200": 40}, 0)
    assert stats["completion_tokens"] == sum(got.body["usage"]["completion_tokens"] for got in first + again)
    assert stats["asked"][messages_key([{"role": "user", "content": texts[0]}])] == 2
    with ModelServer(seed=4) as other:
        assert chat(other, texts[0], response_format=FORM)[0].content != first[0].content


def test_without_response_format() -> None:
    line = 'Think.\nSCHEMA: {"type": "array", "items": {"const": "x"}, "minItems": 2, "maxItems": 2}\nThen answer.'
    with ModelServer() as server:
        plain, lined = chat(server, "Hi.", line, response_format={"type": "json_object"})
        [bare] = chat(server, "Hi.")
        [bad] = chat(server, "Hi.", response_format={"type": "json_schema", "json_schema": {"schema": {"$ref": "#/nowhere"}}})
    assert list(json.loads(plain.content)) == list(json.loads(bare.content)) == ["text"]
    assert json.loads(lined.content) == ["x", "x"]
    assert (bad.status, bad.body["error"]["param"]) == (400, "response_format")


def test_an_answer_of_ones_own() -> None:
    with ModelServer(answer=lambda body: "Yes." if body["messages"][0]["content"] == "Well?" else None) as server:
        well, other = chat(server, "Well?", "Hm?")
    assert well.content == "Yes."
    assert "text" in json.loads(other.content)


def test_refusals_before_work() -> None:
    with ModelServer(key="sk-right-key-0001", models=["a"], context=10, refuse_params=["temperature"], refuse_schema="json_schema") as server:

        async def work(ask: Ask) -> list[Got]:
            return [
                await ask(model="b"),
                await ask("x" * 41, model="a"),
                await ask(model="a", temperature=1),
                await ask(model="a", response_format=FORM),
                await ask(model="a", response_format={"type": "json_object"}),
            ]

        gone = chat(server, "Hi.")[0]
        wrong_key = talk(server, lambda ask: ask(), Authorization="Bearer sk-wrong-key-9999")
        rest = talk(server, work, Authorization="Bearer sk-right-key-0001")
        stats = server.stats()
    errors = [(got.status, got.body["error"]["code"]) for got in (gone, wrong_key, *rest[:4])]
    assert errors == [
        (401, None),
        (401, "invalid_api_key"),
        (404, "model_not_found"),
        (400, "context_length_exceeded"),
        (400, "unsupported_parameter"),
        (400, None),
    ]
    assert "wrong" not in wrong_key.body["error"]["message"]
    assert rest[2].body["error"]["param"] == "temperature"
    assert "'response_format' of type 'json_schema' is not supported" in rest[3].body["error"]["message"]
    assert rest[4].status == 200
    assert (stats["calls"], stats["rejected"], stats["finished"], stats["keys"]) == (7, 6, 7, 2)


@pytest.mark.parametrize("fault", [name for name in FAULTS if name not in ("cut", "hang")])
def test_a_fault(fault: str) -> None:
    with ModelServer(faults={fault: 1.0}) as server:
        [got] = chat(server, "Hello.", response_format=FORM)
        assert server.stats()["faults"] == {fault: 1}
    if fault in ("429", "429-after", "500", "503"):
        assert got.status == int(fault[:3])
        assert ("Retry-After" in got.headers) == (fault == "429-after")
        assert got.body["error"]["message"]
        return
    assert got.status == 200
    if fault == "bad_utf8":
        with pytest.raises(UnicodeDecodeError):
            got.raw.decode()
    elif fault in ("not_json_body", "no_choices"):
        assert got.raw.startswith(b"<!DOCTYPE") if fault == "not_json_body" else got.body["choices"] == []
    else:
        _check_content(fault, got)


def _check_content(fault: str, got: Got) -> None:
    assert fault in CONTENT_FAULTS
    if fault in ("invalid_json", "length"):
        with pytest.raises(ValueError):
            json.loads(got.content)
        assert got.choice["finish_reason"] == ("length" if fault == "length" else "stop")
    elif fault == "wrong_schema":
        assert not fits(SCHEMA, json.loads(got.content))
    elif fault == "duplicate_keys":
        names = [name for name, _ in json.loads(got.content, object_pairs_hook=list)]
        assert len(names) > len(set(names))
    elif fault == "huge":
        assert len(got.content) > 10_000_000
    elif fault == "refusal":
        assert got.content is None
        assert got.choice["message"]["refusal"]
    else:
        assert (got.content, got.choice["finish_reason"]) == ("", "content_filter" if fault == "content_filter" else "stop")


def test_a_cut_answer_is_no_finished_one() -> None:
    with ModelServer(faults={"cut": 1.0}) as server:
        with pytest.raises(aiohttp.ClientError):
            chat(server, "Hello.", response_format=FORM)
        stats = server.stats()
    assert (stats["calls"], stats["finished"], stats["aborted"], stats["completion_tokens"]) == (1, 0, 1, 0)


def test_faults_are_drawn_anew_and_repeat_with_the_seed() -> None:
    shares = {"429": 0.3, "500": 0.2}
    runs = []
    for _ in range(2):
        with ModelServer(faults=shares, seed=5) as server:
            runs.append([got.status for got in chat(server, *["Same."] * 60)])
            server.reset()
            assert server.stats()["calls"] == 0
            assert [got.status for got in chat(server, *["Same."] * 60)] == runs[0]
    assert runs[0] == runs[1]
    assert 8 <= runs[0].count(429) <= 28
    assert 4 <= runs[0].count(500) <= 22
    with pytest.raises(ValueError, match="known are"):
        ModelServer(faults={"fire": 0.1})
    with pytest.raises(ValueError, match="in all"):
        ModelServer(faults={"429": 0.7, "500": 0.7})


def test_a_client_that_leaves() -> None:
    async def work(ask: Ask) -> None:
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(ask(), 0.05)

    with ModelServer(faults={"hang": 1.0}) as server:
        talk(server, work)
        stats = settled(server, "aborted", 1)
    assert (stats["calls"], stats["finished"], stats["in_flight"], stats["faults"]) == (1, 0, 0, {"hang": 1})


def test_limit_and_slowness() -> None:
    async def burst(ask: Ask) -> list[Got]:
        return list(await asyncio.gather(*[ask(f"Call {n}.") for n in range(8)]))

    with ModelServer(latency=0.1, limit=3) as server:
        got = talk(server, burst)
        stats = server.stats()
    assert sorted(one.status for one in got) == [200] * 3 + [429] * 5
    assert {one.headers["Retry-After"] for one in got if one.status == 429} == {"1"}
    assert (stats["max_in_flight"], stats["rejected"], stats["by_status"]) == (3, 5, {"200": 3, "429": 5})
    with ModelServer(latency=0.04, slow_over=2) as server:
        began = time.perf_counter()
        talk(server, burst)
        assert time.perf_counter() - began > 0.04 * 8 / 2 * 0.95


def test_prefix_cache_models_and_embeddings() -> None:
    system = {"role": "system", "content": "s" * 400}

    async def work(ask: Ask) -> list[Got]:
        chats = [await ask(messages=[system, {"role": "user", "content": [{"type": "text", "text": f"Hi {n}"}]}]) for n in range(3)]
        return [*chats, await ask(path="/embeddings", input=["one", "two", "one"]), await ask(path="/nothing")]

    with ModelServer() as server:
        *chats, embedded, nothing = talk(server, work)
        stats = server.stats()
    assert [got.body["usage"]["prompt_tokens_details"]["cached_tokens"] for got in chats] == [0, 100, 100]
    one, two, three = [item["embedding"] for item in embedded.body["data"]]
    assert one == three != two
    assert len(one) == 32
    assert sum(x * x for x in one) == pytest.approx(1.0)
    assert nothing.status == 404
    assert (stats["calls"], stats["cached_tokens"], stats["other"]["POST /v1/embeddings"]) == (3, 200, 1)


CLIENT = """
import asyncio, aiohttp
async def main():
    async with aiohttp.ClientSession() as session:
        async def ask(n):
            async with session.post("URL/chat/completions", json={"messages": [{"role": "user", "content": str(n)}]}) as answer:
                await answer.read()
        await asyncio.gather(*[ask(n) for n in range(20)])
asyncio.run(main())
"""


def test_counts_hold_when_a_client_is_killed() -> None:
    with ModelServer(latency=20.0) as server:
        client = subprocess.Popen([sys.executable, "-c", CLIENT.replace("URL", server.url)])
        try:
            settled(server, "in_flight", 20)
        finally:
            client.kill()
            client.wait(10)
        stats = settled(server, "aborted", 20)
    assert (stats["calls"], stats["finished"], stats["aborted"], stats["in_flight"], stats["by_status"]) == (20, 0, 20, 0, {})


def test_as_a_process() -> None:
    words = [sys.executable, "-m", "tests.servers.model_server", "--port", "0", "--latency", "0.01", "--faults", "500=1", "--key", "k"]
    path = os.pathsep.join([str(ROOT / "src"), *filter(None, [os.environ.get("PYTHONPATH")])])
    process = subprocess.Popen(words, cwd=ROOT, env={**os.environ, "PYTHONPATH": path}, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        said = re.fullmatch(r"listening (\d+)\n", process.stdout.readline())
        assert said
        server = ModelServer(port=int(said[1]))  # never started: only its url is used

        async def work(ask: Ask) -> tuple[int, Any, Any]:
            status = (await ask()).status
            async with aiohttp.ClientSession() as session:
                async with session.get(server.url[:-3] + "/stats") as response:
                    stats = await response.json()
                async with session.post(server.url[:-3] + "/reset"), session.get(server.url[:-3] + "/stats") as response:
                    return status, stats, await response.json()

        status, stats, after = talk(server, work, Authorization="Bearer k")
        assert (status, stats["calls"], stats["by_status"], stats["faults"], after["calls"]) == (500, 1, {"500": 1}, {"500": 1}, 0)
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0
    finally:
        process.kill()


def test_instances_of_awkward_schemas() -> None:
    schemas: list[Any] = [
        {"type": "array", "items": {"enum": ["a", "b"]}, "uniqueItems": True, "maxItems": 2},
        {"type": "number", "exclusiveMinimum": 0, "maximum": 1},
        {"type": ["string", "null"], "minLength": 300},
        {"oneOf": [{"type": "object", "properties": {"k": {"const": True}}, "required": ["k"]}, {"type": "boolean"}]},
        {"type": "object", "additionalProperties": {"type": "integer"}, "minProperties": 3},
        {"type": "integer", "multipleOf": 7, "minimum": 50},
        {"allOf": [{"properties": {"p": {"type": "integer"}}, "required": ["p"]}, {"properties": {"q": {"type": "boolean"}}, "required": ["q"]}]},
        {"prefixItems": [{"type": "integer"}, {"type": "string"}], "items": False, "minItems": 2, "maxItems": 2},
        SCHEMA["$defs"]["Person"] | {"$defs": SCHEMA["$defs"]},  # type: ignore[index]
    ]
    for schema in schemas:
        for seed in range(40):
            assert fits(schema, instance(schema, stream(seed, "right"))), schema
            assert not fits(schema, wrong(schema, stream(seed, "wrong"))), schema
    with pytest.raises(ValueError, match="finite"):
        instance({"type": "object", "properties": {"next": {"$ref": "#"}}, "required": ["next"]}, stream(0, "endless"))


def test_a_server_starts_again_on_its_port() -> None:
    server = ModelServer()
    with server:
        first = server.port
        assert chat(server, "Hello.")[0].status == 200
    with pytest.raises(aiohttp.ClientConnectionError):
        chat(server, "Hello.")
    with server:
        assert server.port == first
        assert chat(server, "Hello.")[0].status == 200
        assert server.stats()["calls"] == 2
        with pytest.raises(OSError, match="in use"), ModelServer(port=first):
            pass
