"""The written notice to a supplier (书面告知, R329), as text to be sent and as a page to be printed."""

import base64
import hashlib
from collections.abc import Mapping
from html import escape

from parts.domain.supplier_notice import EMPHASISED, NoticeField
from parts.policy.suppliers import Language, NoticePolicy, in_language

STYLE = (
    "body{font-family:sans-serif;margin:2cm;max-width:16cm}h1{font-size:1.4em}table{border-collapse:collapse;width:100%}"
    "th,td{border:1px solid #888;padding:.4em;text-align:left}th{width:35%;font-weight:normal}"
    "strong{font-size:1.15em}@media print{body{margin:0}}"
)
_DIGEST = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
HEADERS: Mapping[str, str] = {
    "Content-Security-Policy": f"default-src 'none'; style-src 'sha256-{_DIGEST}'; base-uri 'none'",
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
}


def notice_text(fields: Mapping[NoticeField, str], *, supplier: str, language: Language, texts: NoticePolicy) -> str:
    """The notice as plain text: a line for each field, those that count most with a star."""
    lines = [
        f"{'* ' if field in EMPHASISED else ''}{in_language(texts.fields[field], language)}: {fields[field]}"
        for field in NoticeField
    ]
    title, opening, closing = _round(texts, language=language)
    return "\n".join((title, "", supplier, opening, "", *lines, "", closing, ""))


def notice_page(fields: Mapping[NoticeField, str], *, supplier: str, language: Language, texts: NoticePolicy) -> str:
    """The notice as a page to be printed, with what counts most in bold."""
    rows = "".join(
        f"<tr><th>{escape(in_language(texts.fields[field], language))}</th><td>{_value(field, fields[field])}</td></tr>"
        for field in NoticeField
    )
    title, opening, closing = (escape(text) for text in _round(texts, language=language))
    return (
        f'<!doctype html><html lang="{language}"><head><meta charset="utf-8"><title>{title}</title>'
        f"<style>{STYLE}</style></head><body><h1>{title}</h1><p>{escape(supplier)}</p><p>{opening}</p>"
        f"<table>{rows}</table><p>{closing}</p></body></html>"
    )


def _value(field: NoticeField, value: str) -> str:
    return f"<strong>{escape(value)}</strong>" if field in EMPHASISED else escape(value)


def _round(texts: NoticePolicy, *, language: Language) -> tuple[str, str, str]:
    return (
        in_language(texts.title, language),
        in_language(texts.opening, language),
        in_language(texts.closing, language),
    )
