"""Settings: one frozen object, read once from the environment (`CAILIAN_*`), slices of it passed on.

The embedded stack and `docker-compose.yml` set the same names. There is no default secret: keys are files in
`CAILIAN_SECRETS_DIR`, made by `cailian up` for the embedded stack and by the operator elsewhere.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """Everything a node must be told. Times in seconds, sizes in bytes."""

    model_config = SettingsConfigDict(env_prefix="CAILIAN_", frozen=True, extra="ignore")

    data_dir: Path = Field(Path("var"), description="where the embedded stack and the demo keep their files")
    secrets_dir: Path = Field(Path("var/secrets"), description="files with the node's keys, mode 0600")
    demo: bool = Field(default=False, description="allow the built-in OpenID provider, demo people and demo keys")

    host: str = Field("127.0.0.1", description="address the HTTP interface listens on")
    port: int = Field(8080, description="port the HTTP interface listens on")
    base_url: str = Field("http://127.0.0.1:8080", description="address the world knows this node by; token audience")
    workers: int = Field(2, description="HTTP worker processes")
    threads: int = Field(6, description="threads for synchronous work in each HTTP process")
    loop_connections: int = Field(8, description="most database connections of each HTTP process's event loop")

    database_url: SecretStr = Field(description="SQLAlchemy address, driver postgresql+psycopg")
    s3_endpoint: str = Field(description="host:port of the S3 interface")
    s3_access_key: str = Field(description="S3 identity of the running node: read, write, list, retention; not admin")
    s3_secret_key: SecretStr = Field(description="its secret")
    s3_region: str = Field("us-east-1", description="S3 region name")
    s3_bucket: str = Field("cailian-materials", description="bucket with Object Lock")
    s3_secure: bool = Field(default=False, description="speak TLS to S3")
    chain_url: str = Field(description="JSON-RPC address of the chain node")

    division: str = Field("310199", description="division code this node serves (GB/T 2260)")
    origin: str = Field("cailian.example/log/310199", description="C2SP origin of this node's current log")
    crypto_profile: Literal["intl", "gm"] = Field("intl", description="intl: AES-256-GCM; gm: SM4-GCM")
    chain_registry: str = Field("", description="registry contract, 0x..; empty: the one this node's own key deployed")
    chain_validators: str = Field("", description="file with a trust file's chain.qbft; empty: believe the chain node")
    district_interval: float = Field(5.0, description="least seconds between two checkpoints of one district")
    superior_url: str = Field("", description="the log above ours, e.g. the city's; then it anchors for us")
    superior_trust: str = Field("", description="its trust file; needed with superior_url")
    superior_interval: float = Field(15.0, description="least seconds between two checkpoints shown to it")
    anchor_interval: float = Field(5.0, description="least seconds between two anchors")
    figures_interval: float = Field(30.0, gt=0, description="seconds between two countings of the figures")
    lag_limit_1: int = Field(14_400, description="seconds without an anchor after which bulk intake stops")
    lag_limit_2: int = Field(86_400, description="seconds without an anchor after which deposits stop")
    witnesses: list[str] = Field([], description="witnesses to ask for cosignatures, a JSON list of `VKEY URL`")
    witness_quorum: int = Field(0, description="how many of them a checkpoint waits for before it is published")
    witness_timeout: float = Field(5.0, description="seconds a witness may take to answer")
    canary_client: Path | None = Field(None, description="client file of the operator's own organisation: the canary")
    canary_trust: Path | None = Field(None, description="trust file the canary checks its receipts against")
    max_upload: int = Field(2 * 1024**3, description="largest document")
    max_body: int = Field(1024**2, description="largest JSON body")
    proxy_networks: list[str] = Field([], description="networks of the proxy that tells client certificates, CIDR list")
    access_answer_days: int = Field(10, description="working days in which access requests are to be answered")
    use_window: int = Field(900, description="seconds a use stays open for download")
    use_linger: int = Field(60, description="seconds a use stays open after its first full delivery")
    library_code: str = Field("11310199XX00000C94", description="organisation that keeps the licences; seals copies")
    library_name: str = Field("材链电子证照库", description="name of the licence library, on derived copies")
    pkcs11_module: Path | None = Field(None, description="hardware module's library for new seal keys; none: files")
    pkcs11_token: str = Field("", description="label of its token")
    pkcs11_pin: SecretStr = Field(SecretStr(""), description="PIN of its user")
    tsa_url: str = Field("", description="time-stamping authority (RFC 3161) for seals of PDF; empty: none")
    tsa_timeout: int = Field(5, description="seconds it may take to answer")
    copy_days: int = Field(30, description="days a derived copy of a licence may be relied on")
    case_number: str = Field(
        "{division}{day:%Y%m%d}{serial:06d}", description="pattern of case numbers: division, day, serial, item, org"
    )
    duty_sample_permille: int = Field(50, ge=0, le=1000, description="duty uses drawn for audit, of a thousand; public")
    dispute_days: int = Field(10, ge=1, description="working days an issuer or depositor has to answer a dispute")
    connectors: Path | None = Field(None, description="JSON file of sources of facts and their questions, routes.md")
    source_networks: list[str] = Field([], description="private networks sources may be in, a JSON list of CIDR")
    holidays: Path | None = Field(None, description="JSON file of holidays of years the library lacks, routes.md")
    webhook_networks: list[str] = Field([], description="private networks webhooks may go to, a JSON list of CIDR")
    webhook_timeout: float = Field(10.0, description="seconds a receiver of a webhook may take")
    notice_app_url: str = Field("", description="message centre of the city app; empty: none")
    notice_sms_url: str = Field("", description="SMS gateway; empty: none")
    notice_secret: SecretStr = Field(SecretStr(""), description="whsec_.. shared with both, signs what is sent to them")
    citizen_url: str = Field(
        "", description="where holders read and answer asks; empty: the citizen pages of this node"
    )
    signers: Path | None = Field(None, description="JSON file of login providers and host apps that count, signers.md")
    passkey_domain: str = Field("", description="domain of holders' passkeys; empty: the host of the base address")
    passkey_origins: list[str] = Field([], description="further origins that may ask for passkeys, a JSON list")
    card_reader: str = Field(
        "",
        pattern=r"^(http://(127\.0\.0\.1|\[::1\]|localhost):[0-9]{2,5})?$",
        description="service of identity-card readers on counters' own machines, http://127.0.0.1:PORT; empty: none",
    )
    log_level: str = Field("info", description="debug, info, warning or error")


def environment(settings: dict[str, object]) -> dict[str, str]:
    """Write settings as the environment of a child process.

    Args:
        settings: names of `Settings` fields with plain values.
    """
    unknown = settings.keys() - Settings.model_fields.keys()
    if unknown:
        msg = f"unknown settings {sorted(unknown)}"
        raise ValueError(msg)
    return {
        f"CAILIAN_{name.upper()}": json.dumps(value) if isinstance(value, list) else str(value)
        for name, value in settings.items()
        if value is not None
    }
