"""What templates may ask for beyond their own values: times in words, links, the pages around.

Everything that people or apps sent goes through autoescape. `is_web_link` decides what becomes a
link; no filter here marks text as safe.
"""

from datetime import datetime
from typing import Any

from flask import g
from flask_login import current_user

from app.blueprints.console.access import may
from app.blueprints.console.assets import asset
from app.blueprints.console.blueprint import blueprint
from app.blueprints.console.choices import in_form, need_quotes
from app.blueprints.console.releases.rate_words import (
    adoption_in_words,
    axis_label,
    between,
    counted,
    day_name,
    lasting,
    percent,
    shared_in_words,
    trend_in_words,
)
from app.blueprints.console.short_texts import is_short, short
from app.domain.byte_sizes import in_words
from app.domain.relative_time import exact_time, time_ago
from app.domain.roles import Role
from app.domain.times import wire_time
from app.domain.web_links import is_web_link
from app.extensions import now

# The tabs of a project: what is written on them, and the page.
PROJECT_TABS = (
    ("Inbox", "console.read_inbox"),
    ("Releases", "console.list_releases"),
    ("Issues", "console.list_issues"),
    ("Settings", "console.read_settings"),
)
SETTINGS_TABS = (
    ("Project", "console.read_settings"),
    ("Members", "console.list_members"),
    ("Tokens", "console.list_tokens"),
    ("Audit", "console.read_audit"),
)


@blueprint.app_template_filter("ago")
def _ago(moment: datetime) -> str:
    return time_ago(moment, now=now())


blueprint.add_app_template_filter(exact_time, "exact")
blueprint.add_app_template_filter(percent, "percent")
blueprint.add_app_template_filter(counted, "counted")
blueprint.add_app_template_filter(lasting, "lasting")
blueprint.add_app_template_filter(between, "between")
blueprint.add_app_template_filter(axis_label, "axis_label")
blueprint.add_app_template_filter(day_name, "day_name")
blueprint.add_app_template_filter(trend_in_words, "trend_in_words")
blueprint.add_app_template_filter(adoption_in_words, "adoption_in_words")
blueprint.add_app_template_filter(shared_in_words, "shared_in_words")
blueprint.add_app_template_filter(wire_time, "wire_time")
blueprint.add_app_template_filter(in_words, "byte_size")
blueprint.add_app_template_filter(short, "short")
blueprint.add_app_template_filter(in_form, "in_form")
blueprint.add_app_template_filter(need_quotes, "need_quotes")
blueprint.add_app_template_test(is_short, "short")
blueprint.add_app_template_test(is_web_link, "web_link")


@blueprint.context_processor
def _around() -> dict[str, Any]:
    """For every page: who looks, and in which project as what."""
    admission = g.get("admission")
    return {
        "asset": asset,
        "current_user": current_user,
        "admission": admission,
        "project_tabs": PROJECT_TABS,
        "settings_tabs": SETTINGS_TABS,
        "can_triage": admission is not None and may(Role.MEMBER),
        "is_owner": admission is not None and may(Role.OWNER),
    }
