-- What became of the alerts of each day, and why some did not go out.
SELECT
    charge_period_start,
    x_state,
    problem,
    COUNT(*) AS alerts
FROM spike_alerts
WHERE
    charge_period_start >= :start
    AND charge_period_start < :end
    AND notify_reason <> 'details'
    AND problem <> 'waits for the digest of the week'
GROUP BY
    charge_period_start,
    x_state,
    problem
