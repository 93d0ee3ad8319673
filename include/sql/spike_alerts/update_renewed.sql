UPDATE spike_alerts
SET claimed_at = :claimed_at
WHERE
    alert_id = :alert_id
    AND x_state = 'claimed'
