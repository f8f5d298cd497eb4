// libwebsockets, by its callbacks.
#include <libwebsockets.h>

#include <cstring>
#include <optional>
#include <vector>

#include "work.hpp"

namespace {

struct Program {
  Work work;
  lws_context* context = nullptr;
  std::optional<Meter> meter;
  std::vector<unsigned char> frame;  // room for a header, and the message
  std::size_t messages = 0;
  std::size_t received = 0;
  bool connect_next = true;
};
Program program;

[[noreturn]] void finish() {
  program.meter->report(program.work, "libwebsockets", LWS_LIBRARY_VERSION, program.received);
}

int on_event(lws* wsi, lws_callback_reasons reason, void*, void* in, size_t size) {
  const Work& work = program.work;
  switch (reason) {
    case LWS_CALLBACK_CLIENT_CONNECTION_ERROR:
      std::fprintf(stderr, "%s\n", in != nullptr ? static_cast<const char*>(in) : "failed");
      std::exit(1);
    case LWS_CALLBACK_CLIENT_ESTABLISHED:
      if (!work.connects()) program.meter.emplace();
      if (work.sends() || work.connects()) lws_callback_on_writable(wsi);
      break;
    case LWS_CALLBACK_CLIENT_CLOSED:
      if (!work.connects()) std::exit(1);
      if (++program.messages == work.count) finish();
      program.connect_next = true;
      break;
    case LWS_CALLBACK_CLIENT_RECEIVE:
      program.received += size;
      if (!lws_is_final_fragment(wsi) || lws_remaining_packet_payload(wsi) > 0) break;
      if (++program.messages == work.count) finish();
      if (work.echoes()) lws_callback_on_writable(wsi);
      break;
    case LWS_CALLBACK_CLIENT_WRITEABLE:
      if (work.connects()) {
        lws_close_reason(wsi, LWS_CLOSE_STATUS_NORMAL, nullptr, 0);
        return -1;
      }
      if (!work.sends()) break;
      std::memcpy(program.frame.data() + LWS_PRE, work.message.data(), work.size);  // it masks in place
      if (lws_write(wsi, program.frame.data() + LWS_PRE, work.size,
                    work.is_text() ? LWS_WRITE_TEXT : LWS_WRITE_BINARY) < 0)
        std::exit(1);
      if (work.echoes()) break;
      if (++program.messages == work.count) finish();
      lws_callback_on_writable(wsi);
      break;
    default:
      break;
  }
  return 0;
}

void connect() {
  lws_client_connect_info info{};
  info.context = program.context;
  info.address = program.work.host.c_str();
  info.host = info.address;
  info.port = std::stoi(program.work.port);
  info.path = program.work.path.c_str();
  info.ssl_connection = program.work.tls ? LCCSCF_USE_SSL : 0;
  info.protocol = nullptr;
  info.local_protocol_name = "work";
  if (lws_client_connect_via_info(&info) == nullptr) std::exit(1);
}

}  // namespace

int main(int argc, char** argv) {
  program.work = parse(argc, argv);
  if (program.work.batches()) Meter::cannot();
  program.frame.resize(LWS_PRE + program.work.size);
  lws_set_log_level(LLL_ERR, nullptr);
  const lws_protocols protocols[] = {{"work", on_event, 0, 64U << 10, 0, nullptr, 0}, {}};
  lws_context_creation_info info{};
  info.port = CONTEXT_PORT_NO_LISTEN;
  info.protocols = protocols;
  info.options = LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT;
  if (program.work.is_text()) info.options |= LWS_SERVER_OPTION_VALIDATE_UTF8;
  if (!program.work.ca.empty()) info.client_ssl_ca_filepath = program.work.ca.c_str();
  program.context = lws_create_context(&info);
  if (program.work.connects()) program.meter.emplace();
  while (true) {
    if (program.connect_next) {
      program.connect_next = false;
      connect();
    }
    if (lws_service(program.context, 0) < 0) return 1;
  }
}
