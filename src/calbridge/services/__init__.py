"""What calbridge does, said once for every door."""
