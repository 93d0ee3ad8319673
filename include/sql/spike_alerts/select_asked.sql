-- The messages that somebody asks for: by their key, their spike's, their incident's or their cost day.
SELECT
    alert_id,
    message_key,
    incident_id,
    notify_reason,
    charge_period_start,
    channel,
    x_state,
    message
FROM spike_alerts
WHERE
    alert_id = :asked
    OR message_key = :asked
    OR spike_id = :asked
    OR incident_id = :asked
    OR CAST(charge_period_start AS VARCHAR) = :asked
ORDER BY
    charge_period_start ASC,
    x_created_at ASC,
    alert_id ASC
