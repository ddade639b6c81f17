"""What data asks of a network, one task a file: its loss, its metric, the shape of answers."""

from ghndsl.data.tasks.base import Tally, Task, figure
from ghndsl.data.tasks.classes import Classes
from ghndsl.data.tasks.dense import Dense
from ghndsl.data.tasks.find import find_task
from ghndsl.data.tasks.regression import Regression
from ghndsl.data.tasks.tokens import Tokens

__all__ = ["Classes", "Dense", "Regression", "Tally", "Task", "Tokens", "figure", "find_task"]
