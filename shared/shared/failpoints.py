"""Places where a fault test kills the process at an exact point. Off unless `AFTERSALES_FAILPOINT` names one."""

import os
import signal
from typing import Literal, get_args

VARIABLE = "AFTERSALES_FAILPOINT"

type Failpoint = Literal[
    "work.after_insert",  # the rows are in the transaction, its events and deadlines are not
    "work.before_commit",  # all of it is in the transaction
    "work.after_commit",  # it is durable, and nobody was told: no answer, no acknowledgement, no wake-up
    "relay.before_publish",  # rows are claimed, nothing was said
    "relay.after_confirm",  # the broker has them, and they are not marked
    "consumer.before_commit",  # the handler is done
    "consumer.before_ack",  # its effect, or a copy among the retries or dead letters, is durable
    "deadline.before_commit",  # the deadline has fired, and is still there
    "courier.after_send",  # the mail is out, and nobody has written it down
]
FAILPOINTS: tuple[Failpoint, ...] = get_args(Failpoint.__value__)


def reach(name: Failpoint) -> None:
    """Die here as by `kill -9` where the environment says so; nothing otherwise."""
    if os.environ.get(VARIABLE) == name:
        os.kill(os.getpid(), signal.SIGKILL)
