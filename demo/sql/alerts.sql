SELECT
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
    spike_id ASC
