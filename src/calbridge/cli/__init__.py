"""The ``calbridge`` command: for people who run calbridge."""
