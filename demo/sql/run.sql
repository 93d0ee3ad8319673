-- What one run did, as the pipeline wrote it down itself.
SELECT
    rows_landed,
    requests,
    requests_usd,
    spikes,
    alerts_sent,
    (SELECT COUNT(DISTINCT charge_period_start) FROM cloud_costs WHERE x_run_id = $run_id) AS days_read
FROM pipeline_runs
WHERE run_id = $run_id
