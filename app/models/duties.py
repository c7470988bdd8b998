"""What a table owes to its project, to time, and to the people whose data is in it.

Each table declares it once, as `duties` of its model. Retention, the purge of a deleted project,
the search, export and erasure of a person, the check of kept figures, what puts times right after a
clock was ahead, and the move of an instance read it there, and know no table by name but where it
says `HandledIn`: a new table is served by all of them as soon as it declares. A backup needs no
word: it is the whole file. Columns are named by strings, because a model cannot point to its own
while it is made; tests/models/test_duties.py tells by name what is missing, misspelt or handled
nowhere.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import Enum, StrEnum


@dataclass(frozen=True)
class HandledIn:
    """A rule of its own, which no declaration can tell: the module that has it."""

    module: str


@dataclass(frozen=True)
class Searched:
    """Somebody's words, in which an address may stand.

    `shares` is set where the text is a name that many rows share, so that it does not tell whose
    they are: the column of `releases` whose values also stand here. `is_scrubbed` is set where
    e-mail addresses, tokens and cards are taken out before it is stored, and once more when the
    rules get better; `as_typed` are the members of an object that stay as they came.
    """

    shares: str | None = None
    is_scrubbed: bool = False
    as_typed: tuple[str, ...] = ()


@dataclass(frozen=True)
class NotSearched:
    reason: str


OURS_TO_CHOOSE = NotSearched("from a closed list, or at random: nobody's words")
# Of secrets, of a network address, of a stack or a whole message.
DIGEST = NotSearched("a digest of something that is no address")
DRAWN_BY_SDK = NotSearched("sixteen bytes that an SDK drew at random")


@dataclass(frozen=True)
class NotChecked:
    """Figures that nothing which is kept could be compared with."""

    reason: str


TextDuty = Searched | NotSearched | HandledIn


@dataclass(frozen=True)
class Ages:
    """Rows go once a day or moment is longer ago than a setting allows; 0 days keep for ever.

    A column of days is compared by whole days. With `forgets`, rows stay and these columns become
    null. `horizon` is the name under which it is kept from which day on they are complete: it is
    raised before the first of them goes.
    """

    what: str
    by: str
    setting: str
    forgets: tuple[str, ...] = ()
    horizon: str | None = None


@dataclass(frozen=True)
class Expires:
    """Rows go once nobody can use them any more: so long after the moment in a column."""

    what: str
    by: str
    after: timedelta = timedelta(0)


class WhenAhead(Enum):
    """What becomes of a time that is ahead of the clock: it was written while the clock was wrong.

    When it really was, nobody knows.
    """

    AS_ROW_BEFORE = "the time of the row before: ids are given in the order in which rows come"
    NOW = "the time at which it is put right"
    TO_DAY_BEFORE = "figures of a day are added to those of the day before that is kept"
    ROW_GOES = "the row tells nothing without its day"


@dataclass(frozen=True)
class StaysAhead:
    reason: str


TimeDuty = WhenAhead | HandledIn | StaysAhead


class OnErasure(Enum):
    """What becomes of a row that names the person."""

    DELETE = "what they sent goes whole"
    HIDE_NAME = "what others did stays, without the address"


@dataclass(frozen=True)
class PersonData:
    """How a person's rows are called, in an export and where an erasure counts, and what they get.

    `is_a_name` is set where somebody called something so: nothing goes for it, so more counts as a
    mention (app.domain.mentions).
    """

    kind: str
    on_erasure: OnErasure | HandledIn
    is_a_name: bool = False


class DiskKind(StrEnum):
    """Under what an owner finds rows of a table in the project's share of the disk."""

    FEEDBACK = "feedback"
    SESSIONS = "sessions"
    EVENTS = "events"
    ISSUES = "issues"
    OTHER = "other"


@dataclass(frozen=True)
class OnDisk:
    """About how many bytes a row takes with its indexes, without what `texts` hold.

    `texts` are measured on some of a project's rows; the number says how often each is kept.
    Measured table by table on a database filled as bench.row_bytes does.
    """

    kind: DiskKind = DiskKind.OTHER
    sqlite: int = 200
    postgresql: int = 200
    texts: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Duties:
    """`project_by` is the column that has the project's id, or the one that points to a row which
    hangs on a project; None for what is the instance's, or an account's.

    `texts` names each column that can hold text or bytes, `times` each one that has a day or a
    moment; a module in which times are handled has a `repair`. `person` is None where nobody's
    words are. `checked_in` has the module whose `verify` compares kept figures with the rows that
    they are made of; a table that counts says so, or why it cannot. `is_moved` is False for
    what an instance makes anew, so that a move leaves it behind. `on_disk` is told where a project
    may have many rows, or large ones.
    """

    project_by: str | None
    ages: tuple[Ages | Expires, ...]
    texts: Mapping[str, TextDuty]
    times: Mapping[str, TimeDuty] = field(default_factory=dict)
    person: PersonData | None = None
    checked_in: HandledIn | NotChecked | None = None
    is_moved: bool = True
    on_disk: OnDisk = OnDisk()

    @property
    def searched(self) -> tuple[str, ...]:
        return tuple(name for name, duty in self.texts.items() if isinstance(duty, Searched))

    @property
    def scrubbed(self) -> tuple[str, ...]:
        return tuple(
            name
            for name, duty in self.texts.items()
            if isinstance(duty, Searched) and duty.is_scrubbed
        )

    def as_typed(self, name: str) -> tuple[str, ...]:
        """The members of a scrubbed column that are not."""
        duty = self.texts[name]
        return duty.as_typed if isinstance(duty, Searched) else ()

    @property
    def shared(self) -> dict[str, str]:
        """Columns with a name that many rows share, and the column of `releases` that has it."""
        return {
            name: duty.shares
            for name, duty in self.texts.items()
            if isinstance(duty, Searched) and duty.shares
        }
