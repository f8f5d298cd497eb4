"""The results of scaling.py as a page with charts."""
import textwrap

OURS, BARE = "#0072b2", "#767676"  # told apart by every eye, and in print
STEPS = [("connections", "An echo, by connections"), ("threads", "A message sent, by threads on a connection"),
         ("fragments", "A fragment that comes, by their number"), ("pieces", "A piece that is sent, by their number")]


def shown(number):
    for unit, name in ((1 << 20, "MiB"), (1 << 10, "KiB")):
        if number >= unit:
            return f"{number // unit} {name}"
    return f"{number} B"


def axes_of(figure_axes, title, xlabel):
    figure_axes.set_title(title, loc="left", fontsize=11, fontweight="bold")
    figure_axes.set_xlabel(xlabel)
    figure_axes.set_xscale("log")
    figure_axes.set_yscale("log")
    figure_axes.grid(True, which="major", linewidth=0.4)
    figure_axes.spines[["top", "right"]].set_visible(False)


def charts(results, folder):
    import matplotlib
    matplotlib.use("svg")
    import matplotlib.pyplot as pyplot
    matplotlib.rcParams.update({"svg.hashsalt": "cpwebsockets", "svg.fonttype": "none", "font.size": 11})
    figure, panels = pyplot.subplots(2, figsize=(5, 7), layout="constrained")
    for panel, work in zip(panels, ("receive", "send")):
        axes_of(panel, f"{work.capitalize()} a message: CPU time, ns", "bytes of the message")
        for peer, color, style in (("raw", BARE, "--"), ("cpwebsockets", OURS, "-")):
            rows = results["sizes"][work][peer]
            panel.plot([int(size) for size in rows], [value * 1e9 for value in rows.values()], style, color=color, marker=".", label="bare sockets" if peer == "raw" else peer)
        panel.legend(frameon=False)
    figure.savefig(folder / "scaling_sizes.svg", metadata={"Date": None})
    pyplot.close(figure)
    figure, panels = pyplot.subplots(len(STEPS), figsize=(5, 3 * len(STEPS)), layout="constrained")
    for panel, (work, title) in zip(panels, STEPS):
        axes_of(panel, title + ": ns", work)
        rows = results[work]
        values = [row["cpu"] * 1e9 for row in rows.values()]
        panel.plot([int(number) for number in rows], values, color=OURS, marker="o")
        panel.set_ylim(min(values) / 5, max(values) * 5)
    figure.savefig(folder / "scaling_steps.svg", metadata={"Date": None})
    pyplot.close(figure)


def size_table(results):
    lines = ["| bytes | receive | by bare sockets | send | by bare sockets |", "|---|---:|---:|---:|---:|"]
    sizes = results["sizes"]
    for size in sizes["receive"]["cpwebsockets"]:
        cells = [shown(int(size))]
        for work in ("receive", "send"):
            ours, bare = sizes[work]["cpwebsockets"][size] * 1e9, sizes[work]["raw"][size] * 1e9
            cells += [f"{ours:,.0f}", f"{ours / bare:.2f}"]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def step_table(rows, label):
    opening = label == "connections"
    lines = [f"| {label} | CPU time, ns |" + (" opening, ns |" if opening else ""), "|---:|---:|" + ("---:|" if opening else "")]
    for number, row in rows.items():
        lines.append(f"| {int(number):,} | {row['cpu'] * 1e9:,.0f} |" + (f" {row['opening'] * 1e9:,.0f} |" if opening else ""))
    return "\n".join(lines)


def write(results, folder):
    charts(results, folder)
    parts = ["""# Scaling

How the cost of the blocking client grows. `./dev bench` measures it and writes this page, beside [the comparison](benchmarks.md) and on
the same machine. All figures are CPU time of the client, in nanoseconds, the median of three runs. The scales of the charts are
logarithmic.

## Size of a message, 1 B to 64 MiB

![CPU time by size](scaling_sizes.svg)

A small message costs what a call costs, a large one what its bytes cost. When sending, the line bends where the bytes become dearer than
the system call. When receiving, small messages share one system call. From 16 MiB on each byte costs more, with bare sockets too: the
message no longer fits the processor's caches.
""", size_table(results), """## Connections, threads, fragments

Every message, fragment and piece has 16 B.

![CPU time by number](scaling_steps.svg)
"""]
    notes = {
        "connections": "Connections share nothing but the TLS context, so their number changes nothing. Every connection has one descriptor.",
        "threads": "Senders take turns on one lock, which is held for the time of the system call. More threads do not make one connection faster; waiting for the "
                   "lock costs a change of threads at times.",
        "fragments": "A message that fits the receive buffer (64 KiB: 3,640 fragments of 16 B) is joined where it lies. A larger one is copied, fragment by "
                     "fragment, to memory of its own: that is the step.",
        "pieces": "Each piece leaves at once, as a frame and a system call of its own; a message of one piece is two frames, as its end is sent when `finish()` is called.",
    }
    for work, title in STEPS:
        parts += [f"### {title}", textwrap.fill(notes[work], 135), step_table(results[work], work)]
    (folder / "scaling.md").write_text("\n\n".join(part.strip() for part in parts) + "\n")
