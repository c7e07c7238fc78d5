"""Before anything is done: is there a key, does the endpoint answer, does it know the model, is its context large enough, and what shape of answer does it take."""

from __future__ import annotations

from collections.abc import Mapping

from understudy.engine.client import Client
from understudy.engine.endpoint import Endpoint
from understudy.engine.prompts import CHARACTERS_A_TOKEN
from understudy.engine.request import FAILED, Request
from understudy.engine.shape import choice, record
from understudy.errors import EngineError

SHAPE = record({"ready": choice(["yes"])})
LINE = "This line only takes up room, as a long task will. "
OWN = ("", "vllm", "ollama", "llamacpp", "lmstudio")
"""Servers of one's own, whose context may be small; the providers' is not."""


def probe(client: Client, endpoints: Mapping[str, Endpoint], room: Mapping[str, int]) -> list[str]:
    """Ask every endpoint one small question; `room` is the context that a role needs in tokens. Returns what was found out, a line an endpoint.

    Raises `EngineError` with one sentence for the first endpoint that cannot be used. What was found out before is not asked again.
    """
    found = []
    needs: dict[str, int] = {}
    firsts: dict[str, Endpoint] = {}
    for role, endpoint in endpoints.items():
        firsts.setdefault(endpoint.id, endpoint)
        needs[endpoint.id] = max(needs.get(endpoint.id, 0), room.get(role, 0))
        if endpoint.key_name and not endpoint.key():
            raise EngineError(f"{endpoint.name} needs a key: set the environment variable {endpoint.key_name}, or choose another model")
    for ident, endpoint in firsts.items():
        abilities = client.journal.abilities(ident)
        if abilities is None or abilities.context < needs[ident]:
            client.run(_ask(client, endpoint, needs[ident]))
            abilities = client.sender.abilities(endpoint)
        found.append(f"{endpoint.name} at {endpoint.where}: {abilities.structured.replace('_', ' ')}")
    return found


async def _ask(client: Client, endpoint: Endpoint, need: int) -> None:
    """One call, as long as the longest to come where the context may be small."""
    filler = LINE * int(need * CHARACTERS_A_TOKEN / len(LINE)) if endpoint.preset in OWN else ""
    said = [
        {"role": "system", "content": "You answer as you are asked, and nothing else."},
        {"role": "user", "content": f'{filler}Answer with the JSON object {{"ready": "yes"}}.'},
    ]
    request = Request("", "probe", "probe", "probe", 1, endpoint, said, SHAPE, {"temperature": 0.0}, 200, 0, 0, 0)
    note = ""
    for number in range(12):
        sent = await client.sender.send(client.session(), request)
        if sent.reply is not None and sent.reply.status == FAILED:
            way = f"raise the server's context to at least {need:,} tokens" if "context" in sent.reply.note else "check the model's name and the address"
            raise EngineError(f"{endpoint.name} cannot be asked at {endpoint.where}: {sent.reply.note}; {way}")
        if sent.reply is not None:
            abilities = client.sender.abilities(endpoint)
            abilities.context = max(abilities.context, need)
            client.journal.remember(endpoint.id, abilities)
            return
        note = sent.note
        if number >= 3 and not sent.at_once:
            break
    at = "" if endpoint.where in note else f" ({endpoint.where})"
    raise EngineError(f"{endpoint.name} cannot be asked: {note}; is the server up, and is the address right{at}?")
