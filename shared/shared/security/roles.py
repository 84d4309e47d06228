"""Who may do what: a role stands for scopes, a route asks for one."""

from collections.abc import Mapping
from typing import Literal, get_args

type Scope = Literal[
    "calls:read",
    "cases:read",
    "cases:write",
    "quotes:write",
    "approvals:decide",
    "customers:read",
    "customers:write",
    "contacts:read",
    "units:read",
    "units:write",
    "sources:read",
    "sources:write",
    "staff:read",
    "staff:write",
    "work_orders:read",
    "work_orders:write",
    "offers:answer",
    "visits:write",
    "technicians:read",
    "technicians:write",
    "words:read",
    "parts:read",
    "stock:write",
    "parts:issue",
    "deposits:write",
    "claims:write",
    "claims:approve",
    "purchasing:request",
    "purchasing:write",
    "problems:read",
    "action_items:write",
    "revisits:read",
    "revisits:write",
    "surveys:read",
    "messages:read",
    "escalations:read",
    "escalations:acknowledge",
    "customers:erase",
    "clocks:read",
    "audit:read",
    "test_clock:write",
]

SCOPES: frozenset[str] = frozenset(get_args(Scope.__value__))

NOT_FOR_EVERYBODY = frozenset({"contacts:read", "words:read", "problems:read", "audit:read"})
"""`problems:read`: what was written about problems on site that suppliers solve, for those who deal with them."""
READING = frozenset(scope for scope in SCOPES if scope.endswith(":read")) - NOT_FOR_EVERYBODY
SERVING = READING | {
    "cases:write",
    "quotes:write",
    "customers:write",
    "contacts:read",
    "words:read",  # what customers said and signed
    "revisits:write",
    "deposits:write",
    "escalations:acknowledge",
}

ROLES: Mapping[str, frozenset[str]] = {
    "agent": SERVING,  # 客服专员
    "cs_supervisor": SERVING
    | {"units:write", "work_orders:write", "visits:write", "purchasing:request", "problems:read"}
    | {"action_items:write"},  # 客服主管
    "dispatcher": READING
    | {"work_orders:write", "offers:answer", "visits:write", "technicians:write", "escalations:acknowledge"}
    | {"purchasing:request", "action_items:write"},  # 派工员
    "technician": frozenset(
        {
            "work_orders:read",
            "offers:answer",
            "visits:write",
            "contacts:read",
            "clocks:read",
            "cases:read",
            "parts:read",
            "escalations:acknowledge",
        }
    ),  # 技师
    "storekeeper": READING
    | {"stock:write", "parts:issue", "deposits:write", "claims:write"}
    | {"purchasing:request", "purchasing:write", "problems:read", "action_items:write"},  # 备件员
    "buyer": READING
    | {"purchasing:request", "purchasing:write", "problems:read", "claims:write", "contacts:read"}
    | {"action_items:write", "escalations:acknowledge"},  # 采购员
    "workshop_manager": READING
    | {"work_orders:write", "visits:write", "claims:approve", "escalations:acknowledge"}
    | {"purchasing:request", "problems:read", "action_items:write"},  # 车间经理
    "quality_control": READING | {"problems:read", "action_items:write", "escalations:acknowledge"},  # 质检员
    "aftersales_director": READING | {"claims:approve", "problems:read", "escalations:acknowledge"},  # 售后总监
    "marketing_vp": READING | {"approvals:decide", "escalations:acknowledge"},  # 营销副总
    "general_manager": READING | {"approvals:decide", "escalations:acknowledge"},  # 总经理
    "admin": READING
    | {
        "units:write",
        "sources:write",
        "staff:write",
        "technicians:write",
        "customers:write",
        "customers:erase",
        "stock:write",
        "purchasing:write",
        "test_clock:write",
    },
    "auditor": READING | {"audit:read"},
}
"""What each role of a person may do. A machine may do what its own token's `scope` claim says and nothing else."""

MACHINE = "machine"


def granted(role: str, *, claimed: str | None) -> frozenset[str]:
    """The scopes of a token with this role and `scope` claim (names separated by blanks).

    A person's claim narrows the role and never widens it. An unknown role may do nothing.
    """
    asked = None if claimed is None else frozenset(claimed.split()) & SCOPES
    if role == MACHINE:
        return asked or frozenset()
    of_role = ROLES.get(role, frozenset())
    return of_role if asked is None else of_role & asked
