"""AWS cost spikes: landed, found, explained and alerted by one Airflow DAG."""
