"""The user's own files reach the world: people, shares, profiles, persona lines, interests, attributes and news."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from understudy import Recipe, World, make
from understudy.audit.rules import audit_world
from understudy.population.guests import understand
from understudy.recipe import Inputs

PUMS = Path(__file__).parent / "population" / "pums"


def town(folder: Path, people: int = 12, days: int = 2, until: str = "persona", **inputs: Any) -> World:
    """A small town with these files."""
    recipe = Recipe.build({"people": people, "days": days, "seed": 7, "until": until, "inputs": inputs})
    return make(recipe, folder / "town", jobs=1)


def column(world: World, query: str) -> list[Any]:
    """The first column of a query."""
    return [row[0] for row in world.sql(query)[1]]


def sound(world: World) -> None:
    """Whatever the user brings, every promise holds."""
    broken = [f"{f.rule}: {f.offending[:3]}" for f in audit_world(world) if f.offending]
    assert not broken, "\n".join(broken)


# ------------------------------------------------------------------------------------------------------------ who lives there


def test_pums_households(tmp_path: Path) -> None:
    """Trap: the files are read, and people come from the default pool all the same."""
    world = town(tmp_path, people=20, pums=[PUMS / "psam_hxx.csv", PUMS / "psam_pxx.csv"])
    incomes = set(column(world, "select income from households"))
    assert incomes <= {98_000, 31_000, 150_000 * 1_042_311 // 1_000_000}
    assert len(incomes) > 1
    sound(world)


def test_distributions(tmp_path: Path) -> None:
    """Trap: shares are raked onto a pool from which nobody is drawn."""
    (tmp_path / "race.csv").write_text("race,share\nasian,1\n")
    (tmp_path / "work.csv").write_text("status,share\nretired,0\nprofessional,1\n")
    world = town(tmp_path, people=20, distributions=[tmp_path / "race.csv"])
    assert set(column(world, "select race_ethnicity from people p where date_diff('year', birth_date, date '2025-01-06') > 18")) == {"asian"}
    sound(world)


PROFILES = """given_name,family_name,sex,birth_date,interests.food.dish,background.possession.pet
Xiomara,Quillfeather,female,1979-05-17,pad see ew,a three-legged ferret
Torvald,Quillfeather,male,1951-11-02,,
"""


def test_profiles_are_kept_as_given(tmp_path: Path) -> None:
    """Trap: a profile is laid over somebody and then overwritten by what was drawn: a name by the household's, a fact by a catalogue's."""
    (tmp_path / "mine.csv").write_text(PROFILES)
    world = town(tmp_path, days=7, until="questions", profiles=tmp_path / "mine.csv")
    rows = world.sql("select id, given_name, family_name, sex, birth_date::varchar from people where family_name = 'Quillfeather' order by birth_date desc")[1]
    assert [row[1:] for row in rows] == [("Xiomara", "Quillfeather", "female", "1979-05-17"), ("Torvald", "Quillfeather", "male", "1951-11-02")]
    facts = dict(world.sql(f"select key, value from facts where person = '{rows[0][0]}' and because = 'profile'")[1])
    assert facts == {"interests.food.dish": "pad see ew", "background.possession.pet": "a three-legged ferret"}
    assert column(world, f"select value from facts where person = '{rows[0][0]}' and key = 'background.identity.age'") == ["45"]
    sound(world)


def test_every_profile_comes(tmp_path: Path) -> None:
    """Trap: a child of four, a widower of ninety, three of one name; the last rows find nobody who is like them and are dropped."""
    people = [
        {"given_name": "Ada", "age": age, "sex": sex}
        for age, sex in ((4, "female"), (9, "m"), (16, "F"), (33, "male"), (34, "female"), (61, "Male"), (90, "male"))
    ]
    (tmp_path / "mine.jsonl").write_text("\n\n".join(map(json.dumps, people)) + "\n")
    world = town(tmp_path, people=30, profiles=tmp_path / "mine.jsonl")
    ages = column(
        world,
        "select f.value from people p join facts f on f.person = p.id and f.key = 'background.identity.age' where given_name = 'Ada' order by f.value::int",
    )
    assert ages == [str(person["age"]) for person in people]
    sound(world)


@pytest.mark.parametrize("seed", [2, 8, 12])
def test_profiles_that_fit_nobody(tmp_path: Path, seed: int) -> None:
    """Trap: a child of five takes the place of a husband, or of a nurse, and stays one: in a small town there is no better place."""
    people = [{"given_name": "Ada", "age": age, "sex": "f"} for age in (5, 1, 17, 99)]
    (tmp_path / "mine.jsonl").write_text("\n".join(map(json.dumps, people)))
    recipe = Recipe.build({"people": 10, "days": 1, "seed": seed, "until": "life", "inputs": {"profiles": tmp_path / "mine.jsonl"}})
    world = make(recipe, tmp_path / "town", jobs=1)
    small = world.sql(
        "select status, occupation, employer, marital from people where given_name = 'Ada' and date_diff('day', birth_date, date '2025-01-06') < 365 * 7"
    )[1]
    assert small == [("child", "", None, "never married")] * 2
    assert not column(
        world, "select t.a from ties t join people p on p.id = t.a where t.kind = 'partner' and p.marital = 'never married' and p.status = 'child'"
    )
    sound(world)


def test_persona_lines(tmp_path: Path) -> None:
    """Trap: the line is kept nowhere, or what it says of job and pastimes has no hold on the facts."""
    lines = [
        "A registered nurse who loves gardening and baking bread",
        "A 71-year-old retired carpenter with a passion for chess",
        'A high school student who plays soccer, {broken} [and|or] "quotes"',
        "A grandmother who has seen it all",
        "Une retraitée à Québec, amatrice de jardinage 🌷",
    ]
    (tmp_path / "lines.jsonl").write_text("".join(json.dumps({"persona": line}) + "\n" for line in lines))
    world = town(tmp_path, people=30, days=7, until="questions", personas=tmp_path / "lines.jsonl")
    people = dict(world.sql("select persona, id from people where persona <> ''")[1])
    assert set(people) == set(lines)
    facts = {
        line: dict(world.sql(f"select key, value from facts where person = '{ident}' order by valid_from desc, id desc")[1]) for line, ident in people.items()
    }
    for line in lines:
        assert facts[line]["background.identity.persona"] == line
    assert facts[lines[0]]["career.job.profession"] == "registered nurse"
    assert facts[lines[0]]["interests.leisure.hobby"] == "baking sourdough", "bread and baking are its tags"
    assert facts[lines[1]]["background.identity.age"] == "71"
    assert facts[lines[1]]["interests.games.game"] == "chess"
    assert "career.job.profession" not in facts[lines[1]]
    assert facts[lines[2]]["interests.sport.sport"] == "soccer"
    assert int(facts[lines[2]]["background.identity.age"]) in range(13, 20)
    assert int(facts[lines[3]]["background.identity.age"]) >= 45
    assert facts[lines[3]]["background.identity.gender"] == "woman"
    sound(world)


# --------------------------------------------------------------------------------------------------- what they are like, and hear

IAB = """Relational ID System\t\tTiered Categories
Unique ID\tParent ID\tName\tTier 1\tTier 2\tTier 3\tTier 4
1\t\tGlassblowing\tGlassblowing\t\t\t
2\t1\tVases\tGlassblowing\tVases\t\t
3\t2\tMurano Vases\tGlassblowing\tVases\tMurano Vases\t
4\t\tKites\tKites\t\t\t
5\t4\tStunt Kites\tKites\tStunt Kites\t\t
6\t\tTidal Pools\tTidal Pools\t\t\t
"""
PATHS = {"Glassblowing > Vases > Murano Vases", "Kites > Stunt Kites", "Tidal Pools"}


@pytest.mark.parametrize("form", ["tsv", "yaml"])
def test_an_interest_taxonomy(tmp_path: Path, form: str) -> None:
    """Trap: header rows become interests, inner nodes count as leaves, or the default tree shines through."""
    file = tmp_path / f"tree.{form}"
    file.write_text(IAB if form == "tsv" else "Glassblowing:\n  Vases: [Murano Vases]\nKites: [Stunt Kites]\nTidal Pools:\n")
    world = town(tmp_path, interests=file)
    assert set(column(world, "select distinct unnest(anchors) from people")) == PATHS
    sound(world)


ATTRIBUTES = """attributes:
  - {key: traits.quirk.umbrella_color, label: umbrella color, type: choice, from: {choice: {chartreuse: 1, "burnt umber": 2}}, openness: 0.95}
  - {key: behaviors.home.odd_label, label: "<odd> {label} [a|b]", from: {choice: {"value with {braces} and <angles>": 1}}, who: {age: [30, 60]}}
"""


def test_further_attributes(tmp_path: Path) -> None:
    """Trap: the file is hashed into the identity and then forgotten; or its keys are unknown to the audit; or its words are read as grammar."""
    (tmp_path / "more.yaml").write_text(ATTRIBUTES)
    world = town(tmp_path, days=14, until="questions", attributes=tmp_path / "more.yaml")
    values = column(world, "select value from facts where key = 'traits.quirk.umbrella_color'")
    assert len(values) == 12
    assert set(values) == {"chartreuse", "burnt umber"}
    odd = "value with {braces} and <angles>"
    grown = column(
        world, "select p.id from people p join facts f on f.person = p.id and f.key = 'background.identity.age' where f.value::int between 30 and 60 order by 1"
    )
    assert column(world, f"select person from facts where key = 'behaviors.home.odd_label' and value = '{odd}' order by 1") == grown
    told = column(
        world, "select a.text from reveals r join facts f on f.id = r.fact join artifacts a on a.id = r.artifact where f.key = 'traits.quirk.umbrella_color'"
    )
    assert told, "an open attribute comes out in talk"
    assert all("chartreuse" in text.lower() or "burnt umber" in text.lower() for text in told)
    sound(world)


def test_news(tmp_path: Path) -> None:
    """Trap: items are counted and never touched; a title with brackets is read as grammar."""
    titles = ["Ferry to Marrow Island halted", "Council votes [again] on <parking> {meters} | nobody surprised", "Record\ncrowd at the chili cook-off."]
    rows = [{"date": "2025-01-07", "title": title, "summary": "Short.", "source": "The Valley Wire"} for title in titles]
    (tmp_path / "news.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    world = town(tmp_path, days=7, until="questions", news=tmp_path / "news.jsonl")
    touched = dict(world.sql("select news, list(text) from artifacts where news is not null group by news")[1])
    assert set(touched) == {"user00001", "user00002", "user00003"}
    assert all("ferry to marrow island halted" in text.lower() for text in touched["user00001"])
    assert all("parking" in text.lower() for text in touched["user00002"])
    sound(world)


# ---------------------------------------------------------------------------------------------------------------- files


def test_a_changed_file_is_another_recipe(tmp_path: Path) -> None:
    """Trap: what was read before is kept by its name, and a corrected file changes nothing until the next process."""
    file = tmp_path / "lines.jsonl"
    file.write_text('{"persona": "A retired nurse who keeps bees"}\n')
    first = town(tmp_path, personas=file)
    assert column(first, "select persona from people where persona <> ''") == ["A retired nurse who keeps bees"]
    before = Recipe(inputs=Inputs(personas=file)).identity()
    file.write_text('{"persona": "A retired nurse who keeps goats"}\n')
    assert Recipe(inputs=Inputs(personas=file)).identity() != before
    second = town(tmp_path / "again", personas=file)
    assert column(second, "select persona from people where persona <> ''") == ["A retired nurse who keeps goats"]


def test_where_a_file_lies_does_not_matter(tmp_path: Path) -> None:
    """Trap: a path in the identity: the same recipe on another machine is another world."""
    idents = set()
    for name in ("here", "there"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "lines.jsonl").write_text('{"persona": "A retired nurse who keeps bees"}\n')
        idents.add(Recipe(inputs=Inputs(personas=tmp_path / name / "lines.jsonl")).identity())
    assert len(idents) == 1


@pytest.mark.parametrize(
    ("line", "job"),
    [
        ("A registered nurse who loves gardening", "registered nurse"),
        ("a grumpy truck driver with a parrot", "truck driver"),
        ("A fisherman's daughter who loves jazz", None),
        ("An avid reader and history buff", None),
        ("A man who once wanted to be a pilot", None),
        ("A retired welder who breeds canaries", None),
    ],
)
def test_jobs_are_read_out_of_lines(line: str, job: str | None) -> None:
    """Trap: a word that is also the end of some job title makes a reader a meter reader."""
    assert understand(line).fields.get("occupation") == job
