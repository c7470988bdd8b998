"""What is said to whoever asks for an address that is not there.

Most of them set the bare host as an SDK's server, and want what is below /api.
"""

import re

from flask import current_app, request

# What the vendor's build tools ask for, also with a slash too many, from the end of what was set as
# their server. They show the message to whoever runs the build.
_NOT_DONE_HERE = re.compile(
    r"/*(?:api/+)?projects/+[^/]+/+(?P<what>sourcemaps|profiles)(?:/.*)?"
    r"|/*(?:api/+)?(?:ingest/+)?(?P<also>profiles)/*"
)
_NOT_DONE = {
    "sourcemaps": "Source maps are not used by this server, and stacks are kept as they come: leave"
    " the step that uploads source maps out of your build.",
    "profiles": "Profiles are not kept by this server: switch profiling off in your SDK's options.",
}


def nothing_here(path: str) -> str:
    """With a hint for who set the bare host, or asks for what this service does not do."""
    if found := is_not_done_here(path):
        return _NOT_DONE[found["what"] or found["also"]]
    if meant := below_api(path):
        return f"There is nothing at this address; the API is below /api: {meant}."
    return "There is nothing at this address; check the path."


def is_not_done_here(path: str) -> re.Match[str] | None:
    """Whether it is asked for what other servers of the kind do, and this one does not."""
    return _NOT_DONE_HERE.fullmatch(path)


def where_api_is(page: str) -> str:
    """For a program that asked for the address of a page."""
    meant = below_api(page) or "/api/docs tells its addresses"
    return f"This address is a page for browsers; the API is below /api: {meant}."


def below_api(path: str) -> str | None:
    """The address below `/api` that is meant, if there is one."""
    meant = f"/api/{path.lstrip('/')}"
    return meant if not path.startswith("/api/") and methods_of(meant) else None


def methods_of(path: str) -> set[str]:
    """Which methods a view takes at this path; none where there is no view."""
    adapter = current_app.create_url_adapter(request)
    return set(adapter.allowed_methods(path)) if adapter is not None else set()
