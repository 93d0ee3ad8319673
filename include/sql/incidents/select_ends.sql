-- When each incident began and ended, the newest first.
SELECT
    first_day,
    last_spike_day,
    closed_on,
    x_state
FROM incidents
WHERE
    first_day <= :as_of
    AND x_source = :source
ORDER BY
    first_day DESC,
    incident_id ASC
