"""Prometheus from the command line: is it set up for publishing, and its first history as a file.

    python scripts/prometheus.py doctor
    python scripts/prometheus.py export --from 2025-09-01 --to 2026-11-01 > costs.om
    promtool tsdb create-blocks-from openmetrics --max-block-duration=720h costs.om ./blocks

Connections and settings are those of the Airflow that it runs in.
"""

import argparse
import logging
import os
import sys
from collections.abc import Iterator
from contextlib import redirect_stdout
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TextIO

ROOT = Path(__file__).parents[1]


def main() -> int:
    """Do what was asked; return 0 if all is well."""
    asked = _parser().parse_args()
    sys.path.append(str(ROOT / "plugins"))
    # Airflow looks connections up in its own database only in processes that say that they may.
    os.environ.setdefault("_AIRFLOW_PROCESS_CONTEXT", "server")
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr)
    from costspike.domain.errors import CostspikeError

    out = sys.stdout
    try:
        # Airflow logs to standard output, where only what was asked for belongs.
        with redirect_stdout(sys.stderr):
            return _doctor(out) if asked.what == "doctor" else _export(asked, out)
    except CostspikeError as stop:
        print(f"✘ {stop}", file=sys.stderr)
        return 1


def _doctor(out: TextIO) -> int:
    from costspike import settings as settings_module
    from costspike.prometheus_connection import prometheus
    from costspike.usecases.check_prometheus import check_prometheus

    settings = settings_module.load()
    now = datetime.now(UTC)
    with prometheus(settings) as client:
        if client is None:
            print(f"✘ there is no connection {settings.connections.prometheus!r}", file=out)
            return 1
        oldest = now.date() - timedelta(days=settings.prometheus.publish_days)
        findings = list(check_prometheus(client, oldest, now))
    for finding in findings:
        print(f"{'✔' if finding.good else '✘'} {finding.text}", file=out)
    return 0 if all(finding.good for finding in findings) else 1


def _export(asked: argparse.Namespace, out: TextIO) -> int:
    for line in _lines(asked):
        print(line, file=out)
    return 0


def _lines(asked: argparse.Namespace) -> Iterator[str]:
    from costspike import settings as settings_module
    from costspike.adapters.prometheus.day_samples import DaySamples
    from costspike.adapters.warehouse.publication import Publication
    from costspike.prometheus_connection import prometheus
    from costspike.usecases.export_metrics import export_metrics
    from costspike.warehouse_connection import open_warehouse

    settings = settings_module.load()
    publication = Publication(open_warehouse(settings), settings.reading.source)
    end = asked.to or datetime.now(UTC).date()
    start = getattr(asked, "from") or end - timedelta(days=settings.prometheus.publish_days)
    with prometheus(settings) as client:
        samples = DaySamples(client) if client is not None and not asked.all_days else None
        yield from export_metrics(publication, settings.prometheus, start, end, samples)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = parser.add_subparsers(dest="what", required=True)
    commands.add_parser("doctor", help="say what of the server's settings would lose published days")
    export = commands.add_parser("export", help="write the landed days as OpenMetrics")
    export.add_argument(
        "--from", type=date.fromisoformat, help="first day (default: prometheus.publish_days ago)"
    )
    export.add_argument("--to", type=date.fromisoformat, help="day after the last (default: today, UTC)")
    export.add_argument(
        "--all-days",
        action="store_true",
        help="days that Prometheus holds as well, where the older value stays",
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
