SELECT
    COUNT(*) AS rows_landed,
    COUNT(CASE WHEN x_estimated THEN 1 END) AS estimated_rows
FROM cloud_costs
WHERE
    x_run_id = :run_id
    AND x_source = :source
