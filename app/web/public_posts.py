"""What apps post with a project token: all that is the same for each dialect that they speak.

A blueprint has one `PublicPosts` and adds its views to it. Who sends is asked before a view runs;
how often is counted on each view. That pages of any origin may read the answers is told apart, by
`publish` in the plugin's `init_app` (app.web.cors).
"""

from collections.abc import Callable, Iterable

from flask import Blueprint, Flask
from flask.typing import ResponseReturnValue, RouteCallable
from werkzeug.exceptions import RequestEntityTooLarge

from app.current import this_request
from app.domain.losses import LossKind
from app.web.cors import preflight
from app.web.incoming import refuse_large_body
from app.web.last_use import note_use
from app.web.project_token import (
    TokenReader,
    identify_project,
    note_sender,
    refusing_dead_tokens_first,
)
from app.web.refused_posts import count_refusals
from app.web.stray_posts import count_strays


class PublicPosts:
    def __init__(self, blueprint: Blueprint, reader: TokenReader) -> None:
        self._blueprint = blueprint
        self._reader = reader
        self._kinds: dict[str, LossKind] = {}
        self._max_body_bytes: dict[str, Callable[[], int]] = {}
        count_refusals(blueprint, self._kinds)
        blueprint.before_request(self._admit)
        blueprint.after_request(note_use)

    def add(
        self,
        view: RouteCallable,
        rules: Iterable[str],
        *,
        kind: LossKind,
        max_body_bytes: Callable[[], int] | None = None,
    ) -> RouteCallable:
        """Register the view for POST; what it refuses is counted as a loss of this kind.

        `max_body_bytes` is asked at each request, where the usual limit is not right.
        """
        view = refusing_dead_tokens_first(view)
        endpoint = f"{self._blueprint.name}.{view.__name__}"
        self._kinds[endpoint] = kind
        if max_body_bytes is not None:
            self._max_body_bytes[endpoint] = max_body_bytes
        for rule in rules:
            self._blueprint.post(rule)(view)
        return view

    def count_strays(self, app: Flask, *, is_near: Callable[[str], bool]) -> None:
        """Count what is posted with a token of the dialect where no view is."""
        count_strays(app, self._reader, is_near=is_near)

    def _admit(self) -> ResponseReturnValue | None:
        """Body limit, then who."""
        asked = this_request()
        if asked.method == "OPTIONS":
            return preflight()
        if max_body_bytes := self._max_body_bytes.get(asked.endpoint or ""):
            asked.max_content_length = max_body_bytes()
        try:
            refuse_large_body()
        except RequestEntityTooLarge:
            note_sender(self._reader)
            raise
        identify_project(self._reader)
        return None
