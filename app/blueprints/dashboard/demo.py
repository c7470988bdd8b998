"""A believable project to look at: feedback of two weeks, through the same services as real data.

Everything is invented. Each run makes a new project of the account demo@example.com, so running it
twice harms nothing.
"""

import random
from datetime import datetime, timedelta

import click

from app.config import Settings
from app.domain.feedback_status import FeedbackStatus
from app.services import accounts, feedback, projects
from app.services.errors import NotFound

DEMO_EMAIL = "demo@example.com"
DEMO_DAYS = 14
FEEDBACK_COUNT = 120

_WHERE = ("Checkout", "Search", "Profile", "Order history", "Login", "Settings", "Cart")
_WHAT = (
    "The {} page stays blank after I come back from the background",
    "Love the new {} screen, but the text is too small on my phone",
    "{} takes ten seconds to open on the train",
    "I tapped twice in {} and was charged twice? Please call me, my mail is jo.doe@example.org",
    "The button in {} stays grayed out",
    "Dark mode in {} is unreadable",
    "{}: the keyboard covers the field I am typing in",
    "Please bring back the old {}, I cannot find anything",
    "{} crashes when I type an emoji 😅",
    "Paid with 4111 1111 1111 1111 in {} and the receipt never came",
)
_NAMES = ("Alice", "Bob", "Chloé", "Dmitri", "Emeka", "Fatima", "Günther", "Hana", None, None, None)
_VERSIONS = ("1.3.9", "1.4.0", "1.4.1", "1.4.1", "1.4.2", "1.4.2", "1.4.2")


def fill_demo(settings: Settings, *, now: datetime) -> None:
    """Make the account, a project and its data; print the tokens and what to try."""
    try:
        account = accounts.find_by_email(DEMO_EMAIL)
    except NotFound:
        account = accounts.create(DEMO_EMAIL, password=random.randbytes(16).hex(), now=now)
    project = projects.create("Demo shop", owner_id=account.id, platform="react-native", now=now)
    newest_id = _fill_feedback(project.id, now=now)
    user_token = accounts.issue_token(DEMO_EMAIL, client="demo", now=now).token
    click.echo(_what_to_try(settings, project, user_token=user_token, feedback_id=newest_id))


def _fill_feedback(project_id: int, *, now: datetime) -> int:
    chance = random.Random(project_id)  # the same demo for the same project, on every machine
    ages = sorted((chance.uniform(0, DEMO_DAYS) for _ in range(FEEDBACK_COUNT)), reverse=True)
    newest_id = 0
    with click.progressbar(ages, label="Feedback") as progress:
        for age_days in progress:
            written_at = now - timedelta(days=age_days)
            newest_id = feedback.submit(
                project_id,
                _invent_feedback(chance),
                address_hash=chance.randbytes(32),
                now=written_at,
                duplicate_window=timedelta(minutes=10),
            ).id
            status = _invent_status(chance, age_days)
            if status is not FeedbackStatus.OPEN:
                handled_at = written_at + timedelta(hours=chance.uniform(0, age_days * 24))
                feedback.set_status(project_id, newest_id, status=status, now=handled_at)
    return newest_id


def _invent_feedback(chance: random.Random) -> feedback.Submission:
    place = chance.choice(_WHERE)
    name = chance.choice(_NAMES)
    return feedback.Submission(
        message=chance.choice(_WHAT).format(place),
        name=name,
        email=f"{name.lower()}@example.com" if name and chance.random() < 0.6 else None,
        url=f"demoshop://{place.replace(' ', '')}",
        app_version=chance.choice(_VERSIONS),
    )


def _invent_status(chance: random.Random, age_days: float) -> FeedbackStatus:
    """The older, the more of it is done."""
    if chance.random() > age_days / DEMO_DAYS:
        return FeedbackStatus.OPEN
    return chance.choice((FeedbackStatus.HANDLED, FeedbackStatus.HANDLED, FeedbackStatus.ARCHIVED))


def _what_to_try(
    settings: Settings, project: projects.ProjectToken, *, user_token: str, feedback_id: int
) -> str:
    base = settings.local_url
    triage = f"{base}/api/projects/{project.id}/feedback"
    bearer = f"-H 'Authorization: Bearer {user_token}'"
    return f"""
Project {project.id} ({project.name}) is filled. Its tokens, shown only now:
  project token  {project.token}
  user token     {user_token}

With `make run` in another terminal, paste these to send feedback, read it, and handle it:

curl -X POST {base}/feedback -H 'X-Pionne-Token: {project.token}' \
-d '{{"message": "The Pay button stays grayed out", "app_version": "1.4.2"}}'
curl '{triage}?limit=3' {bearer}
curl -X PATCH {triage}/{feedback_id} {bearer} -d '{{"status": "handled"}}'
"""
