"""A hypernetwork that sees no topology: what the graph adds shows beside it."""

from __future__ import annotations

from ghndsl.ghn import GHNConfig
from ghndsl.search.scorers.base import Setting
from ghndsl.search.scorers.generated import Generated, trained
from ghndsl.search.titles import TITLES


def smash(setting: Setting) -> Generated:
    """As `ghn`, from a hypernetwork that sees each node by itself and not its neighbours, trained alike, in the manner
    of Brock et al. ("SMASH", ICLR 2018)."""
    ghn = trained(setting, GHNConfig(rounds=0, hand_on=False), TITLES["smash"])
    return Generated("smash", ghn, setting.scale.cheap, setting.scale.data)
