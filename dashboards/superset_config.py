"""Superset's configuration, loaded by Superset itself through `SUPERSET_CONFIG_PATH` (see `dashboards.serving`).

Upper-case names override Superset's defaults. Nothing here is secret: the key is generated into `data/superset/`.
"""

import os
from datetime import timedelta

from flask import redirect, request
from sqlalchemy import event
from superset.extensions import db

from dashboards.logs import LogFile
from dashboards.release import SQL_SECONDS, fill_dashboards, pin_release, release_of
from dashboards.secrets import secret_key
from dashboards.spec import DASHBOARDS
from dashboards.theme import CATEGORICAL, LOGO, SEQUENTIAL, TOKENS
from hotline.home import Home

HOME = Home.default()
QUERY_SECONDS = float(os.environ.get("HOTLINE_QUERY_SECONDS") or SQL_SECONDS)

# ---- identity and storage
APP_NAME = "Hotline"
SECRET_KEY = secret_key(HOME)
SQLALCHEMY_DATABASE_URI = f"sqlite:///{HOME.superset / 'superset.db'}"
# Sixteen threads share one SQLite file: a writer waits for another instead of failing.
SQLALCHEMY_ENGINE_OPTIONS = {"connect_args": {"timeout": 30}}
DATA_DIR = str(HOME.superset)

# ---- what goes wrong stands in data/superset/superset.log, not between the lines that people read
LOGGING_CONFIGURATOR = LogFile(HOME.superset / "superset.log")
ALEMBIC_SKIP_LOG_CONFIG = True

# ---- who may do what
AUTH_ROLE_ADMIN = "Administrator"
AUTH_USER_REGISTRATION = False
PUBLIC_ROLE_LIKE = None
FEATURE_FLAGS = {
    "DASHBOARD_RBAC": True,
    "RLS_IN_SQLLAB": True,
    "ENABLE_TEMPLATE_PROCESSING": False,
    "ALERT_REPORTS": False,
    "EMBEDDED_SUPERSET": False,
    "DRILL_BY": False,
}
WTF_CSRF_TIME_LIMIT = int(timedelta(days=1).total_seconds())
PERMANENT_SESSION_LIFETIME = timedelta(days=7)
# Else every answer renews the cookie, and a slow one from before signing in or out undoes it.
SESSION_REFRESH_EACH_REQUEST = False
PREVENT_UNSAFE_DB_CONNECTIONS = False  # An administrator alone may add a connection.

# ---- what leaves the machine: nothing. Superset's pages carry a telemetry pixel that only this policy stops.
TALISMAN_ENABLED = True
TALISMAN_CONFIG = {
    "content_security_policy": {
        "base-uri": ["'self'"],
        "default-src": ["'self'"],
        "img-src": ["'self'", "blob:", "data:"],
        "worker-src": ["'self'", "blob:"],
        "connect-src": ["'self'"],
        "object-src": "'none'",
        "style-src": ["'self'", "'unsafe-inline'"],
        "font-src": ["'self'", "data:"],
        "script-src": ["'self'", "'strict-dynamic'"],
    },
    "content_security_policy_nonce_in": ["script-src"],
    "force_https": False,
    "session_cookie_secure": False,
}
THEME_FONT_URL_ALLOWED_DOMAINS: list[str] = []

# ---- languages and looks
BABEL_DEFAULT_LOCALE = "en"
LANGUAGES = {"en": {"flag": "us", "name": "English"}, "zh": {"flag": "cn", "name": "中文"}}
THEME_DEFAULT = {"token": TOKENS, "algorithm": "default"}
THEME_DARK = None
ENABLE_UI_THEME_ADMINISTRATION = False
EXTRA_CATEGORICAL_COLOR_SCHEMES = [CATEGORICAL]
EXTRA_SEQUENTIAL_COLOR_SCHEMES = [SEQUENTIAL]
APP_ICON = LOGO
FAVICONS = [{"href": LOGO}]
HTML_SANITIZATION_SCHEMA_EXTENSIONS = {"attributes": {"*": ["className"]}}

# ---- half hours are how call centres count
TIME_GRAIN_ADDONS = {"PT15M": "15 minutes", "PT30M": "30 minutes"}
TIME_GRAIN_ADDON_EXPRESSIONS = {
    "duckdb": {
        "PT15M": "time_bucket(INTERVAL '15 minutes', {col})",
        "PT30M": "time_bucket(INTERVAL '30 minutes', {col})",
    }
}

# ---- limits
ROW_LIMIT = 10_000
SQL_MAX_ROW = 100_000
DEFAULT_SQLLAB_LIMIT = 1_000
SQLLAB_TIMEOUT = int(QUERY_SECONDS)
SUPERSET_WEBSERVER_TIMEOUT = int(QUERY_SECONDS) + 30

# ---- one release per request
DATA_CACHE_CONFIG = {
    "CACHE_TYPE": "dashboards.release.release_cache",
    "CACHE_DIR": str(HOME.superset / "cache"),
    "CACHE_THRESHOLD": 5_000,
    "CACHE_DEFAULT_TIMEOUT": int(timedelta(days=1).total_seconds()),
}
CACHE_CONFIG = DATA_CACHE_CONFIG


def DB_CONNECTION_MUTATOR(uri, params, username, security_manager, source):
    """Superset asks here before each connection: DuckDB ones go to the request's release."""
    if uri.drivername.startswith("duckdb"):
        return pin_release(release_of(HOME), uri, params, QUERY_SECONDS)
    return uri, params


def FLASK_APP_MUTATOR(app):
    """Superset calls this once, with the application that it made."""
    fill_dashboards(app, HOME, QUERY_SECONDS)

    @event.listens_for(db.engine, "connect")
    def let_readers_and_a_writer_share_the_file(connection, _):
        """SQLite's write-ahead log, synced at checkpoints: a power cut may lose the last seconds, never the file."""
        connection.execute("pragma journal_mode = wal")
        connection.execute("pragma synchronous = normal")

    @app.before_request
    def open_on_the_first_dashboard():
        """Who signs in sees the first dashboard; Superset's own start page lists what one did lately."""
        if request.path == "/superset/welcome/":
            return redirect(f"/superset/dashboard/{DASHBOARDS[0].slug}/")
        return None
