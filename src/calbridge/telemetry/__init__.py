"""What the process tells of itself: logs without keys, bodies or callers' data."""
