-- What waited is due: if it does not go out now, it counts as undelivered.
UPDATE spike_alerts
SET problem = ''
WHERE
    alert_id = :alert_id
    AND x_state = 'pending'
    AND problem = :problem
