-- What people were told, and what waits to be told, the oldest first; details of it are no news.
SELECT
    alert_id,
    x_state,
    ts,
    notice
FROM spike_alerts
WHERE
    charge_period_start >= :since
    AND x_source = :source
    AND notify_reason <> 'details'
ORDER BY
    x_created_at ASC,
    alert_id ASC
