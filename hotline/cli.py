"""The command line. Each command imports what it needs when it runs, so that `--help` answers at once."""

from __future__ import annotations

import importlib
import json
import subprocess
import sys
from contextlib import nullcontext
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from hotline.home import PROJECT, Home
from hotline.progress import is_ours

if TYPE_CHECKING:
    import duckdb

NOT_PUBLISHED = 1
"""Something failed; readers still have the release from before."""
PUBLISHED_WITHOUT_SOME_FILES = 3
"""A new release is out, but a file could not be read and stands in quarantine."""


class Commands(click.Group):
    """Shows errors of our own as one message; anything else is a fault of the program and shows its trace."""

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except Exception as error:
            if isinstance(error, click.ClickException | click.exceptions.Exit | click.Abort):
                raise
            if is_ours(type(error).__module__):
                raise click.ClickException(str(error)) from error
            raise


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(package_name="hotline")
def main() -> None:
    """A call-centre data warehouse: raw call logs in, numbers that people can trust out.

    Everything is written below data/ in the checkout, or below the folder named in HOTLINE_DATA.
    """


@main.command()
@click.option("--agents", type=click.IntRange(1), default=30, show_default=True, help="Size of the centre.")
@click.option("--days", type=click.IntRange(1), default=90, show_default=True, help="How many days.")
@click.option("--start", type=click.DateTime(["%Y-%m-%d"]), help="First day; without it the last day is yesterday.")
@click.option("--seed", type=int, default=1, show_default=True, help="The same seed gives the same calls.")
@click.option("--dirt", is_flag=True, help="Add what goes wrong in real files: broken rows, duplicates, corrections.")
@click.option(
    "--scenario",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A YAML file of settings that are to differ from scenario.yml.",
)
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), help="Another folder than landing.")
def simulate(
    agents: int, days: int, start: datetime | None, seed: int, dirt: bool, scenario: Path | None, out: Path | None
) -> None:
    """Write landing files of a call centre that does not exist. Every call says that it is simulated.

    It writes every entity of the landing contract: calls, agents' events and schedules, customers, weather, calendar,
    outages, incidents, tickets, reviews, campaigns, claims, orders and the files of the personnel office hang together,
    and every effect in them stands in hotline/simulation/scenario.yml.

    \b
    Examples:
      hotline simulate
      hotline simulate --agents 400 --days 365 --seed 7
      hotline simulate --scenario hotter.yml --dirt --out elsewhere
    """
    from hotline.simulation import Scenario
    from hotline.simulation import simulate as write

    changed = Scenario.changed_by(scenario) if scenario else None
    out = out or Home.default().create().landing
    begins = start.date() if start else None
    made = write(out, agents=agents, days=days, start=begins, seed=seed, dirt=dirt, scenario=changed)
    click.echo(
        f"Simulated {made.contacts:,} contacts, {made.rows['calls']:,} queue visits, {made.first_day} to"
        f" {made.last_day}: {made.files:,} files, {made.bytes / 1e6:,.1f} MB in {out} ({made.seconds:.1f} s)"
    )


def _root(_: click.Context, __: click.Parameter, values: tuple[str, ...]) -> dict[str, Path]:
    roots = {}
    for value in values:
        name, equals, folder = value.partition("=")
        if not (name and equals and folder):
            raise click.BadParameter(f"'{value}' is not NAME=DIR, as in bank_1999=/srv/bank")
        path = Path(folder).expanduser().resolve()
        if not path.is_dir():
            raise click.BadParameter(f"{path} is not a folder")
        roots[name] = path
    return roots


@main.command()
@click.option(
    "--landing",
    "folder",
    type=click.Path(exists=True, file_okay=False, resolve_path=True, path_type=Path),
    help="Read this folder instead of data/landing.",
)
@click.option("--source", "roots", multiple=True, callback=_root, metavar="NAME=DIR", help="Read a folder as a source.")
@click.option("--full-checks", is_flag=True, help="Run the data tests on all days, not only on those that changed.")
@click.option(
    "--simulate", "demonstrate", is_flag=True, help="When landing is empty, fill it with simulated calls first."
)
@click.option("--verbose", is_flag=True, help="Show Dagster's log, with traces, instead of progress.")
def run(folder: Path | None, roots: dict[str, Path], full_checks: bool, demonstrate: bool, verbose: bool) -> None:
    """Load what is new, check it, build, check, publish.

    When something fails, nothing is published and the last release stays. Exit status: 0 when all went well, 1 when
    nothing was published, 3 when a release is out but a file could not be read.

    \b
    Examples:
      hotline run
      hotline run --landing /srv/calls
      hotline run --source bank_1999=../shared/data/bank_1999
    """
    _run(demonstrate, roots=roots, folder=folder, all_days_checked=full_checks, verbose=verbose)


@main.command()
@click.option("--verbose", is_flag=True, help="Show Dagster's log, with traces, instead of progress.")
def rebuild(verbose: bool) -> None:
    """Make every mart again from all raw files, test all days, publish.

    \b
    Example:
      hotline rebuild
    """
    _run(full=True, verbose=verbose)


def _run(demonstrate: bool = False, verbose: bool = False, **options) -> None:
    from hotline.collecting import seldom_collected
    from hotline.locking import writer_lock
    from hotline.progress import Progress, display, remember
    from hotline.simulation.demonstration import demonstration

    home = Home.default().create()
    command = " ".join(["hotline", *sys.argv[1:]])
    with writer_lock(home, command), seldom_collected():
        progress = Progress() if verbose else display()
        success = False
        with progress:
            try:
                beside = demonstration(home.landing, progress) if demonstrate else nullcontext(False)
                with beside as is_simulating, progress.step("Start"):
                    from orchestration.running import run as run_line

                    if is_simulating:
                        # Two seconds of imports that the checks need, while the simulation is not done yet.
                        importlib.import_module("great_expectations")
                success = run_line(home, progress, verbose=verbose, **options)
            finally:
                remember(home, progress, command, success)
    if not success:
        click.echo(_still_serving(home), err=True)
        sys.exit(NOT_PUBLISHED)
    if progress.problems:
        click.echo(f"Published, but {len(progress.problems)} of the files could not be read.", err=True)
        sys.exit(PUBLISHED_WITHOUT_SOME_FILES)


def _still_serving(home: Home) -> str:
    from hotline.publishing import current_release

    release = current_release(home)
    if release is None:
        return "Nothing was published."
    return (
        f"Nothing was published. Readers still see release {release.id} of {release.published_at:%Y-%m-%d %H:%M} UTC."
    )


@main.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", envvar="HOTLINE_PORT", type=int, default=8088, show_default=True, help="Also HOTLINE_PORT.")
@click.option("--watch", is_flag=True, help="Also run Dagster's daemon: what lands is published by itself.")
@click.option(
    "--run", "run_first", is_flag=True, help="Simulate when landing is empty, and run, while Superset starts."
)
def serve(host: str, port: int, watch: bool, run_first: bool) -> None:
    """Serve the dashboards until interrupted; the first start prints the sign-ins.

    \b
    Examples:
      hotline serve
      hotline serve --watch --host 0.0.0.0 --port 80
    """
    home = Home.default().create()
    if watch:
        from orchestration.instance import write_settings

        write_settings(home)
    from dashboards import serving

    if not run_first:
        serving.serve(home, host, port, watch)
        return
    # A process of its own: Superset's set-up keeps this one busy meanwhile.
    command = [Path(sys.executable).with_name("hotline"), "run", "--simulate"]
    first_run = subprocess.Popen(command)  # noqa: S603 - our own program with fixed arguments
    try:
        serving.serve(home, host, port, watch, before=lambda: _wait_for(first_run, home))
    finally:
        first_run.terminate()
        first_run.wait()


def _wait_for(first_run: subprocess.Popen, home: Home) -> None:
    """Wait for the run; when it failed, an older release is still worth serving."""
    status = first_run.wait()
    if status not in (0, PUBLISHED_WITHOUT_SOME_FILES) and not home.current.exists():
        raise click.ClickException("the run failed (see above), and there is no earlier release to serve")


@main.command()
@click.option("--port", type=int, default=3000, show_default=True)
def dev(port: int) -> None:
    """Dagster's web page on the line, with its daemon.

    \b
    Example:
      hotline dev --port 3001
    """
    from orchestration.instance import environment, write_settings

    home = Home.default().create()
    write_settings(home)
    programs = Path(sys.executable).parent
    code = ["-m", "orchestration.definitions"]
    page = [programs / "dagster-webserver", *code, "-h", "127.0.0.1", "-p", str(port)]
    settings = {"env": environment(home), "cwd": PROJECT}
    daemon_command = [programs / "dagster-daemon", "run", *code]
    daemon = subprocess.Popen(daemon_command, **settings)  # noqa: S603 - Dagster's own program, fixed arguments
    try:
        sys.exit(subprocess.call(page, **settings))  # noqa: S603 - the same
    finally:
        daemon.terminate()
        daemon.wait()


@main.command("sign-in")
@click.argument("user")
def sign_in(user: str) -> None:
    """Make a new password for USER and print it once.

    \b
    Example:
      hotline sign-in executive
    """
    from dashboards import serving

    click.echo(f"{user}: {serving.sign_in(Home.default().create(), user)}")


@main.command()
def status() -> None:
    """What was loaded, how the last run went, what blocks, what readers see.

    Exit status 1 when the last run failed or a failed check waits for a decision.

    \b
    Example:
      hotline status
    """
    from hotline.status import show

    sys.exit(0 if show(Home.default()) else 1)


@main.command()
def releases() -> None:
    """List the releases that are kept; the current one has a star.

    \b
    Example:
      hotline releases
    """
    from hotline.publishing import releases as kept
    from hotline.publishing import rolled_back_from

    home = Home.default()
    found = kept(home)
    if not found:
        click.echo("Nothing has been published yet: hotline run")
    for release in found:
        mark = "*" if release.is_current else " "
        click.echo(
            f"{mark} {release.id}  {release.published_at:%Y-%m-%d %H:%M:%S} UTC  {release.bytes / 1e6:10,.1f} MB"
        )
    note = rolled_back_from(home)
    if note:
        click.echo(f"{note['by']} went back from {note['from']} on {note['on']}.")


@main.command()
@click.argument("release", required=False)
def rollback(release: str | None) -> None:
    """Let readers see an earlier release: RELEASE, or the one before the current one. Takes effect at once.

    It lasts until there is something new to publish. To keep a wrong file out, withdraw it.

    \b
    Examples:
      hotline rollback
      hotline rollback 20250301T093000Z-3f9a1c
    """
    from hotline.publishing import rollback as go_back

    chosen = go_back(Home.default(), release)
    click.echo(f"Readers see release {chosen.id} of {chosen.published_at:%Y-%m-%d %H:%M:%S} UTC.")


@main.command()
@click.argument("file")
@click.option("--undo", is_flag=True, help="Take the withdrawal back.")
def withdraw(file: str, undo: bool) -> None:
    """Take a wrong FILE out of everything with the next run; what it had replaced counts again.

    FILE is its path below landing, as `hotline status` and the ledger write it.

    \b
    Examples:
      hotline withdraw calls/calls_2025-03-01.csv
      hotline withdraw --undo calls/calls_2025-03-01.csv
    """
    from hotline.landing import withdraw as take_out

    take_out(Home.default(), file, undo=undo)
    click.echo(f"{'Brought back' if undo else 'Withdrawn'}: {file}. It takes effect with the next run: hotline run")


@main.command()
@click.argument("check")
@click.option("--reason", required=True, help="Why the data are right; shown on the data quality page with your name.")
def accept(check: str, reason: str) -> None:
    """Overrule a failed CHECK in your name. `*` stands for anything: 'calls.*:hotline:2025-03-01'.

    \b
    Example:
      hotline accept calls.volume_by_weekday:hotline:2025-03-01 --reason 'Public holiday, few calls'
    """
    from expectations import accept as overrule

    for acceptance in overrule(Home.default(), check, reason):
        click.echo(
            f"Accepted {acceptance.check_id} (saw {acceptance.observed}) in the name of {acceptance.accepted_by}."
        )
    click.echo("It takes effect with the next run: hotline run")


@main.command()
@click.argument("query")
@click.option("--people", is_flag=True, help="Ask the people file, not operations; only its owner can read it.")
@click.option("--format", "form", type=click.Choice(["table", "csv", "json"]), default="table", show_default=True)
def sql(query: str, people: bool, form: str) -> None:
    """Answer a QUERY from the current release, read-only.

    \b
    Examples:
      hotline sql "select queue, sum(offered), sum(answered) from marts.service_level_by_day group by all"
      hotline sql --format csv "from marts.load_ledger" > ledger.csv
    """
    import duckdb

    from hotline.publishing import current_release

    release = current_release(Home.default())
    if release is None:
        raise click.ClickException("nothing has been published yet: hotline run")
    file = release.people if people else release.operations
    settings = {"enable_external_access": "false", "lock_configuration": "true"}
    try:
        with duckdb.connect(str(file), read_only=True, config=settings) as connection:
            _print(connection.execute(query), form)
    except duckdb.Error as error:
        raise click.ClickException(str(error)) from error


def _print(cursor: duckdb.DuckDBPyConnection, form: str) -> None:
    names = [column[0] for column in cursor.description]
    if form == "csv":
        import csv

        writer = csv.writer(sys.stdout, lineterminator="\n")
        writer.writerow(names)
        while rows := cursor.fetchmany(10_000):
            writer.writerows(rows)
    elif form == "json":
        while rows := cursor.fetchmany(10_000):
            for row in rows:
                click.echo(json.dumps(dict(zip(names, row, strict=True)), default=_as_text, ensure_ascii=False))
    else:
        from rich.table import Table

        from hotline.progress import console

        table = Table(*names)
        for row in cursor.fetchall():
            table.add_row(*("" if value is None else str(value) for value in row))
        console().print(table)


def _as_text(value: object) -> str:
    return value.isoformat() if isinstance(value, date | datetime) else str(value)


@main.command()
@click.argument("measure", required=False)
@click.option("--queue", help="A queue, or SOURCE/QUEUE where several sources have it.")
@click.option("--interval", help="Local start of a quarter of an hour: '2025-03-03 09:15', or 09:15 with --day.")
@click.option("--day", help="A local day: 2025-03-03. Without --interval and --day: the last one.")
@click.option("--tier", help="A tier of customers: high, middle, ordinary.")
@click.option("--source", help="A source, where several have the same queue.")
@click.option("--agent", help="An agent, or SOURCE/AGENT: what the agent answered on a day.")
@click.option("--department", help="A department; of measures of tickets.")
@click.option("--kind", help="A kind of ticket; of measures of tickets.")
@click.option("--all", "everything", is_flag=True, help="List every contact or ticket, not only the first 50.")
def explain(measure: str | None, everything: bool, **where: str | None) -> None:
    """Show the definition of MEASURE, its SQL, its value, and the contacts or tickets behind it.

    Without MEASURE: the names of all of them.

    \b
    Examples:
      hotline explain
      hotline explain service_level_abandons_counted --queue billing --interval "2025-03-03 09:15"
      hotline explain abandonment_rate --queue billing --day 2025-03-03 --tier high
      hotline explain average_handle_time --agent A012 --day 2025-03-03
      hotline explain step_timeliness --department repair --day 2025-03-03
    """
    from hotline import explain as explaining

    home = Home.default()
    if measure is None:
        click.echo("\n".join(explaining.measures(home)))
    else:
        click.echo(explaining.explain(home, measure, **where).text(limit=None if everything else 50))


@main.command()
def docs() -> None:
    """Make the documentation of models and KPIs, readable offline, and say where it stands.

    \b
    Example:
      hotline docs
    """
    from hotline.catalogue import write

    for title, file in write(Home.default().create()).items():
        click.echo(f"{title}: {file}")
