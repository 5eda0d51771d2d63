"""Open a case, find a material, ask the holder, use it, download it with resumption, keep the receipt.

python use_material.py BASE_URL CLIENT_ID KEY.pem CASE.json TYPE_CODE OPERATOR OUT_DIR
"""

import hashlib
import json
import sys
import time
from pathlib import Path

from api.client import Client, CutOffError

base_url, client_id, key, case, type_code, operator, out = sys.argv[1:]
with Client(base_url, client_id, Path(key).read_text()) as exchange:
    opened = exchange.open_case(**json.loads(Path(case).read_text()))
    found = exchange.search(case_no=opened["case_no"], type_code=type_code)["materials"][0]
    asked = exchange.ask(
        case_no=opened["case_no"], objects=[found["material_id"]], cause="Python 示例调用", operator=operator
    )
    print(json.dumps({"ask_id": asked["ask_id"]}), flush=True)
    while (state := exchange.call("GET", f"/v1/asks/{asked['ask_id']}")["state"]) == "pending":
        time.sleep(1)  # the holder reads the terms on the phone and signs them
    assert state == "approved", state
    use = exchange.use(
        object_id=found["material_id"],
        mode="copy",
        case_no=opened["case_no"],
        item_code=opened["item_code"],
        cause="Python 示例调用",
        operator=operator,
    )
    document = Path(out) / "document"
    try:
        exchange.download(use["use_id"], document, stop_after=1000)  # the line drops ...
    except CutOffError:
        exchange.download(use["use_id"], document)  # ... and the rest follows, on the same use
    assert hashlib.sha256(document.read_bytes()).hexdigest() == use["sha256"]
    (Path(out) / "receipt.cailian.json").write_text(json.dumps(exchange.receipt(use["use_id"])))
    print(json.dumps({"case_no": opened["case_no"], "use_id": use["use_id"], "sha256": use["sha256"]}))
