"""The content files keep what the docs promise: counts, formats, no dangling names."""

from __future__ import annotations

from collections import Counter

import pytest

from understudy import assets
from understudy.artifacts.kinds import KINDS
from understudy.authoring.check import check_all
from understudy.community.town import kinds, national
from understudy.language import phrasebook
from understudy.ontology.attributes import TIERS, attributes
from understudy.ontology.interests import from_iab, nodes, paths
from understudy.ontology.modules import modules
from understudy.ontology.values import entries, rules

ENTRY_FIELDS = {"v", "w", "born", "age", "sex", "income", "region", "lean", "tags"}


def test_no_content_file_has_a_problem() -> None:
    assert check_all() == []


def test_130_attributes_in_seven_tiers() -> None:
    found = attributes()
    assert len(found) == 130
    assert {a.tier for a in found.values()} == set(TIERS)


def test_every_attribute_can_be_said_and_asked() -> None:
    sayings = phrasebook.sayings()
    silent = [key for key in attributes() if key not in sayings or not sayings[key].manners.get("like")]
    assert not silent, silent


def test_every_personabench_key_has_its_counterpart() -> None:
    mapping = assets.data("data/ontology/personabench.yaml")
    text = str(mapping)
    named = {key for key in attributes() if key in text}
    assert len(named) >= 48
    groups = mapping["groups"]
    tiers = {tier for group in groups.values() for tier in (group if isinstance(group, list) else [group])}
    assert set(TIERS) <= tiers | set(groups)


def test_interest_taxonomy() -> None:
    """The trap: counting the same name twice, or leaves such as 'Other'."""
    everything = nodes()
    names = Counter(path[-1].lower() for path in everything)
    assert len(everything) >= 1800
    assert len({path[0] for path in paths()}) >= 25
    assert {len(path) for path in paths()} <= {3, 4, 5, 6}
    assert [n for n, count in names.items() if count > 1] == []
    assert not {"other", "general", "misc", "various"} & set(names)


def test_iab_taxonomy_is_read() -> None:
    rows = [
        ["Unique ID", "Parent ID", "Name", "Tier 1", "Tier 2"],
        ["1", "", "Music", "Music", ""],
        ["2", "1", "Jazz", "Music", "Jazz"],
        ["3", "1", "Blues", "Music", "Blues"],
    ]
    assert from_iab(rows) == (("Music", "Jazz"), ("Music", "Blues"))


def test_activities() -> None:
    activities = assets.data("data/ontology/activities.yaml")
    assert len(activities["intents"]) == 18
    assert 20 <= len(activities["categories"]) <= 25


def test_at_least_forty_modules_some_three_deep() -> None:
    found = modules()
    assert len(found) >= 40

    def depth(module, name: str) -> int:  # type: ignore[no-untyped-def]
        return 1 + max((depth(module, child) for child in module.children(name)), default=0)

    assert sum(depth(m, m.root) >= 3 for m in found.values()) >= 20
    assert all(m.source for m in found.values() if m.rate is not None)


@pytest.mark.parametrize("path", assets.folder("data/catalogues"), ids=lambda p: p.stem)
def test_catalogue(path) -> None:  # type: ignore[no-untyped-def]
    """Entries have values, known fields and no doubles."""
    content = assets.data(f"data/catalogues/{path.name}")
    if "entries" not in content:
        return
    assert content.get("source"), f"{path.name} names no source"
    unknown = {field for entry in content["entries"] for field in entry if field not in ENTRY_FIELDS}
    assert not unknown
    values = Counter((str(e["v"]), str(e.get("age")), str(e.get("born")), str(e.get("sex"))) for e in content["entries"])
    assert [v for v, n in values.items() if n > 1] == []


def test_every_catalogue_of_an_attribute_fits_everyone_somewhere() -> None:
    for attribute in attributes().values():
        if attribute.source.catalogue:
            assert len(entries(attribute.source.catalogue)) >= 5, attribute.key


def test_rules_speak_of_known_keys() -> None:
    known = set(attributes())
    for rule in rules():
        on = rule["on"] if isinstance(rule["on"], list) else [rule["on"]]
        assert all(key == "*" or key in known for key in on), rule["name"]
        assert all(key.startswith("field.") or key in known for key in rule["if"]), rule["name"]
        assert ("forbid" in rule) != ("allow" in rule), rule["name"]


def test_national_organizations_have_one_id_and_a_reserved_domain() -> None:
    found = national()
    assert len({o.id for o in found}) == len(found) > 100
    assert all(o.domain.endswith(".example") for o in found)


def test_feeds_and_daily_things_name_organizations_that_exist() -> None:
    known = set(kinds())
    assert {f["org"] for f in phrasebook.feeds()} <= known
    assert {e["org"] for e in phrasebook.daily()["purchases"]} <= known


def test_every_kind_can_be_written_by_some_words() -> None:
    """A kind nobody can leave behind is dead; a module that leaves an unknown kind is broken."""
    left = {leaf.kind for module in modules().values() for node in module.events.values() for leaf in node.leaves}
    assert left == set(KINDS)


def test_data_files_have_a_source() -> None:
    sources = (assets.HERE / "data/SOURCES.md").read_text()
    for folder in ("census", "names", "catalogues", "modules", "ontology"):
        assert folder in sources
