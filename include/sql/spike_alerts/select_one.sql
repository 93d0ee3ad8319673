SELECT
    alert_id,
    incident_id,
    notify_reason,
    charge_period_start,
    channel,
    spike_id,
    notice,
    x_state,
    message_key,
    claimed_by,
    claimed_at,
    attempts,
    posted_channel,
    ts,
    x_source,
    x_created_at
FROM spike_alerts
WHERE alert_id = :alert_id
ORDER BY x_created_at
