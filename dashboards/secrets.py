"""The secrets of an installation: generated at the first start, readable by their owner only, never in git."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from hotline.home import Home

# No characters that are read one for another on paper.
ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"


def secret_key(home: Home) -> str:
    """The key that signs sessions, from `data/superset/secret_key` (mode 0600), made if there is none."""
    return _kept(home.superset / "secret_key", secrets.token_urlsafe(48))


def password() -> str:
    """A new password of four groups, 79 bits: `k3vq-8mzt-p2hd-w6rb`."""
    return "-".join("".join(secrets.choice(ALPHABET) for _ in range(4)) for _ in range(4))


def _kept(path: Path, made: str) -> str:
    """The content of `path`; written with `made` first when absent, once, also when two processes start together."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(made)
    try:
        os.link(draft, path)  # Unlike a rename, a link never replaces the other process's key.
    except FileExistsError:
        pass
    finally:
        draft.unlink()
    return path.read_text()
