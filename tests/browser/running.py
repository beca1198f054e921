"""A running server, as the tests talk to it."""

from __future__ import annotations

import os
import socket
from dataclasses import dataclass, field
from typing import Any

import requests
from playwright.sync_api import Page

from hotline.home import Home

QUERY_SECONDS = 4
"""The time limit of one query here; thirty in use."""

REMOVED_CHART = "Removed long ago / 早已移除"
"""A chart that an earlier bundle had."""


@dataclass
class Site:
    """A running server, and its REST interface in the name of a user."""

    home: Home
    address: str
    environment: dict[str, str]
    passwords: dict[str, str]
    opened: set[str] = field(default_factory=set)
    """Slugs of the dashboards that were opened in a browser, by somebody who sees them."""
    _sessions: dict[str, requests.Session] = field(default_factory=dict)
    _datasets: dict[str, int] = field(default_factory=dict)

    def signed_in(self, user: str) -> requests.Session:
        """A session of `user`; the same one each time."""
        if user not in self._sessions:
            answer, session = self.try_sign_in(user, self.passwords[user])
            assert answer.status_code == 200, answer.text
            self._sessions[user] = session
        return self._sessions[user]

    def try_sign_in(self, user: str, password: str) -> tuple[requests.Response, requests.Session]:
        session = requests.Session()
        login = {"username": user, "password": password, "provider": "db"}
        answer = session.post(f"{self.address}/api/v1/security/login", json=login, timeout=30)
        if answer.status_code == 200:
            session.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"
            token = session.get(f"{self.address}/api/v1/security/csrf_token/", timeout=30).json()["result"]
            session.headers.update({"X-CSRFToken": token, "Referer": self.address})
        return answer, session

    def get(self, user: str, path: str) -> requests.Response:
        return self.signed_in(user).get(f"{self.address}{path}", timeout=60)

    def post(self, user: str, path: str, body: dict[str, Any]) -> requests.Response:
        return self.signed_in(user).post(f"{self.address}{path}", json=body, timeout=60)

    def id_of(self, kind: str, column: str, name: str) -> int:
        """The id of an asset, asked as the administrator, who sees all."""
        query = f"(filters:!((col:{column},opr:eq,value:'{name}')))"
        found = self.get("administrator", f"/api/v1/{kind}/?q={query}").json()["result"]
        assert len(found) == 1, f"{kind} {name}: {found}"
        return found[0]["id"]

    def sql(self, user: str, database: str, statement: str) -> requests.Response:
        """Run a statement in SQL Lab."""
        number = self.id_of("database", "database_name", database)
        body = {"database_id": number, "sql": statement, "runAsync": False, "client_id": os.urandom(5).hex()}
        return self.post(user, "/api/v1/sqllab/execute/", body)

    def chart_data(self, user: str, dataset: str, *queries: dict[str, Any], force: bool = False) -> requests.Response:
        """Ask a dataset as charts do; one request, one or more queries."""
        number = self.id_of_dataset(dataset)
        body = {
            "datasource": {"id": number, "type": "table"},
            "force": force,
            "queries": [{"columns": [], "metrics": [], "filters": [], "row_limit": 1000} | query for query in queries],
            "result_format": "json",
            "result_type": "full",
        }
        return self.post(user, "/api/v1/chart/data", body)

    def id_of_dataset(self, name: str) -> int:
        if name not in self._datasets:
            self._datasets[name] = self.id_of("dataset", "table_name", name)
        return self._datasets[name]


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def sign_in(page: Page, site: Site, user: str) -> None:
    page.goto(f"{site.address}/login/")
    page.fill("#username", user)
    page.fill("#password", site.passwords[user])
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: "/login" not in url, timeout=120_000)
