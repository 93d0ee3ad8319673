"""Evidence from a team's own Prometheus: what its workloads did before and during a spike."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import date
from typing import TYPE_CHECKING

from costspike.adapters.prometheus.workload import ask
from costspike.domain.errors import UpstreamError
from costspike.domain.evidence.records import Evidence
from costspike.domain.evidence.workload import SOURCE, TITLE, Answered, workload_rows
from costspike.usecases.gather_evidence import EvidenceSource

if TYPE_CHECKING:
    from costspike.adapters.prometheus.client import Prometheus
    from costspike.domain.evidence.workload_queries import Catalogue
    from costspike.domain.prometheus_settings import PrometheusSettings
    from costspike.domain.spikes import Spike
    from costspike.usecases.spike_case import SpikeCase

log = logging.getLogger(__name__)

# A spike of the whole bill is about the services that contributed most to it.
_MOST_SERVICES = 3
# After so many failures a Prometheus is left alone.
_MOST_FAILURES = 3
_WORDS = {"bad_request": "Prometheus refused it", "unavailable": "Prometheus did not answer in time"}


def workload_source(
    connect: Callable[[], AbstractContextManager[Prometheus | None]],
    load: Callable[[], Catalogue],
    settings: PrometheusSettings,
) -> EvidenceSource:
    """Return the source for ``gather_evidence``; ``connect`` yields None where there is no connection."""

    def collect(case: SpikeCase, _before: Mapping[str, Evidence]) -> Evidence:
        if not settings.evidence:
            return _silent("prometheus.evidence is off")
        with connect() as prometheus:
            if prometheus is None:
                return _silent("there is no Prometheus connection")
            return workload_evidence(prometheus, load(), services_of(case.spike), case.spike.day, settings)

    return EvidenceSource(name=SOURCE, title=TITLE, collect=collect)


def workload_evidence(
    prometheus: Prometheus,
    catalogue: Catalogue,
    services: Sequence[str],
    day: date,
    settings: PrometheusSettings,
    *,
    clock: Callable[[], float] = time.monotonic,
) -> Evidence:
    """Return rows on the workloads behind some services on a day (UTC), each with the query that made it.

    Raises:
        UpstreamError: no query was answered; one that fails among others is only noted.
    """
    queries = catalogue.for_services(services)
    if not queries:
        return _silent("the catalogue has no query for the service")
    give_up = clock() + settings.evidence_max_seconds
    answers: list[Answered] = []
    failures: list[UpstreamError] = []
    for query in queries[: settings.evidence_max_queries]:
        if clock() >= give_up:
            answers.append(Answered(query=query, skipped="the time was used up"))
            continue
        try:
            answers.append(ask(prometheus, query, day, max_series=settings.evidence_max_series))
        except UpstreamError as error:
            log.warning("The workload query %s brought nothing: %s", query.id, error)
            answers.append(Answered(query=query, skipped=_WORDS.get(error.reason, "it failed")))
            failures.append(error)
            if error.reason == "auth" or len(failures) >= _MOST_FAILURES:
                break
    if failures and len(failures) == len(answers):
        raise failures[0]
    return workload_rows(answers)


def services_of(spike: Spike) -> list[str]:
    """Return the services that a spike is about."""
    if spike.scope.service:
        return [spike.scope.service]
    names = [part.service for part in spike.contributors if part.service and part.delta > 0]
    return list(dict.fromkeys(names))[:_MOST_SERVICES]


def _silent(note: str) -> Evidence:
    return Evidence(source=SOURCE, title=TITLE, state="unavailable", note=note)
