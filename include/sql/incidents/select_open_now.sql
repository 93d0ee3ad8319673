-- The incidents that are not over, by severity.
SELECT
    severity,
    COUNT(*) AS open_incidents
FROM incidents
WHERE
    closed_on IS NULL
    AND x_state <> 'corrected'
    AND x_source = :source
GROUP BY severity
