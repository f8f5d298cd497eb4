// Names with a dot, which are not found by the scan.
Q(cpwebsockets.client)
Q(cpwebsockets.protocol)
