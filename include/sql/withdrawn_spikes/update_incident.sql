UPDATE withdrawn_spikes
SET incident_id = :incident_id
WHERE spike_id = :spike_id
