-- The answers that a first message still owes to its thread.
SELECT
    owed.alert_id,
    owed.spike_id
FROM spike_alerts AS owed
WHERE
    owed.notify_reason = 'details'
    AND owed.x_state <> 'sent'
    AND owed.incident_id IN (
        SELECT firsts.incident_id
        FROM spike_alerts AS firsts
        WHERE
            firsts.message_key = :message_key
            AND firsts.notify_reason = 'first_notification'
            AND firsts.x_state = 'sent'
    )
ORDER BY
    owed.x_created_at ASC,
    owed.alert_id ASC
