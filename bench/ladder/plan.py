"""What a client is to send: one request after the other, each a little different.

wrk.lua fills in the same markers; what is changed here must be changed there.
"""

from dataclasses import dataclass, replace

# In a header: the token of the next project. In a body: a running number, the same number as a
# UUID, and somebody of that project who comes back a few times.
TOKEN, NUMBER, UUID, PERSON = "@TOKEN@", "@NUMBER@", "@UUID@", "@PERSON@"
# How often somebody comes back, mostly on the same day.
_VISITS = 4


@dataclass(frozen=True, kw_only=True)
class Plan:
    """Requests to send for so many seconds, or so many of them.

    The bodies go out in turn, all of them for one project, then for the next one. `first` is the
    number of the first such round.
    """

    port: int
    method: str
    path: str
    headers: dict[str, str]
    bodies: tuple[str, ...]
    tokens: list[str]
    first: int
    connections: int
    seconds: float = 0
    requests: int = 0
    visits: int = _VISITS
    rounds_apart: int = 0  # so long after the first body of a round comes the second

    def on_new_connections(self) -> "Plan":
        """This plan, with a connection for each request."""
        return replace(self, headers={**self.headers, "Connection": "close"})

    @property
    def keeps_connections(self) -> bool:
        return self.headers.get("Connection") != "close"

    def request(self, number: int) -> tuple[dict[str, str], bytes]:
        """Headers and body of the request after so many others."""
        round_, which = divmod(number, len(self.bodies))
        round_ = max(0, round_ + self.first - which * self.rounds_apart)
        headers = {name: self._filled(value, round_) for name, value in self.headers.items()}
        return headers, self._filled(self.bodies[which], round_).encode()

    def _filled(self, text: str, round_: int) -> str:
        if "@" not in text:
            return text
        visit, project = divmod(round_, len(self.tokens))
        return (
            text.replace(TOKEN, self.tokens[project])
            .replace(NUMBER, str(round_))
            .replace(UUID, f"00000000-0000-4000-8000-{round_:012x}")
            .replace(PERSON, f"person {visit // self.visits}")
        )
