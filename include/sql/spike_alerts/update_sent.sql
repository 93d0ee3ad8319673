UPDATE spike_alerts
SET
    x_state = 'sent',
    posted_channel = :posted_channel,
    ts = :ts,
    sent_at = :sent_at,
    message = :message,
    problem = ''
WHERE
    alert_id = :alert_id
    AND message_key = :message_key
