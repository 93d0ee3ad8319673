"""``python -m demo``: two weeks of a made-up AWS bill through the real DAG in real Airflow."""

from __future__ import annotations

import argparse
import os
import sys
import traceback
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
DAYS = 14
QUICK_DAYS = 3
MOST_DAYS = 60


def main() -> int:
    """Run the demo; return 0 if everything went as it should, 1 if not."""
    arguments = _parser().parse_args()
    sys.path.append(str(ROOT / "plugins"))
    from costspike.domain.errors import SettingsError
    from demo.environment import Home
    from demo.hold import FolderInUseError, hold
    from demo.run import Options, StoppedError, prepare, run_demo
    from demo.screen import Screen, redirect_output
    from demo.wording import shown

    home = Home(folder=arguments.home.resolve())
    try:
        hold(home)
    except FolderInUseError as taken:
        sys.exit(f"✘ {taken}")
    prepare(home)
    screen = Screen.of(redirect_output(home.log))
    days = arguments.days or (QUICK_DAYS if arguments.quick else DAYS)
    options = Options(days=days, aws=arguments.aws, quick=arguments.quick)
    try:
        return 0 if run_demo(screen, options, home, dict(os.environ)) else 1
    except (SettingsError, StoppedError) as stop:
        screen.line(screen.paint(f"✘ {stop}", "red"))
    except KeyboardInterrupt:
        screen.line("stopped")
    except Exception as error:  # noqa: BLE001 - the traceback is in the log, the terminal gets a sentence
        traceback.print_exc()
        screen.line(screen.paint(f"✘ the demo itself failed: {type(error).__name__}: {error}", "red"))
    screen.line(f"More is in {shown(home.log)}.")
    return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m demo", description=__doc__)
    parser.add_argument("--days", type=_days, help=f"cost days to run, up to yesterday (default {DAYS})")
    parser.add_argument("--quick", action="store_true", help=f"{QUICK_DAYS} days and less history")
    parser.add_argument("--aws", action="store_true", help="your own AWS bill; Cost Explorer costs money")
    parser.add_argument(
        "--home", type=Path, default=ROOT / "var" / "demo", help="folder of everything that is written"
    )
    return parser


def _days(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= MOST_DAYS:
        msg = f"{text!r} is no number of days from 1 to {MOST_DAYS}"
        raise argparse.ArgumentTypeError(msg)
    return int(text)


if __name__ == "__main__":
    sys.exit(main())
