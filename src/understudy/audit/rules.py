"""Release gates over a world: every promise of the design as a rule that prints how many rows it looked at."""

from __future__ import annotations

from understudy.assets import file_hash
from understudy.audit.days import day_rules
from understudy.audit.documents import document_rules
from understudy.audit.finding import Finding, every
from understudy.audit.ledger import ledger_rules
from understudy.errors import WorldError
from understudy.store.world import World


def audit_world(world: World) -> list[Finding]:
    """Every rule's finding, in a fixed order; a world that is damaged so that its tables cannot be read fails at the first rule."""
    found = [checksums(world)]
    if any("missing" in problem for problem in found[0].offending):
        return found
    try:
        return [*found, *ledger_rules(world), *day_rules(world), *document_rules(world)]
    except Exception:
        if found[0].offending:
            return found  # what has changed cannot be read any more, and is named
        raise


def counts(world: World) -> list[str]:
    """The files that hold more or fewer rows than their parts say."""
    wrong = []
    for index in world.parts():
        for table, about in world.part(index)["tables"].items():
            path = str(world.path / table / f"{index:04d}.parquet").replace("'", "''")
            if world.sql(f"SELECT count(*) FROM read_parquet('{path}')")[1][0][0] != about["rows"]:
                wrong.append(f"{table}/{index:04d}.parquet does not hold the {about['rows']} rows that its part counts")
    return wrong


def checksums(world: World) -> Finding:
    """Every file is there and has the bytes and rows that its part was committed with."""
    rows, broken = 0, []
    if not world.parts():
        raise WorldError(f"{world.path} holds no finished community yet; run the same `understudy make` again")
    if not world.whole():
        broken.append("the world is not whole: make it again to go on")
    for index in world.parts():
        for table, about in world.part(index)["tables"].items():
            rows += 1
            path = world.path / table / f"{index:04d}.parquet"
            if not path.exists():
                broken.append(f"{table}/{index:04d}.parquet is missing")
            elif file_hash(path) != about["sha256"]:
                broken.append(f"{table}/{index:04d}.parquet has changed")
    if not (world.path / "organizations" / "world.parquet").exists():
        broken.append("organizations/world.parquet is missing")
    if not broken:
        broken += counts(world)
    return every("checksums hold", rows, broken)
