-- The messages that Slack has and a receiver has not: those of this run, and those of earlier ones since
-- there is the receiver. A receiver that is new is not flooded with what is past. Beside a short message
-- there is what Slack has in its thread.
SELECT
    spike_alerts.message_key,
    spike_alerts.incident_id,
    spike_alerts.notify_reason,
    spike_alerts.message,
    COALESCE(details.message, '') AS details
FROM spike_alerts
LEFT JOIN receiver_deliveries
    ON
        spike_alerts.message_key = receiver_deliveries.message_key
        AND receiver_deliveries.receiver = :receiver
LEFT JOIN spike_alerts AS details
    ON
        spike_alerts.incident_id = details.incident_id
        AND details.notify_reason = 'details'
        AND details.x_state = 'sent'
        AND spike_alerts.notify_reason = 'first_notification'
        AND spike_alerts.message_key = spike_alerts.alert_id
WHERE
    spike_alerts.x_state = 'sent'
    AND spike_alerts.incident_id <> 'pipeline'
    AND spike_alerts.notify_reason <> 'details'
    AND spike_alerts.sent_at >= :since
    AND (
        receiver_deliveries.x_state = 'pending'
        OR (
            receiver_deliveries.x_state IS NULL
            AND (
                SUBSTR(spike_alerts.claimed_by, 1, LENGTH(:claims)) = :claims
                OR spike_alerts.sent_at >= (
                    SELECT MIN(earlier.x_created_at)
                    FROM receiver_deliveries AS earlier
                    WHERE earlier.receiver = :receiver
                )
            )
        )
    )
ORDER BY
    spike_alerts.sent_at ASC,
    spike_alerts.message_key ASC,
    spike_alerts.incident_id ASC
