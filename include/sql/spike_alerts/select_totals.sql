SELECT
    x_state,
    problem,
    COUNT(*) AS alerts
FROM spike_alerts
GROUP BY
    x_state,
    problem
