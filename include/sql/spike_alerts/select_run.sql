-- What the task instances of one run sent, and what of the cost day still has to go out; not counting what
-- the pipeline says about itself, nor the details of what was told.
SELECT
    COUNT(CASE WHEN x_state = 'sent' AND SUBSTR(claimed_by, 1, LENGTH(:claims)) = :claims THEN 1 END) AS sent,
    COUNT(CASE WHEN x_state <> 'sent' AND charge_period_start = :day THEN 1 END) AS undelivered
FROM spike_alerts
WHERE
    incident_id <> 'pipeline'
    AND notify_reason <> 'details'
    AND problem <> 'waits for the digest of the week'
