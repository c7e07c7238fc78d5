"""What a run asks for, in YAML or flags, and the identity by which a world knows its recipe."""

from __future__ import annotations

import json
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from understudy import assets
from understudy.errors import InputError, RecipeError

VERSION = "0.1.0"
Stage = Literal["persona", "life", "artifacts", "questions"]


class Inputs(BaseModel):
    """The user's own files; every path is relative to the recipe's folder."""

    model_config = ConfigDict(extra="forbid")

    pums: list[Path] = Field([], description="ACS PUMS files, psam_p*.csv and psam_h*.csv: households are drawn from them")
    distributions: list[Path] = Field([], description="CSV files of demographic shares, raked onto the default population")
    profiles: Path | None = Field(None, description="people of your own, CSV or JSONL: kept as given, the rest is filled in")
    personas: Path | None = Field(None, description='one-line personas, JSONL {"persona": "..."}; default: some of our own')
    interests: Path | None = Field(None, description="an interest taxonomy: IAB TSV or nested YAML; default: our own tree")
    attributes: Path | None = Field(None, description="further attributes, YAML in the form of data/ontology/attributes")
    news: Path | None = Field(None, description="news, JSONL (date, title, summary, source); default: invented local news")
    modules: Path | None = Field(None, description="a folder of life modules of your own, YAML, laid beside ours; one of the same name replaces ours")


ROLES = ("community", "persona", "life", "behavior", "writer", "critic", "judge", "reader", "extractor")
"""Who may be a language model: each role of the papers' agents."""
Ablation = Literal["critics", "events", "profile", "agents"]


class Model(BaseModel):
    """A language model and how it is asked; everything but the address and the key decides what comes back."""

    model_config = ConfigDict(extra="forbid", protected_namespaces=())

    model: str = Field(description='"embedded", or PROVIDER/MODEL such as openai/gpt-5-mini; any name together with base_url')
    base_url: str | None = Field(None, description="the address of an OpenAI-compatible server")
    key_env: str | None = Field(None, description="the environment variable that holds the key; default: the provider's usual one")
    temperature: float | None = Field(None, ge=0, le=2, description="default by role: 0.9 for whoever invents, 0 for whoever judges")
    top_p: float | None = Field(None, gt=0, le=1, description="default: the model's own")
    reasoning_effort: str | None = Field(None, description="for models that take it: minimal, low, medium, high")
    max_tokens: int | None = Field(None, ge=16, description="the most tokens of an answer; default: what the prompt file says")
    price: tuple[float, float, float] | None = Field(None, description="dollars for a million tokens in, cached in, out; default: the price library's")

    @property
    def embedded(self) -> bool:
        """Whether this is the embedded engine."""
        return self.model == "embedded"


class Models(BaseModel):
    """Who answers which role: `embedded`, PROVIDER/MODEL, or a mapping with parameters. `all` stands for every role that is not named."""

    model_config = ConfigDict(extra="forbid")

    all: Model = Field(default_factory=lambda: Model.model_validate({"model": "embedded"}), description="every role that is not named")
    community: Model | None = Field(None, description="ties and how they came about")
    persona: Model | None = Field(None, description="profiles")
    life: Model | None = Field(None, description="events, and what changes")
    behavior: Model | None = Field(None, description="free time")
    writer: Model | None = Field(None, description="every text")
    critic: Model | None = Field(None, description="verdicts on drafts")
    judge: Model | None = Field(None, description="scores of finished texts")
    reader: Model | None = Field(None, description="blind readers")
    extractor: Model | None = Field(None, description="knowledge read out of texts")

    @model_validator(mode="before")
    @classmethod
    def _short(cls, given: Any) -> Any:
        """A name alone is a model; a text alone is the model of every role."""
        if isinstance(given, str):
            given = {"all": given}
        if isinstance(given, dict):
            return {k: {"model": v} if isinstance(v, str) else v for k, v in given.items()}
        return given

    def of(self, role: str) -> Model:
        """The model of a role."""
        found: Model | None = getattr(self, role)
        return found or self.all

    def asked(self) -> dict[str, Model]:
        """The roles that a language model answers."""
        return {role: self.of(role) for role in ROLES if not self.of(role).embedded}


class Quality(BaseModel):
    """The loop of writer and critics (PersonaTrace, section 3)."""

    model_config = ConfigDict(extra="forbid")

    critics: Literal["auto", "combined", "separate", "none"] = Field(
        "auto", description="one call for three verdicts, three calls, none; auto: combined where a model writes or judges"
    )
    pass_mark: float = Field(4.0, ge=1, le=5, description="the least score (1 to 5) of each critic for a draft to pass")
    rounds: int = Field(5, ge=1, le=5, description="drafts of one text at most")
    fallback: Literal["embedded", "drop"] = Field(
        "embedded", description="what becomes of a text that no model got right: written by the embedded engine and marked, or dropped"
    )


class Tree(BaseModel):
    """How far a language model grows its events (PersonaTrace, section 3: recursive expansion)."""

    model_config = ConfigDict(extra="forbid")

    seeds: float = Field(1.0, ge=0, le=20, description="seed events a person and week")
    depth: int = Field(3, ge=1, le=5, description="levels below the seed at most")
    branching: int = Field(3, ge=1, le=6, description="events below one event at most")
    smallest: int = Field(20, ge=0, description="an event of fewer minutes is not expanded further")


class Recipe(BaseModel):
    """A town to be made. Everything has a default; the same recipe always makes the same town."""

    model_config = ConfigDict(extra="forbid")

    people: int = Field(24, ge=1, le=5_000_000, description="how many people live there")
    days: int = Field(28, ge=1, le=3660, description="how many days their lives are followed")
    start: date = Field(date(2025, 1, 6), description="the first day (local)")
    seed: int = Field(1, ge=0, description="another seed, another town")
    noise: float = Field(0.3, ge=0.0, le=0.9, description="share of noise among conversations, assistant chats and purchases")
    news_share: float = Field(0.2, ge=0.0, le=1.0, description="share of conversations that touch the news")
    persona_share: float = Field(0.15, ge=0.0, le=1.0, description="share of grown-ups seeded by a one-line persona")
    density: float = Field(1.0, gt=0.0, le=5.0, description="how much people leave behind: 1 is about 15 artifacts a person-day")
    stride: int = Field(7, ge=1, le=366, description="how many days are planned and written at once; more days mean fewer rounds of batches and more memory")
    models: Models = Field(default_factory=lambda: Models.model_validate({}), description="who answers which role: embedded or a language model")
    quality: Quality = Field(default_factory=lambda: Quality.model_validate({}), description="the loop of writer and critics")
    tree: Tree = Field(default_factory=lambda: Tree.model_validate({}), description="events that a language model invents")
    without: list[Ablation] = Field([], description="leave out critics, events, profile or agents, as the papers' ablations do")
    until: Stage = Field("questions", description="stop after persona, life, artifacts, or make everything (questions)")
    inputs: Inputs = Field(default_factory=lambda: Inputs.model_validate({}), description="your own files")

    @classmethod
    def load(cls, path: str | Path, **overrides: Any) -> Recipe:
        """The recipe of a YAML file, with fields overridden; `RecipeError` in one sentence for anything wrong with it."""
        path = Path(path)
        content = assets.read_yaml(path) or {}
        if not isinstance(content, dict):
            raise RecipeError(f"{path} is not a recipe: it must be a mapping of fields; run `understudy init` for one")
        recipe = cls.build({**content, **overrides}, str(path))
        return recipe.rooted(path.parent)

    @classmethod
    def build(cls, fields: dict[str, Any], where: str = "the recipe") -> Recipe:
        """A recipe from plain values; `RecipeError` names the first wrong field and the way out."""
        try:
            return cls.model_validate(fields)
        except ValidationError as error:
            first = error.errors()[0]
            field = ".".join(str(part) for part in first["loc"])
            if first["type"] == "extra_forbidden":
                raise RecipeError(f'{where} has an unknown field "{field}"; the fields are {", ".join(cls.model_fields)}') from None
            raise RecipeError(f"{where}: {field} is {first['input']!r}: {first['msg'].lower()}; correct it there") from None

    def rooted(self, folder: Path) -> Recipe:
        """The same recipe with its files' paths made absolute against a folder."""
        changes: dict[str, Any] = {}
        for name, value in self.inputs:
            if isinstance(value, list):
                changes[name] = [folder / p for p in value]
            elif value is not None:
                changes[name] = folder / value
        return self.model_copy(update={"inputs": self.inputs.model_copy(update=changes)})

    def identity(self) -> str:
        """SHA-256 over everything that decides what a community holds, the number of people and the last stage excepted."""
        files = {}
        for name, value in self.inputs:
            paths = value if isinstance(value, list) else [value] if value is not None else []
            files[name] = [sums for p in paths for sums in _sums(Path(p))]
        asked = self.model_dump(mode="json", exclude={"people", "inputs", "until", "models"})
        asked["models"] = {role: model.model_dump(mode="json", exclude={"base_url", "key_env", "price"}) for role, model in self.models.asked().items()}
        text = json.dumps({"recipe": asked, "files": files, "version": VERSION, "content": assets.content_hash()}, sort_keys=True)
        return sha256(text.encode()).hexdigest()

    def shown(self) -> dict[str, Any]:
        """The recipe as plain values that may lie in a world for all to read: addresses without user and password."""
        found: dict[str, Any] = self.model_dump(mode="json")
        for model in found["models"].values():
            if model and model["base_url"]:
                parts = urlsplit(model["base_url"])
                model["base_url"] = parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()
        return found

    def missing(self) -> None:
        """`InputError` for the first input file that is not there, before anything is made."""
        for name, value in self.inputs:
            for path in value if isinstance(value, list) else [value] if value is not None else []:
                if not (Path(path).is_file() or (name == "modules" and Path(path).is_dir())):
                    raise InputError(f"there is no file {path}; check the path in the recipe or the flag")


def _sums(path: Path) -> list[Any]:
    """The checksum of an input file; of a folder, each YAML file's name with its own."""
    return [[p.name, assets.file_hash(p)] for p in sorted(path.iterdir()) if p.suffix in (".yaml", ".yml")] if path.is_dir() else [assets.file_hash(path)]


def template() -> str:
    """A recipe in which every field stands with its default and a comment."""
    lines = [
        "# A recipe for Understudy: every field with its default. Delete what you do not change.",
        "# yaml-language-server: $schema=recipe.schema.json",
        "",
    ]
    lines += _fields(Recipe, Recipe.model_validate({}), "")
    return "\n".join(lines) + "\n"


def _fields(model: type[BaseModel], values: BaseModel, indent: str) -> list[str]:
    lines = []
    for name, field in model.model_fields.items():
        value = getattr(values, name)
        lines.append(f"{indent}# {field.description}")
        if isinstance(value, BaseModel):
            lines += [f"{indent}{name}:", *_fields(type(value), value, indent + "  ")]
        else:
            plain = value.isoformat() if isinstance(value, date) else value
            lines.append(f"{indent}{name}: {yaml.safe_dump(plain, default_flow_style=True).strip().removesuffix('...').strip()}")
    return lines


def schema() -> str:
    """The JSON Schema of a recipe, for editors."""
    return json.dumps(Recipe.model_json_schema(), indent=2) + "\n"


def of_paper(name: str) -> str:
    """The ready recipe of a paper's set-up, as a file's text."""
    known = [path.stem for path in assets.folder("data/papers")]
    if name not in known:
        raise RecipeError(f"there is no recipe for the paper {name}; there is one for {', '.join(known)}")
    return "# yaml-language-server: $schema=recipe.schema.json\n" + assets.text(f"data/papers/{name}.yaml")
