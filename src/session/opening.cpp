// The opening handshake: options to a request, the answer to a connection or a refusal.
#include <vector>

#include "session.hpp"

namespace cpwebsockets {

bool Session::open(const protocol::Url& url, protocol::Time now) {
  std::vector<protocol::Header> headers;
  for (const auto& [name, value] : options_.headers) headers.push_back({name, value});
  std::vector<std::string_view> subprotocols(options_.subprotocols.begin(), options_.subprotocols.end());

  protocol::Request request = protocol::Request::to(url);
  // RFC 6874 §3: a zone means something on this machine alone.
  std::string authority(url.authority);
  if (const std::size_t zone = authority.find('%'); zone != std::string::npos) {
    authority.erase(zone, authority.find(']') - zone);
    request.host = authority;
  }
  request.origin = options_.origin;
  request.headers = headers;
  offered_subprotocols_ = std::move(subprotocols);  // the core looks at them until the answer has come
  request.subprotocols = offered_subprotocols_;
  poll(now);
  if (const protocol::Error error = connection_.open(request); error != protocol::Error::none) {
    story_.fail(Step::handshake, error);
    return false;
  }
  return true;
}

Next Session::await_opening() {
  while (!has_ended()) {
    const protocol::Event event = connection_.next_event();
    if (const auto* opened = std::get_if<protocol::Opened>(&event)) {
      subprotocol_ = opened->subprotocol;
      extensions_ = opened->extensions;
      offered_subprotocols_ = {};
      return Next::done;
    }
    if (const auto* refused = std::get_if<protocol::Refused>(&event)) note_refusal(*refused);
    if (!on_event(event)) return Next::input;
  }
  return Next::done;
}

void Session::note_refusal(const protocol::Refused& refused) {
  Refusal refusal;
  refusal.status = refused.status;
  refusal.body = refused.body;
  protocol::HeaderBlock headers = refused.headers;
  for (protocol::Header header; headers.next(header);) {
    refusal.headers.emplace_back(std::string(header.name), std::string(header.value));
  }
  story_.refused(std::move(refusal));
}

}  // namespace cpwebsockets
