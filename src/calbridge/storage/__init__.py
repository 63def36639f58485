"""The only room that speaks SQL: repositories that take and give domain values."""

from calbridge.storage.put_off import put_off

# It brings the ORM along, for sessions that nobody here uses: seven mebibytes. What is needed of it is in ``.engine``.
put_off("sqlalchemy.ext.asyncio")
