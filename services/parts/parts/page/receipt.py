"""The receipt of a deposit (订金收据) as a page to be printed. It names no customer: whoever holds it is one."""

import base64
import hashlib
from collections.abc import Mapping
from html import escape
from typing import Literal

from parts.domain.supply_words import DepositState
from parts.policy import PartsPolicy
from parts.tables import DepositRow, RequestRow
from shared.policy.labels import Label
from shared.refusals import IllegalTransition

type Language = Literal["zh-CN", "en"]

STYLE = (
    "body{font-family:sans-serif;margin:2cm;max-width:16cm}h1{font-size:1.4em}table{border-collapse:collapse;width:100%}"
    "th,td{border:1px solid #888;padding:.4em;text-align:left}th{width:35%;font-weight:normal}"
    "@media print{body{margin:0}}"
)
_DIGEST = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
HEADERS: Mapping[str, str] = {
    "Content-Security-Policy": f"default-src 'none'; style-src 'sha256-{_DIGEST}'; base-uri 'none'",
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
}


def receipt_page(deposit: DepositRow, request: RequestRow, *, language: Language, policy: PartsPolicy) -> str:
    """R320, R321: what was paid for which order, and what became of it. Raises IllegalTransition before it is paid."""
    if deposit.paid_at is None:
        raise IllegalTransition(
            "deposit_not_paid",
            detail=f"the deposit is {deposit.state}",
            expected="a receipt of a deposit that was paid; GET /v1/deposits/{id} shows where it stands",
        )
    texts = policy.receipt
    outcomes = {
        DepositState.HELD: texts.held,
        DepositState.REFUNDED: texts.refunded,
        DepositState.FORFEITED: texts.forfeited,
    }
    method = policy.payment_methods.get(deposit.method or "")
    paid_at = deposit.paid_at.astimezone(policy.company.time_zone)
    rows = (
        (texts.number, str(deposit.id)),
        (texts.work_order, request.work_order_number),
        (texts.amount, f"CNY {deposit.amount:,.2f}"),
        (texts.paid_at, f"{paid_at:%Y-%m-%d %H:%M}"),
        (texts.method, _in(method, language) if method else deposit.method or ""),
        (texts.state, _in(outcomes[DepositState(deposit.state)], language)),
    )
    lines = "".join(f"<tr><th>{escape(_in(name, language))}</th><td>{escape(value)}</td></tr>" for name, value in rows)
    title, company, terms = (escape(_in(text, language)) for text in (texts.title, texts.company, texts.terms))
    return (
        f'<!doctype html><html lang="{language}"><head><meta charset="utf-8"><title>{title}</title>'
        f"<style>{STYLE}</style></head><body><p>{company}</p><h1>{title}</h1><table>{lines}</table><p>{terms}</p>"
        "</body></html>"
    )


def _in(label: Label, language: Language) -> str:
    return label.zh_cn if language == "zh-CN" else label.en
