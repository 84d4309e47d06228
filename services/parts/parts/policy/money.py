"""Amounts in a policy."""

from decimal import Decimal
from typing import Annotated

from pydantic import Field

type Yuan = Annotated[Decimal, Field(gt=0, le=Decimal(9_999_999), decimal_places=2)]
