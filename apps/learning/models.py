"""No rows yet: labels are read from verdicts, models from their cards."""
