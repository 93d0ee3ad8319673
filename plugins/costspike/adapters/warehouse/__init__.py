"""The warehouse: DuckDB or Postgres through whatever DB-API connection Airflow's hook gives."""
