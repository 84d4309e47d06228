"""What the policy `standard` says of buying, suppliers and tools, and what a wrong one is told."""

from datetime import timedelta
from pathlib import Path

import pytest

from parts.domain.supplier_notice import NoticeField
from parts.page.supplier_notice import notice_page, notice_text
from parts.policy import PartsPolicy
from parts.policy.suppliers import Language, in_language
from shared.policy import PolicyError, load_policy
from testkit.suite import policy_file

STANDARD = policy_file("parts", profile="standard")


@pytest.fixture(scope="module")
def policy() -> PartsPolicy:
    return load_policy(PartsPolicy, STANDARD).policy


def test_three_prices_are_compared_tools_are_due_right_after_use_and_suppliers_are_called_at_once(
    policy: PartsPolicy,
) -> None:
    assert policy.purchasing.quotes_needed == 3
    assert policy.tools.return_within < timedelta(days=1)
    assert policy.clocks["supplier_contact"].allowed == timedelta(hours=2)


@pytest.mark.parametrize(
    ("right", "wrong", "named"),
    [
        ("quotes_needed = 3", "quotes_needed = 0", "quotes_needed"),
        ('role = "buyer"', 'role = "janitor"', "a role of"),
        ('[purchasing.chasing]\nremind_every = "1d"', '[purchasing.chasing]\nremind_every = "0s"', "remind_every"),
        ('usual_use = "1d"', 'usual_use = "a day"', "usual_use"),
        ("[clocks.supplier_contact]", "[clocks.supplier]", "supplier_contact"),
        ('phone = { zh-CN = "联系电话", en = "Phone" }\n', "", "missing are phone"),
    ],
)
def test_a_policy_that_cannot_be_obeyed_says_what_would_be_right(
    tmp_path: Path, right: str, wrong: str, named: str
) -> None:
    text = STANDARD.read_text()
    assert right in text
    changed = tmp_path / "parts.toml"
    changed.write_text(text.replace(right, wrong, 1))
    with pytest.raises(PolicyError, match=named):
        load_policy(PartsPolicy, changed)


@pytest.mark.rule("R329")
@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_a_printed_notice_names_every_field_and_puts_time_and_costs_in_bold(
    policy: PartsPolicy, language: Language
) -> None:
    texts = policy.suppliers.notice
    fields = {field: f"<{field}>" for field in NoticeField}
    page = notice_page(fields, supplier="A & B", language=language, texts=texts)
    text = notice_text(fields, supplier="A & B", language=language, texts=texts)
    for field in NoticeField:
        name = in_language(texts.fields[field], language)
        assert f"<th>{name}</th>" in page
        assert f"{name}: <{field}>" in text
    assert page.count("<strong>") == 2
    assert "<strong>&lt;solve_by&gt;</strong>" in page
    assert "<strong>&lt;costs&gt;</strong>" in page
    assert "A &amp; B" in page
