"""What explaining a spike needs, made from Airflow's connections and the settings."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from costspike.connections import naming_connection
from costspike.run_context import now

if TYPE_CHECKING:
    from costspike.adapters.claude import Claude
    from costspike.adapters.claude.batches import ClaudeBatches
    from costspike.adapters.cost_explorer import CostExplorer
    from costspike.adapters.warehouse.cost_tables import CostTables
    from costspike.adapters.warehouse.database import Database
    from costspike.domain.runs import Run
    from costspike.settings import Settings
    from costspike.usecases.explain_batch import Batching
    from costspike.usecases.explain_spike import Asking
    from costspike.usecases.gather_evidence import Gathering

PROMPT_VERSION = "v2"


def asking(
    ti: Any,
    *,
    run: Run,
    settings: Settings,
    database: Database,
    tables: CostTables,
    explorer: Callable[[], CostExplorer],
) -> Asking:
    """Return the evidence, the model and the store of answers for one task instance."""
    from costspike.adapters.prompts import load_templates
    from costspike.adapters.warehouse.credential_refusals import CredentialRefusals
    from costspike.adapters.warehouse.evidence import EvidenceTables
    from costspike.adapters.warehouse.explanations import Explanations
    from costspike.usecases.explain_spike import Asking
    from costspike.usecases.landed_costs import landed_costs
    from costspike.usecases.shared_refusals import SharedRefusals

    return Asking(
        explanations=Explanations(database),
        gathering=gathering(run, settings, database, tables, explorer),
        claude=partial(claude, settings),
        templates=load_templates(PROMPT_VERSION),
        clock=now,
        sleep=time.sleep,
        look=partial(landed_costs, tables, EvidenceTables(database, tables.source)),
        refusals=SharedRefusals(run=run, notes=CredentialRefusals(database), clock=now),
        last_try=ti.try_number > ti.max_tries,
    )


def batching(
    *,
    run: Run,
    settings: Settings,
    database: Database,
    tables: CostTables,
    explorer: Callable[[], CostExplorer],
) -> Batching:
    """Return the evidence, the models, the batches and their stores for one task instance."""
    from costspike.adapters.prompts import load_templates
    from costspike.adapters.warehouse.explanation_batches import ExplanationBatches
    from costspike.adapters.warehouse.explanations import Explanations
    from costspike.usecases.explain_batch import Batching

    return Batching(
        explanations=Explanations(database),
        batches=ExplanationBatches(database),
        gathering=gathering(run, settings, database, tables, explorer),
        claude=partial(claude, settings),
        api=partial(claude_batches, settings),
        templates=load_templates(PROMPT_VERSION),
        clock=now,
    )


def gathering(
    run: Run,
    settings: Settings,
    database: Database,
    tables: CostTables,
    explorer: Callable[[], CostExplorer],
) -> Gathering:
    """Return the sources of evidence, in the order in which their rows are numbered."""
    from costspike.adapters.event_map import load_event_map
    from costspike.adapters.warehouse.evidence import EvidenceTables
    from costspike.adapters.warehouse.spending import Spending
    from costspike.aws_wiring import cloudtrail, cost_anomalies
    from costspike.prometheus_connection import workload_source
    from costspike.usecases.gather_evidence import Gathering
    from costspike.usecases.outside_evidence import Outside, outside_sources
    from costspike.usecases.warehouse_evidence import warehouse_sources

    own = EvidenceTables(database, tables.source)
    outside = Outside(
        run=run,
        settings=settings.evidence,
        spending=Spending(database),
        explorer=explorer,
        anomalies=partial(cost_anomalies, settings),
        cloudtrail=partial(cloudtrail, settings),
        event_map=load_event_map,
        clock=now,
    )
    return Gathering(
        tables=own,
        sources=(*warehouse_sources(tables, own), *outside_sources(outside), workload_source(settings)),
        clock=now,
        max_seconds=settings.evidence.max_seconds,
    )


def claude_batches(settings: Settings) -> ClaudeBatches:
    """Return the Message Batches behind the Anthropic provider's hook.

    Raises:
        UpstreamError: there is no such connection, it cannot be used, or its platform has no batches.
    """
    from costspike.adapters.claude.batches import ClaudeBatches

    conn_id = settings.connections.anthropic
    with naming_connection(conn_id, "Claude"):
        from airflow.providers.anthropic.hooks.anthropic import FIRST_PARTY_PLATFORMS, AnthropicHook

        hook = AnthropicHook(conn_id=conn_id)
        if hook.platform not in FIRST_PARTY_PLATFORMS:
            msg = f"its platform {hook.platform!r} has no Message Batches; switch explain.batch off"
            raise ValueError(msg)
        client: Any = hook.conn
    return ClaudeBatches(client, conn_id=conn_id, timeout_seconds=settings.explain.timeout_seconds)


def claude(settings: Settings, model: str) -> Claude:
    """Return a model behind the Anthropic provider's hook.

    Raises:
        UpstreamError: there is no such connection, or it cannot be used.
    """
    from costspike.adapters.claude import CallLimits, Claude

    own, conn_id = settings.explain, settings.connections.anthropic
    with naming_connection(conn_id, "Claude"):
        from airflow.providers.anthropic.hooks.anthropic import AnthropicHook

        client = AnthropicHook(conn_id=conn_id).conn
    return Claude(
        client,
        conn_id=conn_id,
        model=model,
        limits=CallLimits(
            max_tokens=own.max_tokens,
            effort=own.effort,
            timeout_seconds=own.timeout_seconds,
            attempts=own.attempts,
            max_wait_seconds=own.max_wait_seconds,
        ),
    )
