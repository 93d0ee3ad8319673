-- The first message of an incident, which its later ones answer to.
SELECT
    channel,
    posted_channel,
    ts,
    message_key,
    message
FROM spike_alerts
WHERE
    incident_id = :incident_id
    AND notify_reason = 'first_notification'
    AND x_state = 'sent'
ORDER BY sent_at
LIMIT 1
