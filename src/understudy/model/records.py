"""The ledger's records: what exists in a world, one class a table.

Times are UTC and naive (`datetime` without zone), money is whole cents, coordinates are degrees rounded to 1e-5, ages are
derived from birth dates and never stored. Ids are readable and name their community: `c0003.p07`, `c0003.e00121`.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import msgspec


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """The base of every row; fields without a value are None or empty, never missing."""


class Person(Record, frozen=True, kw_only=True):
    """Someone who lives in the world, as of day 0."""

    id: str
    community: int
    household: str
    persona: str = ""  # the one-line persona that seeded this character, if any
    anchors: list[str] = []  # root-to-leaf interest paths, "Music > Jazz > Hard bop"
    given_name: str
    family_name: str
    sex: str  # female | male
    birth_date: date
    race_ethnicity: str
    education: str
    status: str
    occupation: str = ""  # a real job title; empty when not employed
    industry: str = ""
    employer: str | None = None  # organization id
    income: int = 0  # the person's own, dollars a year
    consumption: str = "middle"  # low | middle | high
    marital: str
    home: str  # place id
    work: str | None = None  # place id
    school: str | None = None  # place id
    timezone: str
    email: str = ""
    phone: str = ""
    summary: str = ""
    voice: dict[str, Any] = {}


class Household(Record, frozen=True, kw_only=True):
    """People under one roof."""

    id: str
    community: int
    kind: str
    home: str
    income: int  # dollars a year
    tenure: str = ""  # owned | rented
    members: list[str]


class Place(Record, frozen=True, kw_only=True):
    """Somewhere a visit can happen; opens and closes are minutes after local midnight (closes may pass 1440)."""

    id: str
    name: str
    category: str
    lat: float
    lon: float
    address: str
    opens: int = 0
    closes: int = 1440
    organization: str | None = None


class Organization(Record, frozen=True, kw_only=True):
    """A non-person: who employs, sells, bills, teaches and writes newsletters. Invented, with a reserved domain."""

    id: str
    name: str
    kind: str
    domain: str
    national: bool = False


class Tie(Record, frozen=True, kw_only=True):
    """How b stands to a ("b is a's `kind`"); the same tie is stored the other way round with kind and inverse swapped."""

    a: str
    b: str
    kind: str
    inverse: str
    since: date
    closeness: float  # 0 hardly know each other .. 1 inseparable
    story: str = ""


class Fact(Record, frozen=True, kw_only=True):
    """One true statement about one person, and when it holds."""

    id: str
    person: str
    key: str
    tier: str
    category: str
    entity: str
    value: str
    polarity: str = "positive"  # positive | negative
    intensity: float = 0.5  # 0 mild .. 1 strong
    confidence: float = 1.0
    valid_from: datetime
    valid_to: datetime | None = None
    replaces: str | None = None  # fact id
    because: str | None = None  # event id, tie ("a>b:kind"), "demographics", "persona", "profile"


class Event(Record, frozen=True, kw_only=True):
    """A node of an event tree: something that happens to people at a time, with its details."""

    id: str
    parent: str | None = None
    root: str
    depth: int
    module: str
    kind: str  # the node's name within the module
    title: str
    starts: datetime
    ends: datetime
    place: str | None = None
    people: list[str]
    details: dict[str, Any] = {}
    because: str | None = None  # fact or event that let it happen


class Visit(Record, frozen=True, kw_only=True):
    """One record of daily behavior. `slot` is the half hour of local time at its start, 0..47; weekday 0 is Monday."""

    id: str
    person: str
    starts: datetime
    ends: datetime
    weekday: int
    slot: int
    category: str
    place: str
    lat: float
    lon: float
    intent: str
    event: str | None = None


class Party(Record, frozen=True, kw_only=True):
    """Someone's part in an artifact: a person or an organization, and the role (author, to, cc, member, owner, attendee)."""

    person: str
    role: str
    answer: str = ""  # calendar: accepted | declined | tentative


class Artifact(Record, frozen=True, kw_only=True):
    """A thing left behind. `text` is its author's own words, once."""

    id: str
    kind: str
    time: datetime
    author: str
    people: list[Party]
    thread: str | None = None
    reply_to: str | None = None
    event: str | None = None
    noise: bool = False
    rank: int | None = None  # noise only: lower ranks enter first as the noise dial turns
    news: str | None = None
    engine: str = "embedded"
    passed: bool = True
    title: str = ""
    text: str
    payload: dict[str, Any] = {}


class Reveal(Record, frozen=True, kw_only=True):
    """An artifact gives away a fact or an event's detail: how, by whom, where.

    `turn` is the index of the message turn (None where the artifact has no turns); `span` is [start, end) in that turn's
    text, or in the artifact's text where there are no turns.
    """

    artifact: str
    fact: str | None = None
    event: str | None = None
    detail: str | None = None
    how: str  # stated | implied | told (by a third person) | past
    by: str  # construction | quotation | critic
    speaker: str
    turn: int | None = None
    span: list[int]


class Question(Record, frozen=True, kw_only=True):
    """What can be asked of one person's documents, with a derived answer and its evidence.

    `evidence` is a list of claims; each claim a list of alternatives; each alternative one or two artifact ids.
    """

    id: str
    person: str
    category: str  # basic | preference | social
    kind: str
    text: str
    answers: list[str]
    evidence: list[list[list[str]]]
    facts: list[str] = []  # the facts that the answer is made of
    hops: int = 1
    as_of: datetime
    difficulty: str = "easy"


class Verdict(Record, frozen=True, kw_only=True):
    """What one critic said of one draft in one round; kept for failures and for models' verdicts only."""

    artifact: str
    critic: str
    round: int
    passed: bool
    score: float | None = None
    reasons: list[str] = []


TABLES: dict[str, type[Record]] = {
    "people": Person,
    "households": Household,
    "places": Place,
    "organizations": Organization,
    "ties": Tie,
    "facts": Fact,
    "events": Event,
    "visits": Visit,
    "artifacts": Artifact,
    "reveals": Reveal,
    "questions": Question,
    "verdicts": Verdict,
}
"""Every table of a world, in the order in which they are made."""
