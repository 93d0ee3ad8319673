INSERT INTO receiver_deliveries (
    receiver,
    message_key,
    x_state,
    attempts,
    problem,
    x_created_at
)
SELECT
    CAST(:receiver AS VARCHAR) AS receiver,
    CAST(:message_key AS VARCHAR) AS message_key,
    CAST(:state AS VARCHAR) AS x_state,
    0 AS attempts,
    '' AS problem,
    CAST(:now AS TIMESTAMP) AS x_created_at
WHERE
    NOT EXISTS (
        SELECT 1
        FROM receiver_deliveries
        WHERE
            receiver = :receiver
            AND message_key = :message_key
    )
