-- Its own channel does not take the message; whoever lost the claim meanwhile has no say any more.
UPDATE spike_alerts
SET channel = :channel
WHERE
    alert_id = :alert_id
    AND claimed_by = :claimed_by
    AND claimed_at = :claimed_at
    AND x_state = 'claimed'
