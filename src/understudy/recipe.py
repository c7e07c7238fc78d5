"""What a run asks for, in YAML or flags, and the identity by which a world knows its recipe."""

from __future__ import annotations

import json
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

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
            files[name] = [assets.file_hash(Path(p)) for p in paths]
        asked = self.model_dump(mode="json", exclude={"people", "inputs", "until"})
        text = json.dumps({"recipe": asked, "files": files, "version": VERSION, "content": assets.content_hash()}, sort_keys=True)
        return sha256(text.encode()).hexdigest()

    def missing(self) -> None:
        """`InputError` for the first input file that is not there, before anything is made."""
        for _, value in self.inputs:
            for path in value if isinstance(value, list) else [value] if value is not None else []:
                if not Path(path).is_file():
                    raise InputError(f"there is no file {path}; check the path in the recipe or the flag")


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
