"""Towns made through language models, from the estimate to the last byte: nothing is paid for twice, and every road leads to the same world."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import msgspec

from tests.servers.instances import messages_key
from tests.servers.model_server import ModelServer
from tests.servers.stand_in import Known, Nowhere, at, fingerprint, missed, stand_in, table
from tests.servers.town import FEW, MIXED, NOBODY, TOWN, TWO, Made, Say, asked_of, form, rows, totals, written
from understudy import Recipe, World, make
from understudy.asking import Asking
from understudy.asking.estimate import estimate
from understudy.audit.rules import audit_world
from understudy.critics.refine import Standard, refine
from understudy.critics.repetition import Repetition
from understudy.engine.assemble import engine_of
from understudy.engine.call import Answer, Call
from understudy.engine.client import Client
from understudy.engine.embedded import Embedded
from understudy.engine.journal import Journal
from understudy.engine.prompts import messages
from understudy.engine.router import Router
from understudy.model.records import Artifact
from understudy.pipeline import communities, make_community


def test_a_town_by_models_keeps_every_promise(made: Made) -> None:
    """Trap: a rule of the audit that only embedded worlds keep; a stage that quietly asks the embedded engine instead."""
    assert [finding for finding in audit_world(made.world) if finding.offending] == []
    artifacts = [a for a in made.world.rows("artifacts") if isinstance(a, Artifact)]
    assert len(artifacts) > 20
    assert {a.engine for a in artifacts if not form(a)} == {"mock/m"}
    assert {a.engine for a in artifacts if form(a)} == {"embedded"}
    assert all(a.passed for a in artifacts if form(a)), "a form replaces nobody's text"
    own = made.world.part(0)["own"]
    assert set(own) == {"community", "persona", "life", "behavior", "writer", "critic", "reader"}
    assert all(kept == whole > 0 for kept, whole in own.values())
    assert made.world.sql("SELECT count(*) FROM events WHERE module = 'story'")[1][0][0] > 0, "the model told of nothing"


def test_everything_is_asked_once(made: Made) -> None:
    """Trap: two stages ask for the same thing; a call that the dry run does not make."""
    assert missed(made.server) == []
    assert asked_of(made.server) == dict.fromkeys(table(TOWN), 1)
    assert made.stats["calls"] == len(table(TOWN)) + 1  # and the probe


def test_the_estimate_is_what_is_used(made: Made) -> None:
    """Trap: the estimate counts other prompts than those that are sent, or forgets a role."""
    used = {row[0]: row for row in totals(made.world.path)}
    probe = made.stats["prompt_tokens"] - sum(r[5] for r in used.values())
    assert 0 < probe < 6000, "the journal's tokens are the server's, and what is left is one probe, as long as the longest call"
    found = {line.role: line for line in estimate(at(TOWN, NOBODY)).lines if line.calls}
    assert set(found) == set(used)
    for role in ("writer", "critic"):
        _, _, calls, _, _, tokens_in, _, tokens_out, _, _ = used[role]
        line = found[role]
        for expected, real in ((line.calls, calls), (line.tokens_in, tokens_in), (line.tokens_out, tokens_out)):
            assert abs(expected - real) <= 0.2 * real, (role, line, used[role])
    assert line.dollars == 0.0


def test_a_whole_town_asks_nothing(made: Made) -> None:
    """Trap: making again what is whole asks at least the probe; a part that was lost costs its calls once more."""
    before = fingerprint(made.world.path)
    made.server.reset()
    make(at(TOWN, made.server), made.world.path, asking=Asking(parallel=FEW))
    assert made.server.stats()["calls"] == 0
    (made.world.path / "parts" / "0000.json").unlink()
    make(at(TOWN, made.server), made.world.path, asking=Asking(parallel=FEW))
    assert made.server.stats()["calls"] == 0
    assert fingerprint(made.world.path) == before


def test_another_folder_with_the_first_ones_journal_asks_nothing(made: Made, tmp_path: Path, say: Say) -> None:
    """Trap: keys hold the folder, the address or the order of arrival."""
    made.server.reset()
    done = say("make", written(at(TOWN, made.server), tmp_path), "--out", "town", "--journal", made.world.path / "calls.sqlite")
    assert (done.code, made.server.stats()["calls"]) == (0, 0)
    assert fingerprint(tmp_path / "town") == fingerprint(made.world.path)
    assert not (tmp_path / "town" / "calls.sqlite").exists()


def test_one_more_community_asks_its_own_calls_only(tmp_path: Path) -> None:
    """Trap: who lives next door changes what is asked about a community that is there already."""
    assert [p.people for p in communities(TWO)] == [14, 10]
    with stand_in(TWO) as server:
        make(at(TWO.model_copy(update={"people": 14}), server), tmp_path / "town", asking=Asking(parallel=FEW))
        assert {row["call"][:5] for row in rows(tmp_path / "town")} == {"c0000"}
        before = asked_of(server)
        make(at(TWO, server), tmp_path / "town", asking=Asking(parallel=FEW))
        assert len(before) < len(table(TWO))
        assert asked_of(server) == dict.fromkeys(table(TWO), 1)
        assert missed(server) == []


class _Catch:
    """In the place of a role's engine: the embedded answers, and every call that came by."""

    def __init__(self, seed: int) -> None:
        self.embedded, self.calls = Embedded(seed), list[Call[Any]]()

    def ask(self, calls: Any) -> list[Answer]:
        self.calls += calls
        return self.embedded.ask(calls)


def test_one_edited_brief_is_one_call(tmp_path: Path) -> None:
    """Trap: a brief holds text that another call wrote, or a call's key its place in the list."""
    catch = _Catch(TOWN.seed)
    make_community(MIXED, communities(MIXED)[0], Nowhere(), Router(Embedded(TOWN.seed), {"writer": catch}))  # type: ignore[arg-type]
    calls = {call.id: call for call in catch.calls if call.attempt == 0}
    edited = next(call for call in calls.values() if call.brief.kind == "message")
    other = type(edited)(edited.id, msgspec.structs.replace(edited.brief, month=edited.brief.month % 12 + 1))
    answers = table(MIXED)
    answers[messages_key(messages(other))] = answers[messages_key(messages(edited))]
    journal = Journal(tmp_path / "calls.sqlite")
    client = Client(journal, parallel=FEW)
    try:
        with ModelServer(answer=Known(answers)) as server:
            engine = engine_of(at(MIXED, server), client)
            first = refine(engine, list(calls.values()), Repetition(), Standard("none"))
            assert server.stats()["calls"] == len(first) == len(calls) > 20
            server.reset()
            refine(engine, [other if call is edited else call for call in calls.values()], Repetition(), Standard("none"))
            assert server.stats()["asked"] == {messages_key(messages(other)): 1}
    finally:
        client.close()
        journal.close()


def left_out(what: str, folder: Path) -> tuple[World, Counter[str]]:
    """The town without one of the papers' agents, made by flags, and the calls of each role."""
    recipe = Recipe.build({**TOWN.model_dump(), "without": [what]})
    with stand_in(recipe) as server:
        world = make(at(recipe, server), folder / "town", asking=Asking(parallel=FEW))
        assert missed(server) == []
    return world, Counter(row["role"] for row in rows(world.path))


def test_without_critics(tmp_path: Path) -> None:
    """Trap: nobody keeps the verdict, and the critics are paid all the same."""
    world, calls = left_out("critics", tmp_path)
    assert set(calls) == {"community", "persona", "life", "behavior", "writer"}
    assert world.counts()["verdicts"] == 0


def test_without_events(tmp_path: Path) -> None:
    """Trap: modules are left out and the model is asked for events nevertheless."""
    world, calls = left_out("events", tmp_path)
    assert calls["writer"] > 10
    assert not [row for row in rows(world.path, "role = 'life'") if "/drift/" not in row["call"]]
    assert not [e for e in world.sql("SELECT DISTINCT module FROM events")[1] if e[0] not in ("drift", "birthday")]


def test_without_profiles(tmp_path: Path) -> None:
    """Trap: facts that the Persona Agent would have chosen stay as the tables drew them."""
    world, calls = left_out("profile", tmp_path)
    assert calls["persona"] == 0
    assert calls["writer"] > 10
    keys = [key for (key,) in world.sql("SELECT DISTINCT key FROM facts WHERE because = 'persona' ORDER BY key")[1]]
    assert not [key for key in keys if key.startswith(("interests.", "preferences."))], keys


def test_without_agents(tmp_path: Path) -> None:
    """Trap: one prompt a document, and yet a plan, critics or rounds."""
    world, calls = left_out("agents", tmp_path)
    assert set(calls) == {"community", "behavior", "writer"}
    assert [finding for finding in audit_world(world) if finding.offending] == []
    assert {row["attempt"] for row in rows(world.path)} == {0}
    assert {row["prompt"] for row in rows(world.path, "role = 'writer'")} == {"artifacts/direct"}
    assert [critic for (critic,) in world.sql("SELECT DISTINCT critic FROM verdicts")[1] if critic != "checks"] == []
