-- Compare and swap: whoever saw the row as it is now may claim it.
UPDATE spike_alerts
SET
    x_state = 'claimed',
    message_key = :message_key,
    claimed_by = :claimed_by,
    claimed_at = :claimed_at,
    attempts = attempts + 1
WHERE
    alert_id = :alert_id
    AND x_state <> 'sent'
    AND attempts = :seen_attempts
