"""The limit on calls in flight: how it grows and shrinks, who is let in, and that no place is ever lost."""

from __future__ import annotations

import asyncio
import inspect
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from understudy.engine.pace import LEAST, START, WINDOW, Pace


def good(pace: Pace, seconds: float, now: float = 1e6) -> None:
    """An answer, with or without the time of it."""
    more: tuple[Any, ...] = (now,) if len(inspect.signature(pace.good).parameters) > 1 else ()
    pace.good(seconds, *more)


def test_it_starts_low_and_never_above_the_most() -> None:
    assert int(Pace(64).limit) == START
    assert int(Pace(2).limit) == 2
    assert int(Pace(0).limit) == LEAST


def test_it_doubles_a_round_until_the_first_trouble_and_then_adds_one() -> None:
    pace = Pace(64)
    for _ in range(START):
        good(pace, 0.1)
    assert pace.limit == 2 * START
    pace.bad(10.0)
    low = pace.limit
    assert low < 2 * START
    for _ in range(round(low)):
        good(pace, 0.1)
    assert low + 0.7 <= pace.limit <= low + 1.3


def test_it_never_passes_the_most_nor_falls_below_the_least() -> None:
    pace = Pace(10)
    for _ in range(100):
        good(pace, 0.1)
    assert pace.limit == 10
    for number in range(100):
        pace.bad(10.0 * number)
    assert pace.limit == LEAST


def test_what_fails_together_counts_once() -> None:
    pace = Pace(64)
    for _ in range(40):
        good(pace, 0.1)
    before = pace.limit
    for _ in range(20):
        pace.bad(10.0)
    assert pace.limit > before / 2


def test_growing_slower_is_a_sign_of_too_much() -> None:
    """The trap: a server of one's own never refuses; it takes all and answers ever later."""
    pace = Pace(256)
    for _ in range(WINDOW):
        good(pace, 0.1)
    high = pace.limit
    for _ in range(WINDOW):
        good(pace, 2.0)
    assert pace.limit < high + WINDOW
    assert not pace.growing


def test_one_slow_answer_is_no_sign() -> None:
    pace = Pace(64)
    for number in range(60):
        good(pace, 30.0 if number % 10 == 5 else 0.1)
    assert pace.growing
    assert pace.limit == 64


def test_places_are_given_in_turn() -> None:
    async def scene() -> list[int]:
        pace, order = Pace(2), list[int]()

        async def work(number: int) -> None:
            await pace.enter()
            order.append(number)
            await asyncio.sleep(0.001)
            pace.leave()

        await asyncio.gather(*(work(number) for number in range(20)))
        assert pace.flying == 0
        return order

    assert asyncio.run(scene()) == list(range(20))


def test_a_limit_that_fell_is_kept_though_more_are_in_flight() -> None:
    async def scene() -> None:
        pace = Pace(4)
        for _ in range(4):
            await pace.enter()
        pace.bad(10.0)  # to 2
        late = asyncio.ensure_future(pace.enter())
        await asyncio.sleep(0)
        for flying in (3, 2):
            pace.leave()
            await asyncio.sleep(0)
            assert pace.flying == flying
            assert not late.done()
        pace.leave()
        await asyncio.sleep(0)
        assert late.done()
        assert pace.flying == 2

    asyncio.run(scene())


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from(("enter", "leave", "cancel", "good", "bad")), max_size=60))
def test_no_place_is_lost_whoever_gives_up_waiting(steps: list[str]) -> None:
    async def scene() -> None:
        pace, waiting, inside, clock = Pace(3), list[asyncio.Task[None]](), 0, 0.0
        for step in steps:
            clock += 2.0
            if step == "enter":
                waiting.append(asyncio.ensure_future(pace.enter()))
            elif step == "leave" and inside:
                pace.leave()
                inside -= 1
            elif step == "cancel" and waiting:
                waiting.pop(0).cancel()  # perhaps just when its place was given to it
            elif step == "good":
                good(pace, 0.1, clock)
            elif step == "bad":
                pace.bad(clock)
            if step != "leave":  # after a place was given back nobody may run before the next step: that is when a task is cancelled with a place in hand
                await asyncio.sleep(0)
                await asyncio.sleep(0)
            inside += sum(task.done() and not task.cancelled() for task in waiting)
            waiting = [task for task in waiting if not task.done()]
        for _ in range(200):
            await asyncio.sleep(0)
            inside += sum(task.done() and not task.cancelled() for task in waiting)
            waiting = [task for task in waiting if not task.done()]
            if inside:
                pace.leave()
                inside -= 1
        assert not waiting
        assert pace.flying == 0

    asyncio.run(scene())
