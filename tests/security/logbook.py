"""What the product would have logged: everything that it and its libraries say, formatted as in production."""

import io
import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import structlog

from calbridge.telemetry.logs import configure


@contextmanager
def logbook(output: str = "json") -> Iterator[io.StringIO]:
    """Log at the most talkative level, into the text that is lent; afterwards all is as before."""
    book = io.StringIO()
    root, loggers = logging.getLogger(), logging.Logger.manager.loggerDict
    levels = {name: logging.getLogger(name).level for name in loggers}
    before = root.handlers[:], root.level, structlog.get_config()
    with pytest.MonkeyPatch.context() as patch:
        # Loggers keep the settings that they first met; fresh ones meet those of this book, and are then forgotten.
        for name, module in list(sys.modules.items()):
            if name.startswith("calbridge.") and hasattr(module, "log") and hasattr(module.log, "bind"):
                patch.setattr(module, "log", structlog.get_logger())
        patch.setattr(sys, "stderr", book)
        configure("DEBUG", output)
        try:
            yield book
        finally:
            root.handlers[:], root.level = before[0], before[1]
            structlog.configure(**before[2])
            for name in loggers:
                logging.getLogger(name).setLevel(levels.get(name, logging.NOTSET))
