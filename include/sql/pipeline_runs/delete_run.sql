DELETE FROM pipeline_runs
WHERE
    cost_day = :cost_day
    AND run_id = :run_id
