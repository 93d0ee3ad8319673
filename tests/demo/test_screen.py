"""What the demo writes to a terminal, and what to a pipe."""

import io

import pytest

from demo.screen import Screen


class Terminal(io.StringIO):
    """A stream that says that it is a terminal."""

    def isatty(self) -> bool:
        return True


def test_a_pipe_gets_neither_colour_nor_lines_in_place(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    out = io.StringIO()
    screen = Screen.of(out)
    with screen.working("starting"):
        pass
    screen.line(screen.paint("done", "green"))
    assert out.getvalue() == "done\n"


def test_no_color_is_respected(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm")
    assert Screen.of(Terminal()).paint("done", "green") == "done"


def test_a_terminal_gets_colour(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    assert Screen.of(Terminal()).paint("done", "green") == "\x1b[32mdone\x1b[0m"


def test_a_line_in_place_is_cleared_at_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    out = Terminal()
    with Screen.of(out).working("starting"):
        pass
    assert out.getvalue().endswith("\r\x1b[K")


def test_a_long_entry_is_wrapped_beside_its_label() -> None:
    out = io.StringIO()
    Screen.of(out).entry("Bill", "word " * 40)
    first, *others = out.getvalue().splitlines()
    assert first.startswith("  Bill            word")
    assert others
    assert all(line.startswith(" " * 18 + "word") and len(line) <= 100 for line in others)
