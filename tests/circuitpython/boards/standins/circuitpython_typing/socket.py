"""Names for annotations only."""
CircuitPythonSocketType = InterfaceType = SocketpoolModuleType = SocketType = SSLContextType = None
