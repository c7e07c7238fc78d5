"""The words of the census joints: bands, categories and the one-letter codes that the household pool stores."""

from __future__ import annotations

AGE_BANDS: tuple[str, ...] = ("18-24", "25-34", "35-44", "45-54", "55-64", "65-74", "75+")
"""Bands of adult age; everybody under 18 is a child of the household in the joints."""

AGE_STARTS: tuple[int, ...] = (18, 25, 35, 45, 55, 65, 75)

SEXES: dict[str, str] = {"f": "female", "m": "male"}

RACES: dict[str, str] = {"w": "white", "b": "black", "h": "hispanic", "a": "asian", "o": "other"}

EDUCATIONS: dict[str, str] = {
    "l": "less than high school",
    "h": "high school",
    "s": "some college",
    "c": "associate",
    "b": "bachelor",
    "g": "graduate",
}

STATUSES: dict[str, str] = {
    "P": "professional",
    "M": "mgmt_biz_finance",
    "O": "office_admin",
    "S": "sales",
    "V": "service",
    "C": "construction",
    "I": "install_repair_maint",
    "F": "farming_forestry_fishing",
    "D": "production",
    "T": "transport",
    "U": "unemployed",
    "E": "student, not in labor force",
    "N": "other, not in labor force",
    "R": "retired or other, not in labor force",
}

EMPLOYED = "PMOSVCIFDT"
"""Codes of the ten occupation groups; the other four statuses do not work."""

MARITALS: dict[str, str] = {
    "m": "married",
    "n": "never married",
    "d": "divorced",
    "s": "separated",
    "w": "widowed",
}

ROLES: dict[str, str] = {
    "h": "householder",
    "s": "spouse",
    "p": "partner",
    "k": "child",
    "e": "parent",
    "b": "sibling",
    "g": "grandchild",
    "r": "relative",
    "m": "roommate",
}

PARTNERS: dict[str, str] = {"s": "spouse", "p": "cohabit", "-": "none"}
"""`with_partner` of the joints, by the role of the householder's other half."""

INDUSTRIES: dict[str, str] = {
    "a": "agric_forestry_hunting",
    "c": "construction",
    "e": "edu_health_svcs",
    "f": "finance",
    "h": "hospitality",
    "i": "information",
    "m": "manuf",
    "n": "mining",
    "o": "other",
    "b": "prof_biz_svcs",
    "p": "public_admin",
    "t": "trade",
    "u": "transport_util",
}

INCOME_BANDS: tuple[str, ...] = ("<20k", "20-40k", "40-60k", "60-100k", "100-150k", "150k+")

INCOME_STARTS: tuple[int, ...] = (0, 20_000, 40_000, 60_000, 100_000, 150_000)

SIZES: tuple[str, ...] = ("1", "2", "3", "4", "5", "6+")

JOINTS: dict[str, tuple[str, ...]] = {
    "age_sex_education_status": ("age_band", "sex", "education", "status"),
    "age_partner_child_size": ("age_band", "with_partner", "hh_child", "household_size"),
    "education_status_partner_income": ("education", "status", "with_partner", "family_income"),
}
"""The three raked joints of adults (18 and over), by the name of their target file, with their columns."""


def age_band(age: int) -> str:
    """The band of an adult's age in whole years (18 or more)."""
    for start, band in zip(reversed(AGE_STARTS), reversed(AGE_BANDS), strict=True):
        if age >= start:
            return band
    raise ValueError(f"age {age} is under 18; the joints count adults only")


def income_band(dollars: int) -> str:
    """The band of a household's yearly income in dollars."""
    for start, band in zip(reversed(INCOME_STARTS), reversed(INCOME_BANDS), strict=True):
        if dollars >= start:
            return band
    return INCOME_BANDS[0]


def size_label(size: int) -> str:
    """`household_size` as the joints write it: "1" to "5", then "6+"."""
    return SIZES[min(size, 6) - 1]
