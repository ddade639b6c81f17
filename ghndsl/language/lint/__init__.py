"""A text goes in; what its author likely did not mean comes out as warnings, and what no run would take as errors."""

from ghndsl.language.lint.bodies import text_faults
from ghndsl.language.lint.idle import Idle, Watching
from ghndsl.language.lint.static import static_warnings, unread_places

__all__ = ["Idle", "Watching", "static_warnings", "text_faults", "unread_places"]
