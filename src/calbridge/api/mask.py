"""How a key is shown."""

MASK = "cal_****************"
