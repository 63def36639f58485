"""The HTTP door: two dialects over one container."""
