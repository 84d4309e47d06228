"""How long anybody waits for something that another process or a server has to do, before he gives up.

A limit and never a measure: where all is well nobody waits for long, and a slow or busy machine is not a fault.
"""

PATIENCE_SECONDS = 90.0
