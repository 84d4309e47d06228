"""Deposits (订金): proposed, agreed to, paid at the desk or through a provider, held, given back or kept."""

import json
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import httpx
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from shared.contracts.dispatch import PartsRequested
from shared.contracts.intake import CustomerErased
from shared.contracts.parts import DepositForfeited, DepositPaid
from support.parts_lived import kind_of
from support.parts_news import cancelled
from support.parts_store import PartsStore
from support.service_room import Json
from support.waiting import eventually

CANARY = "王小明 13800138000"


async def reported(store: PartsStore, asked: PartsRequested, **told: object) -> bytes:
    """A report of the right payment of a deposit, but for what is told."""
    deposit = await store.deposit_of(asked)
    right = {"payment_id": "P-1", "deposit_id": deposit["id"], "amount": deposit["amount"], "currency": "CNY"}
    return json.dumps({**right, "status": "succeeded", "payer": CANARY, **told}, ensure_ascii=False).encode()


async def sums(store: PartsStore) -> tuple[str, str, str, str]:
    found = await store.get("/v1/deposit-sums")
    assert float(found["paid"]) == sum(float(found[one]) for one in ("held", "refunded", "forfeited"))
    return found["paid"], found["held"], found["refunded"], found["forfeited"]


@pytest.mark.rule("R320")
async def test_a_deposit_is_proposed_agreed_to_and_paid_through_a_provider_once(store: PartsStore) -> None:
    asked = await store.short()
    assert (await store.agree(asked)).status_code == 200
    assert (await store.agree(asked)).status_code == 409
    assert (await store.state(asked))[2] == "agreed"
    body = await reported(store, asked)
    assert [(await store.report(body)).status_code for _ in range(3)] == [200, 200, 200]
    deposit = await store.deposit_of(asked)
    assert (deposit["state"], deposit["method"], deposit["taken_by"]) == ("held", "wechat", "gateway")
    assert len(await store.said(DepositPaid)) == 1
    assert await sums(store) == ("60.00", "60.00", "0.00", "0.00")
    other = await store.report(await reported(store, asked, amount="61.00"))
    assert (other.status_code, other.json()["type"]) == (409, "/problems/payment-known")


@pytest.mark.rule("R320")
@pytest.mark.parametrize(
    ("told", "status", "problem", "right"),
    [
        ({"amount": "59.99"}, 422, "wrong-amount", "exactly 60.00 yuan"),
        ({"currency": "USD"}, 422, "wrong-currency", "exactly 60.00 CNY"),
        ({"amount": "0"}, 422, "invalid-input", "amount"),
        ({"amount": "60.001"}, 422, "invalid-input", "amount"),
        ({"status": "maybe"}, 422, "invalid-input", "status"),
        ({"deposit_id": str(uuid4())}, 404, "unknown-deposit", "GET /v1/deposits"),
    ],
    ids=["another amount", "another currency", "nothing", "a fraction of a cent", "no status", "another deposit"],
)
async def test_what_was_not_asked_for_is_refused_with_what_would_be_right(
    store: PartsStore, told: dict[str, str], status: int, problem: str, right: str
) -> None:
    asked = await store.short()
    body = await reported(store, asked, **told)
    for _ in range(2):
        refused = await store.report(body)
        assert (refused.status_code, refused.json()["type"]) == (status, f"/problems/{problem}")
        assert right in refused.json()["expected"]
    assert await sums(store) == ("0.00", "0.00", "0.00", "0.00")
    assert (await store.state(asked))[2] == "required"
    [to_give_back] = await unmatched(store)
    assert to_give_back["refused_as"] == (
        "unreadable_report" if problem == "invalid-input" else problem.replace("-", "_")
    )
    assert (await store.report(await reported(store, asked, payment_id="P-2"))).status_code == 200


async def unmatched(store: PartsStore) -> list[Json]:
    """Money that came and is not in the ledger."""
    return list((await store.get("/v1/payments?state=refused&state=heard"))["items"])


async def settle(store: PartsStore, payment: Json, **told: str) -> httpx.Response:
    """It was given back, unless a test says otherwise."""
    body = {"ending": "returned", "reference": "TR-2026-0317", **told}
    return await store.post(f"/v1/payments/{payment['id']}/settlement", body, role="agent")


async def test_money_that_is_not_taken_ends_when_somebody_has_given_it_back(store: PartsStore) -> None:
    asked = await store.short()
    wrong = await reported(store, asked, amount="100.00")
    assert (await store.report(wrong)).status_code == 422
    [payment] = await unmatched(store)
    elsewhere = await settle(store, payment, amount="60.00", currency="CNY")
    assert (elsewhere.status_code, elsewhere.json()["type"]) == (422, "/problems/wrong-amount")
    assert (await settle(store, payment)).status_code == 200
    assert await unmatched(store) == []
    ended = await store.get(f"/v1/payments/{payment['id']}")
    assert (ended["state"], ended["settled_by"], ended["reference"]) == ("returned", "S1", "TR-2026-0317")
    assert ended["settled_at"] is not None
    again = await settle(store, payment)
    assert (again.status_code, again.json()["type"]) == (409, "/problems/payment-settled")
    late = await store.report(wrong)
    assert (late.status_code, late.json()["type"]) == (409, "/problems/payment-settled")
    assert await sums(store) == ("0.00", "0.00", "0.00", "0.00")


async def test_what_a_provider_signed_is_never_lost_whatever_is_wrong_with_it(store: PartsStore) -> None:
    asked = await store.short()
    unreadable = json.dumps({"betrag": "60.00", "payer": CANARY}, ensure_ascii=False).encode()
    no_text = b"\xff\xfe\x00"
    for body in (unreadable, unreadable, no_text):
        assert (await store.report(body)).status_code == 422
    second, first = await unmatched(store)
    assert [one["payment_id"] for one in (first, second)] == [None, None]
    assert (await store.get("/v1/payment-sums"))["unread"] == 2
    seen = await store.get(f"/v1/payments/{first['id']}/report", role="agent")
    assert seen["report"] == unreadable.decode()
    assert len((await store.get("/v1/audit?action=payment_report_read", role="auditor"))["items"]) == 1
    how_much = await settle(store, first)
    assert (how_much.status_code, how_much.json()["type"]) == (422, "/problems/amount-not-stated")
    assert (await settle(store, first, amount="60.00", currency="CNY")).status_code == 200
    assert (await settle(store, second, ending="nothing_due")).status_code == 200
    assert [row["raw"] for row in await store.rows("SELECT raw FROM payment")] == ["", ""]
    assert (await store.report(await reported(store, asked))).status_code == 200
    other = await reported(store, asked, amount="61.00")
    assert [(await store.report(other)).status_code for _ in range(2)] == [409, 409]
    [contradiction] = await unmatched(store)
    assert (contradiction["amount"], contradiction["refused_as"]) == ("61.00", "payment_known")


async def test_a_report_outlives_whoever_dies_over_judging_it(store: PartsStore) -> None:
    asked = await store.short()
    body = await reported(store, asked)
    await store.crash_over(body)
    [left] = await unmatched(store)
    assert (left["state"], left["amount"]) == ("heard", "60.00")
    assert (await store.report(body)).status_code == 200
    assert await unmatched(store) == []
    assert await sums(store) == ("60.00", "60.00", "0.00", "0.00")


async def test_a_report_is_judged_though_whoever_heard_it_died_and_the_provider_gives_up(store: PartsStore) -> None:
    asked = await store.short()
    await store.crash_over(await reported(store, asked))
    await store.crash_over(await reported(store, asked, payment_id="P-2", amount="59.00"))
    await store.move(minutes=1)
    deposit = await store.deposit_of(asked)
    assert (deposit["state"], deposit["method"], deposit["taken_by"]) == ("held", "wechat", "gateway")
    assert await sums(store) == ("60.00", "60.00", "0.00", "0.00")
    [wrong] = await unmatched(store)
    assert (wrong["state"], wrong["payment_id"]) == ("refused", "P-2")
    await store.move(minutes=1)
    assert len(await store.said(DepositPaid)) == 1


async def ends(store: PartsStore) -> list[tuple[object, ...]]:
    """How payments ended."""
    listed = (await store.get("/v1/payments"))["items"]
    shown = ("payment_id", "amount", "state", "refused_as", "settled_by", "reference")
    return [(*(one[field] for field in shown), one["withdrawn_at"] is not None) for one in listed]


IN_ANY_ORDER = [
    ("succeeded", "refunded"),
    ("refunded", "succeeded"),
    ("refunded", "refunded", "succeeded", "succeeded"),
    ("succeeded", "charged_back", "succeeded", "refunded"),
    ("succeeded and dies", "refunded", "succeeded"),
]


@pytest.mark.parametrize("told", IN_ANY_ORDER)
async def test_what_the_provider_gave_back_himself_is_not_given_back_again(
    store: PartsStore, told: tuple[str, ...]
) -> None:
    asked = await store.short()
    await tell(store, asked, *told, amount="100.00")
    assert await unmatched(store) == []
    assert await ends(store) == [("P-1", "100.00", "returned", "wrong_amount", "gateway", "P-1", True)]
    [payment] = (await store.get("/v1/payments"))["items"]
    assert kind_of(await settle(store, payment)) == "payment-settled"
    assert (await store.get("/v1/payments?withdrawn=true"))["items"] == []
    assert await store.rows("SELECT * FROM invariant_i10") == []


@pytest.mark.parametrize("told", IN_ANY_ORDER)
async def test_somebody_looks_into_money_that_was_taken_and_that_the_provider_gave_back(
    store: PartsStore, told: tuple[str, ...]
) -> None:
    asked = await store.short()
    await tell(store, asked, *told)
    assert await ends(store) == [("P-1", "60.00", "taken", None, None, None, True)]
    [payment] = (await store.get("/v1/payments?withdrawn=true"))["items"]
    assert await sums(store) == ("60.00", "60.00", "0.00", "0.00")
    await store.hear(cancelled(asked))
    handback = f"/v1/deposits/{payment['deposit_id']}/handback"
    twice = await store.post(handback, {"reference": "TR-1"}, role="agent")
    assert (twice.status_code, kind_of(twice)) == (409, "payment-withdrawn")
    clearing = f"/v1/payments/{payment['id']}/clearing"
    cleared = await store.post(clearing, {"reference": "GW-7"}, role="agent")
    assert (cleared.status_code, cleared.json()["state"], cleared.json()["reference"]) == (200, "taken", "GW-7")
    assert (await store.get("/v1/payments?withdrawn=true"))["items"] == []
    await tell(store, asked, *told)
    assert (await store.get("/v1/payments?withdrawn=true"))["items"] == [], "it is cleared once"
    assert kind_of(await store.post(clearing, {"reference": "GW-8"}, role="agent")) == "not-withdrawn"
    assert (await store.post(handback, {"reference": "GW-7"}, role="agent")).status_code == 200
    assert await sums(store) == ("60.00", "0.00", "60.00", "0.00")
    assert await store.rows("SELECT * FROM invariant_i10") == []


async def test_what_the_provider_gave_back_of_another_sum_is_for_somebody_to_look_into(store: PartsStore) -> None:
    asked = await store.short()
    await tell(store, asked, "succeeded")
    for _ in range(2):
        assert (await store.report(await reported(store, asked, status="refunded", amount="20.00"))).is_success
    [part] = await unmatched(store)
    assert (part["payment_id"], part["amount"], part["refused_as"]) == ("P-1", None, "other_sum_withdrawn")
    assert (await settle(store, part, ending="nothing_due")).status_code == 200
    assert await sums(store) == ("60.00", "60.00", "0.00", "0.00")


async def tell(store: PartsStore, asked: PartsRequested, *told: str, amount: str = "60.00") -> None:
    """The provider's reports of one payment, one after the other."""
    for status in told:
        if status == "succeeded and dies":
            await store.crash_over(await reported(store, asked, amount=amount))
        else:
            await store.report(await reported(store, asked, amount=amount, status=status))


async def test_money_beside_the_ledger_is_accounted_for_by_currency(store: PartsStore) -> None:
    asked = await store.short()
    told = (("P-1", "60.00", "USD"), ("P-2", "59.00", "CNY"), ("P-3", "1.00", "CNY"), ("P-4", "60.00", "CNY"))
    for payment_id, amount, currency in told:
        await store.report(await reported(store, asked, payment_id=payment_id, amount=amount, currency=currency))
    assert (await settle(store, (await unmatched(store))[0])).status_code == 200
    found = await store.get("/v1/payment-sums")
    yuan = {"taken": "60.00", "unmatched": "59.00", "returned": "1.00", "nothing_due": "0.00"}
    assert found["sums"] == [
        {"currency": "CNY", "reported": "120.00", **yuan},
        {"currency": "USD", "reported": "60.00", **dict.fromkeys(yuan, "0.00"), "unmatched": "60.00"},
    ]
    assert await sums(store) == ("60.00", "60.00", "0.00", "0.00")
    assert await store.rows("SELECT * FROM invariant_i10") == []


@pytest.mark.parametrize("status", ["pending", "failed", "refunded"])
async def test_what_is_no_payment_changes_nothing_and_may_become_one(store: PartsStore, status: str) -> None:
    asked = await store.short()
    assert (await store.report(await reported(store, asked, status=status))).status_code == 200
    assert (await store.state(asked))[2] == "required"
    assert await sums(store) == ("0.00", "0.00", "0.00", "0.00")
    assert (await store.report(await reported(store, asked))).status_code == 200
    assert await sums(store) == ("60.00", "60.00", "0.00", "0.00")


@pytest.mark.rule("R320")
async def test_a_second_payment_and_one_for_a_cancelled_order_are_not_taken(store: PartsStore) -> None:
    asked = await store.short()
    assert (await store.pay(asked)).status_code == 200
    twice = await store.report(await reported(store, asked))
    assert (twice.status_code, twice.json()["type"]) == (409, "/problems/deposit-paid-already")
    assert await sums(store) == ("60.00", "60.00", "0.00", "0.00")
    await store.hear(cancelled(asked))
    assert await sums(store) == ("60.00", "0.00", "60.00", "0.00")
    late = await store.report(await reported(store, asked, payment_id="P-2"))
    assert (late.status_code, late.json()["type"]) == (409, "/problems/deposit-paid-already")
    assert await sums(store) == ("60.00", "0.00", "60.00", "0.00")


async def test_a_payment_for_an_order_that_was_called_off_unpaid_is_not_taken(store: PartsStore) -> None:
    asked = await store.short()
    await store.hear(cancelled(asked))
    refused = await store.report(await reported(store, asked))
    assert (refused.status_code, refused.json()["type"]) == (409, "/problems/deposit-not-asked-for")
    assert "give the money back" in refused.json()["expected"]
    assert await sums(store) == ("0.00", "0.00", "0.00", "0.00")


async def test_a_refund_is_due_until_the_customer_has_it(store: PartsStore) -> None:
    asked = await store.short()
    assert (await store.pay(asked)).status_code == 200
    path = f"/v1/deposits/{(await store.deposit_of(asked))['id']}/handback"
    early = await store.post(path, {"reference": "TR-1"}, role="agent")
    assert (early.status_code, early.json()["type"]) == (409, "/problems/no-refund-due")
    soon = (await store.now() + timedelta(seconds=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
    long_ago = (await store.now() - timedelta(days=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
    held = [len((await store.get(f"/v1/deposits?held_before={day}"))["items"]) for day in (long_ago, soon)]
    assert held == [0, 1]
    await store.hear(cancelled(asked))
    assert len((await store.get("/v1/deposits?refund_due=true"))["items"]) == 1
    assert (await store.get(f"/v1/deposits?held_before={soon}"))["items"] == []
    assert (await store.post(path, {"reference": "TR-1"}, role="agent")).status_code == 200
    again = await store.post(path, {"reference": "TR-2"}, role="agent")
    assert (again.status_code, again.json()["type"]) == (409, "/problems/handed-back-already")
    assert (await store.get("/v1/deposits?refund_due=true"))["items"] == []
    [given] = (await store.get("/v1/deposits?refund_due=false"))["items"]
    assert given["reference"] == "TR-1"
    assert await sums(store) == ("60.00", "0.00", "60.00", "0.00")


async def test_only_the_provider_is_believed_and_not_for_long(store: PartsStore) -> None:
    asked = await store.short()
    body = await reported(store, asked)
    forged = [
        await store.report(body, secret="another secret"),  # of nobody
        await store.report(body, at=datetime.now(UTC) - timedelta(minutes=6)),
    ]
    assert [one.status_code for one in forged] == [401, 401]
    assert (await store.deposit_of(asked))["state"] == "required"
    seen = await store.get("/v1/audit?action=payment_forged", role="auditor")
    assert len(seen["items"]) == 2


async def test_what_a_provider_said_lies_sealed_and_is_destroyed_with_its_customer(store: PartsStore) -> None:
    asked = await store.short()
    assert (await store.report(await reported(store, asked))).status_code == 200
    [stored] = await store.rows("SELECT raw FROM payment")
    assert stored["raw"].startswith("v1.k1.")
    assert CANARY not in stored["raw"]
    await store.hear(CustomerErased(customer_id=asked.customer_id, erased_at=await store.now()))
    assert [row["raw"] for row in await store.rows("SELECT raw FROM payment")] == [""]
    assert await sums(store) == ("60.00", "60.00", "0.00", "0.00")


async def test_a_report_that_belongs_to_nobody_is_kept_for_half_a_year(store: PartsStore) -> None:
    asked = await store.short()
    await store.report(b'{"payer": "nobody knows"}')
    await store.move(days=180, minutes=1)
    await store.report(await reported(store, asked))
    await store.service.worker.start()

    async def one_is_left() -> bool:
        rows = await store.rows("SELECT raw FROM payment ORDER BY received_at")
        return [bool(row["raw"]) for row in rows] == [False, True]

    await eventually(one_is_left)
    await store.service.worker.stop()


async def test_the_ledger_of_deposits_cannot_be_rewritten_and_tells_what_was_kept(store: PartsStore) -> None:
    asked = await store.short()
    await store.reach(asked, state="arrived")
    await store.move(days=61)
    assert len(await store.said(DepositForfeited)) == 1
    assert await sums(store) == ("60.00", "0.00", "0.00", "60.00")
    kinds = [entry["kind"] for entry in (await store.get("/v1/deposit-entries"))["items"]]
    assert kinds == ["forfeited", "paid"]
    async with store.database.sessions() as session:
        with pytest.raises(DBAPIError, match="append-only"):
            await session.execute(text("DELETE FROM deposit_entry"))


async def test_a_receipt_is_printed_in_both_languages_once_it_is_paid(store: PartsStore) -> None:
    asked = await store.short()
    path = f"/v1/deposits/{(await store.deposit_of(asked))['id']}/receipt"
    async with store.client() as client:
        early = await client.get(path)
        assert (early.status_code, early.json()["type"]) == (409, "/problems/deposit-not-paid")
        assert (await store.report(await reported(store, asked))).status_code == 200
        chinese, english = await client.get(path), await client.get(f"{path}?lang=en")
    assert chinese.headers["content-language"] == "zh-CN"
    for page, words in ((chinese, ("订金收据", "微信支付")), (english, ("Deposit receipt", "WeChat Pay"))):
        assert page.headers["content-type"].startswith("text/html")
        assert all(word in page.text for word in (*words, "60.00", "W1000017"))
        assert str(asked.customer_id) not in page.text
