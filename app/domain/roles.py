"""What an account may do in a project: a viewer reads, a member also triages, the owner does the
rest."""

from enum import StrEnum


class Role(StrEnum):
    """From least to most; each may do what those above it in this list may do."""

    VIEWER = "viewer"
    MEMBER = "member"
    OWNER = "owner"

    def may_act_as(self, needed: "Role") -> bool:
        return _RANK[self] >= _RANK[needed]


_RANK = {role: rank for rank, role in enumerate(Role)}

# A project has one owner, who made it.
INVITABLE_ROLES = (Role.MEMBER, Role.VIEWER)
