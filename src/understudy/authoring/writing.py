"""A language model as author: asked for modules, checked as anybody's, tried on a small town, told what is wrong, and asked again."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from understudy.asking import Asking, asked, make_communities
from understudy.authoring.answers import Lenient, content_of, dumped
from understudy.authoring.check import examine, said
from understudy.authoring.trial import Trial, key_of, silent, try_out
from understudy.engine.assemble import engine_of
from understudy.engine.call import Call, Engine
from understudy.engine.shape import Shape, record, text
from understudy.errors import ContentError, DiskError, EngineError, InputError
from understudy.language.soundness import TIES, Flaw, organization_kinds
from understudy.ontology.attributes import attributes
from understudy.ontology.modules import Module, parse_module
from understudy.ontology.reading import dotted, way_out, wrong
from understudy.recipe import Models, Recipe

ROUNDS = 4
"""Drafts of one module at most."""
LONGEST = 24_000
"""Characters of a module's file."""
TOLD = 14
"""Problems that are sent back at once."""
STYLE_TOLD = 6
PASSABLE = 4
"""Remarks of style that a module may keep; more are sent back."""
BY_MODEL = "written by a language model"
"""What the `source` of such a module says."""
SMALL = frozenset(
    ["a", "an", "the", "of", "for", "to", "in", "on", "at", "and", "or", "with", "my", "our", "her", "his", "their", "your", "first", "after", "before", "from"]
)


class Theme(NamedTuple):
    """What a module is to be about, and its name."""

    name: str
    theme: str


class WriteModule(Call[str]):
    """Ask for one life module with its words."""

    prompt = "authoring/module"
    role = "life"
    __slots__ = ()

    def data(self) -> dict[str, Any]:
        """The theme, and the names that a module may use."""
        kinds = sorted(kind for kind in organization_kinds())
        return {"name": self.brief.name, "theme": self.brief.theme, "kinds": kinds, "keys": sorted(attributes()), "ties": list(TIES)}

    def shape(self) -> Shape:
        """An object that holds the file's text."""
        return record({"module": text(LONGEST, 200)})

    def read(self, wire: Any) -> str:
        """The file's text; whether it is any good is looked at with the whole checker, between rounds."""
        return str(wire["module"])

    def wire(self, answer: str) -> Any:
        """The text as a model would have sent it."""
        return {"module": answer}


class Written(NamedTuple):
    """What became of one theme: the module if it was accepted, its file's text, the drafts that were asked for, what was wrong with each, and the trial."""

    theme: Theme
    module: Module | None
    text: str
    rounds: int
    problems: list[list[str]]
    remarks: list[str]
    trial: Trial | None


def name_of(theme: str) -> str:
    """A module's name from its theme: its first telling words."""
    words = [w for w in re.findall(r"[a-z0-9]+", theme.lower()) if w not in SMALL] or ["module"]
    return "_".join(words[:4])[:40].strip("_").lstrip("0123456789_") or "module"


def themes_of(path: Path) -> list[Theme]:
    """The themes of a file, one a line, each "theme" or "name: theme"; lines that begin with # are none."""
    try:
        lines = [line.strip().removeprefix("- ") for line in path.read_text("utf-8-sig").splitlines()]
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"cannot read the themes in {path} ({getattr(error, 'strerror', None) or 'it is not UTF-8 text'}); check the path") from None
    found = [theme_of(line) for line in lines if line and not line.startswith("#")]
    if not found:
        raise InputError(f"{path} holds no themes; give it one a line, such as `first_triathlon: training for a first triathlon`")
    names = [theme.name for theme in found]
    for name in names:
        if names.count(name) > 1:
            raise InputError(f"{path} has two themes named {name}; give one another name before a colon, such as `{name}_two: ...`")
    return found


def theme_of(line: str) -> Theme:
    """One theme with its name, given before a colon or made of its words."""
    given = re.fullmatch(r"([a-z][a-z0-9_]*)\s*:\s*(\S.*)", line)
    return Theme(given[1], given[2]) if given else Theme(name_of(line), " ".join(line.split()))


class _Item:
    """One module on its way through the rounds."""

    def __init__(self, theme: Theme):
        self.theme = theme
        self.call = WriteModule(f"module/{theme.name}", theme)
        self.text = ""
        self.module: Module | None = None
        self.problems: list[list[str]] = []
        self.remarks: list[str] = []
        self.trial: Trial | None = None
        self.rounds = 0
        self.done = False

    def draft(self, text: str, known: Mapping[str, Module]) -> list[str]:
        """Take an answer; gives back what must be mended (with a few remarks of style), or nothing."""
        self.module, self.trial = None, None
        self.text, content, broken = content_of(text)
        if broken:
            return [broken]
        self.text, module, problem = settled(self.text, content, self.theme.name)
        if module is None:
            return [problem]
        flaws = examine(module, known)
        grave, style = [f for f in flaws if f.grave], [f for f in flaws if not f.grave]
        self.remarks = [said(f) for f in style]
        if grave or len(style) > PASSABLE:
            return _told(grave, TOLD) + _told(style, STYLE_TOLD)
        self.module = module
        return []


def _told(flaws: Sequence[Flaw], most: int) -> list[str]:
    listed = [said(f) for f in flaws[:most]]
    return listed + ([f"and {len(flaws) - most} more of this sort"] if len(flaws) > most else [])


def settled(text: str, content: dict[str, Any], name: str) -> tuple[str, Module | None, str]:
    """A module's text under its own name, the module, and what of its notation is wrong."""
    if content.get("module") != name:
        content = {**content, "module": name}
        text = re.sub(r"^module:.*$", f"module: {name}", text, count=1, flags=re.M) if re.search(r"^module:", text, re.M) else f"module: {name}\n{text}"
    found = wrong(content)
    if found is not None:
        place, what = found
        return text, None, f"{dotted(place) or 'the module'}: {what[:1].lower()}{what[1:]}; {way_out(place, what)}"
    try:
        return text, parse_module(content, name), ""
    except ContentError as error:
        return text, None, str(error)


def signed(text: str, module: Module, model: str) -> str:
    """The file's text with a `source` that says who wrote it."""
    by = f"{BY_MODEL} ({model})"
    if by in module.source:
        return text
    source = json.dumps(f"{module.source.rstrip('. ')}; {by}" if module.source else by, ensure_ascii=False)
    if re.search(r"^source: [^\n|>]*$", text, re.M):
        return re.sub(r"^source: [^\n]*$", lambda _: f"source: {source}", text, count=1, flags=re.M)
    if not re.search(r"^source:", text, re.M):
        return re.sub(r"^(topic:[^\n]*)$", lambda m: f"{m[1]}\nsource: {source}", text, count=1, flags=re.M)
    return dumped({**content_of(text)[1], "source": json.loads(source)})


def write_modules(
    themes: Sequence[Theme], models: Models, out: Path, known: Mapping[str, Module], how: Asking, rounds: int = ROUNDS,
    heard: Callable[[str], None] = lambda line: None,
) -> list[Written]:  # fmt: skip
    """Ask a model for a module on each theme; check, try and ask again, `rounds` drafts at most. `out` is the folder of journal and trials.

    `known` are modules that a lead may name. Every answer is in the journal and never paid twice; a batch asks for all themes in one file a round.
    Raises `EngineError` without a model or where it cannot be asked, and `Stopped` when the budget is met or a batch is to be waited for.
    """
    if models.of("life").embedded:
        raise EngineError("writing a module needs a language model: name one with --model, such as openai/gpt-5-mini or ollama/llama3.2")
    recipe = Recipe.build({"models": {"life": models.of("life").model_dump()}})
    written: list[Written] = []
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise DiskError(f"cannot write into {out} ({error.strerror}); choose another place with --out") from None
    with asked(recipe, out, how) as (_, client):
        engine = engine_of(recipe, Lenient(client))

        def work(_: Any) -> None:
            written.extend(write_all(engine, themes, known, rounds, lambda module, text: tried(module, text, out), heard))

        make_communities(work, [("modules", None)], client, how, lambda share, whole: None)
    return written


def write_all(
    engine: Engine, themes: Sequence[Theme], known: Mapping[str, Module], rounds: int, trial: Callable[[Module, str], Trial], heard: Callable[[str], None]
) -> list[Written]:
    """Round after round: ask for all that is not done, check and try each, and send back what is wrong."""
    items = [_Item(theme) for theme in themes]
    for number in range(rounds):
        left = [item for item in items if not item.done]
        if not left:
            break
        drafted: dict[str, Module] = {}
        for item, answer in zip(left, engine.ask([item.call for item in left]), strict=True):
            item.rounds = number + 1
            problems = item.draft(answer.value, {**known, **drafted}) if answer.value is not None else [answer.failure or "no answer came"]
            if item.module is not None:
                item.trial = trial(item.module, item.text)
                problems = item.trial.problems()
                problems += [
                    f"words {say} never fired, though their event happened; look at `to`, `by` and `at` of their leaf"
                    for say in silent(item.module, item.trial)
                ]
            if problems:
                item.module = None
                item.problems.append(problems)
                item.call = _again(item, problems)
                heard(f"{item.theme.name}, draft {number + 1}: {len(problems)} problems ({problems[0]})")
            else:
                item.done = True
                drafted[item.theme.name] = item.module  # type: ignore[assignment]
                heard(f"{item.theme.name}, draft {number + 1}: accepted")
    return [Written(i.theme, i.module, i.text, i.rounds, i.problems, i.remarks, i.trial) for i in items]


def _again(item: _Item, problems: Sequence[str]) -> WriteModule:
    """The call of the next round: the last draft and what is wrong with it; earlier ones are forgotten, so that the prompt stays short."""
    feedback = "That file cannot be used yet:\n" + "\n".join(f"- {p}" for p in problems) + "\nAnswer again with the whole file, mended; keep what was good."
    history = ((json.dumps({"module": item.text}, ensure_ascii=False), feedback),) if item.text else ()
    return WriteModule(item.call.id, item.call.brief, item.call.attempt + 1, history)


def tried(module: Module, text: str, out: Path) -> Trial:
    """The trial of a module, kept beside the journal so that the same command, run again, does not try the same text anew."""
    path = out / ".trials" / f"{key_of(text)}.json"
    try:
        rows = json.loads(path.read_text("utf-8"))
        return Trial(**{**rows, "texts": [tuple(t) for t in rows["texts"]]})
    except (OSError, ValueError, TypeError, KeyError):
        pass
    found = try_out(module)
    try:
        path.parent.mkdir(exist_ok=True)
        path.write_text(json.dumps(found._asdict(), ensure_ascii=False), "utf-8")
    except OSError as error:
        raise DiskError(f"cannot write {path} ({error.strerror}); free some space and run the same command again") from None
    return found


def keep(written: Written, path: Path, model: str) -> None:
    """Write an accepted module's file; `DiskError` if the disk refuses."""
    assert written.module is not None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_name(f"{path.name}.part")
        draft.write_text(signed(written.text, written.module, model), "utf-8")
        draft.replace(path)
    except OSError as error:
        raise DiskError(f"cannot write {path} ({error.strerror}); choose another place with --out") from None
