"""Texts that people see, as a policy file writes them."""

from typing import Annotated

from pydantic import Field, StringConstraints

from shared.policy.section import Policy

type Code = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,39}$")]


class Label(Policy):
    """A text in both languages of the suite."""

    zh_cn: str = Field(alias="zh-CN", serialization_alias="zh-CN", min_length=1, max_length=400)
    en: str = Field(min_length=1, max_length=400)


type Labels = dict[Code, Label]
