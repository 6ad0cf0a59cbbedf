"""What no schema can say of a request, for schemathesis: who sends it, and what makes it one that can be done."""

import itertools
import os
import re
from datetime import datetime

import schemathesis
from hypothesis import strategies

COUNT = itertools.count()
# RFC 3339 to the millisecond, in years for which slots can be made.
MOMENTS = strategies.datetimes(min_value=datetime(2080, 1, 1), max_value=datetime(2199, 1, 1))
schemathesis.openapi.format("date-time", MOMENTS.map(lambda moment: moment.isoformat(timespec="milliseconds") + "Z"))


def is_moment(text):
    return isinstance(text, str) and text.endswith("Z") and text.startswith("2")


ORGANIZERS = ["createSlot", "changeSlot", "cancelSlot", "getSlotFeed", "createSeatmap", "sellSeats"]


class Token:
    """Whose token an operation is sent with."""

    role = "CUSTOMER"

    def get(self, case, context):
        return os.environ[self.role]

    def set(self, case, data, context):
        case.headers["Authorization"] = f"Bearer {data}"


class OrganizersToken(Token):
    role = "ORGANIZER"


schemathesis.auth().apply_to(operation_id=ORGANIZERS)(OrganizersToken)
schemathesis.auth().skip_for(operation_id=ORGANIZERS)(Token)


@schemathesis.hook
def before_call(context, case, kwargs):
    """Makes a good request one that can be done; a bad one stays as bad as it is."""
    headers = case.headers
    key = headers.get("Idempotency-Key")
    if isinstance(key, str) and re.fullmatch("[!-~]{1,128}", key):
        # A key that was used for something else is refused, and rightly.
        headers["Idempotency-Key"] = f"schemathesis-{os.getpid()}-{next(COUNT)}"
    timeout = str(headers.get("X-Request-Timeout-Ms", ""))
    if re.fullmatch("[0-9]{1,4}", timeout) and int(timeout) > 0:
        # Who waits a millisecond is told that nobody knows yet, and rightly.
        headers["X-Request-Timeout-Ms"] = "10000"
    if case.operation.method in ("post", "patch") and isinstance(case.body, dict):
        case.body = in_order(case.body)
        if isinstance(case.body.get("customer"), str) and 0 < len(case.body["customer"]) <= 64:
            # Whoever books for another is told that they may not.
            case.body["customer"] = "alice"
        quantity = case.body.get("quantity")
        if case.operation.path.endswith("/quantity") and type(quantity) in (int, float) and 1 <= quantity <= 1_000:
            # More than a booking is for is refused, and rightly.
            case.body["quantity"] = 1


# A slot ends after it begins, and its sale is over by then; it has begun already, or nothing could be booked.
IN_ORDER = {
    "opens_at": "2020-01-01T00:00:00.5Z",
    "closes_at": "2199-12-31t23:59:59.999z",
    "starts_at": "2200-01-01T00:00:00Z",
    "ends_at": "2200-01-01T01:00:00+00:00",
}


def in_order(body):
    """The same body with good times that stand to each other as they should."""
    body = {name: IN_ORDER[name] if name in IN_ORDER and is_moment(value) else value for name, value in body.items()}
    if isinstance(body.get("sale"), dict):
        body["sale"] = in_order(body["sale"])
    return body
