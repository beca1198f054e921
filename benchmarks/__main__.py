"""`python -m benchmarks`: measure, and write RESULTS.md."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

import click

from benchmarks import results

PARTS = results.ORDER


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("parts", nargs=-1, type=click.Choice(PARTS))
@click.option("--size", type=click.Choice(["small", "full"]), default="full", show_default=True)
@click.option("--runs", type=click.IntRange(1), default=3, show_default=True, help="Rounds of which the median counts.")
@click.option("--work", type=click.Path(path_type=Path), help="Keep the simulated calls there for another time.")
@click.option("--dry", is_flag=True, help="Print the page's part instead of writing it.")
def main(parts: tuple[str, ...], size: str, runs: int, work: Path | None, dry: bool) -> None:
    """Measure PARTS (all when none is named) and write their part of benchmarks/RESULTS.md.

    The full size takes about an hour and 25 GB of disk on two cores, and wants the machine for itself.
    """
    import importlib

    folder = work or Path(tempfile.mkdtemp(prefix="hotline-bench-"))
    folder.mkdir(parents=True, exist_ok=True)
    try:
        for part in parts or PARTS:
            click.echo(f"{part} …")
            section = importlib.import_module(f"benchmarks.{part}").run(folder.resolve(), size, runs)
            if dry:
                click.echo(section.markdown())
            else:
                results.keep(part, section)
    finally:
        if not work:
            shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
