"""``python -m demo --quick``, as a stranger starts it."""

import os
import re
import subprocess
import sys
from pathlib import Path

from demo.environment import Home
from demo.ledger import Ledger

PROJECT = Path(__file__).parents[2]
LONGEST_SECONDS = 240
FOREIGN = ("AIRFLOW", "AWS_", "ANTHROPIC_", "SLACK_", "COSTSPIKE__")


# One test, since it is one run: in parallel test processes each would start its own demo.
def test_a_stranger_sees_what_was_read_spent_found_and_told(tmp_path: Path) -> None:
    code, output = run_demo(tmp_path)
    home = Home(folder=tmp_path)

    assert code == 0, output
    assert_findings_are_told(output)
    assert_nothing_drowns_the_output(output, home)
    assert_mishap_and_restatement_are_survived(output, home)
    assert_page_shows_the_message(home.page.read_text(encoding="utf-8"))


def run_demo(folder: Path) -> tuple[int, str]:
    """Return the exit code and the output."""
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
    return done.returncode, done.stdout


def assert_findings_are_told(output: str) -> None:
    days = re.findall(r"^  \w{3} \w{3} \d{2}   .* days.* \$\d", output, re.MULTILINE)
    assert len(days) == 3, output
    assert "✔ backups through a NAT gateway\n" in output
    assert "found on its first day" in output
    assert "✔ 3 runs succeeded, 1 of 1 planted incidents found" in output
    text = " ".join(output.split())
    assert "nothing here, since the server is local" in text
    assert "by the sandbox, no model was asked" in text


def assert_nothing_drowns_the_output(output: str, home: Home) -> None:
    assert "DagRun Finished" in home.log.read_text(encoding="utf-8")
    assert "DAG TEST" not in output
    assert "[warning" not in output
    assert "\x1b" not in output
    assert "\r" not in output


def assert_mishap_and_restatement_are_survived(output: str, home: Home) -> None:
    ledger = Ledger(home.warehouse)
    (alert,) = ledger.alerts()
    assert "its answer was lost" in output
    assert (alert.state, alert.attempts) == ("sent", 2)
    (revision,) = ledger.revisions()
    assert revision.new_cost > revision.old_cost
    assert f"{revision.revisions} revisions kept" in " ".join(output.split())


def assert_page_shows_the_message(page: str) -> None:
    assert "The costspike demo" in page
    assert "alerts for a made-up organisation" in page
    assert "USE1-NatGateway-Bytes" in page
    assert page.count('<article class="message"') == 1
    assert page.count('<article class="message answer"') == 1
