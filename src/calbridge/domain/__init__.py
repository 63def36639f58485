"""Plain Python that says what calbridge is about: no I/O, no clock, no framework."""
