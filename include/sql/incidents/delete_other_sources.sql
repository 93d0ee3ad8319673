-- An incident that another source began is one incident.
DELETE FROM incidents
WHERE
    incident_id = :incident_id
    AND x_source <> :source
