"""The `selfie` command: arguments, exit codes, bars."""
