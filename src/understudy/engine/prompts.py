"""Prompt files: Markdown with a front matter (version, room, tokens) and two parts; the static part comes first, so that providers' prefix caches hit."""

from __future__ import annotations

import json
from functools import cache, lru_cache
from typing import Any, NamedTuple

import msgspec
import yaml
from jinja2 import StrictUndefined, Template, TemplateError
from jinja2.sandbox import SandboxedEnvironment

from understudy import assets
from understudy.engine.call import Call
from understudy.engine.shape import sketch
from understudy.errors import ContentError

CHARACTERS_A_TOKEN = 4.0
"""English text, o200k and cl100k: 4.4 on the four papers, less on JSON; used before a provider has counted."""


class Prompt(NamedTuple):
    """A prompt file: its version, how long an answer may be (tokens), how much context it needs in all (tokens), the static part and the template."""

    name: str
    version: int
    tokens: int
    room: int
    system: str
    user: Template


@cache
def environment() -> SandboxedEnvironment:
    """Sandboxed: a prompt file can fill in data and nothing else; a name that is missing is an error."""
    found = SandboxedEnvironment(undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=False)
    found.globals.clear()  # no prompt needs jinja's range or lipsum, and handing them over costs three quarters of filling a short prompt in
    found.filters["quoted"] = lambda value: json.dumps(value, ensure_ascii=False)
    return found


@cache
def prompt(name: str) -> Prompt:
    """The prompt of this name; `ContentError` if the file is not as it should be."""
    return parse(assets.text(f"prompts/{name}.md"), name)


def parse(content: str, name: str) -> Prompt:
    """A prompt from a file's text."""
    try:
        _, front, body = content.split("---\n", 2)
        head = yaml.safe_load(front)
        system, user = body.split("\n# The task\n", 1)
        return Prompt(name, int(head["version"]), int(head["tokens"]), int(head["room"]), system.strip(), environment().from_string(user.strip()))
    except (ValueError, KeyError, TypeError, TemplateError, yaml.YAMLError) as error:
        raise ContentError(
            f"the prompt {name} cannot be used ({error}); it needs a front matter with version, tokens and room, and a part under `# The task`"
        ) from None


def messages(call: Call[Any]) -> list[dict[str, str]]:
    """What a model is sent for a call: the static part, the task with the brief as data and the answer's shape, and what went before."""
    file = prompt(call.prompt)
    try:
        task = file.user.render(call.data())
    except TemplateError as error:
        raise ContentError(f"the prompt {file.name} cannot be filled in ({error}); mend it there") from None
    found = [
        {"role": "system", "content": file.system},
        {"role": "user", "content": f"{task}\n\nAnswer with one JSON object and nothing else:\n{_sketched(msgspec.json.encode(call.shape()))}"},
    ]
    for answer, feedback in call.history:
        found += [{"role": "assistant", "content": answer}, {"role": "user", "content": feedback}]
    return found


@lru_cache(maxsize=256)
def _sketched(shape: bytes) -> str:
    """The sketch of a shape, given as JSON so that it can be looked up: most calls of a prompt have the same."""
    return sketch(msgspec.json.decode(shape))


def tokens(text: str) -> int:
    """About how many tokens a text has."""
    return int(len(text) / CHARACTERS_A_TOKEN + 0.999)
