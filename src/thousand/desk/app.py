"""The desk as a web application: its pages, its door, and what it says when something is wrong."""

from __future__ import annotations

import hashlib
import logging
from pathlib import Path
from typing import Annotated

from fastapi import FastAPI, Query, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from fastapi.staticfiles import StaticFiles
from starlette.exceptions import HTTPException as StarletteHTTPException

from thousand.desk import judging, ledger, review, team
from thousand.desk.access import Access, Anyone, Owner
from thousand.desk.bench import Bench
from thousand.desk.desk import HERE, Desk, environment
from thousand.desk.examples import Examples
from thousand.desk.guard import Guard
from thousand.desk.history import History
from thousand.desk.items import answer_files
from thousand.desk.limits import Limits
from thousand.desk.pool import Pool
from thousand.desk.sessions import LONGEST, Sessions
from thousand.desk.store import Store
from thousand.errors import DataError, ThousandError
from thousand.version import __version__

ROUTERS = (review.router, ledger.router, judging.router, team.router)


def make_app(
    run: Path,
    store: Store,
    *,
    token: str,
    owner: str = "owner",
    arm: str | None = None,
    origin: str | None = None,
    loopback: bool = True,
    host: str = "127.0.0.1",
    limits: Limits | None = None,
) -> FastAPI:
    """The application for a run directory.

    Args:
        token: the secret of the owner's link, ``/enter?token=...``.
        arm: whose selection is reviewed; the claim's when not given.
        origin: how people reach the desk where that is not the machine's own address; with https the cookie is for https alone.
        loopback: answer to this machine's own names only, of which ``host`` is one.

    Raises:
        DataError: the run has neither a selection to review nor answers to judge.
    """
    app = FastAPI(title="Thousand's desk", version=__version__, docs_url=None, redoc_url=None, openapi_url=None)
    name = f"desk-{hashlib.sha256(str(run.resolve()).encode()).hexdigest()[:8]}"
    sessions = Sessions(run / "desk" / "sessions.sqlite")
    history = History(store)
    access = Access(history, sessions, owner=owner, token=token, cookie=name, limits=limits or Limits())
    app.state.desk = Desk(run, history, access, _reviewed(run, arm, history), environment(), Bench(run, store))
    secure = bool(origin and origin.startswith("https://"))

    @app.get("/enter", response_class=HTMLResponse)
    def enter(request: Request, token: Annotated[str, Query(max_length=200)] = "") -> Response:
        """From a link to a session.

        The page that sets the cookie goes on by itself: a redirect would count as part of the other site's or program's
        navigation, and take no cookie with it. Going on replaces the link in the history.
        """
        secret = access.enter(token, request.client.host if request.client else "")
        response: Response = app.state.desk.page(request, "enter.html.jinja", None)
        response.set_cookie(name, secret, max_age=int(LONGEST), httponly=True, samesite="strict", secure=secure)
        return response

    @app.post("/leave", status_code=204)
    def leave(request: Request, visitor: Anyone) -> Response:
        """End the session."""
        sessions.end(request.cookies.get(name, ""))
        response = Response(status_code=204)
        response.delete_cookie(name, httponly=True, samesite="strict", secure=secure)
        return response

    @app.get("/", response_class=RedirectResponse, status_code=303)
    def start(visitor: Anyone) -> str:
        """Where one's work is."""
        return "/judge" if visitor.role == "judge" or app.state.desk.reviewed is None else "/review"

    @app.get("/openapi.json")
    def schema(visitor: Owner) -> JSONResponse:
        """The interface in words of OpenAPI, for the owner."""
        return JSONResponse(app.openapi())

    for router in ROUTERS:
        app.include_router(router)
    app.mount("/static", StaticFiles(directory=HERE / "static"))
    app.add_exception_handler(StarletteHTTPException, _refused)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(ThousandError, _failed)
    app.add_middleware(Guard, origin=origin, loopback=loopback, host=host)
    return app


def _reviewed(run: Path, arm: str | None, history: History) -> Examples | None:
    """What there is to review; None for a run of which there are answers only, as where they were imported."""
    try:
        return Examples(Pool.open(run, arm), history)
    except DataError:
        if arm is None and answer_files(run):
            return None
        raise


def _refused(request: Request, error: Exception) -> Response:
    """A refusal as a page for people, as JSON for scripts."""
    assert isinstance(error, StarletteHTTPException)
    if "text/html" in request.headers.get("accept", ""):
        page = Desk.of(request).page(
            request, "error.html.jinja", None, status=error.status_code, code=error.status_code, detail=error.detail
        )
        page.headers.update(error.headers or {})
        return page
    return JSONResponse({"detail": error.detail}, error.status_code, headers=error.headers)


def _invalid(request: Request, error: Exception) -> Response:
    """What was wrong with a request, without repeating what it said."""
    assert isinstance(error, RequestValidationError)
    problems = [{"at": [str(part)[:80] for part in each["loc"]], "why": each["msg"]} for each in error.errors()]
    return JSONResponse({"detail": problems[:20]}, 422)


def _failed(request: Request, error: Exception) -> Response:
    """Something that the desk stands on is gone for now, such as its database. What is wrong is for whoever runs it to read."""
    logging.getLogger("uvicorn.error").error("%s", error)
    why = "The desk cannot do this now. What was acknowledged is kept; tell whoever runs it, and try again."
    return _refused(request, StarletteHTTPException(503, why))
