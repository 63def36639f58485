"""The doors for voice platforms: one file a platform, which translates its envelope and knows none of the others."""
