-- Postgres takes what its texts leave of few large amounts for one row, and would compare it with all others.
SET LOCAL enable_nestloop TO off
