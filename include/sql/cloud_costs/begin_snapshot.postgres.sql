-- What several statements read must be of one moment. The other engines' transactions are like that anyway.
SET LOCAL transaction_isolation TO 'repeatable read'
