"""Provider events of one call in any order, doubled, late and contradictory, from the recorded payloads (R-100, R-101, R-107).

Every example has a data folder of its own, in which one call rings. Events go in over HTTP; what they have led to is read from
the rows. Times stand in the notation of the day of the call, 23 March 2026, on which London is on UTC.
"""

import json
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ivy_engine import jobs
from ivy_engine.actions import streaks
from ivy_engine.engine import FolderLock, Ivy, open_ivy
from ivy_engine.settings import Settings, Store
from ivy_engine.store import calls as call_rows
from ivy_engine.store import workouts as workout_rows
from tests.conftest import UNLIMITED, driving, rows
from tests.driver import Driver

Json = Any
RECORDED = datetime.fromtimestamp(1_760_000_000, UTC)  # the start of the recorded call
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
