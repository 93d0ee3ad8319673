-- Kept for the next try; :state is pending where it is sure that nothing was posted, else claimed.
-- Whoever lost the claim meanwhile has no say any more.
UPDATE spike_alerts
SET
    x_state = :state,
    problem = :problem,
    message = :message
WHERE
    alert_id = :alert_id
    AND claimed_by = :claimed_by
    AND claimed_at = :claimed_at
    AND x_state = 'claimed'
