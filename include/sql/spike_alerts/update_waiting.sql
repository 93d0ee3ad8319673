UPDATE spike_alerts
SET problem = :problem
WHERE
    alert_id = :alert_id
    AND x_state = 'pending'
