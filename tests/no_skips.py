"""A pytest plugin for CI: with COSTSPIKE_NO_SKIPS=1 a test that would be skipped fails, with the reason.

Load it with ``-p tests.no_skips``. A skip that is quietly accepted would leave Postgres untested for good.
"""

from __future__ import annotations

import os
from collections.abc import Generator

import pytest

VARIABLE = "COSTSPIKE_NO_SKIPS"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Turn a skip of a test into a failure; an expected failure is reported as a skip as well, and stays."""
    report = yield
    if not hasattr(report, "wasxfail"):
        _refuse(report)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """Turn a skip of a whole module (``importorskip``) into a failure."""
    report = yield
    _refuse(report)
    return report


def _refuse(report: pytest.TestReport | pytest.CollectReport) -> None:
    if os.environ.get(VARIABLE) == "1" and report.outcome == "skipped":
        where = report.longrepr
        reason = where[2] if isinstance(where, tuple) else str(where)
        report.outcome = "failed"
        report.longrepr = f"refused by {VARIABLE}=1: {reason}"
