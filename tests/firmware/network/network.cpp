#include "network.hpp"

#include <lwip/dhcp.h>
#include <lwip/dns.h>
#include <lwip/etharp.h>
#include <lwip/init.h>
#include <lwip/netif.h>
#include <lwip/timeouts.h>
#include <netif/ethernet.h>

#include <array>

#include "../board/board.hpp"
#include "ethernet.hpp"

extern "C" {
u32_t sys_now() {
  return static_cast<u32_t>(
      std::chrono::duration_cast<std::chrono::milliseconds>(board::now().time_since_epoch()).count());
}

unsigned board_random_word() {
  unsigned word = 0;
  board::fill_random(nullptr, std::as_writable_bytes(std::span(&word, 1)));
  return word;
}

void board_assertion_failed(const char* what) {
  board::print_line("lwIP: ", std::string_view(what));
  board::exit(103);
}
}

namespace board {
namespace {

netif the_interface;
std::array<std::uint8_t, 1518> frame;  // going either way

err_t send_pbuf(netif*, pbuf* bytes) {
  const u16_t size = pbuf_copy_partial(bytes, frame.data(), static_cast<u16_t>(frame.size()), 0);
  send_frame(std::span(frame).first(size));
  return ERR_OK;
}

err_t init_interface(netif* interface) {
  interface->name[0] = 'e';
  interface->name[1] = 'n';
  interface->output = &etharp_output;
  interface->linkoutput = &send_pbuf;
  interface->mtu = 1500;
  interface->hwaddr_len = mac_address.size();
  std::copy(mac_address.begin(), mac_address.end(), interface->hwaddr);
  interface->flags = NETIF_FLAG_BROADCAST | NETIF_FLAG_ETHARP | NETIF_FLAG_ETHERNET | NETIF_FLAG_LINK_UP;
  start_ethernet();
  return ERR_OK;
}

}  // namespace

bool start_network(std::chrono::milliseconds timeout) noexcept {
  lwip_init();
  if (netif_add(&the_interface, nullptr, nullptr, nullptr, nullptr, &init_interface, &ethernet_input) ==
      nullptr) {
    return false;
  }
  netif_set_default(&the_interface);
  netif_set_up(&the_interface);
  if (dhcp_start(&the_interface) != ERR_OK) return false;
  for (const auto end = now() + timeout; dhcp_supplied_address(&the_interface) == 0;) {
    if (now() > end) return false;
    poll_network();
  }
#if LWIP_DNS
  const ip_addr_t name_server = IPADDR4_INIT_BYTES(10, 0, 2, 3);
  dns_setserver(0, &name_server);  // QEMU's DHCP names none where it lets nothing out
#endif
  return true;
}

void poll_network() noexcept {
  const std::size_t size = receive_frame(frame);
  if (size == 0) {
    idle();
  } else if (pbuf* const bytes = pbuf_alloc(PBUF_RAW, static_cast<u16_t>(size), PBUF_POOL);
             bytes != nullptr) {
    pbuf_take(bytes, frame.data(), static_cast<u16_t>(size));
    if (the_interface.input(bytes, &the_interface) != ERR_OK) pbuf_free(bytes);
  }
  sys_check_timeouts();
}

}  // namespace board
