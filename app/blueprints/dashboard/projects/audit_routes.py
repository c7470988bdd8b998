"""Who did what in a project, and when."""

from flask.typing import ResponseReturnValue

from app.blueprints.dashboard.access import project_for
from app.blueprints.dashboard.blueprint import blueprint, next_page
from app.blueprints.dashboard.projects.audit_schemas import (
    AuditPageSchema,
    AuditQuerySchema,
    AuditRowSchema,
)
from app.domain.roles import Role
from app.services import audit
from app.web.incoming import query_values
from app.web.openapi import documented

_query_schema = AuditQuerySchema()
_row_schema = AuditRowSchema()


@blueprint.get("/projects/<project>/audit")
@documented(query=AuditQuerySchema, answers={200: AuditPageSchema})
def list_audit(project: str) -> ResponseReturnValue:
    """List the newest deeds; `Link: rel="next"` pages on."""
    project_id = project_for(Role.VIEWER, project)
    query = _query_schema.load(query_values())
    page = audit.list_page(project_id, limit=query["limit"], before=query["before"])
    cursor = None if page.next_before is None else str(page.next_before)
    link = next_page(".list_audit", _query_schema, before=cursor, project=project_id)
    return {"audit": _row_schema.dump(page.rows, many=True)}, link
