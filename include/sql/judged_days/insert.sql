INSERT INTO judged_days (
    charge_period_start,
    x_source,
    spikes,
    x_judged_at,
    x_run_id
)
VALUES (
    :day,
    :source,
    :spikes,
    :judged_at,
    :run_id
)
