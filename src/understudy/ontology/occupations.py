"""Job titles: where they are done, and in which shift."""

from __future__ import annotations

from functools import cache

from understudy import assets

OTHER_NAMES = {
    "school_elementary school_middle school_high": "school preschool",
    "office_firm": "office insurance union accounting_firm telecom call_center television radio casino print_shop airline bank",
    "hospital": "laboratory ambulance nursing_home home_care",
    "clinic": "veterinary",
    "clothing_store hardware electronics_store": "retail",
    "university": "college",
    "town_hall": "government park military fire_station prison transit zoo",
    "tech_firm": "tech engineering studio",
    "water_utility": "utility",
    "construction_firm": "construction landscaping mine",
    "warehouse": "trucking airport railroad harbor taxi",
    "factory": "brewery laundry",
    "farm": "ranch",
    "garage": "gas_station car_dealer",
    "restaurant": "catering cafeteria",
    "pet_store": "pet_shop",
    "cleaner": "cleaning",
    "landlord": "apartment_house",
    "sports_club": "golf_club",
}
"""The town's kinds of employers, and the occupations' words for them."""
AT = {word: tuple(kinds.split()) for kinds, words in OTHER_NAMES.items() for word in words.split()}


@cache
def _jobs() -> dict[str, tuple[tuple[str, ...], str]]:
    found = {}
    for titles in assets.data("data/census/occupations.yaml").values():
        for entry in titles:
            at = tuple(kind for word in entry["at"] for kind in AT.get(word, (word,)))
            found[str(entry["title"])] = (at, str(entry["shift"]))
    return found


def job(title: str) -> tuple[tuple[str, ...], str]:
    """The kinds of organizations where a title is found, and its usual shift; offices by day for a title nobody knows."""
    return _jobs().get(title, (("office_firm",), "day"))
