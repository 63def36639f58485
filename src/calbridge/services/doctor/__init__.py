"""What would go wrong on a call, found before the call: facts are gathered first, and judged by pure functions."""
