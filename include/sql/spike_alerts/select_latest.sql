-- The newest news of an incident, sent or not.
SELECT notice
FROM spike_alerts
WHERE
    incident_id = :incident_id
    AND notify_reason <> 'details'
ORDER BY
    x_created_at DESC,
    alert_id ASC
LIMIT 1
