"""What a client is to send: one request after the other, each a little different.

wrk.lua fills in the same markers; what is changed here must be changed there.
"""

from dataclasses import dataclass, replace

# In a header: the token of the next project. In a body: a running number, the same number as a
# UUID and as its last twelve digits, and somebody of that project who comes back a few times. In a
# path: the id of the project.
TOKEN, NUMBER, UUID, DIGITS, PERSON = "@TOKEN@", "@NUMBER@", "@UUID@", "@DIGITS@", "@PERSON@"
PROJECT = "@PROJECT@"
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
    first_project_id: int = 0  # of the first token; ids go up by one
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
        round_, which = self._round(number)
        headers = {name: self._filled(value, round_) for name, value in self.headers.items()}
        return headers, self._filled(self.bodies[which], round_).encode()

    def path_of(self, number: int) -> str:
        """Of the request after so many others."""
        return self._filled(self.path, self._round(number)[0])

    def _round(self, number: int) -> tuple[int, int]:
        round_, which = divmod(number, len(self.bodies))
        return max(0, round_ + self.first - which * self.rounds_apart), which

    def _filled(self, text: str, round_: int) -> str:
        if "@" not in text:
            return text
        visit, project = divmod(round_, len(self.tokens))
        return (
            text.replace(TOKEN, self.tokens[project])
            .replace(NUMBER, str(round_))
            .replace(UUID, f"00000000-0000-4000-8000-{round_:012x}")
            .replace(DIGITS, f"{round_:012x}")
            .replace(PROJECT, str(self.first_project_id + project))
            .replace(PERSON, f"person {visit // self.visits}")
        )
