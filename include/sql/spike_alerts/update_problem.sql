-- Kept for the next try; :state is pending where it is sure that nothing was posted, else claimed.
UPDATE spike_alerts
SET
    x_state = :state,
    problem = :problem,
    message = :message
WHERE
    spike_id = :spike_id
    AND message_key = :message_key
    AND x_state <> 'sent'
