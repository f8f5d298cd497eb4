"""The page of the C++ API: every public name with its first sentence and a link to its place in Doxygen's pages, so that the site's search
finds it. Doxygen's pages are no part of the site that is searched."""
import xml.etree.ElementTree

# In the order of the page, with what a namespace is for.
NAMESPACES = {"cpwebsockets": "the client for hosts", "cpwebsockets::protocol": "the core", "cpwebsockets::device": "the client for devices",
              "cpwebsockets::transport": "what the client for hosts runs over", "cpwebsockets::lwip": "on lwIP",
              "cpwebsockets::mbedtls": "TLS on devices", "cpwebsockets::arduino": "on Arduino"}


def brief_of(element):
    node = element.find("briefdescription")
    return " ".join("".join(node.itertext()).split()).replace("|", "\\|").replace("<", "&lt;")


def link_of(identifier, is_member):
    file, anchor = identifier.rsplit("_1", 1) if is_member else (identifier, "")
    return f"api/{file}.html" + (f"#{anchor}" if anchor else "")


def members_of(compound):
    """Public ones, each name once: the first that says what it is, as Doxygen's page has the rest beside it."""
    found = {}
    for member in compound.iter("memberdef"):
        name, text = member.find("name").text, brief_of(member)
        values = [f"`{value.find('name').text}`" for value in member.iter("enumvalue")]
        text += " One of " + ", ".join(values) + "." if values else ""
        if member.get("prot") == "public" and not name.startswith("~") and (name not in found or not found[name][1]):
            found[name] = (link_of(member.get("id"), True), text)
    for name, (link, text) in found.items():
        yield f"* [`{name}`]({link}){': ' if text else ''}{text}"


def page(folder):
    def read(identifier):
        return xml.etree.ElementTree.parse(folder / f"{identifier}.xml").getroot().find("compounddef")

    compounds = [(c.find("name").text, read(c.get("refid"))) for c in xml.etree.ElementTree.parse(folder / "index.xml").getroot().iter("compound")
                 if c.get("kind") in ("class", "struct", "namespace")]
    yield "# C++ API\n\nEvery public name. Each leads to the [full reference](api/index.html), which has its parameters and all of its text.\n"
    for namespace, purpose in NAMESPACES.items():
        yield f"## {namespace}: {purpose}\n"
        for name, compound in sorted(compounds, key=lambda entry: entry[0] != namespace):  # what belongs to no class first
            own = name == namespace if compound.get("kind") == "namespace" else name.rpartition("::")[0] == namespace
            if not own:
                continue
            if name != namespace:
                text = brief_of(compound)
                yield f"### {name.removeprefix('cpwebsockets::')}\n\n[`{name}`]({link_of(compound.get('id'), False)}){': ' if text else ''}{text}\n"
            yield "\n".join(members_of(compound)) + "\n"
