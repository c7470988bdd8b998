"""Who sends: the key of a project, in up to four places that must agree.

The key is no secret, every web page shows it. What was wrong is told to nobody all the same: it
would tell which projects there are.
"""

import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass

from app.domain.field_limits import MAX_ID, SECRET_MAX_CHARS

# A project token stands where a key stands, too.
_KEY = re.compile(rf"\w{{1,{SECRET_MAX_CHARS}}}", re.ASCII)
_OWN_KEY = re.compile("[0-9a-f]{32}")
_SCHEME = re.compile(r"sentry(?:\s++|$)", re.IGNORECASE)
# `https://key@host:8000/prefix/7`; old ones have a secret behind the key.
_DSN = re.compile(
    r"https?://(?P<key>\w++)(?::\w*+)?@[^\s/?#@]++(?P<path>/[^\s?#]*+)",
    re.ASCII | re.IGNORECASE,
)
_DSN_MAX_CHARS = 2000
_PROJECT = re.compile(rf"[0-9]{{1,{len(str(MAX_ID))}}}")


class NoCredentials(Exception):
    """No place has a key: 401."""

    def __init__(self) -> None:
        super().__init__("A key is required: sentry_key in X-Sentry-Auth, in the query, or a DSN.")


class WrongCredentials(Exception):
    """403, and the same words whatever was wrong."""

    def __init__(self) -> None:
        super().__init__("The key does not belong to this project.")


@dataclass(frozen=True)
class Dsn:
    """What an SDK is told to send to."""

    key: str
    project_id: int


def new_key() -> str:
    """128 random bits as 32 lower-case hex digits; `projects.sentry_key` holds it as it is."""
    return secrets.token_hex(16)


def is_key(text: str) -> bool:
    """Whether it has the form of a key that is made here; a look-up is not worth it otherwise."""
    return _OWN_KEY.fullmatch(text) is not None


def dsn_text(base: str, *, key: str, project_id: int) -> str:
    """`base` is the address of the instance with its prefix, and no slash at its end."""
    scheme, _, place = base.partition("://")
    return f"{scheme}://{key}@{place}/{project_id}"


@dataclass(frozen=True, kw_only=True)
class Credentials:
    """What all places that were read so far say; none may have said anything yet."""

    project_id: int
    key: str | None = None

    def with_dsn(self, text: object) -> "Credentials":
        """With that of an envelope's first line; None where it has none. Raises WrongCredentials.

        It comes with the body, when the places around it were judged already.
        """
        if text is None or text == "":
            return self
        dsn = read_dsn(text)
        if dsn is None or dsn.project_id != self.project_id or self.key not in (None, dsn.key):
            raise WrongCredentials
        return Credentials(project_id=self.project_id, key=dsn.key)

    def required_key(self) -> str:
        """Raises NoCredentials."""
        if self.key is None:
            raise NoCredentials
        return self.key


def credentials(
    project_id: int,
    *,
    x_sentry_auth: str | None = None,
    authorization: str | None = None,
    query_keys: Iterable[str] = (),
) -> Credentials:
    """What stands around the body; `query_keys` are all values of `sentry_key` in the query.

    Raises WrongCredentials where places disagree, or have what cannot be a key.
    """
    keys = {key for key in query_keys if key}
    if x_sentry_auth is not None:
        keys |= _keys_in(_SCHEME.sub("", x_sentry_auth.strip(), count=1))
    # Other schemes are for whoever stands in front: a proxy with passwords of its own.
    if authorization is not None and (scheme := _SCHEME.match(authorization.strip())):
        keys |= _keys_in(authorization.strip()[scheme.end() :])
    if len(keys) > 1 or not all(_KEY.fullmatch(key) for key in keys):
        raise WrongCredentials
    return Credentials(project_id=project_id, key=next(iter(keys), None))


def read_dsn(text: object) -> Dsn | None:
    """None for what is no DSN of ours: its project is a number, the last part of its path."""
    if not isinstance(text, str) or len(text) > _DSN_MAX_CHARS:
        return None
    found = _DSN.fullmatch(text.strip())
    if found is None or not _KEY.fullmatch(found["key"]):
        return None
    project = found["path"].removesuffix("/").rpartition("/")[2]
    return Dsn(found["key"], int(project)) if _PROJECT.fullmatch(project) else None


def _keys_in(pairs: str) -> set[str]:
    """Of `sentry_version=7, sentry_key=…`, in any order, with blanks or without."""
    keys = set()
    for pair in pairs.split(","):
        name, _, value = pair.partition("=")
        if name.strip().lower() == "sentry_key":
            keys.add(value.strip().strip('"'))
    return keys
