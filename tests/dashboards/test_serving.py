"""Start-up in parts: secrets, the messages of a wrong start, and the daemon that ends with the server."""

from __future__ import annotations

import multiprocessing
import os
import re
import stat
from pathlib import Path

import pytest

from dashboards import serving
from dashboards.secrets import password, secret_key
from hotline.home import Home


def test_the_secret_key_is_made_once_and_only_for_its_owner(home: Home) -> None:
    key = secret_key(home)
    assert len(key) >= 64
    assert secret_key(home) == key
    assert stat.S_IMODE((home.superset / "secret_key").stat().st_mode) == 0o600
    assert [file.name for file in home.superset.iterdir()] == ["secret_key"]


def _key_in_process(root: str) -> str:
    return secret_key(Home(Path(root)))


def test_processes_that_start_together_agree_on_the_key(home: Home) -> None:
    with multiprocessing.get_context("spawn").Pool(3) as pool:
        keys = pool.map(_key_in_process, [str(home.root)] * 12, chunksize=1)
    assert len(set(keys)) == 1


def test_passwords_differ_and_can_be_read_out_aloud() -> None:
    made = {password() for _ in range(1000)}
    assert len(made) == 1000
    assert all(re.fullmatch(r"([a-hjkmnp-z2-9]{4}-){3}[a-hjkmnp-z2-9]{4}", one) for one in made)


def test_serving_before_the_first_release_says_what_to_do(home: Home) -> None:
    with pytest.raises(serving.ServingError, match="nothing has been published yet: run `hotline run` first"):
        serving.serve(home)


def test_a_password_before_the_first_start_says_what_to_do(home: Home) -> None:
    with pytest.raises(serving.ServingError, match="no sign-ins yet: `hotline serve` makes them at its first start"):
        serving.sign_in(home, "executive")


def test_a_daemon_runs_as_long_as_the_server_and_is_told_to_end(
    home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "dagster-daemon"
    said = tmp_path / "said"
    program.write_text(
        f"#!/bin/sh\necho \"$$ $DAGSTER_HOME $@\" > {said}\ntrap 'echo ended >> {said}; exit 0' TERM\n"
        "while :; do sleep 0.05; done\n"
    )
    program.chmod(0o755)
    monkeypatch.setattr(serving.sys, "executable", str(tmp_path / "python"))
    with serving._daemon(home):
        while not said.exists() or not said.read_text():
            pass
        number, place, *arguments = said.read_text().split()
        os.kill(int(number), 0)
        assert place == str(home.dagster)
        assert arguments == ["run", "-m", "orchestration.definitions"]
    assert said.read_text().splitlines()[-1] == "ended"
    with pytest.raises(ProcessLookupError):
        os.kill(int(number), 0)
