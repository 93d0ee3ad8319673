SELECT
    incident_id,
    notify_reason,
    charge_period_start,
    channel,
    spike_id,
    x_state,
    message_key,
    claimed_by,
    claimed_at,
    attempts,
    posted_channel,
    ts,
    x_created_at
FROM spike_alerts
WHERE spike_id = :spike_id
ORDER BY x_created_at
