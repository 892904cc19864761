"""Writes on cases, reads and verdicts, one transaction per function."""
