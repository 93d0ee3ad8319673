-- What people may still have to look at.
SELECT COUNT(incident_id) AS incidents
FROM incidents
WHERE
    x_state IN ('open', 'ongoing')
    AND x_source = :source
