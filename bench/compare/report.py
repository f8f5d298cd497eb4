"""The comparison as text, as a page with tables, and as charts."""
PAGE = "benchmarks.md"
NAMES = {"raw": "bare sockets", "cpwebsockets": "cpwebsockets", "beast": "Boost.Beast", "websocketpp": "websocketpp", "libwebsockets": "libwebsockets",
         "wslay": "wslay", "poco": "Poco", "gorilla": "gorilla (Go)", "tungstenite": "tungstenite (Rust)", "fastwebsockets": "fastwebsockets (Rust)",
         "websockets": "websockets (Python)", "picows": "picows (Python)", "ws": "ws (Node.js)"}
UNCHECKED = ("poco", "gorilla", "picows")  # text that comes
WORKS = {"receive": "receive {}, a flood", "receive-text": "receive {} of text, a flood", "echo": "echo {}", "send": "send {}", "batch": "send {} in batches",
         "connect": "connect and close"}
OURS, OTHERS = "#0072b2", "#b3b3b3"  # told apart by every eye, and in print


def shown(size):
    return f"{size} B" if size < 1024 else f"{size >> 10} KiB" if size < 1 << 20 else f"{size >> 20} MiB"


def name_of(row):
    work, size, tls = row
    return ("wss: " if tls else "") + WORKS[work].format(shown(size))


def title(row):
    return name_of((row["work"], row["size"], row["tls"]))


def best(row):
    """The best of the others, whose checks are as ours are."""
    others = [(result["cpu"], name) for name, result in row["peers"].items()
              if name not in ("raw", "cpwebsockets") and not (row["work"] == "receive-text" and name in UNCHECKED)]
    return min(others, default=None)


def line_of(row):
    raw, ours, other = row["peers"]["raw"]["cpu"], row["peers"]["cpwebsockets"]["cpu"], best(row)
    text = f"{title(row)}: {ours * 1e9:,.0f} ns of CPU time, {ours / raw:.2f} times bare sockets"
    return text + (f"; {ours / other[0]:.2f} times {NAMES[other[1]]}" if other else "")


def table(results):
    lines = ["| work | bare sockets | cpwebsockets | best of the others | ratio |", "|---|---|---|---|---|"]
    for row in results["rows"]:
        ours, other = row["peers"]["cpwebsockets"], best(row)
        cells = [f"{row['peers']['raw']['cpu'] * 1e9:,.0f}", f"{ours['cpu'] * 1e9:,.0f}"]
        cells += [f"{NAMES[other[1]]}, {other[0] * 1e9:,.0f}", f"{ours['cpu'] / other[0]:.2f}"] if other else ["", ""]
        lines.append(f"| {title(row)} | {' | '.join(cells)} |")
    return "\n".join(lines)


def mark(row, name):
    return " ¹" if row["work"] == "receive-text" and name in UNCHECKED else " ²" if name in ("raw", "wslay") else ""


def details(row):
    lines = [f"### {title(row)[0].upper()}{title(row)[1:]}", "", "| client | CPU time, ns | by bare sockets | time, ns | instructions | system calls |", "|---|---|---|---|---|---|"]
    raw = row["peers"]["raw"]["cpu"]
    for name, result in sorted(row["peers"].items(), key=lambda item: item[1]["cpu"]):
        cells = [f"{result['cpu'] * 1e9:,.0f}", f"{result['cpu'] / raw:.2f}", f"{result['seconds'] * 1e9:,.0f}",
                 f"{result['instructions']:,.0f}" if "instructions" in result else "", f"{result['system_calls']:.3g}"]
        lines.append(f"| {NAMES[name]}{mark(row, name)} | {' | '.join(cells)} |")
    return "\n".join(lines)


def chart(rows, path):
    import matplotlib
    matplotlib.use("svg")
    import matplotlib.pyplot as pyplot
    matplotlib.rcParams.update({"svg.hashsalt": "cpwebsockets", "svg.fonttype": "none", "font.size": 11})
    heights = [len(row["peers"]) - 1 + 2 for row in rows]
    figure, panels = pyplot.subplots(len(rows), figsize=(5, 0.24 * sum(heights)), layout="constrained", squeeze=False, gridspec_kw={"height_ratios": heights})
    for axes, row in zip(panels[:, 0], rows):
        raw = row["peers"]["raw"]["cpu"]
        peers = sorted(((result["cpu"] / raw, name) for name, result in row["peers"].items() if name != "raw"), reverse=True)
        most = 12 * min(peers)[0]  # a bar that would be longer is cut, and its figure tells
        bars = axes.barh([NAMES[name] + mark(row, name) for _, name in peers], [min(value, most) for value, _ in peers], color=[OURS if name == "cpwebsockets" else OTHERS for _, name in peers])
        axes.bar_label(bars, [f"{value:.2f}" if value < 10 else f"{value:.0f}" for value, _ in peers], padding=3, fontsize=9)
        axes.axvline(1, color="black", linewidth=0.8, linestyle=":")
        axes.set_title(title(row), loc="left", fontsize=11, fontweight="bold")
        axes.set_xticks([])
        axes.margins(x=0.12)
        axes.spines[["top", "right", "bottom"]].set_visible(False)
    figure.savefig(path, metadata={"Date": None})
    pyplot.close(figure)


def write(results, folder):
    groups = [("receiving", "Receiving", lambda row: not row["tls"] and row["work"].startswith("receive")),
              ("sending", "Round trips and sending", lambda row: not row["tls"] and not row["work"].startswith("receive")),
              ("tls", "Over TLS", lambda row: row["tls"])]
    machine, versions = results["machine"], {}
    for row in results["rows"]:
        versions.update({name: result["version"] for name, result in row["peers"].items()})
    parts = [f"""# Benchmarks

`./dev bench` measures this client beside others, at the same work, in one run, and writes this page. Each program is as its package
gives it; ours is built with link-time optimisation. The server sends messages that were made beforehand and checks nothing, on a core
of its own. Runs alternate; the figures are medians of five. Shorter is better: a bar is the CPU time of one message by that of bare
sockets (or bare OpenSSL) that move the same bytes, the dotted line. Bars that would leave the page are cut.
[Scaling](scaling.md) shows how our cost grows with sizes and numbers.

Machine: {machine['processor']}, {machine['cores']} cores, Linux {machine['kernel']}, {machine['compiler']}. Versions: """
             + ", ".join(f"{NAMES[name]} {version}" for name, version in sorted(versions.items()) if name != "raw") + f"; OpenSSL {versions.get('raw', '')}.",
             "## In short\n\nCPU time for a message, in nanoseconds; of a connection in the rows that connect.\n\n" + table(results)]
    for name, heading, belongs in groups:
        rows = [row for row in results["rows"] if belongs(row)]
        if not rows:
            continue
        chart(rows, folder / f"benchmarks_{name}.svg")
        parts.append(f"## {heading}\n\n![CPU time beside bare sockets](benchmarks_{name}.svg)")
        parts += [details(row) for row in rows]
    parts.append("¹ It does not check that text is UTF-8, and does not count as the best. ² It checks no opening handshake; bare sockets check nothing.\n\n"
                 "Instructions are user instructions by callgrind, not of programs with a virtual machine or a runtime of their own; system calls are by strace.")
    (folder / PAGE).write_text("\n\n".join(parts) + "\n")
