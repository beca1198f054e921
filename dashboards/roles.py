"""Who may do what: four roles as data, and the step that makes Superset agree with them.

A role's permissions are replaced as a whole at each set-up, so what stands here is all that a role may do. The base is
a viewer of our own: Superset's Gamma also writes charts and themes. Opening a dashboard lets its reader query the
datasets behind it freely, so a role is given the datasets of its dashboards openly, and nothing that it must not see
stands in them.
"""

from __future__ import annotations

from dataclasses import dataclass

Permission = tuple[str, str]
"""(permission, view), as Superset names them: ("can_read", "Dashboard")."""


def _on(view: str, *permissions: str) -> set[Permission]:
    return {(permission, view) for permission in permissions}


VIEWER: frozenset[Permission] = frozenset(
    _on("Dashboard", "can_read", "can_drill", "can_view_chart_as_table")
    | _on("Dataset", "can_read", "can_get_drill_info")
    | _on("DashboardFilterStateRestApi", "can_read", "can_write")
    | _on("DashboardPermalinkRestApi", "can_read", "can_write")
    | _on("Api", "can_time_range", "can_query", "can_query_form_data")
    | _on(
        "Superset",
        "can_csv",
        "can_dashboard",
        "can_dashboard_permalink",
        "can_explore_json",
        "can_fetch_datasource_metadata",
        "can_language_pack",
        "can_log",
        "can_slice",
    )
    | _on("UserDBModelView", "can_userinfo", "resetmypassword")
    | _on("ResetMyPasswordView", "can_this_form_get", "can_this_form_post")
    | {
        ("can_get", "MenuApi"),
        ("can_read", "AdvancedDataType"),
        ("can_read", "AvailableDomains"),
        ("can_read", "Chart"),
        ("can_read", "CssTemplate"),
        ("can_read", "CurrentUserRestApi"),
        ("can_read", "EmbeddedDashboard"),
        ("can_read", "Explore"),
        ("can_read", "SecurityRestApi"),
        ("can_read", "Tag"),
        ("can_read", "Theme"),
        ("can_read", "security"),
        ("can_recent_activity", "Log"),
        ("menu_access", "Dashboards"),
        ("menu_access", "Home"),
    }
)
"""Look, filter, drill into and download what is shown; found by trial, smallest set without an error on screen."""

EXPLORER: frozenset[Permission] = frozenset(
    _on("Database", "can_read")
    | _on("ExploreFormDataRestApi", "can_read", "can_write")
    | _on("Query", "can_read")
    | _on("SavedQuery", "can_read", "can_write", "can_export")
    | _on("SQLLab", "can_read", "can_execute_sql_query", "can_export_csv", "can_format_sql", "can_get_results")
    | _on("SqlLabPermalinkRestApi", "can_read", "can_write")
    | _on("Superset", "can_explore", "can_sqllab", "can_sqllab_history")
    | _on("TableSchemaView", "can_post", "can_expanded", "can_delete")
    | _on("TabStateView", "can_activate", "can_get", "can_delete_query", "can_post", "can_delete", "can_put")
    | {
        ("menu_access", "Charts"),
        ("menu_access", "Query Search"),
        ("menu_access", "SQL Editor"),
        ("menu_access", "SQL Lab"),
        ("menu_access", "Saved Queries"),
    }
)
"""Beside that: SQL Lab and the chart builder, on the databases of the role."""


@dataclass(frozen=True)
class Role:
    """`databases`: those that the role may query freely. Which dashboards it sees is said by each dashboard's spec."""

    name: str
    permissions: frozenset[Permission]
    databases: tuple[str, ...] = ()


EXECUTIVE = Role("Executive", VIEWER)
ANALYST = Role("Analyst", VIEWER | EXPLORER, databases=("operations",))
HR = Role("HR", VIEWER | EXPLORER, databases=("people",))
ROLES = (EXECUTIVE, ANALYST, HR)

ADMINISTRATOR = "Administrator"
"""Superset's own all-powerful role (`AUTH_ROLE_ADMIN`): it sees both databases and may grant what it likes."""

SIGN_INS = {"executive": EXECUTIVE.name, "analyst": ANALYST.name, "hr": HR.name, "administrator": ADMINISTRATOR}
"""The sign-ins that a new installation gets, with the role of each."""
