"""What comes of itself with an artifact: bank entries, order mails, attachments, changes of a calendar entry; and what a phone gathers."""

from __future__ import annotations

from understudy import World
from understudy.artifacts.kinds import ALL
from understudy.artifacts.orders import following
from understudy.language import pocket
from understudy.model.briefs import Brief, Draft, Part
from understudy.ontology.attributes import attributes


def test_a_month_leaves_every_kind(month: World) -> None:
    """Trap: a kind that exists on paper. Attachments and boarding passes are rare, so they may be missing from one month."""
    kinds = {k for (k,) in month.sql("SELECT DISTINCT kind FROM artifacts")[1]}
    assert kinds >= set(ALL) - {"document"}


def test_an_order_runs_its_course(month: World) -> None:
    """Trap: a delivery before the order, a shipping notice of another order, a charge that differs by a cent."""
    rows = month.sql(
        "SELECT p.id, p.time, f.payload->>'step', f.time, f.kind FROM artifacts p JOIN artifacts f ON f.payload->>'of' = p.id WHERE p.kind = 'purchase' ORDER BY f.time"
    )[1]
    orders: dict[str, list[str]] = {}
    for ident, bought, step, when, _ in rows:
        assert when >= bought
        orders.setdefault(ident, []).append(step)
    assert any({"paid", "confirmed", "shipped", "delivered"} <= set(steps) for steps in orders.values())
    for steps in orders.values():
        course = [s for s in steps if s in ("confirmed", "shipped", "delivered", "refunded")]
        assert course == sorted(course, key=("confirmed", "shipped", "delivered", "refunded").index)
    numbers = month.sql("SELECT payload->>'of', count(DISTINCT payload->>'order') FROM artifacts WHERE payload->>'order' IS NOT NULL GROUP BY 1")[1]
    assert all(n == 1 for _, n in numbers)


def test_accounts_are_their_owners_and_pay_comes_in(month: World) -> None:
    """Trap: a card that two people share by accident; a town where money only leaves."""
    cards = month.sql(
        "SELECT people[1].person, count(DISTINCT payload->>'card') FROM artifacts WHERE kind = 'transaction' AND payload->>'card' <> '' GROUP BY 1"
    )[1]
    assert all(n == 1 for _, n in cards)
    paid = month.sql(
        "SELECT p.income, CAST(a.payload->>'amount_cents' AS BIGINT) FROM artifacts a JOIN people p ON list_contains(list_transform(a.people, lambda x: x.person), p.id) "
        "WHERE a.kind = 'transaction' AND CAST(a.payload->>'amount_cents' AS BIGINT) > 0 AND a.payload->>'merchant' = ''"
    )[1]
    assert paid
    for income, cents in paid:
        assert 0.5 * max(income, 6000) <= cents * 26 / 100 <= max(income, 6000), "pay is what is left of the income after tax"


def test_entries_are_answered_moved_and_come_round(month: World) -> None:
    """Trap: invitations to which everybody always says yes."""
    answers = {
        a
        for (a,) in month.sql("SELECT DISTINCT p.answer FROM (SELECT unnest(people) AS p FROM artifacts WHERE kind = 'calendar') WHERE p.role = 'attendee'")[1]
    }
    assert {"accepted", "declined"} <= answers
    status = dict(month.sql("SELECT payload->>'status', count(*) FROM artifacts WHERE kind = 'calendar' AND payload->>'of' IS NOT NULL GROUP BY 1")[1])
    assert status.get("CONFIRMED")
    assert status.get("CANCELLED")
    assert month.sql("SELECT count(*) FROM artifacts WHERE kind = 'calendar' AND payload->>'rrule' <> ''")[1][0][0] > 0
    moved = month.sql(
        "SELECT a.payload->>'starts', b.payload->>'starts' FROM artifacts a JOIN artifacts b ON b.payload->>'of' = a.id WHERE b.payload->>'status' = 'CONFIRMED' AND b.kind = 'calendar'"
    )[1]
    assert all(before != after for before, after in moved)


def test_searches_give_facts_away_in_passing(month: World) -> None:
    """Trap: a search engine to which people announce themselves, or nothing."""
    total, own = month.sql(
        "SELECT count(*), count(*) FILTER (id IN (SELECT artifact FROM reveals WHERE fact IS NOT NULL)) FROM artifacts WHERE kind = 'search'"
    )[1][0]
    assert 0.15 < own / total < 0.6
    assert not month.sql(
        "SELECT r.artifact FROM reveals r JOIN artifacts a ON a.id = r.artifact WHERE a.kind = 'search' AND r.fact IS NOT NULL AND r.how <> 'implied'"
    )[1]


def test_voicemail_is_left_only_where_nobody_picks_up(month: World) -> None:
    rows = month.sql("SELECT payload->>'answered', payload->>'voicemail', text, title FROM artifacts WHERE kind = 'call'")[1]
    assert any(v == "true" for _, v, _, _ in rows)
    assert all(text == title for answered, _, text, title in rows if answered == "true")


def test_what_phones_gather_is_sound() -> None:
    """Trap: a search for a fact that does not hold it; a list that everybody shares but that says whose it is."""
    for key, rule in pocket.fact_searches().items():
        assert key in attributes(), key
        assert all("value" in line.needs for line in rule.lines), key
    names = [entry["name"] for entries in pocket.things().values() for entry in entries]
    assert len(names) == len(set(names))


def test_what_was_free_is_on_no_statement(small: World) -> None:
    """Trap: a bank entry of nothing, for stamps handed over or batteries taken back."""
    assert small.sql("SELECT count(*) FROM artifacts WHERE kind = 'transaction' AND CAST(payload->>'amount_cents' AS BIGINT) = 0")[1][0][0] == 0
    brief = Brief(ids=["c0000.a000001"], more=["c0000.a000002"], kind="purchase", minute=600, author="c0000.p00")
    brief.spoken = {
        "follows": [("transaction", 1, "org.bank", "paid")], "merchant": "c0000.o001", "merchant_name": "Corner Hardware",
        "bank": {"owner": "c0000.p00", "card": "1234", "city": "TOWN", "state": "OH", "carrier": "", "given": "Ada", "arrives": "Monday"},
    }  # fmt: skip
    for cents, entries in ((0, 0), (350, 1)):
        part = Part(author="c0000.p00", text="Battery recycling", payload={"total_cents": cents, "items": [{"title": "Battery recycling", "cents": cents}]})
        assert len(following(brief, Draft(parts=[part]))[0]) == entries
