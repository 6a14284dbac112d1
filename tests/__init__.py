"""Tests: behaviour, with real files, windows and processes."""
