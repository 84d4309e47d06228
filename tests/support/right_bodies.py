"""A body that is right for every operation that reads one."""

from collections.abc import Mapping
from datetime import timedelta
from uuid import uuid4

from support.company import Company
from support.one_of_everything import NAMES, SHIPMENT, SUPPLIER, heard_of, member_of
from testkit.clients import Json


def bodies_of(company: Company) -> Mapping[str, Json]:
    """A body that is right for every operation that reads one."""
    unit: Mapping[str, Json] = {
        "serial_number": f"SN-{uuid4().hex[:12]}",
        "product_family": "boiler",
        "product_model": "B-24",
        "sold_on": "2020-01-15",
        "warranty_months": 24,
    }
    place: Mapping[str, Json] = {"public_base": "https://push.example", "country": "CN"}
    source: Mapping[str, Json] = {**place, "name": "another", "adapter": "zammad", "secret": "another-secret-12"}
    technician: Mapping[str, Json] = {
        "staff_number": "T-another",
        "name": "王伟",
        "department": "engineering",
        "zones": ["city"],
        "skills": ["general"],
    }
    window = company.window(company.at(10, days=1))
    line: Mapping[str, Json] = {"kind": "labour", "text": "检修", "price": "1.00"}
    away: Mapping[str, Json] = {"away_from": window["starts_at"], "until": window["ends_at"], "reason": "leave"}
    report: Mapping[str, Json] = {"work_minutes": 45, "travel_minutes": 30}
    signed: Mapping[str, Json] = {"signer": "客户", "signature": "c2lnbmVk"}
    piece: Mapping[str, Json] = {"part_code": "PCB", "quantity": 1}
    expected_at = (company.time.now() + timedelta(days=2)).isoformat()
    part: Mapping[str, Json] = {"part_code": "PCB", "name_zh": "主板", "name_en": "Board", "unit_price": "200.00"}
    priced: list[Json] = [{**piece, "unit_price": "80.00"}]
    place_of_stock: Mapping[str, Json] = {**NAMES, "code": "L-another", "kind": "warehouse", "department": "aftersales"}
    supplier: Mapping[str, Json] = {**SUPPLIER, "number": "another", "part_codes": []}
    tool: Mapping[str, Json] = {**NAMES, "code": "W-another", "model": "M-1", "price": "300.00"}
    trouble: Mapping[str, Json] = {
        "supplier_number": "another",
        "part_code": "PCB",
        "case_id": str(uuid4()),
        "problem": "漏水",
    }
    shipment: Mapping[str, Json] = {
        **SHIPMENT,
        "item_id": str(uuid4()),
        "work_order_id": str(uuid4()),
        "case_id": str(uuid4()),
        "arrival_expected_at": expected_at,
        "return_expected_at": (company.time.now() + timedelta(days=9)).isoformat(),
    }
    member: Mapping[str, Json] = {
        "staff_number": "m-another",
        "name": "赵敏",
        "role": "agent",
        "email": "another@example.com",
    }
    return {
        "POST /v1/cases": company.form(),
        "POST /v1/cases/{case_id}/owner": {"owner_id": heard_of(company, member_of(company))["staff_number"]},
        "POST /v1/cases/{case_id}/holds": {"reason": "customer"},
        "POST /v1/cases/{case_id}/cancellation": {"reason": "mistake"},
        "POST /v1/cases/{case_id}/resolution": {"resolution": "solved_by_phone"},
        "POST /v1/cases/{case_id}/reopening": {"reason": "fault_is_back"},
        "POST /v1/customers/{customer_id}/erasure": {"reason": "customer_request"},
        "POST /v1/cases/{case_id}/quotes": {"solution": "更换", "lines": [line]},
        "POST /v1/cases/{case_id}/quotes/{quote_id}/acceptance": {"by": "customer"},
        "POST /v1/cases/{case_id}/quotes/{quote_id}/refusal": {"by": "customer"},
        "POST /v1/approvals/{approval_id}/decision": {"decision": "approved"},
        "POST /v1/customers": {"name": "王小明", "phones": [company.number()]},
        "POST /v1/customers/{customer_id}/sites": {"district": "xuhui", "address": "一号"},
        "POST /v1/units": unit,
        "PUT /v1/units/{unit_id}": unit,
        "POST /v1/push-sources": source,
        "PUT /v1/push-sources/{source_id}": place,
        "POST /v1/push-sources/{source_id}/secret": {"secret": "another-secret-12"},
        "POST /v1/work-orders/{order_id}/visits": window,
        "POST /v1/offers/{offer_id}/refusal": {"reason": "other"},
        "POST /v1/visits/{visit_id}/reschedule": {**window, "reason": "customer"},
        "POST /v1/visits/{visit_id}/arrival": {},
        "POST /v1/visits/{visit_id}/completion": {
            **report,
            "findings": "E4",
            "resolution": "repaired",
            "test_run": "passed",
        },
        "POST /v1/visits/{visit_id}/unfinished": {**report, "reason": "customer_away", "explanation": "无人在家"},
        "POST /v1/visits/{visit_id}/take-in": {**signed, "description": "热水器一台"},
        "POST /v1/work-orders/{order_id}/sign-off": {**signed, "opinion": "satisfied"},
        "POST /v1/work-orders/{order_id}/parts-requests": {"lines": [piece]},
        "POST /v1/items/{item_id}/repair": {"work_minutes": 90, "findings": "更换密封圈"},
        "POST /v1/items/{item_id}/inspection": {"result": "passed"},
        "POST /v1/items/{item_id}/return": {**signed, "opinion": "satisfied", "receipt_number": "L1-1"},
        "POST /v1/technicians": technician,
        "PUT /v1/technicians/{technician_id}": technician,
        "POST /v1/technicians/{technician_id}/certificates": {
            "code": "electrician",
            "valid_from": "2020-01-01",
            "valid_until": "2099-01-01",
        },
        "POST /v1/technicians/{technician_id}/absences": away,
        "POST /v1/requests/{request_id}/reservation": {},
        "POST /v1/requests/{request_id}/issues": {"lines": [piece], "issued_to": "T-another"},
        "POST /v1/requests/{request_id}/returns": {
            "lines": [piece],
            "reason": "not_needed",
            "received_at": company.time.now().isoformat(),
        },
        "POST /v1/requests/{request_id}/losses": {"lines": [piece], "reason": "lost", "issued_to": "T-another"},
        "POST /v1/requests/{request_id}/preparation": {},
        "POST /v1/requests/{request_id}/renewal": {},
        "POST /v1/requests/{request_id}/confirmation": {},
        "POST /v1/requests/{request_id}/old-parts": {"lines": [piece], "location": "rack"},
        "POST /v1/requests/{request_id}/old-parts/clearing": {"cleared_as": "scrapped"},
        "POST /v1/claim-orders/{claim_order_id}/approval": {"decision": "approve"},
        "POST /v1/claim-orders/{claim_order_id}/placement": {"supplier": "恒通配件", "expected_at": expected_at},
        "POST /v1/claim-orders/{claim_order_id}/arrival": {},
        "POST /v1/claim-orders/{claim_order_id}/cancellation": {},
        "POST /v1/claim-orders/{claim_order_id}/quotation": {
            "lines": [{"part_code": "PCB", "name": "主板", "quantity": 1}]
        },
        "POST /v1/claim-orders/{claim_order_id}/quotation/signature": {},
        "POST /v1/claim-orders/{claim_order_id}/misorders": {"part_code": "PCB", "person": "T-another"},
        "POST /v1/goods-returns": {
            **piece,
            "kind": "return",
            "origin": "direct_shop",
            "left_with": "purchase_request/another",
            "reason": "unwanted",
        },
        "POST /v1/goods-returns/{goods_return_id}/consent": {"decision": "approve"},
        "POST /v1/goods-returns/{goods_return_id}/receipt": {"destination": "stock"},
        "POST /v1/vendor-returns": {**piece, "supplier": "恒通配件", "reason": "faulty"},
        "POST /v1/discrepancies/{discrepancy_id}/clearing": {"reason": "counted"},
        "POST /v1/deposits/{deposit_id}/payment": {"amount": "60.00", "method": "cash"},
        "POST /v1/deposits/{deposit_id}/agreement": {},
        "POST /v1/deposits/{deposit_id}/decline": {},
        "POST /v1/deposits/{deposit_id}/handback": {"reference": "TR-17"},
        "POST /v1/payments/{payment_id}/settlement": {"ending": "returned", "reference": "TR-17"},
        "POST /v1/payments/{payment_id}/clearing": {"reference": "TR-17"},
        "POST /v1/stock/receipts": {**piece, "reference": "delivery note 17"},
        "POST /v1/stock/adjustments": {"part_code": "PCB", "difference": 1, "reason": "found"},
        "POST /v1/stock/transfers": {**piece, "source": "main", "destination": "L-another"},
        "POST /v1/locations": place_of_stock,
        "PUT /v1/locations/{code}": place_of_stock,
        "POST /v1/stock-takes": {"location": "main"},
        "POST /v1/stock-takes/{take_id}/counts": {"lines": [{"part_code": "PCB", "counted": 1}]},
        "POST /v1/stock-takes/{take_id}/posting": {"reason": "stocktake"},
        "POST /v1/stock-takes/{take_id}/abandonment": {},
        "POST /v1/internal-requisitions": {**piece, "department": "sales"},
        "POST /v1/store-work": {
            "staff_number": "T-another",
            "activity": "parts_management",
            "day": "2026-01-05",
            "minutes": 30,
        },
        "POST /v1/suppliers": supplier,
        "PUT /v1/suppliers/{number}": supplier,
        "POST /v1/purchase-requests": {
            "lines": [{**piece, "model": "B-24"}],
            "wanted_at": expected_at,
            "destination": "store",
        },
        "POST /v1/purchase-requests/{purchase_request_id}/allocation": {},
        "POST /v1/purchase-requests/{purchase_request_id}/refusal": {"reason": "not_needed"},
        "POST /v1/purchase-orders": {"supplier_number": "another", "lines": priced, "expected_at": expected_at},
        "POST /v1/purchase-orders/{purchase_order_id}/tracking": {"expected_at": expected_at},
        "POST /v1/purchase-orders/{purchase_order_id}/receipts": {"lines": [piece]},
        "POST /v1/purchase-orders/{purchase_order_id}/cancellation": {},
        "POST /v1/self-purchases": {
            "lines": priced,
            "quotes": [{"supplier": name, "amount": "80.00"} for name in ("甲", "乙", "丙")],
            "chosen": "甲",
            "expected_at": expected_at,
        },
        "POST /v1/replenishment/orders": {
            "supplier_number": "another",
            "part_codes": ["PCB"],
            "expected_at": expected_at,
        },
        "POST /v1/action-items": {
            "department": "warehouse",
            "task": "ship",
            "due_at": expected_at,
            "case_id": str(uuid4()),
        },
        "POST /v1/action-items/{action_item_id}/done": {},
        "POST /v1/supplier-cases": trouble,
        "PUT /v1/supplier-cases/{supplier_case_id}": trouble,
        "POST /v1/supplier-cases/{supplier_case_id}/contact": {},
        "POST /v1/supplier-cases/{supplier_case_id}/notification": {},
        "POST /v1/supplier-cases/{supplier_case_id}/arrival": {},
        "POST /v1/supplier-cases/{supplier_case_id}/reports": {"quality": "good", "course": "换了主板"},
        "POST /v1/supplier-cases/{supplier_case_id}/solution": {"quality": "good", "course": "换了主板"},
        "PUT /v1/supplier-cases/{supplier_case_id}/costs": {"costs": []},
        "POST /v1/supplier-cases/{supplier_case_id}/settlement": {},
        "POST /v1/return-shipments": shipment,
        "POST /v1/return-shipments/{shipment_id}/arrival": {},
        "POST /v1/return-shipments/{shipment_id}/return": {},
        "POST /v1/tools": tool,
        "PUT /v1/tools/{code}": tool,
        "POST /v1/tool-loans": {"tool_code": "W-another", "borrower": "T-another"},
        "POST /v1/tool-loans/{loan_id}/return": {},
        "POST /v1/tool-loans/{loan_id}/loss": {},
        "POST /v1/tool-loans/{loan_id}/compensation": {"way": "payment", "amount": "300.00"},
        "POST /v1/tool-purchases": {
            **NAMES,
            "bought_by": "T-another",
            "bought_at": company.time.now().isoformat(),
            "model": "M-1",
            "price": "90.00",
        },
        "POST /v1/tool-purchases/{purchase_id}/booking": {"tool_code": "W-another"},
        "POST /v1/tool-purchases/{purchase_id}/reimbursement": {},
        "POST /v1/parts": part,
        "PUT /v1/parts/{part_code}": part,
        "POST /v1/revisits/{revisit_id}/attempts": {"outcome": "not_reached"},
        "POST /v1/revisits/{revisit_id}/completion": {"outcome": "satisfied"},
        "POST /v1/staff": member,
        "PUT /v1/staff/{staff_id}": member,
    }
