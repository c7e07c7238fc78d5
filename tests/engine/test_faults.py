"""Thousands of calls to a server that does everything wrong: each ends in an answer or in words, and nothing is paid for without a trace."""

from __future__ import annotations

import json
import sqlite3
import tracemalloc
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.engine.calls import desk, people, said
from tests.servers.model_server import ModelServer
from understudy.engine import client as client_module
from understudy.engine.chat_api import BadBody, Completion, completion, trouble
from understudy.engine.endpoint import Abilities
from understudy.errors import UnderstudyError

MIX = {
    "429": 0.03, "429-after": 0.02, "500": 0.03, "503": 0.02, "hang": 0.002, "cut": 0.02, "invalid_json": 0.03, "wrong_schema": 0.03, "empty": 0.02, "refusal": 0.02,
    "content_filter": 0.01, "length": 0.02, "duplicate_keys": 0.02, "huge": 0.002, "not_json_body": 0.01, "no_choices": 0.01, "bad_utf8": 0.005,
}  # fmt: skip
COUNT = 2000


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client_module, "_pause", lambda number, after: 0.01)
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)


def test_two_thousand_calls_under_every_fault_end_in_an_answer_or_in_words(tmp_path: Path) -> None:
    path = tmp_path / "calls.sqlite"
    assert abs(sum(MIX.values()) - 0.3) < 0.01
    with ModelServer(faults=MIX, seed=3) as server:
        with desk(server.url, path, parallel=32, read=1.0) as it:
            calls = people(COUNT)
            answers = it.models.ask(calls)
            stats = server.stats()
            rows = it.journal.rows()
            firsts = [request.key for request in it.requests(calls)]
        assert len(answers) == COUNT
        assert all((answer.value is None) == bool(answer.failure) for answer in answers)
        failed = [answer.failure for answer in answers if answer.failure]
        assert 0.02 * COUNT < len(failed) < 0.10 * COUNT  # refusals and filters, and repairs that failed as well
        assert all(failure.split(":")[0] in ("failed", "refused", "filtered", "truncated", "unfit", "wrong") for failure in failed)
        assert sorted(stats["faults"]) == sorted(MIX)  # or the test tested less than it says
        keys = [row["key"] for row in rows]
        assert len(keys) == len(dict.fromkeys(keys)) == it.client.asked
        assert sorted(row["key"] for row in rows if row["turn"] == 0) == sorted(firsts)
        _accounts(stats, rows)
        server.reset()
        with desk(server.url, path) as it:
            assert it.models.ask(people(COUNT)) == answers  # each paid answer is used again, each failure stays what it was
        assert server.stats()["calls"] == 0


def _accounts(stats: dict[str, Any], rows: list[Any]) -> None:
    """What the server finished is what the journal has, and what retries explain."""
    faults, ok = stats["faults"], stats["by_status"]["200"]
    unread = sum(faults[name] for name in ("not_json_body", "no_choices", "empty"))
    replied = sum(row["status"] != "failed" for row in rows)
    assert (
        0 <= ok - unread - replied <= faults["huge"] + 3
    )  # of a huge answer the client reads a part: it may be finished or not; and a time-out may cross an answer
    paid = sum(row["tokens_out"] for row in rows)
    assert paid <= stats["completion_tokens"]


def test_huge_answers_do_not_fill_the_memory(tmp_path: Path) -> None:
    with ModelServer(faults={"huge": 0.5}, seed=1) as server, desk(server.url, tmp_path / "calls.sqlite", parallel=4, tries=12, read=5.0) as it:
        it.models.ask(people(1))  # the server's own ten million bytes are made once
        tracemalloc.start()
        answers = it.models.ask(people(12, first=1))
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert server.stats()["faults"]["huge"] >= 5
    assert all(answer.value is not None for answer in answers)
    assert peak < 150e6, peak  # 4 in flight: 2 MB read of each here, and some 20 MB each in the server
    assert (tmp_path / "calls.sqlite").stat().st_size < 1e6


CONTENTS = {
    "deep": "[" * 100_000,
    "deep object": '{"name": ' * 30_000,
    "half a pair": said().replace("Ann", "A\\ud83d"),
    "half a pair, wrong": said(name="R2").replace("R2", "R2\\ud83d"),
    "nul": said().replace("Ann", "A\\u0000"),
    "big number": said().replace("40", "9" * 400),
    "bigger number": said().replace("40", "9" * 5000),
    "infinite": said().replace("40", "1e999"),
    "a list": f"[{said()}]",
    "a text": json.dumps(said()),
    "template": said().replace("Ann", "{{ 7 * 7 }}{% raw %}"),
    "only blanks": " \n ",
}


@pytest.mark.parametrize("name", list(CONTENTS))
def test_no_content_takes_its_neighbors_down(tmp_path: Path, name: str) -> None:
    """The trap: one poisoned answer raises out of `ask`, and its hundreds of neighbors, paid for, are lost to the stage."""

    def answer(body: dict[str, Any]) -> str:
        return CONTENTS[name] if "person 1." in body["messages"][1]["content"] else said()

    path = tmp_path / "calls.sqlite"
    with ModelServer(answer=answer) as server:
        with desk(server.url, path, tries=2) as it:
            answers = it.models.ask(people(3))
        assert [answers[n].value is not None for n in (0, 2)] == [True, True]
        assert (answers[1].value is None) == bool(answers[1].failure)
        if answers[1].value is not None:
            assert answers[1].value.name.encode("utf-8")
            assert answers[1].text.encode("utf-8")
        with desk(server.url, path, tries=2) as it:
            assert it.models.ask(people(3)) == answers  # and it is replayed as it was


BODIES = [
    b"", b"null", b"[]", b"{}", b'"x"', b"7", b"[" * 100_000, b'{"choices":' * 50_000, b'{"choices":{}}', b'{"choices":[]}', b'{"choices":[null]}', b'{"choices":["x"]}',
    b'{"choices":[{}]}', b'{"choices":[{"message":null}]}', b'{"choices":[{"message":"hi"}]}', b'{"choices":[{"message":{}}],"usage":[]}', b"\xff\xfe", b"<html>",
    b'{"choices":[{"message":{"content":7}}]}', b'{"choices":[{"message":{"content":"\\ud800"}}]}', b'{"choices":[{"message":{"content":[{"type":"text","text":null},7]}}]}',
    b'{"choices":[{"message":{"content":"x"}}],"usage":{"prompt_tokens":-1,"completion_tokens":1e400,"prompt_tokens_details":7}}', b'{"error":{"message":{"a":1}}}',
    b'{"error":null}', b'{"error":"x"}', b'{"error":{"message":null,"code":7}}', b'{"detail":[{"msg":"x"}]}', b'{"a":' + b"9" * 5000 + b"}",
]  # fmt: skip


@pytest.mark.parametrize("raw", BODIES, ids=range(len(BODIES)))
@pytest.mark.parametrize("status", [200, 400, 404, 413, 422, 429, 500, 302, 418])
def test_no_body_raises(raw: bytes, status: int) -> None:
    check(raw, status)


@settings(max_examples=200, deadline=None)
@given(
    st.one_of(
        st.binary(max_size=80), st.sampled_from(BODIES[7:]).flatmap(lambda raw: st.integers(0, len(raw[:200])).map(lambda n: raw[:n] + b"\x80" + raw[n:200]))
    )
)
def test_no_broken_body_raises(raw: bytes) -> None:
    for status in (200, 400, 500):
        check(raw, status)


def check(raw: bytes, status: int) -> None:
    if status != 200:
        found = trouble(status, raw, Abilities())
        assert found.sort in ("adapt", "retry", "call", "run")
        assert found.text
        assert len(found.text) < 300
        return
    try:
        read = completion(raw)
    except BadBody:
        return
    assert isinstance(read, Completion)
    assert read.text.encode("utf-8") or not read.text
    assert read.tokens_in >= 0
    assert read.tokens_out >= 0


def test_a_journal_that_cannot_be_written_is_said_and_does_not_hang(tmp_path: Path) -> None:
    """The trap: an answer that cannot be kept leaves everybody waiting who asked for it."""
    with ModelServer() as server, desk(server.url, tmp_path / "calls.sqlite") as it:
        it.models.ask(people(1))
        it.journal._base.execute("PRAGMA query_only = 1")
        with pytest.raises((sqlite3.Error, UnderstudyError), match=r"(?i)readonly|read-only|disk|write"):
            it.models.ask(people(3, first=1))
        it.journal._base.execute("PRAGMA query_only = 0")
        assert all(answer.value is not None for answer in it.models.ask(people(3, first=1)))
