INSERT INTO spike_alerts (
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
    attempts,
    posted_channel,
    ts,
    problem,
    message,
    x_source,
    x_created_at
)
SELECT
    CAST(:alert_id AS VARCHAR) AS alert_id,
    CAST(:incident_id AS VARCHAR) AS incident_id,
    CAST(:notify_reason AS VARCHAR) AS notify_reason,
    CAST(:day AS DATE) AS charge_period_start,
    CAST(:channel AS VARCHAR) AS channel,
    CAST(:spike_id AS VARCHAR) AS spike_id,
    CAST(:notice AS VARCHAR) AS notice,
    'pending' AS x_state,
    CAST(:message_key AS VARCHAR) AS message_key,
    '' AS claimed_by,
    0 AS attempts,
    '' AS posted_channel,
    '' AS ts,
    '' AS problem,
    '' AS message,
    CAST(:source AS VARCHAR) AS x_source,
    CAST(:created_at AS TIMESTAMP) AS x_created_at
WHERE
    NOT EXISTS (
        SELECT 1
        FROM spike_alerts
        WHERE
            alert_id = :alert_id
            OR (
                incident_id = :incident_id
                AND notify_reason = :notify_reason
                AND charge_period_start = :day
            )
    )
