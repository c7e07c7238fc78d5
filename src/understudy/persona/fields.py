"""Facts that the ledger itself decides: a person's fields and ties, in plain words."""

from __future__ import annotations

from collections.abc import Mapping

from understudy.engine.grammar import article
from understudy.model.clock import MONTHS, date_text
from understudy.model.community import Community, age_on
from understudy.model.geo import travel_minutes
from understudy.model.records import Person
from understudy.ontology.who import plain_status

DEGREES = {
    "less than high school": "no diploma yet", "high school": "high school diploma", "some college": "some college, no degree",
    "associate": "associate degree", "bachelor": "bachelor's degree", "graduate": "graduate degree",
}  # fmt: skip
STATUSES = {"unemployed": "unemployed", "retired": "retired", "student": "student", "athome": "not working", "child": "child"}


def field_values(community: Community, person: Person) -> Mapping[str, str]:
    """The person's fields as people would write them; a field that says nothing is absent."""
    homes = {p.id: p for p in community.places}
    household = next(h for h in community.households if h.id == person.household)
    organizations = {o.id: o.name for o in community.organizations}
    age = age_on(person.birth_date, community.start)
    home = homes[person.home]
    partner = next((t for t in community.ties if t.a == person.id and t.kind == "partner"), None)
    plain = plain_status(person.status)
    found = {
        "given_name": person.given_name,
        "family_name": person.family_name,
        "sex": {True: "woman", False: "man"}[person.sex == "female"] if age >= 18 else "girl" if person.sex == "female" else "boy",
        "age": str(age),
        "birth_date": f"{date_text(person.birth_date)}, {person.birth_date.year}",
        "race_ethnicity": {"other": "multiracial"}.get(person.race_ethnicity, person.race_ethnicity.capitalize()),
        "education": DEGREES.get(person.education, "") if age >= 18 else "",
        "status": ("employed full-time" if community.shifts.get(person.id) not in ("flexible", "weekend") else "employed part-time")
        if plain == "employed"
        else STATUSES[plain],
        "occupation": person.occupation,
        "industry": person.industry.replace("_", " "),
        "employer": organizations.get(person.employer or "", ""),
        "workplace": homes[person.work].name if person.work and person.work != person.home else "",
        "income": f"${person.income:,}" if person.income else "",
        "marital": {"never married": "single", "married": "married"}.get(person.marital, person.marital) if age >= 18 else "",
        "consumption": person.consumption,
        "city": f"{community.town.city}, {community.town.state}",
        "state": community.town.state,
        "street": home.address.split(",")[0].lstrip("0123456789 "),
        "zip": community.town.zip,
        "tenure": "rents" if household.tenure == "rented" else "owns",
        "home_kind": home.name,
        "school": homes[person.school].name if person.school else "",
        "partner_since": f"{MONTHS[partner.since.month - 1]} {partner.since.year}" if partner else "",
    }
    if person.work and person.work != person.home:
        minutes = max(5, travel_minutes(home, homes[person.work]))
        found["commute"] = f"{article(str(minutes))}{minutes}-minute {'walk' if minutes <= 5 else 'drive'}"
    return {name: value for name, value in found.items() if value}
