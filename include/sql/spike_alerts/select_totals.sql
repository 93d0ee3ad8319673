SELECT
    x_state,
    problem,
    COUNT(*) AS alerts
FROM spike_alerts
WHERE
    notify_reason <> 'details'
    AND problem <> 'waits for the digest of the week'
GROUP BY
    x_state,
    problem
