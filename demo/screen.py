"""What the demo shows: lines on the terminal, and one line in place while something runs."""

import os
import sys
import textwrap
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Self, TextIO

_CODES = {"bold": "1", "dim": "2", "red": "31", "green": "32", "yellow": "33"}
_CLEAR = "\r\x1b[K"
_TICK_SECONDS = 0.2
_WIDTH = 100
_LABEL = 16


class Screen:
    """Writes to a terminal or a pipe; colour and lines in place only on a terminal."""

    def __init__(self, out: TextIO, *, colour: bool, in_place: bool) -> None:
        self._out = out
        self._colour = colour
        self._in_place = in_place

    @classmethod
    def of(cls, out: TextIO) -> Self:
        """Return the screen for a stream, as it and the environment (NO_COLOR, TERM) want it."""
        terminal = out.isatty() and os.environ.get("TERM") != "dumb"
        return cls(out, colour=terminal and not os.environ.get("NO_COLOR"), in_place=terminal)

    def line(self, text: str = "") -> None:
        """Write one line."""
        self._out.write(f"{text}\n")
        self._out.flush()

    def entry(self, label: str, text: str) -> None:
        """Write a text beside a label, in lines that fit a terminal."""
        indent = " " * (_LABEL + 2)
        lines = textwrap.wrap(text, _WIDTH - len(indent), break_long_words=False, break_on_hyphens=False)
        for number, part in enumerate(lines):
            self.line(f"  {label:<{_LABEL}}{part}" if number == 0 else f"{indent}{part}")

    def heading(self, text: str) -> None:
        """Write a heading, apart from what was before."""
        self.line()
        self.line(self.paint(text, "bold"))

    def paint(self, text: str, style: str) -> str:
        """Return a text in a style (bold, dim, red, green, yellow), as it is without colour."""
        return f"\x1b[{_CODES[style]}m{text}\x1b[0m" if self._colour else text

    @contextmanager
    def working(self, text: str, status: Callable[[], str] = str) -> Iterator[None]:
        """Show, on a terminal, what is being done, for how long, and how far it is; then clear the line."""
        if not self._in_place:
            yield
            return
        done = threading.Event()
        ticker = threading.Thread(target=self._tick, args=(text, status, done), daemon=True)
        ticker.start()
        try:
            yield
        finally:
            done.set()
            ticker.join()
            self._out.write(_CLEAR)
            self._out.flush()

    def _tick(self, text: str, status: Callable[[], str], done: threading.Event) -> None:
        began = time.monotonic()
        while not done.wait(_TICK_SECONDS):
            passed = f"{time.monotonic() - began:.0f} s"
            self._out.write(f"{_CLEAR}  {text} … {' · '.join(filter(None, [passed, status()]))}")
            self._out.flush()


def redirect_output(log: Path) -> TextIO:
    """Send everything that the process writes to a file, and return a stream to where it went before."""
    sys.stdout.flush()
    terminal = os.fdopen(os.dup(1), "w", encoding="utf-8", errors="replace")
    file = os.open(log, os.O_CREAT | os.O_WRONLY | os.O_APPEND, 0o644)
    os.dup2(file, 1)
    os.dup2(file, 2)
    os.close(file)
    return terminal
