UPDATE receiver_deliveries
SET
    x_state = :state,
    attempts = attempts + 1,
    problem = :problem,
    handed_over_at = :handed_over_at
WHERE
    receiver = :receiver
    AND message_key = :message_key
