"""The only room that speaks SQL: repositories that take and give domain values."""
