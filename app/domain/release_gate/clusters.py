"""What sessions are worth as evidence when the same user has several (the design effect).

Ten crashes of one user tell less than ten users with one crash each. A side with few crashes may
just not have met the user yet who crashes each time; `wary` reckons with that user, `own` does not.
"""

from dataclasses import dataclass

# In 500 users a rare crash loop is probably seen: the chance that none was met falls by this much
# with each user.
_UNSEEN_BY_USER = 0.998
# Where all crash, nothing varies, and a user's sessions tell as much as one.
_ALL_CRASH = 0.999


@dataclass(frozen=True)
class Crashes:
    """Crashed sessions that name a user: `squares` sums (crashed sessions)² over the users."""

    count: float = 0.0
    squares: float = 0.0


@dataclass(frozen=True, kw_only=True)
class Side:
    """One release on the days that both have; `users` 0: no session named one."""

    sessions: int
    crashed: int
    users: int
    crashes: Crashes = Crashes()

    @property
    def sessions_per_user(self) -> float:
        return max(1.0, self.sessions / self.users) if self.users else 1.0

    @property
    def own_effect(self) -> float:
        """By what was seen."""
        if not self.users or not self.crashes.count:
            return 1.0
        return self._effect(self.crashes.squares / self.crashes.count)

    @property
    def wary_effect(self) -> float:
        """With one more user, who crashes each time, as far as nobody can have met one yet."""
        if not self.users:
            return 1.0
        size = self.sessions_per_user
        unseen = _UNSEEN_BY_USER**self.users
        return self._effect(
            (self.crashes.squares + 0.5 + unseen * size * size)
            / (self.crashes.count + 0.5 + unseen * size)
        )

    def _effect(self, crashes_of_a_crash: float) -> float:
        """`crashes_of_a_crash`: how many crashes the user of a crash has, on average."""
        rate = self.crashed / self.sessions
        if rate > _ALL_CRASH:
            return self.sessions_per_user
        return max(1.0, (crashes_of_a_crash - rate * self.sessions_per_user) / (1 - rate))
