"""The Python client of a Cailian node, for department systems.

It imports nothing else of ours, so it can be copied out: httpx2, PyJWT and cryptography are all it needs.

    from api.client import Client

    with Client("https://exchange.example", "qingpu-window", key_pem) as exchange:
        case = exchange.open_case(item_code=..., applicant=..., presence=..., operator="op-7")
        where = {"case_no": case["case_no"], "item_code": case["item_code"]}
        use = exchange.use(object_id=..., mode="copy", cause="...", operator="op-7", **where)
        exchange.download(use["use_id"], "lease.pdf")       # resumes by itself, spends one use only

Each request carries a five-minute access token (RFC 6749 4.4 with `private_key_jwt`, RFC 7523) and a DPoP proof
(RFC 9449) made with the client's own key; nothing reusable ever travels.
"""

from api.client.bulk import Import, ImportStoppedError
from api.client.client import Client, CutOffError, ProblemError
from api.client.signing import ClientKey

__all__ = ["Client", "ClientKey", "CutOffError", "Import", "ImportStoppedError", "ProblemError"]
