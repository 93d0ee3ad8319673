SELECT
    alert_id,
    incident_id,
    notify_reason AS reason,
    spike_id,
    message_key,
    x_state AS state,
    attempts,
    posted_channel,
    ts,
    problem,
    message
FROM spike_alerts
ORDER BY
    charge_period_start ASC,
    sent_at ASC,
    alert_id ASC
