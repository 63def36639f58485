"""The Toolzz dialect: integrations, which are organization accounts seen through other names."""
