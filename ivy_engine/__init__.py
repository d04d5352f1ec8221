"""Ivy engine: planned workouts, kind calls, streaks and small gifts, in one process."""

__version__ = "0.1.0"
