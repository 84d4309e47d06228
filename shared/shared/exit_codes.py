"""What the exit code of a process tells whoever started it, beside 0 and the codes that a command has of its own."""

CONFIGURATION_FAULT = 78
"""EX_CONFIG of sysexits.h: the process cannot run as it is configured, and a restart will not help."""
