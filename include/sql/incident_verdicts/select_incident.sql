-- All that was said of one incident, the last first.
SELECT
    incident_id,
    given_at,
    given_by,
    verdict,
    note
FROM incident_verdicts
WHERE incident_id = :incident_id
ORDER BY
    given_at DESC,
    given_by DESC
