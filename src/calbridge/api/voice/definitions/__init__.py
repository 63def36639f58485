"""What to paste at each platform, so that its model can call an agent's tools: one file a platform."""
