"""HTTP doorways of imaging."""
