#pragma once
#include <stdint.h>
#define CYW43_AUTH_WPA2_AES_PSK 0x00400004
extern "C" {
int cyw43_arch_init(void);
void cyw43_arch_enable_sta_mode(void);
int cyw43_arch_wifi_connect_timeout_ms(const char* ssid, const char* password, uint32_t auth,
                                       uint32_t timeout_ms);
void cyw43_arch_lwip_begin(void);
void cyw43_arch_lwip_end(void);
}
