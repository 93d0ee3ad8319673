SELECT batch_key
FROM explanation_batches
WHERE batch_id = :batch_id
ORDER BY started_at DESC
