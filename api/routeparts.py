"""The parts behind the routes of a checklist, put together once for a node (part of the composition root)."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from api.adapters import connectors
from api.checking import Checking
from api.filling import FormFilling
from api.generating import Generating
from api.reviewing import Reviewing
from materials.checks import Checks
from materials.commitments import Commitments
from materials.counterletters import CounterLetters
from materials.forms.planning import Planner
from materials.forms.questions import Questions
from materials.forms.reader import FormReader
from materials.forms.service import Forms
from materials.forms.things import Things
from materials.generated.sealing import DocumentSeals
from materials.generated.service import Documents
from materials.generated.templates import Templates
from materials.requests import AssistRequests
from materials.review.gathering import Gatherer
from materials.review.papers import Papers
from materials.review.service import Reviews

if TYPE_CHECKING:
    from api.node import Node
    from authz.uses import Uses
    from materials.cases import Cases
    from materials.catalogue import Catalogue
    from materials.deposits import Deposits
    from materials.desk import Desk


class RouteParts:
    """Checks at the source and what stands beside them.

    Args:
        node: settings, database and stores.
        catalogue, cases: what is demanded where.
        deposits: makes documents materials.
        uses: decides.
        desk: who acts, the log, the time.

    Raises:
        ConnectorConfigError: the operator's file of sources is malformed.
    """

    def __init__(
        self,
        node: Node,
        catalogue: Catalogue,
        cases: Cases,
        deposits: Deposits,
        uses: Uses,
        desk: Desk,
    ) -> None:
        self._node = node
        settings, database = node.settings, node.database
        register = connectors.read(settings.connectors)
        asked = connectors.connect(register, settings.secrets_dir, tuple(settings.source_networks), desk.clock)
        self.checks = Checks(register, catalogue, cases, uses, desk)
        self.checking = Checking(database, self.checks, asked, node.meter)
        self.commitments = Commitments(catalogue, cases, node.signatures, node.workdays, desk)
        audience = settings.base_url
        self.counter_letters = CounterLetters(self.commitments, cases, node.signatures, desk, audience)
        self.requests = AssistRequests(catalogue, cases, uses, node.workdays, desk)
        self.documents = Documents(Templates.load(), catalogue, cases, self.checks, deposits, desk)
        planner = Planner(catalogue, cases, node.licence_uses, uses, node.grants, self.checks, desk)
        self.forms = Forms(planner, catalogue, cases, desk)
        reader = FormReader(catalogue, cases, node.licence_uses, uses, desk)
        self.filling = FormFilling(database, self.forms, reader, uses, self.checking, node.meter)
        looking = Things(catalogue, cases, node.licence_uses, uses, node.grants, desk)
        questions = Questions(catalogue, cases, self.checks, uses)
        papers = Papers(catalogue, self.documents.templates, desk.vault)
        gatherer = Gatherer(catalogue, cases, looking, questions, node.licence_uses, papers, desk)
        self.reviews = Reviews(catalogue, cases, gatherer, desk)
        self.reviewing = Reviewing(node, self.reviews, self.filling)
        self.seals = DocumentSeals(self.documents, cases, deposits, node.signatures, desk)

    @property
    def template_codes(self) -> frozenset[str]:
        """Templates of this node."""
        return frozenset(self.documents.templates.by_code)

    @cached_property
    def generating(self) -> Generating:
        """Makes documents; loads fonts when first asked for."""
        from materials.generated.setter import DocumentSetter  # noqa: PLC0415 - most processes set none

        names = {kind.code: kind.name for kind in self._node.licence_types.types.values()}
        return Generating(self._node, self.documents, DocumentSetter(names))
