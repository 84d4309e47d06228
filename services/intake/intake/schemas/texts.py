"""Kinds of texts and values that several requests carry."""

from typing import Annotated

from pydantic import AwareDatetime, Field

type Text = Annotated[str, Field(min_length=1, max_length=2000)]
type Name = Annotated[str, Field(min_length=1, max_length=200)]
type Code = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,39}$", description="a code such as `haidian`")]
type ProductCode = Annotated[str, Field(min_length=1, max_length=100, pattern=r"^[\w.+/ -]+$")]
type SerialNumber = Annotated[str, Field(min_length=1, max_length=100, pattern=r"^[\w.+/:-]+$")]
type PhoneText = Annotated[str, Field(min_length=1, max_length=60, description="as people write it")]
type EmailText = Annotated[
    str,
    Field(
        max_length=254,
        pattern=r"^[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]{1,63}(\.[A-Za-z0-9-]{1,63})+$",
        description="a mail address such as `wang@example.com`",
    ),
]
type Instant = Annotated[AwareDatetime, Field(description="RFC 3339 with an offset")]
