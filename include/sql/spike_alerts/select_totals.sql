SELECT
    x_state,
    problem,
    COUNT(*) AS alerts
FROM spike_alerts
WHERE notify_reason <> 'details'
GROUP BY
    x_state,
    problem
