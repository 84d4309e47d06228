"""How each kind of contact centre speaks: its words and its key for repetitions. One file a vendor, pure."""
