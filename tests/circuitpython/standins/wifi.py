"""Stands in for CircuitPython's wifi: a radio that is connected."""


class Radio:
    connected = True

    def connect(self, ssid, password):
        pass


radio = Radio()
