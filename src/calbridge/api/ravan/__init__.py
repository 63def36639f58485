"""The Ravan dialect: success, message, data."""
