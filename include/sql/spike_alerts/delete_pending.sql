-- A message that surely was not sent, and is not to be sent any more: its spike was withdrawn, or there is
-- newer news.
DELETE FROM spike_alerts
WHERE
    alert_id = :alert_id
    AND x_state = 'pending'
