"""Who may log in, how they prove it, and what they keep."""

from app.services.accounts.accounts import (
    AccountRow,
    LoggedIn,
    add,
    authenticate,
    claim_first_place,
    create,
    find_by_email,
    get,
    have_been,
    issue_token,
    only_one,
    open_for_demo,
)

__all__ = [
    "AccountRow",
    "LoggedIn",
    "add",
    "authenticate",
    "claim_first_place",
    "create",
    "find_by_email",
    "get",
    "have_been",
    "issue_token",
    "only_one",
    "open_for_demo",
]
