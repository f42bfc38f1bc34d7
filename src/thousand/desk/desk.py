"""What every page of the desk works with: the run, its events, whoever may enter, and how a page is made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from fastapi import HTTPException, Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from thousand.desk.access import Access, Visitor
from thousand.desk.bench import Bench
from thousand.desk.examples import Examples
from thousand.desk.history import History
from thousand.desk.members import ROLES, Role
from thousand.desk.pool import Pool
from thousand.desk.render import markdown, plain
from thousand.version import __version__

HERE = Path(__file__).parent


@dataclass(frozen=True)
class Page:
    """A page that the desk's head links to, for some roles."""

    path: str
    label: str
    roles: tuple[Role, ...] = ROLES


PAGES = (
    Page("/review", "Review", ("owner", "curator")),
    Page("/search", "Ledger", ("owner", "curator")),
    Page("/judge", "Judge"),
    Page("/team", "Team", ("owner", "curator")),
    Page("/results", "Results", ("owner",)),
)


@dataclass(frozen=True)
class Desk:
    """Attributes:
    run: the run directory.
    history: every decision, as events in a store, and what they come to.
    reviewed: the selection, its reserve and the ledger, and what was said of them; None where a run was only answered.
    bench: what there is to judge, and what was said of it.
    """

    run: Path
    history: History
    access: Access
    reviewed: Examples | None
    environment: Environment
    bench: Bench

    @classmethod
    def of(cls, request: Request) -> Desk:
        """The desk that is asked."""
        return cast(Desk, request.app.state.desk)

    @property
    def examples(self) -> Examples:
        """What is reviewed.

        Raises:
            HTTPException: 404 where the run has nothing to review.
        """
        if self.reviewed is None:
            raise HTTPException(404, "This run has no selection to review. Its answers can be judged.")
        return self.reviewed

    @property
    def pool(self) -> Pool:
        """The tables of what is reviewed; raises as `examples`."""
        return self.examples.pool

    def fragment(self, template: str, values: Mapping[str, Any]) -> str:
        """A piece of a page. What is not marked as safe is escaped."""
        return self.environment.get_template(template).render(**values)

    def page(self, request: Request, template: str, visitor: Visitor | None, /, *, status: int = 200, **values: Any) -> HTMLResponse:
        """A whole page, from a template that extends ``base.html.jinja``."""
        missing = ("/review", "/search") if self.reviewed is None else ()
        pages = [each for each in PAGES if visitor and visitor.role in each.roles and each.path not in missing]
        common = {
            "visitor": visitor,
            "pages": pages,
            "here": request.url.path,
            "desk": self.access.cookie,
            "run": self.run.resolve().name,
            "version": __version__,
        }
        return HTMLResponse(self.fragment(template, common | values), status)


def environment() -> Environment:
    """Templates: everything is escaped; ``plain`` makes marks that cannot be seen visible, ``markdown`` renders and sanitises."""
    made = Environment(
        loader=FileSystemLoader(HERE / "pages"), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    made.filters.update(plain=plain, markdown=markdown)
    return made
