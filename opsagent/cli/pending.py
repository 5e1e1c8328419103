"""Incidents that wait for somebody, and the reports of those that have ended."""

import os
import socket
import sys
from dataclasses import replace
from datetime import UTC, datetime

from opsagent.agent import run, wiring
from opsagent.cli.diagnosing import prompter
from opsagent.cli.ending import close, worst
from opsagent.cli.options import OutputFormat
from opsagent.cli.setup import Setup
from opsagent.errors import ExitCode, UsageError
from opsagent.models.panel import Panel
from opsagent.models.plan import Answer
from opsagent.ui.steps import Steps
