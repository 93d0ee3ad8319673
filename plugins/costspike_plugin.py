"""Registers costspike with Airflow, and does nothing else."""

from airflow.plugins_manager import AirflowPlugin

from costspike import pools, web


class CostspikePlugin(AirflowPlugin):
    """Makes the pools when Airflow starts, and serves /costspike; pages and links register here."""

    name = "costspike"
    listeners = [pools]  # noqa: RUF012 - Airflow's base declares it so
    fastapi_apps = [web.APP]  # noqa: RUF012 - the same
