"""Registers costspike with Airflow, and does nothing else."""

from airflow.plugins_manager import AirflowPlugin


class CostspikePlugin(AirflowPlugin):
    """Makes costspike visible under Admin > Plugins; pages and links register here."""

    name = "costspike"
