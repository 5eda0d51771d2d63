"""One node put together: the only place where packages meet their ports (composition root)."""

from __future__ import annotations

import hmac
import json
import shutil
from dataclasses import asdict
from datetime import timedelta
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, cast

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from api import canary, gaps, keys
from api.adapters import seals, signers, superior, witnesses
from api.adapters.notices import HttpNotices
from api.adapters.webhooks import HttpReceivers
from api.automaticparts import AutomaticParts
from api.demo.inbox import DemoInbox
from api.idempotency import Answers
from api.lag import Lag
from api.renditions import Renditions
from api.replaying import Replaying
from api.routeparts import RouteParts
from api.telling import Telling
from api.upkeep import Upkeep
from api.webhooks import Webhooks
from authz.accessrequests import AccessRequests
from authz.askbatches import AskBatches
from authz.asks import Asks
from authz.auditlooks import AuditLooks
from authz.breakglass import BreakGlass
from authz.cards import CardReadings
from authz.cessations import Cessations
from authz.ciba import Ciba
from authz.consentevidence import ConsentEvidence
from authz.counter import Counter
from authz.counterconsents import CounterConsents
from authz.decider import Decider
from authz.delegations import Delegations
from authz.duties import Duties
from authz.dutynotices import DutyNotices
from authz.enrolments import Enrolments
from authz.firms import Firms
from authz.grants import Grants
from authz.heads import Heads
from authz.holderkeys import HolderKeys
from authz.holderledger import HolderLedger
from authz.holders import Holders
from authz.idtokens import IdTokens
from authz.limits import Meter
from authz.notices import APP, SMS, Notices
from authz.onboarding import Onboarding
from authz.parties import Parties
from authz.partychanges import PartyChanges
from authz.policyregister import Policies
from authz.refusals import Refusals
from authz.sampling import Sampling
from authz.scenarios import Scenarios
from authz.sessions import Sessions
from authz.signatures import HolderSignatures
from authz.staff import StaffSessions
from authz.stafflogins import StaffLogins
from authz.tokens import TokenService
from authz.uses import Uses
from authz.vault import IdentityVault
from authz.workdays import Workdays
from certs.catalogue import LicenceCatalogue
from certs.changes import Changes
from certs.codes import Codes
from certs.codetext import CodeTexts
from certs.credentials.publishing import StatusLists
from certs.deliveries import Deliveries
from certs.disputes import Disputes
from certs.disputing import Court
from certs.facts import LicenceFacts
from certs.files.maker import LicenceFiles
from certs.gather.service import Gathering
from certs.issuing import Issuing
from certs.making import Making
from certs.presence import LiveCodes
from certs.presenting import Presentations
from certs.representation import Representations
from certs.signing.register import SealRegister
from certs.signing.stored import StoredSealKeys
from certs.signing.workshop import Workshop
from certs.store.licences import LicenceStore
from certs.wallets import Wallets
from ledger import qbft, rollback, shards, store, witnessrows
from ledger.anchor import Anchorer
from ledger.asyncdb import AsyncDatabase
from ledger.chain import Chain
from ledger.clock import SystemClock
from ledger.db import Database
from ledger.districts import Districts
from ledger.evidence import Evidence
from ledger.kept import KeptDocuments
from ledger.note import NoteSigner, NoteVerifier
from ledger.objects import ObjectStore
from ledger.recorder import Recorder
from ledger.registers import Registers
from ledger.s3 import S3Settings
from ledger.sealing import Profile
from ledger.secrets import KeyRing
from ledger.sequencer import Sequencer
from ledger.witness import Cosigning
from materials.asking import Asking
from materials.auditing import Auditing
from materials.bundles import Bundles
from materials.cases import Cases
from materials.catalogue import Catalogue
from materials.checklist.glance import Glance
from materials.checklist.service import Checklists
from materials.deposits import Deposits
from materials.desk import Desk
from materials.disputes import MaterialDisputes
from materials.editing import Editing
from materials.emergencies import UrgentThings
from materials.fetching import Fetching
from materials.figures.service import Figures
from materials.handling import Handling
from materials.intake.service import Intakes
from materials.licence_uses import LicenceUses
from materials.presence import Presences
from materials.projects import Projects
from materials.provenance import Provenance
from materials.reading.service import Readings
from materials.receipts import Receipts
from materials.usecodes import UseCodes
from materials.uses import MaterialUses
from materials.vault import Vault

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from fastapi import Request
    from sqlalchemy import Connection

    from api.settings import Settings
    from authz.ports import NoticeChannel
    from ledger.model import EntryStatus, LogHead
    from ledger.steps import Steps

RESERVE_BYTES: Final = 256 * 1024**2
"""Room on the disk below which no document is taken in."""
ANSWERS_DOMAIN: Final = b"cailian/answers/v1/key"
HEADS_DOMAIN: Final = b"cailian/heads/v1/key"
CODES_DOMAIN: Final = b"cailian/codes/v1/key"
_PENDING: Final = text("select count(*) from ledger.entry where idx is null")
_KEPT_DAYS: Final = 1
_FORGET: Final = text(
    "delete from api.idempotency where ctid in (select ctid from api.idempotency"
    f" where created_at < now() - interval '{_KEPT_DAYS} day' limit 1000)"
)


class Node:
    """Everything a process of this node needs, made once from the settings.

    Args:
        settings: of the node.

    Raises:
        SettingsError: the keys cannot be read.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.clock = SystemClock()
        self.keys = keys.load(settings.secrets_dir)
        self.signer = NoteSigner(settings.origin, self.keys.log_key)
        address = shards.as_writer(settings.database_url.get_secret_value(), self.signer.key_id)
        self.database = Database(address, pool_size=settings.threads + 2)
        self.loop_database = AsyncDatabase(address, size=settings.loop_connections)
        # ledger
        self.evidence = Evidence(settings.origin, self.signer, self.clock)
        self.sequencer = Sequencer(self.database, self.signer, self.clock, quorum=settings.witness_quorum)
        self.kept = KeptDocuments(self.evidence, self.sequencer, self.clock)
        self.witnesses = witnesses.seats(settings)
        self.cosigning = Cosigning(
            self.database,
            witnesses.HttpWitnesses(settings.witness_timeout),
            self.clock,
            NoteVerifier.parse(self.signer.vkey),
            self.witnesses,
            settings.witness_quorum,
        )
        registry = bytes.fromhex(settings.chain_registry.removeprefix("0x")) or None
        validators = _validators(settings.chain_validators)
        self.chain = Chain(settings.chain_url, self.keys.chain, registry=registry, validators=validators)
        self.anchorer = Anchorer(
            self.database, self.chain, self.clock, settings.origin, interval=settings.anchor_interval
        )
        self.recorder = Recorder(self.database, self.chain, self.clock, settings.division)
        self.districts = Districts(self.evidence, self.clock, interval=settings.district_interval)
        self.forwarder = superior.forwarder(settings, self.database, self.clock)
        s3 = S3Settings(
            endpoint=settings.s3_endpoint,
            access_key=settings.s3_access_key,
            secret_key=settings.s3_secret_key.get_secret_value(),
            region=settings.s3_region,
            bucket=settings.s3_bucket,
            secure=settings.s3_secure,
        )
        self.ring = KeyRing(self.keys.wrapping, self.keys.wrapping_older)
        self.objects = ObjectStore(
            s3, self.ring, profile=Profile(settings.crypto_profile), threads=settings.threads, is_full=self._is_full
        )
        # authz and certs
        vault = IdentityVault(self.keys.lookup, self.keys.identity, self.keys.pairwise)
        self.answers = Answers(hmac.digest(self.keys.identity, ANSWERS_DOMAIN, "sha256"))
        self.workdays = Workdays.load(settings.holidays)
        self.holders = Holders(vault, self.clock)
        self.firms = Firms(vault, self.holders)
        self.parties = Parties(self.clock)
        self.meter = Meter(self.clock)
        self.tokens = TokenService(settings.base_url, self.keys.token_key, self.clock, older=self.keys.token_keys_older)
        self.licence_types = LicenceCatalogue.load()
        self.licences = LicenceStore(vault)
        self.representations = Representations(self.evidence, self.holders, self.parties, self.clock)
        self._consent(settings, vault)
        self.registers = Registers(self.evidence, self.clock, settings.division)
        self.duties = Duties(self.registers, self.clock)
        self.policies = Policies(self.registers, self.decider)
        self.scenarios = Scenarios(self.registers, self.counter, self.clock)
        self._duty_use(settings, vault)
        self.uses = Uses(
            self.evidence,
            self.decider,
            self.grants,
            self.holders,
            self.clock,
            self.duty_notices,
            window=timedelta(seconds=settings.use_window),
            linger=timedelta(seconds=settings.use_linger),
        )
        self.heads = Heads(self.evidence, hmac.digest(self.keys.pairwise, HEADS_DOMAIN, "sha256"), self.clock)
        self._library(settings)
        self._showing(settings, vault)
        self._materials(settings, vault)
        self.lag = Lag(settings)

    def _consent(self, settings: Settings, vault: IdentityVault) -> None:
        """Who signs, is asked and grants, and how it is told."""
        providers = signers.providers(settings, self.keys)
        self.id_tokens = IdTokens(providers)
        self.login_client = signers.login(settings)
        where = (signers.site(settings), signers.host_apps(settings))
        signing = HolderKeys(self.holders, self.id_tokens, *where, vault, self.clock)
        self.signatures = signatures = HolderSignatures(
            self.holders, providers, self.representations, self.clock, signing
        )
        self.sessions = Sessions(vault, self.clock)
        readers = signers.card_readers(settings, self.keys)
        self.card_readings = CardReadings(settings.base_url, readers, self.holders, self.clock)
        self.staff = StaffSessions(self.id_tokens, vault, self.clock)
        self.holder_ledger = HolderLedger(self.evidence, self.holders, self.parties, vault, self.clock)
        self.delegations = Delegations(self.evidence, self.holders, signatures, self.representations, vault, self.clock)
        self.grants = Grants(self.evidence, self.holders, signatures, self.delegations, vault, self.clock)
        self.consents = ConsentEvidence(self.grants, self.delegations)
        self.notices = Notices(self.holders, self.representations, vault, self.clock)
        self.enrolments = Enrolments(
            self.evidence, self.holders, signing, self.id_tokens, signatures, self.notices, vault, self.clock
        )
        self.refusals = Refusals(self.evidence, self.holders, vault)
        self.asks = Asks(self.refusals, self.grants, self.holders, self.delegations, self.notices, self.clock)
        self.ask_batches = AskBatches(self.asks, self.grants, self.delegations, self.parties, self.notices, self.clock)
        self.ciba = Ciba(self.tokens, self.ask_batches, self.grants, self.holders, vault, self.clock)
        self.decider = Decider()
        self.counter = Counter(self.parties, self.decider)
        self.assisted = CounterConsents(
            self.asks, self.grants, signatures, self.counter, self.notices, vault, settings.base_url, self.clock
        )
        self.cessations = Cessations(self.evidence, self.counter, self.clock)
        self.staff_logins = StaffLogins(self.staff, self.parties, self.counter, self.evidence, self.clock)
        self.replaying = Replaying(self.counter, self.evidence, self.clock)
        self.onboarding = Onboarding(self.evidence, self.parties, self.counter, vault, self.clock)
        self.party_changes = PartyChanges(self.evidence, self.parties, self.counter, self.clock)
        self.access = AccessRequests(
            self.evidence, self.parties, self.counter, self.workdays, self.clock, settings.access_answer_days
        )

    def _duty_use(self, settings: Settings, vault: IdentityVault) -> None:
        """What watches over uses that no holder was asked about."""
        watched = (self.counter, self.evidence)
        self.duty_notices = DutyNotices(*watched, self.clock)
        self.break_glass = BreakGlass(*watched, self.holders, vault, self.workdays, self.clock)
        self.sampling = Sampling(
            *watched,
            vault,
            self.workdays,
            self.clock,
            permille=settings.duty_sample_permille,
            witnessed=settings.witness_quorum > 0,
        )

    def _materials(self, settings: Settings, vault: IdentityVault) -> None:
        """Cases, deposits and what departments use of them."""
        self.catalogue = Catalogue.load()
        people = (self.evidence, self.holders, self.counter, self.clock)
        presences = Presences(
            self.holders,
            self.signatures,
            self.representations,
            self.delegations,
            LiveCodes(self._code_texts(), self.clock),
            self.clock,
        )
        desk = Desk(self.holders, self.parties, self.counter, self.notices, vault, self.evidence, self.clock)
        self.desk = desk
        self.readings = Readings(desk)
        self.editing = Editing(self.catalogue, self.licence_types, self.counter, self.registers, self.clock)
        self.cases = Cases(self.catalogue, presences, desk, settings.case_number)
        self.projects = Projects(self.signatures, desk)
        self.deposits = Deposits(self.catalogue, self.objects, *people)
        self.intakes = Intakes(self.catalogue, self.deposits, desk)
        self.figures = Figures(vault, self.clock)
        self.vault = Vault(self.catalogue, self.cases, self.grants)
        self._fetching(settings, vault)
        self.material_uses = MaterialUses(self.catalogue, self.cases, self.uses, self.licence_uses, self.clock)
        self.asking = Asking(
            self.catalogue,
            self.licence_types,
            self.licences,
            self.cases,
            self.counter,
            self.grants,
            self.ask_batches,
            self.clock,
        )
        self.urgent_things = UrgentThings(self.licence_types, self.licences)
        self.material_disputes = MaterialDisputes(self.uses, self.court)
        self.provenance = Provenance(self.uses, self.parties, self.material_disputes)
        self.audit_looks = AuditLooks(self.counter, self.evidence, vault, self.clock)
        claims = (self.material_disputes, self.disputes)
        self.auditing = Auditing(self.audit_looks, self.parties, self.licences, *claims)
        self.routes = RouteParts(self, self.catalogue, self.cases, self.deposits, self.uses, desk)
        served = (frozenset(self.routes.checks.register.questions), frozenset(self.routes.documents.templates.by_code))
        reading = (self.catalogue, self.cases, self.licence_uses, self.uses, self.clock)
        self.checklists = Checklists(Glance(*reading, *served), self.signatures, desk)
        self.receipts = Receipts(desk)
        self.handling = Handling(self.catalogue, self.cases, self.checklists, self.licences, self.workdays, desk)
        self.bundles = Bundles(self.catalogue, self.cases, desk)

    def _library(self, settings: Settings) -> None:
        """The licence library: seals, issuing, gathering, status."""
        self.seal_workshop = Workshop(seals.providers(settings, self.ring))
        self.seal_register = SealRegister(self.evidence, self.clock)
        self.seal_keys = StoredSealKeys(self.database, self.seal_workshop)
        self.status_lists = StatusLists(self.seal_keys, settings.library_code, settings.base_url, self.clock)
        people = (self.evidence, self.holders, self.parties, self.counter, self.clock)
        facts = LicenceFacts(self.representations, self.clock)
        self.changes = Changes(self.licence_types, self.licences, facts, *people)
        self.issuing = Issuing(self.licence_types, self.licences, self.changes, *people)
        self.gathering = Gathering(
            self.licence_types, self.licences, self.evidence, self.holders, self.counter, self.clock
        )

    def _showing(self, settings: Settings, vault: IdentityVault) -> None:
        """What holders show, dispute and receive."""
        texts = self._code_texts()
        shown = (texts, self.licences, self.licence_types)
        self.codes = Codes(*shown, self.evidence, self.holders, self.signatures, vault, self.clock)
        self.presentations = Presentations(
            *shown, self.scenarios, self.parties, self.holders, self.evidence, self.clock
        )
        told = (self.signatures, self.holders, self.evidence, self.clock)
        self.wallets = Wallets(self.licences, self.licence_types, self.parties, *told)
        beside = (self.signatures, self.counter)
        self.deliveries = Deliveries(self.licences, *beside, self.evidence, self.holders, vault, self.clock)
        court = (self.signatures, self.counter, self.notices, self.evidence, self.holders, vault)
        self.court = Court(*court, self.workdays, self.clock, settings.dispute_days)
        self.disputes = Disputes(self.licences, self.licence_types, self.changes, self.uses, self.court)

    @cached_property
    def automatic(self) -> AutomaticParts:
        """What is decided, changed or listed without an application at a window."""
        return AutomaticParts(self, self.routes, self.checklists, self.handling, self.desk)

    @cached_property
    def licence_files(self) -> LicenceFiles:
        """Makes licence files; loads fonts when first asked for, which most processes never do."""
        return LicenceFiles(self.seal_keys, seals.timestamps(self.settings))

    @cached_property
    def making(self) -> Making:
        """Makes what an issue consists of."""
        return Making(self.licence_files, self.seal_keys, self.status_lists, self.objects, self.settings.base_url)

    @cached_property
    def renditions(self) -> Renditions:
        """Makes what a use of a licence delivers."""
        maker = (self.settings.library_name, self.settings.library_code)
        return Renditions(
            self.database,
            self.objects,
            self.uses,
            self.licence_uses,
            self.parties,
            self.licence_files,
            maker,
            self.clock,
        )

    def _fetching(self, settings: Settings, vault: IdentityVault) -> None:
        """What departments fetch of licences (调证), and how they hear of changes."""
        period = timedelta(days=settings.copy_days)
        self.licence_uses = LicenceUses(
            self.licence_types, self.licences, self.evidence, self.holders, self.clock, period=period
        )
        self.use_codes = codes = UseCodes(vault, self.clock)
        self.fetching = Fetching(
            self.cases, self.licence_uses, self.uses, self.holders, self.counter, codes, self.evidence, self.clock
        )
        receivers = HttpReceivers(settings.webhook_networks, settings.webhook_timeout)
        self.webhooks = Webhooks(self.database, self.uses, vault, receivers, self.clock)

    def ask_link(self, batch_id: str) -> str:
        """Where a holder reads and answers what is asked; of no batch, where everything of theirs is."""
        home = self.settings.citizen_url or f"{self.settings.base_url}/m"
        return f"{home}/#/asks/{batch_id}" if batch_id else home

    def letter_link(self, commitment_id: str) -> str:
        """Where a holder reads a letter of commitment and signs it."""
        return f"{self.ask_link('')}/#/commitments/{commitment_id}"

    @cached_property
    def telling(self) -> Telling:
        """Tells people and clients; for the worker."""
        held = self.settings
        channels: dict[str, NoticeChannel] = {}
        if held.demo:
            channels = {name: DemoInbox(held.data_dir, name) for name in (APP, SMS)}
        secret = held.notice_secret.get_secret_value()
        for name, url in ((APP, held.notice_app_url), (SMS, held.notice_sms_url)):
            if url:
                channels[name] = HttpNotices(url, secret, held.webhook_timeout, self.clock)
        line = HttpReceivers(held.webhook_networks, held.webhook_timeout)
        return Telling(self.database, self.notices, self.parties, self.ciba, channels, line, self.ask_link, self.clock)

    def _code_texts(self) -> CodeTexts:
        return CodeTexts(hmac.digest(self.keys.pairwise, CODES_DOMAIN, "sha256"), self.settings.division)

    def _is_full(self) -> bool:
        """Whether the disk of the embedded stack is as good as full; S3 itself does not say so.

        What is left belongs to uses, withdrawals and the log, which must go on. Where the folder is not there, the
        parts keep their data elsewhere and say themselves when they are full.
        """
        try:
            return shutil.disk_usage(self.settings.data_dir).free < RESERVE_BYTES
        except OSError:
            return False

    def close(self) -> None:
        """Give back connections and threads."""
        self.database.close()
        self.objects.close()

    # What routes ask in passing

    @staticmethod
    def entry_states(db: Connection, entry_ids: Sequence[str]) -> dict[str, EntryStatus]:
        """States of log entries by id."""
        return store.entry_states(db, list(entry_ids))

    def look_outside(self) -> None:
        """Ask witnesses and chain whether they saw more of the log than is here, before anything is written."""
        line = witnesses.HttpWitnesses(self.settings.witness_timeout)
        chain = self.chain if self.forwarder is None else None
        key = NoteVerifier.parse(self.signer.vkey)
        rollback.look_outside(self.database, key, line, self.witnesses, chain, self.clock)

    def refuse_when_overdue(self) -> Steps[None]:
        """Deposits stop past limit 2; uses and withdrawals never do (`api.lag`).

        Raises:
            AnchorOverdueError, MergeOverdueError: they have stopped.
        """
        return self.lag.refuse_deposit()

    def refuse_bulk_when_overdue(self, db: Connection) -> None:
        """Bulk intake and registers stop past limit 1 (`api.lag`).

        Raises:
            AnchorOverdueError, MergeOverdueError: they have stopped.
        """
        self.lag.refuse_bulk(db)

    # What operators ask

    def readiness(self) -> dict[str, str]:
        """Each part with `ok` or what is wrong."""
        parts = {"database": "ok", "log": "ok", "objects": "ok"}
        try:
            with self.database.unit() as db:
                parts["log"] = self._log_state(store.log_head(db))
        except DBAPIError:
            parts["database"] = parts["log"] = "unavailable"
        if not self.objects.is_reachable():
            parts["objects"] = "unavailable"
        return parts

    def _log_state(self, head: LogHead | None) -> str:
        """`ok`, or why this process cannot write to the database's log."""
        if head is None:
            return "missing"
        if (head.origin, head.key_id) != (self.signer.name, self.signer.key_id):
            return "another log"
        return "ok" if head.frozen_at is None else "frozen"

    def warnings(self) -> list[str]:
        """What is well yet, and will not be for long."""
        try:
            with self.database.unit() as db:
                lagging, silent = self.lag.warnings(db), canary.warnings(db, self.clock)
                unwatched = self.overdue(db)
            return [*lagging, *silent, *self.policies.warnings(), *unwatched]
        except DBAPIError:
            return []

    def overdue(self, db: Connection) -> list[str]:
        """What people have to look at: emergencies from the first moment, sampled duty uses that wait too long."""
        counts = self._unwatched(db)
        said = {
            "break_glass_unreviewed": "{} emergencies wait for a review: GET /v1/operations/break-glass",
            "break_glass_overdue": "{} emergencies wait for a review too long: GET /v1/operations/break-glass",
            "duty_samples_overdue": "{} sampled duty uses wait too long: GET /v1/operations/duty-samples",
        }
        return [words.format(counts[name]) for name, words in said.items() if counts[name]]

    def health(self) -> dict[str, Any]:
        """Sizes and lags in figures."""
        with self.database.unit() as db:
            head, newest, published = store.log_head(db), store.newest_checkpoint(db), store.newest_published(db)
            waits, asked = witnessrows.waiting_since(db), witnessrows.states(db)
            figures = {
                "log_size": head.size if head else 0,
                "log_pending": int(cast("int", db.execute(_PENDING).scalar())),
                "checkpoint_size": newest.head.size if newest else 0,
                "published_size": published.head.size if published else 0,
                "quorum_lag_seconds": round((self.clock.now() - waits).total_seconds(), 1) if waits else 0.0,
                "anchored_size": store.newest_anchor_size(db),
                "anchor_lag_seconds": round(self.lag.look(db).anchor, 1),
                "merge_lag_seconds": round(self.lag.look(db).merge, 1),
                "lag_warnings": len(self.lag.warnings(db)),
                "canary_last_success": canary.last_success(db),
                **self._unwatched(db),
                "disputes_overdue": self.disputes.overdue(db) + self.material_disputes.overdue(db),
                **gaps.count(db, self.clock.now(), self.settings).as_figures(),
            }
        limits = {"limit_1": self.settings.lag_limit_1, "limit_2": self.settings.lag_limit_2}
        warns = figures["lag_warnings"] > 0
        return {
            "origin": self.settings.origin,
            "figures": figures,
            "limits": limits,
            "lag_warning": warns,
            "policies": asdict(self.policies.in_force),
            "witnesses": [witnesses.shown(seat, asked.get(seat.key.vkey)) for seat in self.witnesses],
        }

    def _unwatched(self, db: Connection) -> dict[str, int]:
        """What waits for somebody to look at uses without consent."""
        glass, samples = self.break_glass.count(db), self.sampling.count(db)
        return {
            "break_glass_unreviewed": glass[0],
            "break_glass_overdue": glass[1],
            "duty_samples_waiting": samples[0],
            "duty_samples_overdue": samples[1],
        }

    @cached_property
    def upkeep(self) -> Upkeep:
        """Terms that are over, and what need not be remembered."""
        every_second: dict[str, Callable[[Connection], object]] = {
            "tokens": self.tokens.tend,
            "uses": self.uses.expire,
            "licences": self.changes.lapse_due,
            "sampling": self.sampling.draw,
            "checks": self.routes.checks.sweep,
            "commitments": self.routes.commitments.sweep,
            "requests": self.routes.requests.sweep,
        }
        every_minute: dict[str, Callable[[Connection], object]] = {
            "meter": self.meter.forget,
            "codes": self.codes.forget,
            "answers": lambda db: db.execute(_FORGET),
            "webhooks": self.webhooks.forget,
            "applications": self.onboarding.forget,
            "readings": self.readings.sweep,
        }
        return Upkeep(self.database, every_second, every_minute)


def _validators(file: str) -> tuple[qbft.ValidatorSet, ...] | None:
    """Who seals the chain, by the operator's own file (a setting); None where there is none."""
    return qbft.history_of(json.loads(Path(file).read_text())) if file else None


def node_of(request: Request) -> Node:
    """The node that answers a request."""
    return cast("Node", request.app.state.node)
