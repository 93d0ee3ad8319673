-- CREATE TABLE IF NOT EXISTS of two sessions at once can fail in Postgres.
SELECT pg_advisory_xact_lock(739242871)
