"""Checks content files before they are trusted: modules (what is told, when and where, in which words), attributes, catalogues and the ways facts are said."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from understudy import assets
from understudy.authoring.check.events import event_flaws, lead_flaws
from understudy.authoring.check.facts import check_facts
from understudy.authoring.check.words import word_flaws
from understudy.engine.grammar import Rule, compile_line
from understudy.errors import ContentError, UnderstudyError
from understudy.language.soundness import Flaw, flaws, lines_of, misshapen
from understudy.ontology.attributes import parse_attributes
from understudy.ontology.modules import Module, parse_module, shipped
from understudy.ontology.reading import dotted, line_at, read_module, read_text, tree_of

__all__ = ["Flaw", "check_all", "check_facts", "check_file", "check_module", "examine", "lines_of", "rule", "said"]


def examine(module: Module, known: Mapping[str, Module] | None = None) -> list[Flaw]:
    """Everything wrong with a module, what must be mended first; with `known` modules, its leads too."""
    if misshapen(module):
        return misshapen(module)
    found = [*flaws(module), *event_flaws(module), *word_flaws(module), *(lead_flaws(module, known) if known is not None else ())]
    return sorted(dict.fromkeys(found), key=lambda flaw: not flaw.grave)


def check_module(module: Module) -> list[str]:
    """What must be mended in one module, each a sentence with its place; style and leads aside."""
    return [said(flaw) for flaw in examine(module) if flaw.grave]


def said(flaw: Flaw) -> str:
    """A flaw as a sentence with its place within the module."""
    return f"{dotted(flaw.path)}: {flaw.text}"


def check_modules(paths: Sequence[Path], strict: bool = False) -> list[str]:
    """The problems of module files with file and line, those of style too if `strict`; they may lead to each other and to the package's."""
    found: list[str] = []
    read: dict[Path, Module] = {}
    for path in paths:
        try:
            read[path] = read_module(path)
        except UnderstudyError as error:
            found.append(str(error))
    known = {**_shipped(), **{m.module: m for m in read.values()}}
    for path, module in read.items():
        tree = tree_of(read_text(path))
        for flaw in examine(module, known):
            if flaw.grave or strict:
                found.append(f"{path}, line {line_at(tree, flaw.path)}: {said(flaw)}{'' if flaw.grave else ' (style)'}")
    return found


def _shipped() -> Mapping[str, Module]:
    """The package's modules; while one of them is broken, those that are not."""
    try:
        return shipped()
    except ContentError:
        found = {}
        for path in assets.folder("data/modules"):
            try:
                found[path.stem] = read_module(path)
            except UnderstudyError:
                continue
        return found


def check_file(path: Path) -> list[str]:
    """The problems of one content file, by the folder it lies in."""
    try:
        content = assets.read_yaml(path)
        folder = path.parent.name
        if folder == "modules":
            module = parse_module(content, path.name)
            named = [] if module.module == path.stem else [f"module: {module.module} does not match the file's name"]
            return named + check_module(module)
        if folder == "attributes":
            return _check_attributes(content, path)
        if folder == "facts":
            return check_facts(content)
        if folder in ("acts", "topics", "artifacts"):
            return list(_unreadable(content))
    except ContentError as error:
        return [str(error)]
    return []


def _unreadable(content: Any) -> Iterable[str]:
    for raw in lines_of(content):
        try:
            compile_line(raw)
        except ContentError as error:
            yield str(error)


def _check_attributes(content: Any, path: Path) -> list[str]:
    problems = []
    for attribute in parse_attributes(content, path.name):
        name = attribute.source.catalogue
        if name and not (assets.HERE / f"data/catalogues/{name}.yaml").exists():
            problems.append(f"{attribute.key}: there is no catalogue {name}")
    return problems


def check_all(paths: list[Path] | None = None) -> list[str]:
    """Every problem of the package's content (or of these files), each with its file; of the whole package, leads between modules too."""
    if paths:
        return [f"{path.name}: {problem}" for path in paths for problem in check_file(path)]
    found = [f"{p.name}: {problem}" for part in ("data", "grammars") for p in sorted((assets.HERE / part).rglob("*.yaml")) for problem in check_file(p)]
    known = _shipped()
    return found + [f"{name}.yaml: {said(flaw)}" for name, module in known.items() for flaw in lead_flaws(module, known)]


def rule(lines: Iterable[Any]) -> Rule:
    """A compiled rule, for those who try lines out."""
    return Rule(lines)
