"""``python -m demo --quick``, as a stranger starts it."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from demo.environment import Home
from demo.ledger import Ledger

PROJECT = Path(__file__).parents[2]
LONGEST_SECONDS = 240
FOREIGN = ("AIRFLOW", "AWS_", "ANTHROPIC_", "SLACK_", "COSTSPIKE__")


@dataclass(frozen=True, slots=True, kw_only=True)
class Finished:
    """A demo that has ended."""

    code: int
    output: str
    home: Home


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Finished]:
    folder = tmp_path_factory.mktemp("demo")
    done = subprocess.run(
        [sys.executable, "-m", "demo", "--quick", "--home", str(folder)],
        cwd=PROJECT,
        env={name: value for name, value in os.environ.items() if not name.startswith(FOREIGN)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=LONGEST_SECONDS,
        check=False,
    )
    return Finished(code=done.returncode, output=done.stdout, home=Home(folder=folder))


def test_it_succeeds_and_says_what_was_found(demo: Finished) -> None:
    assert demo.code == 0, demo.output
    assert "✔ 3 runs succeeded, 1 of 1 planted incidents found" in demo.output
    assert re.search(
        r"✔ backups through a NAT gateway\n.*prod-data · EC2 - Other\n    found on its first day", demo.output
    )


def test_each_day_has_a_line(demo: Finished) -> None:
    days = re.findall(r"^  \w{3} \w{3} \d{2}   .* days.* \$\d", demo.output, re.MULTILINE)
    assert len(days) == 3, demo.output


def test_airflows_log_goes_into_its_file(demo: Finished) -> None:
    assert "DAG TEST" not in demo.output
    assert "[warning" not in demo.output
    assert "DagRun Finished" in demo.home.log.read_text(encoding="utf-8")


def test_a_pipe_gets_no_escape_codes(demo: Finished) -> None:
    assert "\x1b" not in demo.output
    assert "\r" not in demo.output


def test_an_answer_that_slack_lost_neither_loses_nor_doubles_the_alert(demo: Finished) -> None:
    assert "its answer was lost" in demo.output
    (alert,) = Ledger(demo.home.warehouse).alerts()
    assert (alert.state, alert.attempts) == ("sent", 2)


def test_a_restatement_is_kept_as_revisions(demo: Finished) -> None:
    (revision,) = Ledger(demo.home.warehouse).revisions()
    assert revision.new_cost > revision.old_cost
    assert f"{revision.revisions} revisions kept" in " ".join(demo.output.split())


def test_what_was_not_paid_is_marked(demo: Finished) -> None:
    text = " ".join(demo.output.split())
    assert "nothing here, since the server is local" in text
    assert "by the sandbox, no model was asked" in text


def test_the_page_shows_the_message_and_says_what_it_is(demo: Finished) -> None:
    page = demo.home.page.read_text(encoding="utf-8")
    assert "The costspike demo" in page
    assert "alerts for a made-up organisation" in page
    assert "USE1-NatGateway-Bytes" in page
    assert page.count("<article") == 1
