"""What happened before an event, without the secrets in the addresses that it names."""

from typing import Any

from app.domain.field_limits import BREADCRUMBS_MAX_COUNT
from app.domain.sentry.loose import mappings, values
from app.domain.sentry.urls import masked_query, masked_url

_ADDRESSES = ("url", "to", "from")
_QUERIES = ("http.query", "http.fragment")
# One more than is kept, so that whoever cuts them sees that there were more.
_MOST = BREADCRUMBS_MAX_COUNT + 1


def breadcrumbs_of(value: object) -> object:
    """Oldest first, the newest of them; of a list, or of `{"values": […]}`.

    All else as it is, for whoever counts what cannot be used.
    """
    if value is not None and not values(value):
        return [] if isinstance(value, list | dict) else value
    return [_masked(crumb) for crumb in mappings(value)[-_MOST:]]


def _masked(crumb: dict[str, Any]) -> dict[str, Any]:
    data = crumb.get("data")
    if not isinstance(data, dict):
        return crumb
    masked = dict(data)
    for names, mask in ((_ADDRESSES, masked_url), (_QUERIES, masked_query)):
        for name in names:
            if isinstance(told := data.get(name), str):
                masked[name] = mask(told)
    return {**crumb, "data": masked}
