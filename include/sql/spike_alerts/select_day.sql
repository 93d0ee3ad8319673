SELECT
    COUNT(CASE WHEN x_state = 'sent' THEN 1 END) AS sent,
    COUNT(CASE WHEN x_state <> 'sent' THEN 1 END) AS undelivered
FROM spike_alerts
WHERE charge_period_start = :day
