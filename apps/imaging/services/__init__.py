"""Writes on uploads and images, one transaction per function."""
