"""The command `demo`: a believable project for whoever is there, and its removal without a trace.

Where the instance has one account, the project is that account's. Otherwise the demo makes an
account of its own, whose password only the shell shows; it is nobody's first account.
"""

import secrets
from datetime import datetime, timedelta

from app.blueprints.operations.demo_fill import DemoStory
from app.blueprints.operations.demo_story import DEMO_DAYS, PLATFORM, PROJECT_NAME
from app.commands import say
from app.config import Settings
from app.domain.text import in_one_line
from app.services import accounts, projects
from app.services.accounts import AccountRow
from app.services.accounts import deletion as account_deletion
from app.services.accounts import password_change
from app.services.projects import ProjectToken, demos
from app.services.projects import purge as project_purge
from app.services.projects.demos import Demo

DEMO_EMAIL = "demo@example.com"
_PASSWORD_BYTES = 9


def fill_demo(settings: Settings, *, now: datetime) -> None:
    """Make the project and its data; print the tokens and what to try. Never a second one."""
    demo = demos.find()
    if demo.projects:
        say(_what_is_there(settings, demo))
        return
    owner, password = _owner(demo, now=now)
    # The story began before now, and so did its audit.
    began_at = now - timedelta(days=DEMO_DAYS + 1)
    project = projects.create(
        PROJECT_NAME, owner_id=owner.id, platform=PLATFORM, actor=None, now=began_at
    )
    demos.mark_project(project.id, now=now)
    story = DemoStory(project.id, now=now)
    story.fill()
    say(_what_is_new(settings, project))
    if password is None:
        say(_of_its_owner(settings, project, owner))
    else:
        token = accounts.issue_token(owner.email, client="demo", now=now).token
        say(_login(settings, owner.email, password, user_token=token))
        say(_triage_lines(settings, project, token, story.newest_feedback_id))
    say("\nTake it all away again: pionne-feedback demo --remove")


def remove_demo(*, now: datetime) -> None:
    """Its projects with everything in them, and its account, unless somebody uses it."""
    demo = demos.find()
    if not demo.projects and not demo.accounts:
        say("There is no demo here.")
    for project in demo.projects:
        projects.mark_deleted(project.id, confirm=project.name, actor=None, now=now)
        say(f"Removed project {project.id} ({in_one_line(project.name)}).")
    for account in demo.accounts:
        if names := projects.names_owned_by(account.id):
            owned = in_one_line(", ".join(names))
            say(f"Kept account {in_one_line(account.email)}: it owns {owned}.")
        else:
            account_deletion.delete_from_shell(account.id, now=now)
            say(f"Removed account {in_one_line(account.email)}.")
    for _ in project_purge.run():
        pass
    demos.forget_what_is_gone()


def _owner(demo: Demo, *, now: datetime) -> tuple[AccountRow, str | None]:
    """Whose the project will be, and the password, if the demo may give the account one."""
    password = secrets.token_urlsafe(_PASSWORD_BYTES)
    made = [account.id for account in demo.accounts]
    if owner := accounts.only_one(besides=made):
        return owner, None
    if demo.accounts:  # of a demo whose project somebody deleted
        return password_change.reset(demo.accounts[0].email, new_password=password), password
    if owner := accounts.open_for_demo(DEMO_EMAIL, password=password, now=now):
        demos.mark_account(owner.id, now=now)
        return owner, password
    return accounts.find_by_email(DEMO_EMAIL), None


def _what_is_there(settings: Settings, demo: Demo) -> str:
    project = demo.projects[0]
    name = in_one_line(project.name)
    said = f"Project {project.id} ({name}) is the demo already; there is no second one."
    if project.owner_id in {account.id for account in demo.accounts}:
        password = secrets.token_urlsafe(_PASSWORD_BYTES)
        password_change.reset(project.owner, new_password=password)
        said += " Its account has a new password now, and is logged out everywhere."
        said += f"\n{_login(settings, project.owner, password)}"
    else:
        said += f"\nLog in as {project.owner}: {settings.local_url}/login"
    return f"{said}\n\nTake it all away: pionne-feedback demo --remove"


def _what_is_new(settings: Settings, project: ProjectToken) -> str:
    return f"""
Project {project.id} ({in_one_line(project.name)}) is filled. What is shown here is shown only now:
  project token  {project.token}

With the service running (`pionne-feedback` starts it), paste this to send feedback:

curl -X POST {settings.local_url}/feedback -H 'X-Pionne-Token: {project.token}' \
-d '{{"message": "The Pay button stays grayed out", "app_version": "1.4.2"}}'
"""


def _of_its_owner(settings: Settings, project: ProjectToken, owner: AccountRow) -> str:
    return (
        f"It belongs to {in_one_line(owner.email)}. Look at it in a browser:"
        f" {settings.local_url}/projects/{project.id}/inbox\n"
        f"If nobody knows the password: pionne-feedback accounts reset {in_one_line(owner.email)}"
    )


def _login(settings: Settings, email: str, password: str, *, user_token: str | None = None) -> str:
    token = f"  user token     {user_token}\n" if user_token else ""
    return (
        f"{token}Log in and look at it in a browser: {settings.local_url}/login\n"
        f"  e-mail         {email}\n"
        f"  password       {password}"
    )


def _triage_lines(
    settings: Settings, project: ProjectToken, user_token: str, feedback_id: int
) -> str:
    feedback = f"{settings.local_url}/api/projects/{project.id}/feedback"
    bearer = f"-H 'Authorization: Bearer {user_token}'"
    return f"""
Or read it and handle it with these:

curl '{feedback}?limit=3' {bearer}
curl -X PATCH {feedback}/{feedback_id} {bearer} -d '{{"status": "handled"}}'"""
