-- When a run last ended well.
SELECT finished_at
FROM pipeline_runs
WHERE outcome = 'success'
ORDER BY finished_at DESC
LIMIT 1
