"""calbridge: the Cal.com API of voice-agent platforms, answered truthfully while the caller waits."""
