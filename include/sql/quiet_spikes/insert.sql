INSERT INTO quiet_spikes (
    spike_id,
    charge_period_start,
    x_kind,
    x_pattern,
    reason,
    x_owner,
    quiet_until,
    x_source
)
VALUES (
    :spike_id,
    :day,
    :kind,
    :scope,
    :reason,
    :owner,
    :until,
    :source
)
