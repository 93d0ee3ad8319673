-- Postgres takes what texts leave of few large amounts for one row, and would compare them with all others.
SET LOCAL enable_nestloop TO off
