"""Ask every source of evidence about one spike, once; what fails is said, and stops nothing."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from costspike.domain.errors import BudgetExceeded, CostspikeError, UpstreamError
from costspike.domain.evidence.records import Evidence, State, with_evidence
from costspike.domain.facts import Fact, facts_hash

if TYPE_CHECKING:
    from costspike.adapters.warehouse.evidence import EvidenceTables
    from costspike.usecases.spike_case import SpikeCase

log = logging.getLogger(__name__)

# What is worth asking again: the answer may be another one once the permission or the service is there.
_AGAIN: frozenset[State] = frozenset({"denied", "unavailable"})


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceSource:
    """One place to ask.

    ``collect`` takes the case and what the sources before it said, by their names. It brings its own timeout
    and budget, and may raise anything.
    """

    name: str
    title: str
    collect: Callable[[SpikeCase, Mapping[str, Evidence]], Evidence]


@dataclass(frozen=True, slots=True, kw_only=True)
class Gathering:
    """Where evidence comes from and is kept; no source is begun later than ``max_seconds`` after the first."""

    tables: EvidenceTables
    sources: Sequence[EvidenceSource]
    clock: Callable[[], datetime]
    max_seconds: float = 120.0


def gather_evidence(case: SpikeCase, gathering: Gathering) -> tuple[Fact, ...]:
    """Return the fact sheet of a case with the evidence behind it, in the order of the sources.

    A source that answered for the same facts before is not asked again; one that failed is.
    """
    key = case.spike.spike_id, facts_hash(case.facts)
    known = gathering.tables.collected(*key)
    give_up = gathering.clock() + timedelta(seconds=gathering.max_seconds)
    said: dict[str, Evidence] = {}
    for source in gathering.sources:
        before = known.get(source.name)
        if before is not None and before.state not in _AGAIN:
            said[source.name] = before
        elif gathering.clock() >= give_up:
            said[source.name] = _silent(source, "unavailable", "the time for evidence was up before its turn")
        else:
            said[source.name] = _ask(source, case, said)
    new = [one for name, one in said.items() if one is not known.get(name)]
    if new:
        gathering.tables.keep(*key, new, now=gathering.clock())
    return with_evidence(case.facts, said.values())


def _ask(source: EvidenceSource, case: SpikeCase, said: Mapping[str, Evidence]) -> Evidence:
    try:
        return source.collect(case, said)
    except CostspikeError as error:
        log.warning("No evidence from %s: %s", source.name, error)
        return _silent(source, *_reason(error))
    except Exception as error:  # a source that breaks must not take the alert with it
        log.exception("The source of evidence %s broke.", source.name)
        return _silent(source, "unavailable", f"it failed ({type(error).__name__})")


def _reason(error: CostspikeError) -> tuple[State, str]:
    if isinstance(error, BudgetExceeded):
        return "skipped", "the budget leaves no request for it"
    if not isinstance(error, UpstreamError):
        return "unavailable", f"it failed ({type(error).__name__})"
    if error.reason == "auth":
        return "denied", f"{error.system} denied it; the task's log names the permission"
    return "unavailable", f"{error.system} did not answer ({error.reason})"


def _silent(source: EvidenceSource, state: State, note: str) -> Evidence:
    return Evidence(source=source.name, title=source.title, state=state, note=note)
