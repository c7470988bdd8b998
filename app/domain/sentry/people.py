"""Who had something happen to them, without saying who that is."""

from app.domain.sentry.loose import mapping, text
from app.domain.user_key import names_nobody, session_user_key


def user_id_anon(user: object) -> str | None:
    """The id that an app gave somebody; no address of e-mail, which some apps take for one."""
    user_id = text(mapping(user).get("id"))
    return None if user_id is None or "@" in user_id or names_nobody(user_id) else user_id


def user_key_of(user: object) -> bytes | None:
    """As SDKs form the `did` of sessions: so a person's reports and sessions meet. None: nobody."""
    told = mapping(user)
    for name in ("id", "email", "username"):
        if key := did_key(told.get(name)):
            return key
    return None


def did_key(did: object) -> bytes | None:
    """What stands for the user of a session; None for nobody."""
    return session_user_key(text(did))
