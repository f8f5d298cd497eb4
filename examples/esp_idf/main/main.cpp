// Echoes over wss:// from an ESP32, and connects again whenever the connection ends. lwIP runs in a task of
// its own: the lock keeps it out while the client uses it, call by call.
#include <esp_event.h>
#include <esp_log.h>
#include <esp_netif.h>
#include <esp_random.h>
#include <esp_timer.h>
#include <freertos/FreeRTOS.h>
#include <freertos/task.h>
#include <lwip/tcpip.h>
#include <nvs_flash.h>
#include <protocol_examples_common.h>

#include <cpwebsockets/lwip/secure_client.hpp>

namespace {

using namespace cpwebsockets;

constexpr const char* tag = "echo";
constexpr const char* url = "wss://ws.postman-echo.com/raw";

extern "C" const std::byte ca_begin[] asm("_binary_ca_pem_start");
extern "C" const std::byte ca_end[] asm("_binary_ca_pem_end");  // behind the NUL that EMBED_TXTFILES adds

bool fill_random(void*, std::span<std::byte> out) noexcept {
  esp_fill_random(out.data(), out.size());
  return true;
}

protocol::Time now() noexcept {
  return protocol::Time(std::chrono::microseconds(esp_timer_get_time()));
}

mbedtls::TlsConfig tls;
lwip::SecureClient<CONFIG_CPWEBSOCKETS_RECEIVE_BUFFER, CONFIG_CPWEBSOCKETS_SEND_BUFFER> ws(
    {.random = {&fill_random}}, tls, {[] { LOCK_TCPIP_CORE(); }, [] { UNLOCK_TCPIP_CORE(); }});

bool greets = false;  // as soon as there is room in the send buffer

void on(const protocol::Event& event) noexcept {
  if (std::holds_alternative<protocol::Opened>(event)) {
    greets = true;
  } else if (const auto* part = std::get_if<protocol::MessagePart>(&event)) {
    ESP_LOGI(tag, "%.*s", static_cast<int>(part->bytes.size()),
             reinterpret_cast<const char*>(part->bytes.data()));
  } else if (const auto* closed = std::get_if<protocol::Closed>(&event)) {
    ESP_LOGW(tag, "closed with %d: %s (%d)", to_integer(closed->info.code()), ws.describe_end().data(),
             ws.pipe_failure().native);
  }
}

}  // namespace

extern "C" void app_main() {
  ESP_ERROR_CHECK(nvs_flash_init());
  ESP_ERROR_CHECK(esp_netif_init());
  ESP_ERROR_CHECK(esp_event_loop_create_default());
  ESP_ERROR_CHECK(example_connect());
  if (const int error = tls.set_up({.ca = {ca_begin, ca_end}, .entropy = {&fill_random}}); error != 0) {
    ESP_LOGE(tag, "TLS: -0x%04X", static_cast<unsigned>(-error));
    return;
  }

  protocol::Time next_try = now();
  for (;;) {
    if (!ws.is_busy() && now() >= next_try) {
      next_try = now() + std::chrono::seconds(5);
      if (const auto error = ws.connect(url, now()); error != protocol::Error::none) {
        ESP_LOGE(tag, "%s", protocol::describe(error).data());
      }
    }
    const protocol::Event event = ws.poll(now());
    on(event);
    if (greets) greets = ws.send("Hello from an ESP32") == protocol::Result::would_block;
    if (event.index() == 0 && ws.next_deadline() > now()) vTaskDelay(1);
  }
}
