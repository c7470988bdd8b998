"""The running service, as its owner's scripts know it: by its API, its database and its log."""

import json
from typing import Any

import httpx

from tests.live.conftest import Server

# What the programs hand to their SDKs, and SDKs send, and nobody may keep.
SECRETS = (
    "private@example.com",
    "local secret",
    "secret of this line",
    "secret-of-the-query",
    "secret-of-the-cookie",
    "203.0.113.9",
)


class Service:
    def __init__(self, server: Server) -> None:
        self.server = server
        self.client = httpx.Client(base_url=server.url)
        told = {"name": "Olga", "email": "olga@example.com", "password": "correct horse battery"}
        answer = self.client.post("/api/auth/register", json=told)
        assert answer.status_code == 201, answer.text
        self.client.headers["Authorization"] = f"Bearer {answer.json()['token']}"
        self._projects: list[Project] = []

    def new_project(self, name: str) -> "Project":
        answer = self.client.post("/api/projects", json={"name": name})
        assert answer.status_code == 201, answer.text
        self._projects.append(Project(self, answer.json()))
        return self._projects[-1]

    def stop(self) -> None:
        """Cleanly, so that every count of what was lost is written."""
        self.client.close()
        self.server.stop()

    def lost(self) -> dict[str, set[tuple[Any, ...]]]:
        """By project, which has a test's name: what was lost that may not be."""
        found: dict[int, set[tuple[Any, ...]]] = {}
        query = "SELECT project_id, source, kind, reason, quantity FROM losses"
        for project_id, *loss in self.server.rows(query):
            found.setdefault(project_id, set()).add(tuple(loss))
        lost = {each.name: found.get(each.id, set()) - each.may_lose for each in self._projects}
        return {name: losses for name, losses in lost.items() if losses}


class Project:
    """`dsn` is all that an app is given of it.

    `may_lose` is what a test knows to be lost: source, kind, reason, quantity.
    """

    def __init__(self, service: Service, told: dict[str, Any]) -> None:
        self._service = service
        self.id: int = told["id"]
        self.name: str = told["name"]
        self.may_lose: set[tuple[str, str, str, int]] = set()
        self.dsn: str = told["dsn"]

    def feedback(self) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = self._get("feedback")["feedback"]
        return rows

    def issues(self) -> dict[str, dict[str, Any]]:
        """By exception type; each with its events in full."""
        found: dict[str, dict[str, Any]] = {}
        for issue in self._get("issues")["issues"]:
            assert issue["exception_type"] not in found, "one failure makes one issue"
            found[issue["exception_type"]] = self._get(f"issues/{issue['id']}")
        return found

    def releases(self) -> dict[str, dict[str, Any]]:
        """Release health, by the release's name."""
        return {row["release"]: row for row in self._get("release-health")["releases"]}

    def answers(self) -> list[int]:
        """With which status each request of an SDK was answered, as the service's log has it."""
        lines = [line for line in self._service.server.log().splitlines() if line[:1] == "{"]
        requests = [json.loads(line) for line in lines if '"method": "POST"' in line]
        routes = ("envelope", "store", "error-page")
        return [
            told["status"]
            for told in requests
            if told.get("project_id") == self.id and any(each in told["route"] for each in routes)
        ]

    def _get(self, path: str) -> Any:
        answer = self._service.client.get(f"/api/projects/{self.id}/{path}")
        assert answer.status_code == 200, answer.text
        return answer.json()
