SELECT notice
FROM spike_alerts
WHERE alert_id = :alert_id
