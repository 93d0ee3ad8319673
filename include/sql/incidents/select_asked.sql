-- The incident that somebody means: by its own id, or by that of one of its spikes, withdrawn ones too.
SELECT incident_id
FROM incidents
WHERE
    incident_id = :asked
    OR EXISTS (
        SELECT 1
        FROM cost_spikes
        WHERE
            cost_spikes.spike_id = :asked
            AND cost_spikes.incident_id = incidents.incident_id
    )
    OR EXISTS (
        SELECT 1
        FROM withdrawn_spikes
        WHERE
            withdrawn_spikes.spike_id = :asked
            AND withdrawn_spikes.incident_id = incidents.incident_id
    )
ORDER BY CASE WHEN incident_id = :asked THEN 0 ELSE 1 END
