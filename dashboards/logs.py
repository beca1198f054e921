"""Where Superset's and gunicorn's messages go."""

from __future__ import annotations

import logging
from logging.handlers import WatchedFileHandler
from pathlib import Path

from flask import Config
from superset.utils.logging_configurator import LoggingConfigurator

FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"


class LogFile(LoggingConfigurator):
    """Warnings and errors of all libraries go to one file; a file moved away by log rotation is opened anew."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def configure_logging(self, app_config: Config, debug_mode: bool) -> None:
        handler = WatchedFileHandler(self._path, encoding="utf-8")
        handler.setFormatter(logging.Formatter(FORMAT))
        root = logging.getLogger()
        root.handlers = [handler]
        root.setLevel(logging.WARNING)
        # Superset's own model code calls SQLAlchemy in ways that it warns about, on every import.
        logging.captureWarnings(True)
