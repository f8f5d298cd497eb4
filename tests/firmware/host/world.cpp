#include "world.hpp"

#include <lwip/dns.h>
#include <lwip/init.h>
#include <lwip/netif.h>
#include <lwip/sys.h>
#include <lwip/timeouts.h>
#include <lwip/udp.h>

#include <array>
#include <cstring>

namespace {

std::uint32_t clock_ms = 1;

struct Query {
  std::string packet;
  std::string name;
  host::Record type;
  ip_addr_t from;
  std::uint16_t port;
};

std::vector<Query> queries;
udp_pcb* dns_socket;
std::array<netif, 3> interfaces;

ip_addr_t parse(const char* text) {
  ip_addr_t address;
  if (ipaddr_aton(text, &address) == 0) std::abort();
  return address;
}

std::uint16_t word_at(const std::string& packet, std::size_t at) {
  return static_cast<std::uint16_t>(static_cast<unsigned char>(packet[at]) << 8 |
                                    static_cast<unsigned char>(packet[at + 1]));
}

void on_query(void*, udp_pcb*, pbuf* bytes, const ip_addr_t* from, u16_t port) {
  Query query{std::string(bytes->tot_len, '\0'), {}, {}, *from, port};
  pbuf_copy_partial(bytes, query.packet.data(), bytes->tot_len, 0);
  pbuf_free(bytes);
  std::size_t at = 12;
  for (std::size_t size; (size = static_cast<unsigned char>(query.packet[at])) != 0; at += size + 1) {
    if (!query.name.empty()) query.name += '.';
    query.name += query.packet.substr(at + 1, size);
  }
  query.type = static_cast<host::Record>(word_at(query.packet, at + 1));
  queries.push_back(query);
}

std::string reply_to(const Query& query, const char* address) {
  const auto word = [](unsigned value) {
    return std::string{static_cast<char>(value >> 8), static_cast<char>(value)};
  };
  std::string reply = query.packet.substr(0, 2) + word(address != nullptr ? 0x8180 : 0x8183) + word(1) +
                      word(address != nullptr ? 1 : 0) + word(0) + word(0) + query.packet.substr(12);
  if (address == nullptr) return reply;
  const ip_addr_t ip = parse(address);
  const std::size_t size = IP_IS_V6(&ip) ? 16 : 4;
  const void* raw = IP_IS_V6(&ip) ? static_cast<const void*>(ip_2_ip6(&ip)->addr)
                                  : static_cast<const void*>(&ip_2_ip4(&ip)->addr);
  reply += word(0xC00C) + word(static_cast<unsigned>(query.type)) + word(1) + word(0) + word(60) +
           word(static_cast<unsigned>(size)) + std::string(static_cast<const char*>(raw), size);
  return reply;
}

err_t lose(netif*, pbuf*, const ip4_addr_t*) {
  return ERR_OK;
}
err_t lose_6(netif*, pbuf*, const ip6_addr_t*) {
  return ERR_OK;
}

err_t init_interface(netif* interface) {
  interface->name[0] = 't';
  interface->name[1] = 'e';
  interface->mtu = 1500;
  interface->output = &lose;
  interface->output_ip6 = &lose_6;
  interface->flags = NETIF_FLAG_LINK_UP;
  return ERR_OK;
}

}  // namespace

extern "C" u32_t sys_now() {
  return clock_ms;
}

namespace host {

void start() {
  static bool is_started = false;
  if (!is_started) {
    lwip_init();
    const std::array<const char*, 3> addresses{dns_server, good_address, other_address};
    const ip4_addr_t mask = *ip_2_ip4(std::array{parse("255.255.255.0")}.data());
    for (std::size_t i = 0; i < interfaces.size(); ++i) {
      const ip_addr_t address = parse(addresses[i]);
      netif_add(&interfaces[i], ip_2_ip4(&address), &mask, ip_2_ip4(&address), nullptr, &init_interface,
                &ip_input);
      netif_set_up(&interfaces[i]);
    }
    const ip_addr_t address_6 = parse(good_address_6);
    netif_ip6_addr_set(&interfaces[1], 1, ip_2_ip6(&address_6));
    netif_ip6_addr_set_state(&interfaces[1], 1, IP6_ADDR_PREFERRED);
    dns_socket = udp_new();
    const ip_addr_t server = parse(dns_server);
    udp_bind(dns_socket, &server, 53);
    udp_recv(dns_socket, &on_query, nullptr);
    dns_setserver(0, &server);
    is_started = true;
  }
  // Names that an earlier test asked for are given up, or their time to live is over.
  pass(120'000);
  queries.clear();
}

void pump() {
  for (int i = 0; i < 20; ++i) netif_poll_all();
  sys_check_timeouts();
  for (int i = 0; i < 20; ++i) netif_poll_all();
}

void pass(int milliseconds) {
  for (; milliseconds > 0; milliseconds -= 50) {
    clock_ms += 50;
    pump();
  }
}

bool is_asked_for(std::string_view name, Record type) {
  for (int i = 0; i < 200; ++i) {
    for (const Query& query : queries) {
      if (query.name == name && query.type == type) return true;
    }
    pass(50);
  }
  return false;
}

void answer(std::string_view name, const char* address, Record type) {
  std::vector<Query> waiting;
  std::swap(waiting, queries);
  for (const Query& query : waiting) {
    if (query.name != name || query.type != type) {
      queries.push_back(query);
      continue;
    }
    const std::string reply = reply_to(query, address);
    pbuf* const bytes = pbuf_alloc(PBUF_TRANSPORT, static_cast<u16_t>(reply.size()), PBUF_RAM);
    pbuf_take(bytes, reply.data(), static_cast<u16_t>(reply.size()));
    udp_sendto(dns_socket, bytes, &query.from, query.port);
    pbuf_free(bytes);
  }
  pump();
}

cpwebsockets::device::PipeState open_of(cpwebsockets::device::Pipe& pipe, int milliseconds) {
  for (;; milliseconds -= 50) {
    pump();
    const auto state = pipe.poll();
    if (state != cpwebsockets::device::PipeState::opening || milliseconds <= 0) return state;
    pass(50);
  }
}

// --- Server ---

Server::Server(const char* address, std::uint16_t port) {
  const ip_addr_t at = parse(address);
  tcp_pcb* const pcb = tcp_new_ip_type(IP_GET_TYPE(&at));
  if (tcp_bind(pcb, &at, port) != ERR_OK) std::abort();
  listener_ = tcp_listen(pcb);
  tcp_arg(listener_, this);
  tcp_accept(listener_, &on_accepted);
}

Server::~Server() {
  tcp_close(listener_);
  reset();
}

void Server::send(std::string_view text) {
  tcp_write(connection_, text.data(), static_cast<u16_t>(text.size()), TCP_WRITE_FLAG_COPY);
  tcp_output(connection_);
}

void Server::reset() {
  if (connection_ == nullptr) return;
  tcp_err(connection_, nullptr);
  tcp_abort(connection_);
  connection_ = nullptr;
}

err_t Server::on_accepted(void* self, tcp_pcb* pcb, err_t) {
  auto& server = *static_cast<Server*>(self);
  server.reset();
  ++server.accepted;
  server.connection_ = pcb;
  tcp_arg(pcb, self);
  tcp_recv(pcb, &on_received);
  tcp_err(pcb, &on_error);
  return ERR_OK;
}

err_t Server::on_received(void* self, tcp_pcb* pcb, pbuf* bytes, err_t) {
  auto& server = *static_cast<Server*>(self);
  if (bytes == nullptr) {
    ++server.ended;
    return ERR_OK;
  }
  std::string text(bytes->tot_len, '\0');
  pbuf_copy_partial(bytes, text.data(), bytes->tot_len, 0);
  server.received += text;
  if (server.is_reading_) tcp_recved(pcb, bytes->tot_len);
  pbuf_free(bytes);
  return ERR_OK;
}

void Server::on_error(void* self, err_t) {
  static_cast<Server*>(self)->connection_ = nullptr;
}

}  // namespace host
