"""The command line: detection on files and folders with no database."""
