"""Runs the server's side of a case, and says what is wrong with what a client did and reported."""
from hostile_server import Peer


def serve(case, connection, peers, problems):
    """The server's side: what goes wrong is appended to `problems`."""
    try:
        peer = Peer(connection)
        peers.append(peer)
        case.serve(peer)
        peer.read_frames(until_close=False, timeout=0.2) if connection.fileno() >= 0 else None
    except Exception as error:  # whatever the script raises is a finding
        problems.append(f"server: {error!r}")


def judge(case, lines, peer, sentences):
    """What is wrong with `lines`, which the client reported, and with what `peer` saw, as lines."""
    problems = []
    end = next((i for i, line in enumerate(lines) if line.startswith("end ")), None)
    if end is None:
        return ["no end was reported", *lines]
    if lines[:end] != case.events:
        problems.append(f"events {lines[:end]}, expected {case.events}")
    failure = next((line for line in lines[end:] if line.startswith("failure ")), "")
    if case.failure and (case.failure not in failure if sentences else not failure):
        problems.append(f"reported {failure!r}, expected {case.failure!r}")
    if not case.failure and "clean=1" not in lines[end]:
        problems.append(f"not a clean end: {lines[end:]}")
    # "refusal STATUS FIELDS BODY": not all clients have the body.
    refusal = next((line.split(" ", 3) for line in lines[end:] if line.startswith("refusal ")), None)
    if case.refusal and refusal and f"{refusal[1]} {refusal[3]}" != case.refusal:
        problems.append(f"refusal {refusal}, expected {case.refusal!r}")
    if peer.close_code() != case.code:
        problems.append(f"close code {peer.close_code()}, expected {case.code}")
    if case.check:
        try:
            case.check(peer)
        except Exception as error:
            problems.append(f"check: {error!r}")
    return problems
