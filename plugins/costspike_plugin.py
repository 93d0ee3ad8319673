"""Registers costspike with Airflow, and does nothing else."""

from airflow.plugins_manager import AirflowPlugin

from costspike import pools


class CostspikePlugin(AirflowPlugin):
    """Makes the pools when Airflow starts; pages and links register here."""

    name = "costspike"
    listeners = [pools]  # noqa: RUF012 - Airflow's base declares it so
