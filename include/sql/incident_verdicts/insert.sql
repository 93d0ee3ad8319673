-- A task that runs again has given its verdict already.
INSERT INTO incident_verdicts (
    incident_id,
    given_at,
    given_by,
    verdict,
    note
)
SELECT
    CAST(:incident_id AS VARCHAR) AS incident_id,
    CAST(:given_at AS TIMESTAMP) AS given_at,
    CAST(:given_by AS VARCHAR) AS given_by,
    CAST(:verdict AS VARCHAR) AS verdict,
    CAST(:note AS VARCHAR) AS note
WHERE
    NOT EXISTS (
        SELECT 1
        FROM incident_verdicts
        WHERE
            incident_id = :incident_id
            AND given_at = :given_at
            AND given_by = :given_by
    )
