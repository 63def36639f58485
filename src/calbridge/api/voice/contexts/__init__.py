"""What platforms ask before a call, and how they want to be answered: one file a platform."""
