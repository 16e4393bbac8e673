"""Tests of the cabinet: one folder per app, `browser` for Chromium, `services` for a real worker."""
