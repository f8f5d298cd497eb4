// Echoes over wss:// from a Raspberry Pi Pico W, and connects again whenever the connection ends. In
// background mode lwIP runs in an interrupt: the lock keeps it out while the client uses it, call by call.
#include <lwip/netif.h>
#include <pico/cyw43_arch.h>
#include <pico/rand.h>
#include <pico/stdlib.h>

#include <cpwebsockets/lwip/secure_client.hpp>
#include <cstdio>
#include <cstring>

namespace {

using namespace cpwebsockets;

constexpr const char* url = "wss://ws.postman-echo.com/raw";

// The CA that signs the server's certificate, in PEM: put the one of your server here.
constexpr char ca[] = R"(-----BEGIN CERTIFICATE-----
...
-----END CERTIFICATE-----
)";

bool fill_random(void*, std::span<std::byte> out) noexcept {
  while (!out.empty()) {
    const std::uint64_t word = get_rand_64();
    const std::size_t size = std::min(out.size(), sizeof word);
    std::memcpy(out.data(), &word, size);
    out = out.subspan(size);
  }
  return true;
}

protocol::Time now() noexcept {
  return protocol::Time(std::chrono::microseconds(to_us_since_boot(get_absolute_time())));
}

mbedtls::TlsConfig tls;
lwip::SecureClient<1024, 1024> ws({.random = {&fill_random}}, tls,
                                  {&cyw43_arch_lwip_begin, &cyw43_arch_lwip_end});

bool greets = false;  // as soon as there is room in the send buffer

void on(const protocol::Event& event) noexcept {
  if (std::holds_alternative<protocol::Opened>(event)) {
    greets = true;
  } else if (const auto* part = std::get_if<protocol::MessagePart>(&event)) {
    std::printf("%.*s%s", static_cast<int>(part->bytes.size()),
                reinterpret_cast<const char*>(part->bytes.data()), part->last ? "\n" : "");
  } else if (const auto* closed = std::get_if<protocol::Closed>(&event)) {
    const std::string_view sentence = ws.describe_end();
    std::printf("closed with %d: %.*s (%d)\n", to_integer(closed->info.code()),
                static_cast<int>(sentence.size()), sentence.data(), ws.pipe_failure().native);
  }
}

}  // namespace

int main() {
  stdio_init_all();
  if (cyw43_arch_init() != 0) return 1;
  cyw43_arch_enable_sta_mode();
  while (cyw43_arch_wifi_connect_timeout_ms(WIFI_SSID, WIFI_PASSWORD, CYW43_AUTH_WPA2_AES_PSK, 30'000) != 0) {
    std::printf("no Wi-Fi yet\n");
  }
  if (const int error = tls.set_up({.ca = std::as_bytes(std::span(ca)), .entropy = {&fill_random}});
      error != 0) {
    std::printf("TLS: -0x%04X\n", static_cast<unsigned>(-error));
    return 1;
  }

  protocol::Time next_try = now();
  for (;;) {
    if (!ws.is_busy() && now() >= next_try) {
      next_try = now() + std::chrono::seconds(5);
      if (const auto error = ws.connect(url, now()); error != protocol::Error::none) {
        std::printf("%s\n", protocol::describe(error).data());
      }
    }
    const protocol::Event event = ws.poll(now());
    on(event);
    if (greets) greets = ws.send("Hello from a Pico W") == protocol::Result::would_block;
    if (event.index() == 0 && ws.next_deadline() > now()) sleep_ms(1);
  }
}
