"""A fresh clone in an empty folder: `make run` until the first dashboard answers."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import tempfile
import threading
import time
from datetime import datetime
from pathlib import Path

from benchmarks.measuring import ROOT
from benchmarks.results import Goal, Section, Table, seconds

GOAL_ALL, GOAL_OURS = 300.0, 60.0
LONGEST = 900
SIGN_IN = "executive"


def run(work: Path, size: str, runs: int) -> Section:
    """One run: what is measured is the first one. `size` and `runs` are not used."""
    with tempfile.TemporaryDirectory(dir=work) as folder:
        clone = Path(folder) / "hotline"
        subprocess.run(["git", "clone", "--quiet", str(ROOT), str(clone)], check=True)
        marks, took = _run(clone)
    # Simulate and Start run at the same time: what counts is the clock.
    ours = marks["first release published"] - marks["environment installed"]
    return Section(
        "First run",
        "as `make run` has it",
        [
            Table("Seconds from `make run` on", ["what", "at s"], [[what, seconds(at)] for what, at in marks.items()]),
            Table("Our own steps", ["step", "s"], [[what, seconds(each)] for what, each in took.items()]),
        ],
        [
            Goal("fresh clone to the first dashboard", GOAL_ALL, marks["first dashboard page answers"], " s"),
            Goal("simulate, load, check, build, publish", GOAL_OURS, ours, " s"),
        ],
        [
            "Packages come from the index or from this machine's cache, and are compiled when they are installed.",
            "Simulate and Start run at the same time, and Superset sets itself up beside our steps: what counts is the "
            "clock, from the end of installing to the release.",
        ],
    )


def _run(clone: Path) -> tuple[dict[str, float], dict[str, float]]:
    port = _free_port()
    environment = {name: value for name, value in os.environ.items() if name not in ("HOTLINE_DATA", "VIRTUAL_ENV")}
    began = time.time()
    process = subprocess.Popen(
        ["make", "run"], cwd=clone, env=environment | {"HOTLINE_PORT": str(port)}, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True,
    )  # fmt: skip
    output: list[str] = []
    reader = threading.Thread(target=lambda: output.extend(process.stdout), daemon=True)
    reader.start()
    try:
        answered = _first_page(process, output, port, began + LONGEST)
    finally:
        _end(process)
    home = clone / "data"
    landed = [file.stat().st_mtime for file in (home / "landing/calls").iterdir()]
    record = json.loads((home / "build/last_run.json").read_text(encoding="utf-8"))
    installed = (clone / ".venv/.installed").stat().st_mtime
    marks = {
        "environment installed": installed - began,
        "simulated calls landed": max(landed) - began,
        "first release published": datetime.fromisoformat(record["ended_at"]).timestamp() - began,
        "first dashboard page answers": answered - began,
    }
    steps = {step["name"]: step["seconds"] for step in record["steps"]}
    return marks, steps


def _end(process: subprocess.Popen) -> None:
    """End make and all that it started, as Ctrl-C does."""
    if process.poll() is not None:
        return
    os.killpg(process.pid, signal.SIGINT)
    try:
        process.wait(timeout=30)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


def _first_page(process: subprocess.Popen, output: list[str], port: int, until: float) -> float:
    """Sign in as soon as somebody answers, and ask for the dashboard; returns when it was there."""
    import requests

    address = f"http://127.0.0.1:{port}"
    while time.time() < until:
        if process.poll() is not None:
            raise RuntimeError(f"make run ended with {process.returncode}:\n{''.join(output)[-4000:]}")
        password = re.search(rf"^\s*{SIGN_IN}\s+(\S+)$", "".join(output), re.MULTILINE)
        if password:
            try:
                session = requests.Session()
                page = session.get(f"{address}/login/", timeout=60)
                token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page.text) or re.search(
                    r"csrf_token&#34;: &#34;([^&]+)&#34;", page.text
                )
                form = {"username": SIGN_IN, "password": password[1], "csrf_token": token[1] if token else ""}
                session.post(f"{address}/login/", data=form, timeout=60)
                shown = session.get(f"{address}/superset/dashboard/service-level/", timeout=60)
                if shown.ok and "/login" not in shown.url:
                    return time.time()
                raise RuntimeError(f"the dashboard answered {shown.status_code} at {shown.url}")
            except requests.ConnectionError:
                pass
        time.sleep(0.25)
    raise RuntimeError(f"no dashboard within {LONGEST} s:\n{''.join(output)[-4000:]}")
