// Echoes over ws://, and connects again whenever the connection ends. For boards with WiFi.h: ESP32, Pico W, and their kind.
#include <WiFi.h>
#include <cpwebsockets.h>

using namespace cpwebsockets;

const char* const ssid = "...";
const char* const password = "...";
const char* const url = "ws://192.168.1.10:8080/";

// Masking keys must be unpredictable (RFC 6455 §10.3): use your board's true source.
bool fillRandom(void*, std::span<std::byte> out) noexcept {
#if defined(ESP32)
  esp_fill_random(out.data(), out.size());
  return true;
#elif defined(ARDUINO_ARCH_RP2040)
  for (std::byte& byte : out) byte = static_cast<std::byte>(rp2040.hwrand32());
  return true;
#else
  return false;  // none is known here: put yours in
#endif
}

// Milliseconds, beyond the 49 days after which millis() starts anew.
protocol::Time now() noexcept {
  static std::uint32_t last = 0;
  static std::uint32_t wraps = 0;
  const std::uint32_t ms = millis();
  if (ms < last) ++wraps;
  last = ms;
  return protocol::Time(std::chrono::milliseconds(std::int64_t{wraps} << 32 | ms));
}

WiFiClient tcp;
arduino::ClientPipe pipe(tcp);
device::BufferedClient<1024, 1024> ws(pipe, {.random = {&fillRandom}});
protocol::Time nextTry;
bool greets = false;  // as soon as there is room in the send buffer

void setup() {
  Serial.begin(115200);
  WiFi.begin(ssid, password);
  while (WiFi.status() != WL_CONNECTED) delay(100);
}

void loop() {
  if (!ws.is_busy() && now() >= nextTry) {
    nextTry = now() + std::chrono::seconds(5);
    const protocol::Error error = ws.connect(url, now());
    if (error != protocol::Error::none) Serial.println(protocol::describe(error).data());
  }
  const protocol::Event event = ws.poll(now());
  if (std::holds_alternative<protocol::Opened>(event)) {
    greets = true;
  } else if (const auto* part = std::get_if<protocol::MessagePart>(&event)) {
    Serial.write(reinterpret_cast<const std::uint8_t*>(part->bytes.data()), part->bytes.size());
    if (part->last) Serial.println();
  } else if (std::holds_alternative<protocol::Closed>(event)) {
    Serial.println(ws.describe_end().data());
  }
  if (greets) greets = ws.send("Hello from an Arduino") == protocol::Result::would_block;
}
