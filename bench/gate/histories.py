"""Releases that never were: what was counted of both sides at each look, drawn with numpy.

Only crashed sessions are drawn one by one. A user's sessions stand anywhere in the history, or one
after the other; a share of the users crashes in each session.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

Counts = npt.NDArray[np.int64]


@dataclass(frozen=True, kw_only=True)
class Population:
    """One side of a history; `rate` is the share of the sessions of users without a loop."""

    sessions: int
    rate: float
    sessions_per_user: int = 1
    looping: float = 0.0
    in_a_row: bool = False

    @property
    def users(self) -> int:
        return self.sessions // self.sessions_per_user

    def worse_by(self, loss: float) -> "Population":
        """With so many more crashes a session over all of its users."""
        return Population(
            sessions=self.sessions,
            rate=self.rate + loss / (1 - self.looping),
            sessions_per_user=self.sessions_per_user,
            looping=self.looping,
            in_a_row=self.in_a_row,
        )


@dataclass(frozen=True)
class DrawnSide:
    """A row a look, a column a day: sessions and crashes; crashed sessions by user, and users."""

    sessions: Counts
    crashed: Counts
    squares: Counts
    users: Counts

    @cached_property
    def all_crashed(self) -> Counts:
        return self.crashed.sum(axis=1)


def draw(random: np.random.Generator, side: Population, looks: int) -> DrawnSide:
    """All on one day, with as many new sessions between two looks, at least one each."""
    seen = np.ceil(np.arange(1, looks + 1) * side.sessions / looks).astype(np.int64)
    places, users = _crashes(random, side)
    order = np.argsort(places, kind="stable")
    places, users = places[order], users[order]
    squares = np.concatenate([[0], np.cumsum(2 * ranks(users) + 1)])
    crashed = np.searchsorted(places, seen)
    return DrawnSide(seen[:, None], crashed[:, None], squares[crashed], _users_seen(side, seen))


def _crashes(random: np.random.Generator, side: Population) -> tuple[Counts, Counts]:
    """Places in the order of sessions, and whose each is."""
    size, users = side.sessions_per_user, side.users
    looping = int(random.binomial(users, side.looping)) if side.looping else 0
    others = max(1, users - looping)
    single = int(random.binomial(others * size, side.rate))
    if side.in_a_row:
        loops = random.choice(users, looping, replace=False)
        looped = (loops[:, None] * size + np.arange(size)).ravel()
        places = random.choice(side.sessions, single, replace=False)
        places = np.union1d(looped, places)
        return places, places // size
    looped_users = np.repeat(np.arange(looping), size)
    single_users = looping + random.integers(0, others, single)
    both = np.concatenate([looped_users, single_users])
    return random.integers(0, side.sessions, len(both)), both


def _users_seen(side: Population, seen: Counts) -> Counts:
    if side.in_a_row:
        return -(-seen // side.sessions_per_user)
    unseen = (1 - seen / side.sessions) ** side.sessions_per_user
    return np.maximum(1, np.round(side.users * (1 - unseen))).astype(np.int64)


def ranks(users: Counts) -> Counts:
    """How many earlier entries each entry's user has."""
    order = np.argsort(users, kind="stable")
    grouped = users[order]
    starts = np.flatnonzero(np.concatenate([[True], grouped[1:] != grouped[:-1]]))
    lengths = np.diff(np.append(starts, len(grouped)))
    found = np.empty(len(users), dtype=np.int64)
    found[order] = np.arange(len(users)) - np.repeat(starts, lengths)
    return found
