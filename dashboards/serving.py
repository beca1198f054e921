"""Set Superset up and serve it, in one process start-up.

Superset's own commands each pay a dozen seconds of imports; here the application is made once, brought up to date, and
handed to gunicorn as it stands. Roles and dashboards are laid anew at each start: what stands in code is what is shown.
"""

from __future__ import annotations

import hashlib
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, nullcontext, redirect_stdout
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dashboards.roles import ADMINISTRATOR, ROLES, SIGN_INS
from dashboards.secrets import password
from hotline.collecting import seldom_collected
from hotline.home import Home

if TYPE_CHECKING:
    from flask import Flask

HERE = Path(__file__).resolve().parent
BUNDLE = HERE / "bundle"

WORKERS = 2
THREADS = 8


class ServingError(Exception):
    """Superset can't be set up or served; the message says what to do."""


def prepare(home: Home) -> None:
    """Set Superset up: metadata, roles, sign-ins, dashboards. Needs no release, so it may run beside the pipeline."""
    _set_up_application(home)


def serve(
    home: Home,
    host: str = "127.0.0.1",
    port: int = 8088,
    watch: bool = False,
    before: Callable[[], None] | None = None,
) -> None:
    """Serve the dashboards in the foreground until interrupted; with `watch` run Dagster's daemon beside them.

    `before` is called when Superset is set up and before anything is served: whoever builds the first release in
    another process meanwhile waits for it there. Raises `ServingError` when the address is taken, or nothing has been
    published then.
    """
    _free(host, port)
    if before is None:
        _published(home)
        app = _set_up_application(home)
    else:
        with ThreadPoolExecutor(1, initializer=_give_way) as beside:
            app = beside.submit(_set_up_application, home).result()
        before()
        _published(home)
    passwords = _first_passwords(home, app)
    with _daemon(home) if watch else nullcontext():
        _run(app, host, port, ready=lambda: _announce(host, port, passwords))


def _set_up_application(home: Home) -> Flask:
    with seldom_collected():
        app = _application(home)
        _set_up(home, app)
    return app


def _give_way() -> None:
    """Let other processes go first, this thread alone: what is waited for in the end is the run beside it."""
    if sys.platform == "linux":
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), 10)


def _free(host: str, port: int) -> None:
    """Say so before the set-up when the address can't be had."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((host, port))
        except OSError as error:
            raise ServingError(f"cannot serve on {host}:{port}: {error.strerror}; choose another --port") from error


def _published(home: Home) -> None:
    if not home.current.exists():
        raise ServingError("nothing has been published yet: run `hotline run` first")


def sign_in(home: Home, user: str) -> str:
    """Give `user` a new password and return it; the old one stops working at once.

    Raises `ServingError` for a name that is not there.
    """
    if not (home.superset / "sign_ins").exists():
        raise ServingError("there are no sign-ins yet: `hotline serve` makes them at its first start, and prints them")
    app = _application(home)
    with app.app_context():
        return _new_password(user)


def bundle_contents(bundle: Path = BUNDLE) -> dict[str, str]:
    """The files of the bundle by path, as Superset's import takes them."""
    return {str(path.relative_to(bundle)): path.read_text("utf-8") for path in sorted(bundle.rglob("*.yaml"))}


# ---- the application


def _application(home: Home) -> Flask:
    """Superset's application on this home; slow (some ten seconds), so made once per process."""
    home.create()
    os.environ["HOTLINE_DATA"] = str(home.root)
    os.environ["SUPERSET_CONFIG_PATH"] = str(HERE / "superset_config.py")
    with _printing_to_log(home):
        from superset.app import create_app

        return create_app()


@contextmanager
def _printing_to_log(home: Home) -> Iterator[None]:
    """Superset prints which configuration it loaded, and its migrations what they did: to the log."""
    with (home.superset / "superset.log").open("a") as log, redirect_stdout(log):
        yield


def _set_up(home: Home, app: Flask) -> None:
    """Bring metadata, permissions, roles, sign-ins and dashboards to what the code says."""
    with app.app_context():
        _upgrade(home)
        _make_sign_ins()
        _import_bundle()
        _prune()
        _grant()


def _upgrade(home: Home) -> None:
    """Make or migrate the metadata tables and permissions; skipped where this Superset so configured has done it."""
    import superset
    from flask_migrate import upgrade
    from superset.extensions import appbuilder, security_manager

    digest = hashlib.sha256((HERE / "superset_config.py").read_bytes())
    wanted = f"{version('apache-superset')} {digest.hexdigest()}"
    done = home.superset / "upgraded_to"
    if done.exists() and done.read_text() == wanted:
        return
    with _printing_to_log(home):
        upgrade(directory=str(Path(superset.__file__).parent / "migrations"))
    appbuilder.add_permissions(update_perms=True)
    security_manager.create_custom_permissions()
    done.write_text(wanted)


def _make_sign_ins() -> None:
    """Roles, and a user per sign-in with a password that nobody knows yet."""
    from superset.extensions import security_manager

    for role in ROLES:
        security_manager.add_role(role.name)
    for name, role in SIGN_INS.items():
        if security_manager.find_user(name):
            continue
        person = (name, name.capitalize(), "Hotline", f"{name}@hotline.invalid", security_manager.find_role(role))
        if not security_manager.add_user(*person, password()):
            raise ServingError(f"Superset did not add the sign-in {name!r}; data/superset/superset.log says why")


def _first_passwords(home: Home, app: Flask) -> dict[str, str]:
    """Passwords for the sign-ins that were never given one, made only when they are about to be shown."""
    given = home.superset / "sign_ins"
    names = given.read_text().split() if given.exists() else []
    with app.app_context():
        made = {name: _new_password(name) for name in SIGN_INS if name not in names}
    given.write_text("\n".join([*names, *made]) + "\n")
    return made


def _new_password(user: str) -> str:
    """Replace the password of `user`; only its hash is kept. Raises `ServingError` for a name that is not there."""
    from superset.extensions import security_manager

    found = security_manager.find_user(user)
    if not found:
        names = ", ".join(sorted(person.username for person in security_manager.get_all_users()))
        raise ServingError(f"no sign-in {user!r}; there are: {names}")
    made = password()
    security_manager.reset_password(found.id, made)
    return made


def _import_bundle() -> None:
    from superset.commands.importers.v1.assets import ImportAssetsCommand
    from superset.extensions import security_manager
    from superset.utils.core import override_user

    with override_user(security_manager.find_user("administrator")):
        ImportAssetsCommand(bundle_contents()).run()


def _bundled(folder: str) -> dict[str, dict[str, Any]]:
    """The bundle's assets of one kind, by uuid."""
    import yaml

    assets = (yaml.safe_load(path.read_text("utf-8")) for path in sorted((BUNDLE / folder).rglob("*.yaml")))
    return {asset["uuid"]: asset for asset in assets}


def _prune() -> None:
    """Delete what an earlier bundle brought and this one no longer has; what people made themselves stays.

    What came from a bundle is marked `is_managed_externally`, which also keeps it from being edited on screen.
    """
    from superset.connectors.sqla.models import SqlaTable
    from superset.extensions import db
    from superset.models.dashboard import Dashboard
    from superset.models.slice import Slice

    for model, folder in ((Dashboard, "dashboards"), (Slice, "charts"), (SqlaTable, "datasets")):
        kept = _bundled(folder)
        for asset in db.session.query(model).filter_by(is_managed_externally=True):
            if str(asset.uuid) not in kept:
                db.session.delete(asset)
    db.session.commit()


def _grant() -> None:
    """Give every role exactly what `roles.py` and the dashboards' specs say."""
    from superset.extensions import db, security_manager
    from superset.models.core import Database
    from superset.models.dashboard import Dashboard

    from dashboards.spec import DASHBOARDS

    dashboards = {dashboard.slug: dashboard for dashboard in db.session.query(Dashboard)}
    databases = {database.database_name: database for database in db.session.query(Database)}
    for spec in DASHBOARDS:
        dashboards[spec.slug].roles = [security_manager.find_role(role.name) for role in spec.roles]
    administrator = security_manager.find_role(ADMINISTRATOR)
    administrator.permissions = db.session.query(security_manager.permissionview_model).all()
    for role in ROLES:
        wanted = set(role.permissions)
        wanted |= {("database_access", databases[name].perm) for name in role.databases}
        wanted |= {
            ("datasource_access", dataset.perm)
            for spec in DASHBOARDS
            if role in spec.roles
            for dataset in dashboards[spec.slug].datasources
        }
        found = {pair: security_manager.find_permission_view_menu(*pair) for pair in wanted}
        if missing := sorted(pair for pair, permission in found.items() if permission is None):
            raise ServingError(f"role {role.name} asks for what this Superset does not have: {missing}")
        security_manager.find_role(role.name).permissions = list(found.values())
    db.session.commit()


# ---- serving


def _announce(host: str, port: int, passwords: dict[str, str]) -> None:
    lines = [f"Dashboards: http://{host}:{port}/"]
    if passwords:
        lines += ["Sign-ins, shown this once (a lost one: `hotline sign-in NAME`):"]
        lines += [f"  {name:<14} {made}" for name, made in passwords.items()]
    print("\n".join(lines), flush=True)


def _run(app: Flask, host: str, port: int, ready: Callable[[], None]) -> None:
    """Run gunicorn on the loaded application. Threads, since one DuckDB query would block a whole gevent worker."""
    import duckdb
    from gunicorn.app.base import BaseApplication
    from superset.extensions import db
    from superset.utils.date_parser import datetime_eval

    class Server(BaseApplication):
        def load_config(self) -> None:
            settings = {
                "bind": f"{host}:{port}",
                "workers": WORKERS,
                "worker_class": "gthread",
                "threads": THREADS,
                "preload_app": True,
                "timeout": 120,
                "graceful_timeout": 10,
                "loglevel": "warning",
                "control_socket_disable": True,
                "when_ready": lambda _: ready(),
            }
            for name, value in settings.items():
                self.cfg.set(name, value)

        def load(self) -> Flask:
            return app

    # Superset's grammar of periods rearranges itself when it is first used, and two threads at once break it.
    datetime_eval("datetime('2000-01-01')")
    # A DuckDB instance whose threads stayed behind in this process brings a worker down when it ends.
    duckdb.close()
    with app.app_context():
        # An SQLite connection must not be carried into the workers that are forked from here.
        db.session.remove()
        db.engine.dispose()
    Server().run()


@contextmanager
def _daemon(home: Home) -> Iterator[None]:
    """Dagster's daemon, which watches landing and runs the daily schedule, for as long as the server runs."""
    owner = os.getpid()
    process = subprocess.Popen(  # noqa: S603 - our own interpreter's neighbour, with fixed arguments
        [str(Path(sys.executable).with_name("dagster-daemon")), "run", "-m", "orchestration.definitions"],
        env=os.environ | {"DAGSTER_HOME": str(home.dagster), "HOTLINE_DATA": str(home.root)},
        cwd=HERE.parent,
    )
    try:
        yield
    finally:
        # The workers forked by gunicorn leave through here too; only the process that started the daemon may end it.
        if os.getpid() == owner:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(timeout=20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
