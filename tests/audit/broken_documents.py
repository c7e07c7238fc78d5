"""Ways of breaking what is left behind: artifacts, reveals, noise, questions."""

from __future__ import annotations

import json
from datetime import timedelta

from damage import Damage
from ways import way

from understudy.critics.checks import gives_away

NOBODY = "c0000.zz99"

# ------------------------------------------------------------------------------------------------------------ artifacts


@way("participants know each other or the organization")
def mail_between_strangers(d: Damage) -> str:
    ident, a, b = d.row(
        "SELECT m.id, x.id, y.id FROM artifacts m JOIN people x ON x.id = m.author JOIN people y ON list_contains(list_transform(m.people, lambda p: p.person), y.id) "
        "WHERE m.kind IN ('email', 'message') AND x.household <> y.household ORDER BY m.id"
    )
    d.untie(a, b)
    return str(ident)


@way("participants know each other or the organization")
def author_who_is_not_listed(d: Damage) -> str:
    ident, other = d.row(
        "SELECT m.id, x.id FROM artifacts m JOIN people x ON NOT list_contains(list_transform(m.people, lambda p: p.person), x.id) WHERE m.kind = 'note' ORDER BY m.id, x.id"
    )
    return d.set("artifacts", ident, author=other)


@way("replies come after what they answer, in the same thread")
def reply_before_its_mail(d: Damage) -> str:
    ident, time = d.row("SELECT a.id, b.time FROM artifacts a JOIN artifacts b ON b.id = a.reply_to ORDER BY a.id")
    return d.set("artifacts", ident, time=time - timedelta(minutes=1))


@way("replies come after what they answer, in the same thread")
def reply_in_another_thread(d: Damage) -> str:
    return d.set("artifacts", d.one("SELECT id FROM artifacts WHERE reply_to IS NOT NULL ORDER BY id"), thread="c0000.t99999")


@way("turns are by participants, in order, and make the text")
def turn_by_someone_who_is_not_there(d: Damage) -> str:
    ident, other = d.row(
        "SELECT m.id, x.id FROM artifacts m JOIN people x ON NOT list_contains(list_transform(m.people, lambda p: p.person), x.id) WHERE m.kind = 'message' ORDER BY m.id, x.id"
    )
    payload = d.payload(ident)
    payload["turns"][0]["speaker"] = other
    return d.set("artifacts", ident, payload=json.dumps(payload))


@way("turns are by participants, in order, and make the text")
def turn_that_the_text_leaves_out(d: Damage) -> str:
    ident = d.one("SELECT id FROM artifacts WHERE kind = 'chat' ORDER BY id")
    payload = d.payload(ident)
    payload["turns"].append({**payload["turns"][-1], "text": "One more thing."})
    return d.set("artifacts", ident, payload=json.dumps(payload))


@way("turns are by participants, in order, and make the text")
def turns_out_of_order(d: Damage) -> str:
    ident = d.one("SELECT id FROM artifacts WHERE kind = 'chat' ORDER BY id")
    payload = d.payload(ident)
    payload["turns"][0]["time"] = "2031-01-01T00:00:00"
    return d.set("artifacts", ident, payload=json.dumps(payload))


@way("purchases add up and have a merchant")
def purchase_that_does_not_add_up(d: Damage) -> str:
    ident = d.one("SELECT id FROM artifacts WHERE kind = 'purchase' ORDER BY id")
    payload = d.payload(ident)
    payload["total_cents"] += 1
    return d.set("artifacts", ident, payload=json.dumps(payload))


@way("calendar entries have one UID and end after they start")
def two_calendar_entries_of_one_uid(d: Damage) -> str:
    ident, other = d.row("SELECT min(id), max(id) FROM artifacts WHERE kind = 'calendar'")
    payload = d.payload(other)
    payload["uid"] = d.payload(ident)["uid"]
    d.set("artifacts", other, payload=json.dumps(payload))
    return str(ident)


@way("calendar entries have one UID and end after they start")
def calendar_entry_that_ends_before_it_starts(d: Damage) -> str:
    ident = d.one("SELECT max(id) FROM artifacts WHERE kind = 'calendar'")
    payload = d.payload(ident)
    payload["starts"], payload["ends"] = payload["ends"], payload["starts"]
    return d.set("artifacts", ident, payload=json.dumps(payload))


@way("every identifier is of a reserved kind")
def real_address_of_a_person(d: Damage) -> str:
    return d.set("people", d.one("SELECT min(id) FROM people"), email="someone@gmail.com")


@way("every identifier is of a reserved kind")
def phone_of_a_real_kind(d: Damage) -> str:
    return d.set("people", d.one("SELECT min(id) FROM people"), phone="+1 212 736 5000")


@way("every identifier is of a reserved kind")
def real_domain_of_an_organization(d: Damage) -> str:
    return d.set("organizations", d.one("SELECT min(id) FROM organizations"), domain="ibm.com")


# ---------------------------------------------------------------------------------------------- reveals, noise, questions


@way("every reveal's span is really there")
def span_moved(d: Damage) -> str:
    artifact, fact, span = d.row("SELECT artifact, fact, span FROM reveals WHERE fact IS NOT NULL ORDER BY artifact")
    d.change("reveals", "UPDATE reveals SET span = ? WHERE artifact = ? AND fact = ?", [[span[0] + 1, span[1] + 1], artifact, fact])
    return str(artifact)


@way("every reveal's span is really there")
def implication_beyond_its_text(d: Damage) -> str:
    """What a model only implied need not hold the value, but a quotation has to stand somewhere."""
    ident = d.one("SELECT artifact FROM reveals WHERE turn IS NOT NULL ORDER BY artifact")
    d.change("reveals", "UPDATE reveals SET \"by\" = 'critic', span = [0, 100000] WHERE artifact = ?", [ident])
    return str(ident)


@way("every reveal's span is really there")
def span_in_another_turn(d: Damage) -> str:
    artifact, fact, turn = d.row("SELECT artifact, fact, turn FROM reveals WHERE fact IS NOT NULL AND turn IS NOT NULL ORDER BY artifact")
    d.change("reveals", "UPDATE reveals SET turn = ? WHERE artifact = ? AND fact = ?", [turn + 40, artifact, fact])
    return str(artifact)


@way("a fact is revealed only while it holds, or as past")
def fact_revealed_after_it_ended(d: Damage) -> str:
    artifact, fact, time = d.row(
        "SELECT r.artifact, r.fact, a.time FROM reveals r JOIN artifacts a ON a.id = r.artifact WHERE r.fact IS NOT NULL ORDER BY a.time DESC"
    )
    d.set("facts", fact, valid_to=time - timedelta(minutes=1))
    return str(artifact)


@way("a fact is revealed only while it holds, or as past")
def fact_called_past_that_still_holds(d: Damage) -> str:
    artifact, fact = d.row("SELECT artifact, fact FROM reveals WHERE fact IS NOT NULL AND how <> 'past' ORDER BY artifact")
    d.change("reveals", "UPDATE reveals SET how = 'past' WHERE artifact = ? AND fact = ?", [artifact, fact])
    return str(artifact)


@way("a fact is revealed only by one who can know it")
def third_person_who_was_never_told(d: Damage) -> str:
    artifact, fact, other = d.row("""
        SELECT r.artifact, r.fact, p.person FROM (SELECT r.*, a.people, a.kind FROM reveals r JOIN artifacts a ON a.id = r.artifact WHERE r.fact IS NOT NULL
            QUALIFY row_number() OVER (PARTITION BY r.fact ORDER BY a.time, r.artifact, coalesce(r.turn, 0)) = 1) r
        JOIN facts f ON f.id = r.fact, UNNEST(r.people) AS u(p) WHERE r.speaker = f.person AND r.kind IN ('message', 'email') AND p.person LIKE '%.p%' AND p.person <> f.person
        ORDER BY r.artifact, p.person""")
    d.change("reveals", "UPDATE reveals SET speaker = ?, how = 'told' WHERE artifact = ? AND fact = ?", [other, artifact, fact])
    return str(artifact)


@way("noise gives nothing away")
def noise_with_a_reveal(d: Damage) -> str:
    artifact, fact = d.row("SELECT artifact, fact FROM reveals WHERE fact IS NOT NULL ORDER BY artifact")
    noise = d.one("SELECT id FROM artifacts WHERE noise ORDER BY id")
    d.change("reveals", "UPDATE reveals SET artifact = ? WHERE artifact = ? AND fact = ?", [noise, artifact, fact])
    return str(noise)


@way("noise gives nothing away")
def noise_that_holds_a_fact_of_who_is_there(d: Damage) -> str:
    ident, author, text = d.row("SELECT id, author, text FROM artifacts WHERE noise AND kind = 'message' ORDER BY id")
    values = d.one(f"SELECT list(value ORDER BY id) FROM facts WHERE person = '{author}' AND because = 'persona'")
    value = next(v for v in values if gives_away(v))
    payload = d.payload(ident)
    payload["turns"].append({**payload["turns"][-1], "text": f"So, {value} it is"})
    return d.set("artifacts", ident, payload=json.dumps(payload), text=f"{text}\nSomebody: So, {value} it is")


@way("noise gives nothing away")
def noise_without_a_rank(d: Damage) -> str:
    return d.set("artifacts", d.one("SELECT id FROM artifacts WHERE noise ORDER BY id"), rank=None)


SINGLE = "SELECT * FROM questions WHERE len(facts) = 1 AND hops = 1"


@way("every question's evidence reveals its answer")
def evidence_without_the_answer(d: Damage) -> str:
    """The document is within reach and old enough; it only does not say it."""
    question, artifact = d.row(
        f"SELECT q.id, a.id FROM ({SINGLE}) q JOIN artifacts a ON a.time <= q.as_of AND list_contains(list_transform(a.people, lambda p: p.person), q.person) "
        "AND NOT EXISTS (SELECT 1 FROM reveals r WHERE r.artifact = a.id AND r.fact = q.facts[1]) ORDER BY q.id, a.id"
    )
    return d.set("questions", question, evidence=[[[artifact]]])


@way("every question's evidence reveals its answer")
def evidence_that_another_person_has(d: Damage) -> str:
    question, other = d.row(
        "SELECT q.id, p.id FROM questions q JOIN people p ON NOT EXISTS (SELECT 1 FROM artifacts a WHERE list_contains(flatten(flatten(q.evidence)), a.id) "
        "AND list_contains(list_transform(a.people, lambda x: x.person), p.id)) ORDER BY q.id, p.id"
    )
    return d.set("questions", question, person=other)


@way("every question's evidence reveals its answer")
def evidence_from_after_the_question(d: Damage) -> str:
    question, time = d.row(f"SELECT q.id, a.time FROM ({SINGLE}) q JOIN artifacts a ON a.id = q.evidence[1][1][1] ORDER BY q.id")
    return d.set("questions", question, as_of=time - timedelta(minutes=1))


@way("every question's evidence reveals its answer")
def answer_that_is_no_fact(d: Damage) -> str:
    return d.set("questions", d.one(f"SELECT id FROM ({SINGLE}) ORDER BY id"), answers=["forty-two camels"])


@way("bank entries match what was bought, to the cent")
def bank_entry_of_another_amount(d: Damage) -> str:
    ident = d.one("SELECT min(id) FROM artifacts WHERE kind = 'transaction' AND json_extract_string(payload, '$.of') IS NOT NULL")
    payload = d.payload(ident)
    payload["amount_cents"] -= 1
    return d.set("artifacts", ident, payload=json.dumps(payload))


@way("bank entries match what was bought, to the cent")
def money_that_comes_in_for_what_was_bought(d: Damage) -> str:
    ident = d.one(
        "SELECT max(id) FROM artifacts WHERE kind = 'transaction' AND json_extract_string(payload, '$.step') = 'paid' AND json_extract_string(payload, '$.of') IS NOT NULL"
    )
    payload = d.payload(ident)
    payload["amount_cents"] = -payload["amount_cents"]
    return d.set("artifacts", ident, payload=json.dumps(payload))


@way("what follows of itself follows something, and comes after it")
def mail_of_an_order_that_nobody_placed(d: Damage) -> str:
    ident = d.one("SELECT max(id) FROM artifacts WHERE kind = 'email' AND json_extract_string(payload, '$.of') IS NOT NULL")
    payload = d.payload(ident)
    payload["of"] = "c0000.a999999"
    return d.set("artifacts", ident, payload=json.dumps(payload))


@way("calendar entries have one UID and end after they start")
def change_of_another_entry(d: Damage) -> str:
    ident = d.one("SELECT max(id) FROM artifacts WHERE kind = 'calendar' AND json_extract_string(payload, '$.of') IS NOT NULL")
    payload = d.payload(ident)
    payload["uid"] = "c0000.a999998@calendar.example"
    return d.set("artifacts", ident, payload=json.dumps(payload))
