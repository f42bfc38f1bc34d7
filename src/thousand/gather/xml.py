"""XML read as a stream of elements: no entities, no document types, no network, and memory that does not grow."""

from __future__ import annotations

from collections.abc import Iterator
from io import BufferedReader

from lxml import etree


class XMLError(ValueError):
    """The XML cannot be read further. What stood before has been given."""


def elements(stream: BufferedReader, tag: str) -> Iterator[dict[str, str]]:
    """The attributes of every element of a name, as they are met.

    Raises:
        XMLError: it is not well-formed, declares a document type (the door to entity bombs and to other people's
            files), or has an attribute of more than 20 MB; says the line.
    """
    context = etree.iterparse(
        stream,
        events=("end",),
        resolve_entities=False,
        load_dtd=False,
        no_network=True,
        huge_tree=False,
        recover=False,
        remove_comments=True,
        remove_pis=True,  # they would gather in the tree
    )
    first = True
    try:
        for _, element in context:
            if first and element.getroottree().docinfo.doctype:
                raise XMLError("the file declares a document type, which a dump of posts has no need of")
            first = False
            if element.tag == tag:
                yield {str(name): str(value) for name, value in element.attrib.items()}
            element.clear()
            parent = element.getparent()
            while parent is not None and element.getprevious() is not None:
                del parent[0]
    except etree.XMLSyntaxError as error:
        raise XMLError(f"not XML: {error.msg}") from None
