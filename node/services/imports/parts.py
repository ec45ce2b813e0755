"""The parts of a practice that take several columns: a result, costs, steps, a contact."""

import re
from typing import Final

from node.services.imports.making import Making, is_web
from vocab.terms import JsonObject, JsonValue

_MAIL: Final = re.compile(r"(?:mailto:)?([^@\s?:]+@[^@\s?]+\.[^@\s?]+)")
_RESULT: Final = ("result_before", "result_after", "result_unit", "result_measured")


def results(making: Making) -> None:
    """Take one result: what was measured, before and after, in which unit, when and how."""
    row = making.row
    indicator = row.texts("result", making.language)
    if not indicator:
        for name in _RESULT:
            written = row.text(name)
            if written:
                making.alone(name, "result", written)
        for language, text in row.texts("result_method", making.language).items():
            making.alone(f"result_method_{language}", "result", str(text))
        return
    result: JsonObject = {"type": "Result", "indicator": indicator}
    for name, key in (("result_before", "baseline"), ("result_after", "value")):
        value = making.number(name, f"/result/0/{key}")
        if value is not None:
            result[key] = value
    unit = row.text("result_unit")
    if unit:
        result["unit"] = unit
    measured = making.day("result_measured", "/result/0/measuredOn")
    if measured:
        result["measuredOn"] = measured
    method = row.texts("result_method", making.language)
    if method:
        result["measureMethod"] = method
    making.document["result"] = [result]


def costs(making: Making) -> None:
    """Take what it costs to set up and every year, the posts and the months."""
    document = making.document
    currency = making.row.text("currency").upper()
    found: list[JsonValue] = []
    for name, kind in (("cost_setup", "setup"), ("cost_yearly", "yearly")):
        amount = making.number(name, "/cost", whole=True)
        if amount is None:
            continue
        if currency:
            cost: JsonObject = {
                "type": "Cost",
                "costKind": kind,
                "amount": int(amount),
                "currency": currency,
            }
            found.append(cost)
        else:
            making.alone(name, "currency", f"{amount:.0f}")
    if found:
        document["cost"] = found
    elif currency:
        making.alone("currency", "cost_setup", currency)
    staff = making.number("staff", "/staff")
    if staff is not None:
        document["staff"] = staff
    months = making.number("setup_months", "/setupMonths", whole=True)
    if months is not None:
        document["setupMonths"] = int(months)


def steps(making: Making) -> None:
    """Take the steps, in their order."""
    found: list[JsonValue] = [
        {"type": "Step", "order": number, "title": {making.language: title}}
        for number, title in enumerate(making.row.items("steps"), start=1)
    ]
    if found:
        making.document["step"] = found


def contact(making: Making) -> None:
    """Take the office to turn to: its shared mailbox or its page must be there."""
    row = making.row
    name, mail, page = (row.text(key) for key in ("contact", "contact_email", "contact_page"))
    found: JsonObject = {}
    address = _MAIL.fullmatch(mail)
    if address:
        found["email"] = f"mailto:{address[1]}"
    elif mail:
        making.keep("contact_email", mail, "value-unsure", "/contact/email")
    if is_web(page):
        found["contactPage"] = page
    elif page:
        making.keep("contact_page", page, "value-unsure", "/contact/contactPage")
    if found:
        making.document["contact"] = {**({"contactName": name} if name else {}), **found}
    elif name:
        making.alone("contact", "contact_email", name)


def mentoring(making: Making) -> None:
    """Take what help is offered to those who want to repeat it."""
    texts = making.row.texts("mentoring", making.language)
    if texts:
        offer: JsonObject = {"type": "Mentoring", "available": True, "description": texts}
        making.document["mentoring"] = offer
