"""Who may do what, read from the roles as they stand in code."""

from __future__ import annotations

import pytest

from dashboards.roles import ANALYST, EXECUTIVE, HR, ROLES, SIGN_INS, Role
from dashboards.spec import DASHBOARDS

HARMLESS_WRITES = {"DashboardFilterStateRestApi", "DashboardPermalinkRestApi"}
"""Filters in use and links to them: a reader's own, nothing of the dashboard."""


@pytest.mark.parametrize("role", ROLES, ids=lambda role: role.name)
def test_no_role_reaches_all_data_or_administers(role: Role) -> None:
    assert not [
        pair for pair in role.permissions if pair[0].startswith("all_") or pair[0] == "can_add_role_permissions"
    ]
    assert not [view for permission, view in role.permissions if permission == "can_write" and view in ASSETS]
    assert not [view for _, view in role.permissions if view in ("User", "Role", "Database") and _ != "can_read"]


ASSETS = {"Chart", "Dashboard", "Dataset", "Database", "Theme", "CssTemplate", "Annotation", "RowLevelSecurity", "Tag"}


def test_an_executive_looks_and_filters_and_no_more() -> None:
    assert EXECUTIVE.databases == ()
    assert {view for permission, view in EXECUTIVE.permissions if permission == "can_write"} == HARMLESS_WRITES
    assert not [pair for pair in EXECUTIVE.permissions if "sql" in f"{pair[0]} {pair[1]}".lower()]


def test_only_hr_has_the_people_database() -> None:
    assert [role for role in ROLES if "people" in role.databases] == [HR]
    assert ANALYST.databases == ("operations",)


def test_what_others_than_hr_see_comes_from_operations() -> None:
    for dashboard in DASHBOARDS:
        assert dashboard.roles, f"{dashboard.slug}: a dashboard without roles is open to whoever has its datasets"
        if set(dashboard.roles) != {HR}:
            assert {dataset.database for dataset in dashboard.datasets} == {"operations"}


def test_every_role_has_a_sign_in() -> None:
    assert set(SIGN_INS.values()) == {role.name for role in ROLES} | {"Administrator"}
