"""`make`: from a recipe to a world on disk, continuing what is there, one community after another or many at once."""

from __future__ import annotations

import math
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from understudy.asking import PLAINLY, Asking, asked, make_communities
from understudy.community.town import national
from understudy.engine.router import Router
from understudy.errors import WorldError
from understudy.language.soundness import bring_own
from understudy.ontology.modules import module_files
from understudy.pipeline import ORDER, communities, further, make_community, notes
from understudy.population.sizes import Part
from understudy.recipe import VERSION, Recipe
from understudy.runner.local import run
from understudy.store.parts import PartWriter, refused, write_table
from understudy.store.schema import SCHEMAS
from understudy.store.world import MANIFEST, World, write_manifest

JOURNALS = ("calls.sqlite", "calls.sqlite-wal", "calls.sqlite-shm")
OWN = "modules"
"""The folder of a world in which the user's modules lie that it was made of."""
SECONDS_TO_START = 1.5
PERSON_DAYS_A_SECOND = 70.0
KB_A_PERSON_DAY = 2.2
"""What a run is expected to cost on one core, as `benchmarks/speed.py` printed it on a 2-core machine; only used to say so beforehand."""


class Expectation(NamedTuple):
    """What a run will make and about what it will cost."""

    people: int
    communities: int
    left: int
    seconds: float
    megabytes: float


def cores(jobs: int | None) -> int:
    """The processes to use: as asked, or one for each core at hand."""
    return max(1, jobs or len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else jobs or os.cpu_count() or 1)


def plan(recipe: Recipe, out: Path) -> tuple[dict[str, Any], list[Part]]:
    """The manifest that the folder should have and the communities still to be made; `WorldError` if the folder is another's."""
    recipe.missing()
    manifest: dict[str, Any] = {
        "format": "understudy world",
        "version": VERSION,
        "identity": recipe.identity(),
        "recipe": recipe.shown(),
        "schemas": SCHEMAS,
        "attributes": sorted(a.key for a in further(recipe.inputs.attributes)),
    }
    _check_folder(out, recipe, manifest)
    parts = communities(recipe)
    manifest["communities"] = [[p.people, p.natural, recipe.until] for p in parts]
    todo = parts
    if (out / MANIFEST).exists():
        world = World(out)
        world.manifest["communities"] = manifest["communities"]
        todo = []
        for number, wanted in enumerate(manifest["communities"]):
            made = world.part(number)["community"] if number in world.parts() else None
            if made and made[:2] == wanted[:2] and ORDER.index(made[2]) >= ORDER.index(wanted[2]):
                manifest["communities"][number] = made  # a later stage holds the earlier ones
            else:
                todo.append(parts[number])
    return manifest, todo


def _check_folder(out: Path, recipe: Recipe, manifest: dict[str, Any]) -> None:
    if not out.exists():
        return
    if not out.is_dir():
        raise WorldError(f"{out} is a file; choose a folder")
    if not (out / MANIFEST).exists():
        if any(p.name not in (".build", *JOURNALS) for p in out.iterdir()):
            raise WorldError(f"{out} is not empty and is no world; choose another folder")
        return
    known = World(out).manifest
    if known.get("version") != VERSION:
        raise WorldError(f"{out} was made by version {known.get('version')}, this is {VERSION}; choose another folder")
    if known["identity"] != manifest["identity"]:
        changed = [k for k, v in manifest["recipe"].items() if known["recipe"].get(k) != v and k not in ("people", "until", "models")]
        changed += ["models"] * (_who(known["recipe"]) != _who(manifest["recipe"]))
        what = f" ({', '.join(changed)} differ)" if changed else " (the data files or the user's files changed)"
        raise WorldError(f"{out} holds another recipe's world{what}; choose another folder with --out")
    if known["recipe"]["people"] > recipe.people:
        raise WorldError(f"{out} holds a town of {known['recipe']['people']} people already; ask for at least as many, or choose another folder")


def _who(recipe: dict[str, Any]) -> dict[str, Any]:
    """Who answers which role, without where."""
    models = Recipe.model_validate({"models": recipe.get("models", {})}).models.asked()
    return {role: model.model_dump(exclude={"base_url", "key_env", "price"}) for role, model in models.items()}


def expect(recipe: Recipe, out: Path, jobs: int | None = None) -> Expectation:
    """What a run is expected to take, before anything is made."""
    manifest, todo = plan(recipe, out)
    people = sum(p.people for p in todo)
    workers = min(cores(jobs), max(1, len(todo)))
    seconds = SECONDS_TO_START + people * recipe.days * recipe.density / PERSON_DAYS_A_SECOND / workers if todo else 0.0
    return Expectation(
        recipe.people, len(manifest["communities"]), len(todo), math.ceil(seconds), round(people * recipe.days * KB_A_PERSON_DAY * recipe.density / 1000, 1)
    )


def make(
    recipe: Recipe, out: str | Path, jobs: int | None = None, progress: Callable[[float, int], None] = lambda share, whole: None, asking: Asking = PLAINLY
) -> World:
    """Make the world that a recipe asks for in a folder, or go on with it; returns the world when it is whole.

    A folder that holds the same recipe is continued (asking for more people keeps what is there); a whole one is left as it is.
    Where a language model answers, `asking` says how it is asked; `Stopped` is raised when the budget is met or a batch has to be waited for.
    Raises `EngineError` if a model cannot be asked, `WorldError` if the folder holds another recipe's world or another version's, `RecipeError`, `InputError` or `DiskError`.
    """
    out = Path(out)
    plan(recipe, out)  # whatever is wrong is said before anything is written
    with refused(out):
        out.mkdir(parents=True, exist_ok=True)
    with alone(out):
        manifest, todo = plan(recipe, out)
        if recipe.models.asked() and todo:
            with asked(recipe, out, asking) as (engine, client):
                _begin(out, manifest)
                mine = [(f"{p.number:04d}", (recipe, out, p, manifest["communities"][p.number], engine.fresh())) for p in todo]
                make_communities(_one_asked, mine, client, asking, progress)
            _end(out, manifest)
            return World(out)
        _begin(out, manifest)
        fields = recipe.model_dump(mode="json")
        items = [(f"{p.number:04d}", (fields, str(out), tuple(p), manifest["communities"][p.number])) for p in todo]
        run(_one, items, cores(jobs), out / ".build", progress)
        _end(out, manifest)
    return World(out)


def _begin(out: Path, manifest: dict[str, Any]) -> None:
    write_manifest(out, manifest)
    own = manifest["recipe"]["inputs"].get("modules")
    for path in module_files(Path(own)) if own else ():  # whoever opens the world later knows what its lives were made of
        (out / OWN).mkdir(exist_ok=True)
        shutil.copyfile(path, out / OWN / path.name)
    if not (out / "organizations" / "world.parquet").exists():
        write_table(out / "organizations" / "world.parquet", "organizations", national())
    shutil.rmtree(out / ".build", ignore_errors=True)


def _end(out: Path, manifest: dict[str, Any]) -> None:
    for index in range(len(manifest["communities"]), len(manifest["communities"]) + 2):
        (out / "parts" / f"{index:04d}.json").unlink(missing_ok=True)  # a tail that has been taken up by a grown community
    shutil.rmtree(out / ".build", ignore_errors=True)


@contextmanager
def alone(out: Path) -> Iterator[None]:
    """Hold a folder for this process, so that two runs never write into each other's parts; the hold ends with the process, however that ends."""
    try:
        import fcntl
    except ImportError:  # not on Windows
        yield
        return
    handle = os.open(out, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(handle)
        raise WorldError(f"{out} is being made by another process right now; wait until it has ended, or choose another folder with --out") from None
    except OSError:
        pass  # a file system without locks
    try:
        yield
    finally:
        os.close(handle)


def _one(task: tuple[tuple[dict[str, Any], str, tuple[int, int, bool], list[Any]], Callable[[float], None] | None]) -> None:
    """Make one community in this process and commit it."""
    (fields, out, part, community), progress = task
    recipe = Recipe.model_validate(fields)
    writer = PartWriter(Path(out), part[0])
    try:
        make_community(recipe, Part(*part), writer, progress=progress or writer.progress)
        writer.commit({"community": community, "version": VERSION})
    except BaseException:
        writer.abandon()
        raise


def _one_asked(task: tuple[tuple[Recipe, Path, Part, list[Any], Router], Callable[[float], None]]) -> None:
    """Make one community in this thread and commit it."""
    (recipe, out, part, community, engine), progress = task
    writer = PartWriter(out, part.number)
    try:
        make_community(recipe, part, writer, engine, progress)
        writer.commit({"community": community, "version": VERSION, "own": engine.own})
    except BaseException:
        writer.abandon()
        raise


def open_world(path: str | Path) -> World:
    """A world that was made before; `WorldError` if the folder holds none. The modules that its recipe brought are at hand from then on."""
    world = World(path)
    bring_own(world.path / OWN if (world.path / OWN).is_dir() else None)
    return world


def said(recipe: Recipe) -> list[str]:
    """What has to be said about the user's own files: rows left out, shares that could not be met."""
    return notes(recipe)
