"""The sources of evidence in AWS: what Cost Explorer, CloudTrail and AWS's own detector say of a spike."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from costspike.domain.errors import BudgetExceeded, UpstreamError
from costspike.domain.evidence import aws_opinion, drill_down, management_events
from costspike.domain.evidence.focus import focus_of, regions_of
from costspike.domain.evidence.records import Evidence, EvidenceRow, found
from costspike.domain.reading import USD_PER_REQUEST
from costspike.usecases.gather_evidence import EvidenceSource

if TYPE_CHECKING:
    from costspike.adapters.cloudtrail import CloudTrail
    from costspike.adapters.cost_anomalies import CostAnomalies
    from costspike.adapters.cost_explorer import CostExplorer
    from costspike.adapters.warehouse.spending import Spending
    from costspike.domain.evidence.management_events import EventMap, Lookup, ManagementEvent
    from costspike.domain.evidence.settings import EvidenceSettings
    from costspike.domain.runs import Run
    from costspike.usecases.spike_case import SpikeCase

log = logging.getLogger(__name__)

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outside:
    """AWS behind its connection; each client is made when it is first needed, and may be missing."""

    run: Run
    settings: EvidenceSettings
    spending: Spending
    explorer: Callable[[], CostExplorer]
    anomalies: Callable[[], CostAnomalies]
    cloudtrail: Callable[[], CloudTrail]
    event_map: Callable[[], EventMap]
    clock: Callable[[], datetime]


def outside_sources(outside: Outside) -> tuple[EvidenceSource, ...]:
    """Return the sources in the order in which they build on each other: a drill-down finds the region."""

    def drill(case: SpikeCase, _: Mapping[str, Evidence]) -> Evidence:
        return _drill_down(case, outside)

    def opinion(case: SpikeCase, _: Mapping[str, Evidence]) -> Evidence:
        return _aws_opinion(case, outside)

    def events(case: SpikeCase, so_far: Mapping[str, Evidence]) -> Evidence:
        return _management_events(case, so_far, outside)

    return (
        EvidenceSource(name=drill_down.SOURCE, title=drill_down.TITLE, collect=drill),
        EvidenceSource(name=aws_opinion.SOURCE, title=aws_opinion.TITLE, collect=opinion),
        EvidenceSource(name=management_events.SOURCE, title=management_events.TITLE, collect=events),
    )


def _drill_down(case: SpikeCase, outside: Outside) -> Evidence:
    """Ask what is not landed; what was answered before the budget or AWS said no is kept."""
    spike, settings = case.spike, outside.settings
    landed = any(part.usage_type for part in spike.contributors)
    asked = drill_down.questions(focus_of(spike), spike.day, settings, has_usage_types=landed)
    if not asked:
        note = (
            "the landed grain holds it already"
            if settings.drill_down
            else "switched off (evidence.drill_down)"
        )
        return _skipped(drill_down.SOURCE, drill_down.TITLE, note)
    explorer = _budgeted(outside)
    before = explorer.requests
    rows: list[EvidenceRow] = []
    note = (
        f"of {focus_of(spike).name}; the mean of the {drill_down.REFERENCE_DAYS} days before is compared with"
    )
    for question in asked:
        try:
            pages = list(explorer.pages(question.parameters))
        except (BudgetExceeded, UpstreamError) as error:
            if not rows:
                raise
            log.warning("The drill-down ends early: %s", error)
            note = f"{note}; incomplete: {question.title} got no answer"
            break
        rows += drill_down.rows_of(question, pages, spike.day, spike.impact)
    requests = explorer.requests - before
    return found(drill_down.SOURCE, drill_down.TITLE, rows, note=note, requests=requests)


def _budgeted(outside: Outside) -> CostExplorer:
    """Return Cost Explorer with what the budget leaves; each answer is booked as it is paid."""
    explorer = outside.explorer()
    left = _requests_left(outside)
    explorer.allowance = explorer.requests + min(left, outside.settings.max_requests)
    explorer.book = lambda: outside.spending.add(outside.run, "evidence", 1)
    if left < 1:
        msg = "evidence.daily_budget_usd is used up"
        raise BudgetExceeded(msg)
    return explorer


def _requests_left(outside: Outside) -> int:
    allowed = int(outside.settings.daily_budget_usd / USD_PER_REQUEST)
    return allowed - outside.spending.requests_today(outside.run, "evidence")


def _aws_opinion(case: SpikeCase, outside: Outside) -> Evidence:
    if not outside.settings.aws_anomalies:
        return _skipped(aws_opinion.SOURCE, aws_opinion.TITLE, "switched off (evidence.aws_anomalies)")
    if _requests_left(outside) < 1:
        msg = "evidence.daily_budget_usd is used up"
        raise BudgetExceeded(msg)
    client = outside.anomalies()
    try:
        told = client.anomalies(case.incidents.own.first_day, case.spike.day + _DAY)
    finally:
        outside.spending.add(outside.run, "evidence", client.requests)
    return aws_opinion.aws_opinion(told, focus_of(case.spike), requests=client.requests)


def _management_events(case: SpikeCase, so_far: Mapping[str, Evidence], outside: Outside) -> Evidence:
    source, title, settings = management_events.SOURCE, management_events.TITLE, outside.settings
    if not settings.cloudtrail:
        return _skipped(source, title, "switched off (evidence.cloudtrail)")
    focus = focus_of(case.spike)
    span = management_events.window(case.incidents.own.first_day, case.spike.day, outside.clock())
    if span is None:
        return Evidence(source=source, title=title, state="unavailable", note="CloudTrail keeps 90 days")
    trail = outside.cloudtrail()
    if not trail.can_see(focus.account_id):
        note = "the connection sees its own account only; evidence.cloudtrail_role names a role to assume"
        return Evidence(source=source, title=title, state="unavailable", note=note)
    regions = regions_of(case.spike, so_far)
    asked = management_events.lookups(
        focus.service, regions, outside.event_map(), settings.cloudtrail_requests
    )
    events: list[ManagementEvent] = []
    capped: set[Lookup] = set()
    done: list[Lookup] = []
    for lookup in asked:
        try:
            newest, more = trail.look_up(lookup, focus.account_id, *span)
        except UpstreamError as error:
            if not done:
                raise
            log.warning("CloudTrail was not asked to the end: %s", error)
            break
        events += newest
        capped |= {lookup} if more else set()
        done.append(lookup)
    return found(
        source,
        title,
        management_events.event_rows(events, capped=frozenset(capped)),
        note=_what_was_asked(done, len(asked), regions, focus.account_id),
    )


def _what_was_asked(done: list[Lookup], planned: int, regions: tuple[str, ...], account_id: str) -> str:
    names = ", ".join(dict.fromkeys(lookup.event_name for lookup in done)) or "nothing"
    where = ", ".join(dict.fromkeys(lookup.region for lookup in done)) or "no region"
    told = f"looked for {names} in {where} of {account_id or 'the own account'}"
    if not regions:
        told += "; the region of the rise is not known"
    return told if len(done) == planned else f"{told}; incomplete: it got no further answer"


def _skipped(source: str, title: str, note: str) -> Evidence:
    return Evidence(source=source, title=title, state="skipped", note=note)
