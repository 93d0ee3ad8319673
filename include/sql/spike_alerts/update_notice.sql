UPDATE spike_alerts
SET notice = :notice
WHERE
    alert_id = :alert_id
    AND x_state = 'pending'
