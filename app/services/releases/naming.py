"""Makes a release known by hand, whatever is left of the day's allowance of new names.

Whoever has a project's token can use the allowance up each day, and keep an honest new release in
`other`. What its owner names is known from then on: no stranger can take that away.
"""

from datetime import datetime

from app.database import write_transaction
from app.domain.audit_action import AuditAction
from app.domain.releases import DEFAULT_ENVIRONMENT
from app.services import audit
from app.services.projects.tokens import hold_project
from app.services.releases import names
from app.services.releases.names import Names


def name_release(
    project_id: int, release: str, *, environment: str | None, actor: str | None, now: datetime
) -> Names:
    """Naming it again is harmless; raises NotFound for a project that is gone.

    What was counted in `other` before stays there.
    """
    named = Names(release, environment or DEFAULT_ENVIRONMENT)
    with write_transaction() as connection:
        hold_project(connection, project_id)
        names.make_known(connection, project_id, named)
        audit.record(
            connection,
            project_id,
            AuditAction.RELEASE_NAMED,
            actor=actor,
            now=now,
            release=named.release,
            environment=named.environment,
        )
    return named
