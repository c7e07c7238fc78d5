"""Audit of what is left behind: participants know each other, reveals are really there, noise gives nothing away, keys are proved."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

from understudy.audit.finding import Finding, by_sql, every
from understudy.critics.checks import contained, gives_away
from understudy.critics.outside import INVENTED, REAL
from understudy.model.clock import WEEKDAYS, Clock, date_text, hour_text
from understudy.store.world import World

TURNS = "json_extract_string(a.payload, '$.turns[' || r.turn || '].text')"


def document_rules(world: World) -> Iterator[Finding]:
    """Every rule about artifacts, reveals and questions."""
    yield acquainted(world)
    yield by_sql(
        world, "replies come after what they answer, in the same thread", "SELECT count(*) FROM artifacts WHERE reply_to IS NOT NULL",
        "SELECT a.id FROM artifacts a JOIN artifacts b ON b.id = a.reply_to WHERE a.time <= b.time OR a.thread IS DISTINCT FROM b.thread OR a.kind <> b.kind",
    )  # fmt: skip
    yield turns(world)
    yield by_sql(
        world, "purchases add up and have a merchant", "SELECT count(*) FROM artifacts WHERE kind = 'purchase'",
        "SELECT id FROM artifacts WHERE kind = 'purchase' AND (CAST(json_extract(payload, '$.total_cents') AS BIGINT) <> "
        "list_sum(CAST(json_extract(payload, '$.items[*].cents') AS BIGINT[])) OR json_extract_string(payload, '$.merchant') = '' "
        "OR list_min(CAST(json_extract(payload, '$.items[*].cents') AS BIGINT[])) < 0)",
    )  # fmt: skip
    yield by_sql(
        world, "calendar entries have one UID and end after they start", "SELECT count(*) FROM artifacts WHERE kind = 'calendar'",
        "SELECT id FROM artifacts WHERE kind = 'calendar' AND json_extract_string(payload, '$.ends') <= json_extract_string(payload, '$.starts') "
        "UNION ALL SELECT min(id) FROM artifacts WHERE kind = 'calendar' GROUP BY json_extract_string(payload, '$.uid'), "
        "json_extract(payload, '$.sequence') HAVING count(*) > 1 UNION ALL SELECT b.id FROM artifacts a JOIN artifacts b ON json_extract_string(b.payload, '$.of') = a.id "
        "WHERE b.kind = 'calendar' AND (b.time <= a.time OR b.people <> a.people OR json_extract_string(a.payload, '$.uid') <> json_extract_string(b.payload, '$.uid'))",
    )  # fmt: skip
    yield by_sql(
        world, "bank entries match what was bought, to the cent", "SELECT count(*) FROM artifacts WHERE kind = 'transaction'",
        "SELECT t.id FROM artifacts t JOIN artifacts p ON p.id = json_extract_string(t.payload, '$.of') WHERE t.kind = 'transaction' AND (p.kind <> 'purchase' OR "
        "abs(CAST(json_extract(t.payload, '$.amount_cents') AS BIGINT)) <> CAST(json_extract(p.payload, '$.total_cents') AS BIGINT) OR "
        "(json_extract_string(t.payload, '$.step') = 'paid') <> (CAST(json_extract(t.payload, '$.amount_cents') AS BIGINT) < 0) OR "
        "json_extract_string(t.payload, '$.merchant') <> json_extract_string(p.payload, '$.merchant') OR NOT list_contains(list_transform(t.people, lambda x: x.person), p.author)) "
        "UNION ALL SELECT id FROM artifacts WHERE kind = 'transaction' AND CAST(json_extract(payload, '$.amount_cents') AS BIGINT) = 0",
    )  # fmt: skip
    yield by_sql(
        world, "what follows of itself follows something, and comes after it", "SELECT count(*) FROM artifacts WHERE json_extract_string(payload, '$.of') IS NOT NULL",
        "SELECT b.id FROM artifacts b LEFT JOIN artifacts a ON a.id = json_extract_string(b.payload, '$.of') WHERE json_extract_string(b.payload, '$.of') IS NOT NULL "
        "AND (a.id IS NULL OR b.time < a.time OR (b.kind = 'document' AND (a.kind <> 'email' OR b.people <> a.people)))",
    )  # fmt: skip
    yield spans(world)
    yield by_sql(
        world, "a fact is revealed only while it holds, or as past", "SELECT count(*) FROM reveals WHERE fact IS NOT NULL",
        "SELECT r.artifact FROM reveals r JOIN artifacts a ON a.id = r.artifact JOIN facts f ON f.id = r.fact WHERE (r.how <> 'past' AND (a.time < f.valid_from "
        "OR a.time >= coalesce(f.valid_to, TIMESTAMP '9999-01-01'))) OR (r.how = 'past' AND a.time < coalesce(f.valid_to, TIMESTAMP '9999-01-01'))",
    )  # fmt: skip
    yield knowers(world)
    yield noise(world)
    yield evidence(world)
    yield by_sql(
        world, "no newer fact contradicts an answer, and no question holds it", "SELECT count(*) FROM questions",
        "SELECT q.id FROM (SELECT id, as_of, text, answers, UNNEST(facts) AS fact FROM questions) q JOIN facts f ON f.id = q.fact "
        "WHERE f.valid_from > q.as_of OR f.valid_to <= q.as_of UNION ALL "
        "SELECT id FROM (SELECT id, text, UNNEST(answers) AS answer FROM questions) WHERE contains(lower(text), lower(answer))",
    )  # fmt: skip
    yield identifiers(world)
    yield nobody_real(world)


def acquainted(world: World) -> Finding:
    """Whoever takes part knows the author: a tie, the same roof, the same club, or the author (or the other) is an organization."""
    rows = int(world.sql("SELECT coalesce(sum(len(people)), 0) FROM artifacts")[1][0][0])
    query = """SELECT a.id FROM (SELECT id, author, UNNEST(people).person AS other FROM artifacts WHERE NOT starts_with(author, 'org.') AND author LIKE '%.p%') a
        JOIN people x ON x.id = a.author JOIN people y ON y.id = a.other
        WHERE a.author <> a.other AND x.household <> y.household AND NOT EXISTS (SELECT 1 FROM ties t WHERE t.a = a.author AND t.b = a.other)"""
    broken = [str(r[0]) for r in world.sql(f"SELECT * FROM ({query}) LIMIT 20")[1]]
    listed = "SELECT id FROM artifacts WHERE NOT list_contains(list_transform(people, lambda x: x.person), author)"
    broken += [f"{r[0]} (its author is not listed)" for r in world.sql(f"{listed} LIMIT 5")[1]]
    return every("participants know each other or the organization", rows, broken)


def turns(world: World) -> Finding:
    """Turns are spoken by participants, in the order of time, and make up the text."""
    rows, broken = 0, []
    for index in world.parts():
        names = {p.id: p.given_name for p in world.rows("people", index)}  # type: ignore[attr-defined]
        for artifact in world.rows("artifacts", index, "kind IN ('message', 'chat')"):
            rows += 1
            a: Any = artifact
            people = {p.person for p in a.people} | ({"assistant"} if a.kind == "chat" else set())
            spoken = a.payload.get("turns", [])
            times = [t["time"] for t in spoken]
            joined = "\n".join(f"{names.get(t['speaker'], 'Assistant')}: {t['text']}" for t in spoken)
            if not spoken or times != sorted(times) or any(t["speaker"] not in people for t in spoken) or joined != a.text:
                broken.append(a.id)
    return every("turns are by participants, in order, and make the text", rows, broken)


def spans(world: World) -> Finding:
    """Every reveal's span lies in its text and holds the value (or the detail) that it is said to reveal; what only a critic vouches for is a quotation."""
    rows, broken = 0, []
    start, days = date.fromisoformat(world.manifest["recipe"]["start"]), world.manifest["recipe"]["days"]
    names = {p.id: p.name for p in world.rows("places")}  # type: ignore[attr-defined]
    for index in world.parts():
        zone = world.sql(f"SELECT timezone FROM people WHERE community = {index} LIMIT 1")[1]
        clock = Clock(start, days, zone[0][0]) if zone else None
        events: dict[str, Any] = {e.id: e for e in world.rows("events", index)}  # type: ignore[attr-defined]
        query = f"""SELECT r.artifact, r.event, r.detail, r.span, f.value, r.by, r.turn, CASE WHEN r.turn IS NULL THEN a.text ELSE {TURNS} END
            FROM reveals r JOIN artifacts a ON a.id = r.artifact LEFT JOIN facts f ON f.id = r.fact WHERE r.artifact LIKE 'c{index:04d}.%'"""
        for artifact, event, detail, span, value, by, turn, text in world.sql(query)[1]:
            rows += 1
            said = (text or "")[span[0] : span[1]].lower() if len(span) == 2 and 0 <= span[0] < span[1] <= len(text or "") else ""
            if by == "critic":
                right = bool(said)
            elif value is not None:
                right = bool(said) and (said == value.lower() or said == value.split(" ")[0].lower())
            else:
                right = bool(said) and clock is not None and event in events and said == _detail(events[event], detail, clock, names).lower()
            if not right:
                broken.append(f"{artifact}{'' if turn is None else f' turn {turn}'} ({value or detail})")
    return every("every reveal's span is really there", rows, broken)


def _detail(event: Any, detail: str, clock: Clock, names: dict[str, str]) -> str:
    minute = clock.minute(event.starts)
    times = {
        "day": WEEKDAYS[clock.weekday(minute)],
        "date": date_text(clock.date(minute)),
        "time": hour_text(minute),
        "place": names.get(event.place or "", ""),
    }
    found = event.details.get(detail)
    return str(found) if found is not None else times.get(detail, "")


def knowers(world: World) -> Finding:
    """Who reveals a fact is its person, an organization in the event, or was there when it had come out before."""
    rows, broken = 0, []
    known: dict[str, set[str]] = {}
    owner = dict(world.sql("SELECT id, person FROM facts")[1])
    query = """SELECT r.artifact, r.fact, r.speaker, r.how, r.turn, list_transform(a.people, lambda x: x.person) FROM reveals r JOIN artifacts a ON a.id = r.artifact
        WHERE r.fact IS NOT NULL ORDER BY a.time, r.artifact, coalesce(r.turn, 0), r.span[1]"""
    for artifact, fact, speaker, how, _, people in world.sql(query)[1]:
        rows += 1
        person = owner.get(fact)
        is_person = ".p" in speaker
        if speaker != person and is_person and speaker not in known.get(fact, ()):
            broken.append(f"{artifact} ({speaker} on {fact})")
        if how == "told" and speaker == person:
            broken.append(f"{artifact} ({fact} is the speaker's own)")
        known.setdefault(fact, set()).update(people)
    return every("a fact is revealed only by one who can know it", rows, broken)


def noise(world: World) -> Finding:
    """Noise reveals nothing, has a rank, and holds no value of its participants' facts."""
    rows = int(world.sql("SELECT count(*) FROM artifacts WHERE noise")[1][0][0])
    broken = [
        str(r[0])
        for r in world.sql("SELECT id FROM artifacts WHERE noise AND (rank IS NULL OR event IS NOT NULL) OR (NOT noise AND rank IS NOT NULL) LIMIT 20")[1]
    ]
    broken += [str(r[0]) for r in world.sql("SELECT r.artifact FROM reveals r JOIN artifacts a ON a.id = r.artifact WHERE a.noise LIMIT 20")[1]]
    for index in world.parts():
        values: dict[str, list[str]] = {}
        for fact in world.rows("facts", index):
            if gives_away(fact.value):  # type: ignore[attr-defined]
                values.setdefault(fact.person, []).append(fact.value)  # type: ignore[attr-defined]
        groups = {person: tuple(found) for person, found in values.items()}
        for artifact in world.rows("artifacts", index, "noise AND kind IN ('message', 'chat', 'purchase')"):
            a: Any = artifact
            said = (
                "\n".join(t["text"] for t in a.payload.get("turns", ())) or a.text
            )  # the text names its speakers, and who is called Christian reveals no faith
            leaked = contained(said if a.kind == "purchase" else f"{a.title}\n{said}", *[groups[p.person] for p in a.people if p.person in groups])
            if leaked:
                broken.append(f"{a.id} ({leaked[0]})")
    return every("noise gives nothing away", rows, broken)


def evidence(world: World) -> Finding:
    """Every alternative of every claim reveals its fact as holding, within the asked person's reach, before the question's time."""
    shown: dict[tuple[str, str], bool] = {
        (str(a), str(f)): True for a, f in world.sql("SELECT artifact, fact FROM reveals WHERE fact IS NOT NULL AND how <> 'past'")[1]
    }
    reach: dict[str, set[str]] = {}
    times: dict[str, datetime] = {}
    cited = "SELECT DISTINCT UNNEST(flatten(flatten(evidence))) FROM questions"
    for ident, people, when in world.sql(f"SELECT id, list_transform(people, lambda x: x.person), time FROM artifacts WHERE id IN ({cited})")[1]:
        times[ident] = when
        for person in people:
            reach.setdefault(person, set()).add(ident)
    values = dict(world.sql("SELECT id, value FROM facts")[1])
    rows, broken = 0, []
    for question in world.rows("questions"):
        q: Any = question
        rows += 1
        good = len(q.evidence) == len(q.facts) and all(q.evidence) and all(a in {values.get(f) for f in q.facts} for a in q.answers)
        for claim, fact in zip(q.evidence, q.facts, strict=False):
            for alternative in claim:
                good &= any(shown.get((a, fact)) for a in alternative) and all(
                    a in reach.get(q.person, ()) and a in times and times[a] <= q.as_of for a in alternative
                )
        if not good:
            broken.append(q.id)
    return every("every question's evidence reveals its answer", rows, broken)


def identifiers(world: World) -> Finding:
    """Addresses and domains end in .example (RFC 2606); numbers are 555-0100 to 0199 (NANP), each once in a community."""
    return by_sql(
        world, "every identifier is of a reserved kind", "SELECT (SELECT count(*) FROM people) + (SELECT count(*) FROM organizations)",
        r"SELECT id FROM people WHERE NOT regexp_full_match(email, '[^@\s]+@[a-z0-9.-]+\.example') OR NOT regexp_full_match(phone, '\+1 \d{3} 555 01\d\d') "
        "UNION ALL SELECT min(id) FROM people GROUP BY community, phone HAVING count(*) > 1 "
        "UNION ALL SELECT min(id) FROM people GROUP BY email HAVING count(*) > 1 "
        r"UNION ALL SELECT id FROM organizations WHERE NOT regexp_full_match(domain, '[a-z0-9.-]+\.example')",
    )  # fmt: skip


def nobody_real(world: World) -> Finding:
    """No text holds a link, an address or a number that could be somebody's."""
    rows, broken = int(world.sql("SELECT count(*) FROM artifacts")[1][0][0]), []
    likely = r"@|://|www\.|\.(com|org|net|gov|edu|io|info|biz)\b|\d{3}[ .-]\d{4}|\d{10}"  # few texts have any of it, and DuckDB finds them quickly
    for ident, title, text in world.sql(f"SELECT id, title, text FROM artifacts WHERE regexp_matches(concat(title, chr(10), text), '{likely}', 'i')")[1]:
        found = next((m for m in REAL.finditer(f"{title}\n{text}") if not INVENTED.search(m.group())), None)
        if found:
            broken.append(f"{ident} ({found.group()})")
    return every("no text holds what could hit somebody", rows, broken)
