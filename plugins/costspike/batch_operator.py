"""The task that asks about a backfill's spikes in one Message Batch, and waits for it without a worker."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any, NoReturn

from airflow.sdk import BaseOperator

from costspike.domain.errors import CostspikeError, UpstreamError

if TYPE_CHECKING:
    from costspike.settings import Settings

log = logging.getLogger(__name__)

_TO_CANCEL = timedelta(minutes=15)
_SLACK = timedelta(minutes=5)


class ExplainBatchOperator(BaseOperator):
    """Submits the batch and defers to the trigger of the Anthropic provider's batch operator.

    That operator itself submits a new batch in every try; this one finds the one that it submitted. It never
    stops what comes after it: what has no answer is asked for by explain_spike. No field is a template.
    """

    template_fields: Sequence[str] = ()

    def __init__(self, *, task_id: str = "explain_batch", **kwargs: Any) -> None:
        super().__init__(task_id=task_id, **kwargs)

    def execute(self, context: Any) -> dict[str, Any]:
        """Submit the batch, or find it, and wait; return ``answered`` and, where there is none, the ``reason``."""
        return self._attempt(context, lambda: self._begin(context))

    def execute_complete(self, context: Any, event: Any = None) -> dict[str, Any]:
        """Go on when the trigger has fired: read the batch, or cancel one that takes too long.

        Only the event says which batch it is: ``dag.test`` loses what else was deferred with (Airflow 3.3.2).
        """
        from airflow.providers.anthropic.hooks.anthropic import validate_execute_complete_event

        told: Mapping[str, Any] = validate_execute_complete_event(event)
        return self._attempt(context, lambda: self._go_on(context, told))

    def _attempt(self, context: Any, step: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        """Take a step; raise only what waiting can heal, while Airflow has a try left."""
        from airflow.sdk.exceptions import AirflowFailException

        ti = context["ti"]
        try:
            return step()
        except (CostspikeError, AirflowFailException) as error:
            if getattr(error, "retryable", False) and ti.try_number <= ti.max_tries:
                raise
            log.warning("The spikes are asked about one by one: %s", error)
            return {"answered": 0, "reason": str(error)}

    def _begin(self, context: Any) -> dict[str, Any]:
        from costspike.usecases.explain_batch import begin_batch, is_batched
        from costspike.usecases.spike_case import load_case
        from costspike.wiring import task_wiring

        ti = context["ti"]
        landed, items = ti.xcom_pull(task_ids="land_costs"), ti.xcom_pull(task_ids="detect_spikes")
        with task_wiring(landed["cost_day"]) as to:
            if not is_batched(to.run, to.settings):
                return {"answered": 0, "reason": "no backfill that was asked to explain"}
            wanted = [item["spike_ids"][0] for item in items if item["explain"]]
            cases = [load_case(spike_id, to.settings, to.tables, to.spikes) for spike_id in wanted]
            waiting = begin_batch(to.run, to.settings, [case for case in cases if case], to.batching)
        if waiting is not None:
            self._wait(to.settings, waiting.batch_id, waiting.until.timestamp())
        return {"answered": 0, "reason": "nothing to wait for"}

    def _go_on(self, context: Any, told: Mapping[str, Any]) -> dict[str, Any]:
        from costspike.usecases.collect_batch import cancel_batch, collect_batch
        from costspike.wiring import task_wiring

        batch_id, late = str(told["batch_id"]), told["status"] == "timeout"
        if told["status"] == "error":
            msg = f"Claude's batch {batch_id} could not be looked at: {told.get('message')}. Wait."
            raise UpstreamError(msg, system="Claude", reason="unavailable")
        with task_wiring(context["ti"].xcom_pull(task_ids="land_costs")["cost_day"]) as to:
            if late:
                answered, is_cancelled = None, cancel_batch(batch_id, to.batching)
            else:
                answered = collect_batch(to.run, to.settings, batch_id, to.batching)
        if not late:
            return self._begin(context) if answered is None else {"answered": answered, "reason": ""}
        if is_cancelled:
            self._wait(to.settings, batch_id, time.time() + _TO_CANCEL.total_seconds())
        return {"answered": 0, "reason": f"the batch {batch_id} took too long"}

    def _wait(self, settings: Settings, batch_id: str, until: float) -> NoReturn:
        """Give the worker back until the batch has ended, or ``until``, seconds since the epoch."""
        from airflow.providers.anthropic.triggers.batch import AnthropicBatchTrigger

        poll = settings.explain.batch_poll_seconds
        self.defer(
            trigger=AnthropicBatchTrigger(
                conn_id=settings.connections.anthropic,
                batch_id=batch_id,
                poll_interval=poll,
                end_time=until,
            ),
            method_name="execute_complete",
            timeout=timedelta(seconds=max(0.0, until - time.time()) + poll) + _SLACK,
        )
