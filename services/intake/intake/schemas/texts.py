"""Kinds of texts and values that several requests carry."""

from typing import Annotated

from pydantic import AwareDatetime, Field

type Text = Annotated[str, Field(min_length=1, max_length=2000)]
type Name = Annotated[str, Field(min_length=1, max_length=200)]
type Code = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,39}$", description="a code such as `haidian`")]
type ProductCode = Annotated[str, Field(min_length=1, max_length=100, pattern=r"^[\w.+/ -]+$")]
type SerialNumber = Annotated[str, Field(min_length=1, max_length=100, pattern=r"^[\w.+/:-]+$")]
type PhoneText = Annotated[str, Field(min_length=1, max_length=60, description="as people write it")]
type Instant = Annotated[AwareDatetime, Field(description="RFC 3339 with an offset")]
