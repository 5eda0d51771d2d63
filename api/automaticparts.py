"""What is decided, changed or listed without an application at a window, put together once for a node (composition)."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

from api.automating import Automating
from api.casegathering import Parts
from api.linkedwork import LinkedWork
from certs.credentials import jws
from certs.signing.errors import NoSealKeyError
from ledger.steps import run as run_steps
from materials import store
from materials.automatic import objections
from materials.automatic.entitled import Programmes
from materials.automatic.errors import RunStateError, UnknownLinkError, UnknownRunError
from materials.automatic.facts import FactFinder
from materials.automatic.inquiries import Inquiries
from materials.automatic.linking import Linking
from materials.automatic.linkrules import LinkRules
from materials.automatic.looking import Looker
from materials.automatic.objections import Objections
from materials.automatic.rounds import Rounds
from materials.automatic.runs import Runs

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import Connection

    from api.node import Node
    from api.routeparts import RouteParts
    from authz.model import Caller
    from certs.drafts import Plan, Prepared
    from certs.requests import HolderRequest
    from materials.automatic.objections import Objection
    from materials.checklist.service import Checklists
    from materials.desk import Desk
    from materials.handling import Handling


class AutomaticParts:
    """Automatic decisions of a node.

    Args:
        node: whose services they are made of.
        routes, checklists, handling: of the node.
        desk: who acts, the log, the time.
    """

    def __init__(self, node: Node, routes: RouteParts, checklists: Checklists, handling: Handling, desk: Desk) -> None:
        self._node = node
        self._routes = routes
        self._checklists = checklists
        days = node.workdays
        self.inquiries = Inquiries(node.signatures, node.ask_batches, desk)
        self.objections = Objections(node.signatures, days, desk)
        facts = FactFinder(routes.forms, checklists, routes.reviews, node.clock)
        self.programmes = Programmes.load(node.catalogue)
        decided = (node.catalogue, self.programmes, node.cases, handling, facts, self.inquiries, days, desk)
        self.runs = Runs(*decided)
        found = (self.programmes, node.cases, node.licences, self.runs, facts, self.inquiries, self.objections)
        self.rounds = Rounds(*found, days, desk)
        self.linking = Linking(LinkRules.load(node.licence_types), node.licences, days, desk)

    @cached_property
    def linked(self) -> LinkedWork:
        """Carries out what follows a changed licence; for the worker."""
        node = self._node
        return LinkedWork(node.database, self.linking, node.issuing, self.make, node.clock)

    @cached_property
    def automating(self) -> Automating:
        """Works runs off; for the worker."""
        node = self._node
        parts = Parts(
            runs=self.runs,
            rounds=self.rounds,
            filling=self._routes.filling,
            reviewing=self._routes.reviewing,
            forms=self._routes.forms,
            checklists=self._checklists,
            checks=self._routes.checks,
            checking=self._routes.checking,
            looker=Looker(node.cases, node.licence_uses, node.uses),
            uses=node.uses,
            meter=node.meter,
            asking=node.asking,
            batches=node.ask_batches,
            licences=node.licences,
            issuing=node.issuing,
            make=self.make,
            sign=self.sign,
        )
        return Automating(node.database, parts, node.clock)

    def object_to(self, db: Connection, asked: HolderRequest, signature: str) -> Objection:
        """Take an objection, to whatever it names.

        Raises:
            UnknownRoundError: there is nothing of that id that one could object to.
            RunStateError: nothing was decided yet; the department can be spoken to.
            IdTokenRefusedError, KeyRefusedError, SignerNotHolderError: the signature.
        """
        try:
            held = self.runs.held(db, asked.subject)
        except UnknownRunError:
            return self._object_to_more(db, asked, signature)
        if held.decision_entry_id is None:
            raise RunStateError(state=held.state)
        return self.objections.open(db, asked, signature, objections.RUN, held.party_id, held.holder_id)

    def _object_to_more(self, db: Connection, asked: HolderRequest, signature: str) -> Objection:
        try:
            linked = self.linking.get(db, asked.subject)
        except UnknownLinkError:
            party_id = self.rounds.of_party(db, asked.subject)
            return self.objections.open(db, asked, signature, objections.ROUND, party_id, None)
        made = self.objections.open(db, asked, signature, objections.LINKED, linked.party_id, linked.holder_id)
        self.linking.objected(db, linked.id)
        return made

    def answered(
        self, db: Connection, caller: Caller, objection_id: str, given: tuple[str, str, str], runs: Sequence[str]
    ) -> dict[str, Any]:
        """Answer an objection; what is upheld takes effect, and leads whoever upheld it to where they go on.

        Args:
            given: outcome, words for the holder, operator.
            runs: of an upheld objection to a list, who comes off it.

        Raises:
            UnknownRunError: one of them is not on the list.
            as `Objections.answer`.
        """
        held = self.objections.answer(db, caller, objection_id, *given)
        document = self.objections.document(held, words=True)
        if held.about == objections.LINKED:
            self.linking.answered(db, held.subject_id, given[0])
        if given[0] != "upheld":
            return document | {"next": None}
        if held.about == objections.RUN:
            return document | {"next": self._reconsider(db, held.subject_id)}
        if held.about == objections.ROUND:
            off = [self._reconsider(db, self.rounds.on_list(db, held.subject_id, each)) for each in runs]
            return document | {"next": {"round_id": held.subject_id, "off": off}}
        return document | {"next": {"linked_id": held.subject_id, "state": "person"}}

    def _reconsider(self, db: Connection, run_id: str) -> dict[str, Any]:
        """Open what was decided to a person again; where they go on.

        What was paid, and a licence that was issued, cannot be taken back unseen: they are named for whoever decides.
        """
        handed = self.rounds.reconsider(db, run_id)
        if not handed:
            self.runs.reconsider(db, run_id)
        run = self.runs.held(db, run_id)
        path = f"/v1/cases/{run.case_no}"
        case = run_steps(db, store.case_of(run.case_no, run.party_id))
        closed = case is None or case.closed_at is not None
        return {
            "run_id": run.id,
            "case_no": run.case_no,
            "state": "handed" if handed else run.state,
            "licence_id": run.result_id,
            "go_on": f"{path}/again" if closed else f"/v1/automatic/{run.id}/resumption",
        }

    def make(self, plan: Plan) -> Prepared:
        """The files of a planned licence."""
        return self._node.making.make(plan)

    def sign(self, org_code: str, typ: str, claims: Mapping[str, Any]) -> str:
        """A document under the seal of an organisation; of the library, which says so, where it has no key.

        Raises:
            NoSealKeyError: neither has one.
        """
        node, now = self._node, self._node.clock.now()
        try:
            signer, by = node.seal_keys.seal(org_code, jws.ALGORITHM, now), org_code
        except NoSealKeyError:
            by = node.settings.library_code
            signer = node.seal_keys.seal(by, jws.ALGORITHM, now)
        return jws.sign(typ, {**claims, "iss": by, "iat": int(now.timestamp())}, signer)
