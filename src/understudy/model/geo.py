"""How far places are and how long people need between them."""

from __future__ import annotations

import math

from understudy.model.records import Place


def distance_km(a: Place, b: Place) -> float:
    """The distance in km; exact enough below a few hundred km (equirectangular), good within 1 % of the US beyond."""
    if a.id == b.id:
        return 0.0
    mean = math.radians((a.lat + b.lat) / 2)
    return 111.2 * math.hypot(a.lat - b.lat, (a.lon - b.lon) * math.cos(mean))


def travel_minutes(a: Place, b: Place) -> int:
    """Whole minutes from door to door: town traffic, then highway (90 km/h), then flying above 500 km."""
    km = distance_km(a, b)
    if km < 0.05:
        return 0
    if km < 40:
        return int(4 + 1.7 * km)
    if km < 500:
        return int(45 + km * 60 / 90)
    return int(150 + km * 60 / 750)
