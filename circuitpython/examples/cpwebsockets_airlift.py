"""The same as cpwebsockets_simpletest, on a board whose network is an AirLift: a PyPortal, a Metro M4 AirLift, or a FeatherWing.
TLS is done by the co-processor. Needs adafruit_esp32spi and adafruit_connection_manager."""
import os

import adafruit_connection_manager
import board
from adafruit_esp32spi.adafruit_esp32spi import ESP_SPIcontrol
from digitalio import DigitalInOut

import cpwebsockets.client

URL = os.getenv("WEBSOCKET_URL") or "wss://ws.postman-echo.com/raw"

esp = ESP_SPIcontrol(board.SPI(), DigitalInOut(board.ESP_CS), DigitalInOut(board.ESP_BUSY), DigitalInOut(board.ESP_RESET))
if not esp.is_connected:
    esp.connect_AP(os.getenv("CIRCUITPY_WIFI_SSID"), os.getenv("CIRCUITPY_WIFI_PASSWORD"))
pool = adafruit_connection_manager.get_radio_socketpool(esp)
context = adafruit_connection_manager.get_radio_ssl_context(esp)

with cpwebsockets.client.connect(URL, pool, ssl_context=context, timeout=10) as ws:
    print("Connected to", URL)
    ws.send("The quick brown fox jumps over the lazy dog")
    print("Received", ws.recv())
print("Closed with code", ws.close_code)
