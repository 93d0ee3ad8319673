UPDATE spike_alerts
SET claimed_at = :claimed_at
WHERE
    spike_id = :spike_id
    AND x_state = 'claimed'
