"""Lands a cost day from the source of the settings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from costspike.run_context import now, refuse_unknown_params

if TYPE_CHECKING:
    from costspike.usecases.land_costs import Landed
    from costspike.wiring import Wiring


def land(to: Wiring) -> Landed:
    """Land the costs of the running task's day; see the use cases for the errors.

    Raises:
        SettingsError: the run was triggered with something that it does not know.
    """
    from costspike.usecases.land_costs import land_costs

    refuse_unknown_params(to.context)
    if to.settings.reading.source == "prometheus":
        return _from_prometheus(to)
    return land_costs(to.run, to.settings, to.explorer, to.tables, to.spending, clock=now)


def _from_prometheus(to: Wiring) -> Landed:
    from costspike.adapters.prometheus.cost_days import CostDays
    from costspike.domain.errors import UpstreamError
    from costspike.domain.prometheus_source import cost_expression
    from costspike.prometheus_connection import prometheus
    from costspike.usecases.land_prometheus_costs import land_prometheus_costs

    asked = cost_expression(to.settings.prometheus_source)
    with prometheus(to.settings) as client:
        if client is None:
            msg = (
                f"there is no connection {to.settings.connections.prometheus!r}, from which reading.source wants "
                "the costs; add it under Admin > Connections."
            )
            raise UpstreamError(msg, system="Prometheus", reason="auth", retryable=False)
        days = CostDays(client, asked)
        return land_prometheus_costs(to.run, to.settings, days, asked, to.tables, clock=now)
