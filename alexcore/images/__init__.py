"""Pictures: untrusted bytes to upright RGB, and on to what a net receives."""
