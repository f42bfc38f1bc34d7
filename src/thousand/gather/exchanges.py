"""LIMA's two groups of Stack Exchange sites: science, technology and mathematics, and everything else (section 2.1 of the paper).

The paper counts 75 exchanges of the first group ("including programming, math, physics") and 99 of the second ("English,
cooking, travel"), leaves out 5 as too niche, and names no others. The lists here are ours, of the same lengths: the sites
that the network itself files under technology and science, less those of one small product or currency.
"""

from __future__ import annotations

SPLITS = ("stem", "other")

_SCIENCE = """
astronomy bioinformatics biology chemistry earthscience engineering hsm math matheducators mathematica mathoverflow
mattermodeling medicalsciences or physics proofassistants psychology quant quantumcomputing scicomp space stats
"""
_COMPUTING = """
3dprinting ai android apple arduino askubuntu bitcoin blender codegolf codereview computergraphics craftcms crypto cs
cseducators cstheory datascience dba devops drupal dsp electronics emacs ethereum expressionengine gamedev gis ham iot
joomla magento networkengineering opendata raspberrypi retrocomputing reverseengineering robotics salesforce security
serverfault sharepoint sitecore softwareengineering sqa stackoverflow superuser tex tor unix vi webapps webmasters wordpress
"""
STEM = frozenset((_SCIENCE + _COMPUTING).split())
NICHE = frozenset(["stackapps", "es.stackoverflow", "ja.stackoverflow", "pt.stackoverflow", "ru.stackoverflow"])
"""Left out: programs for Stack Exchange itself, and Stack Overflow in other languages."""
_FORMER = {"cogsci": "psychology", "health": "medicalsciences", "programmers": "softwareengineering"}  # names in older dumps


def split_of(host: str) -> str | None:
    """The group of a site, such as ``coffee.stackexchange.com``; None for the niche ones and for sites about a site (meta)."""
    name = host.removesuffix(".stackexchange.com").removesuffix(".com").removesuffix(".net")
    name = _FORMER.get(name, name)
    if name in NICHE or "meta" in name.split("."):
        return None
    return "stem" if name in STEM else "other"
