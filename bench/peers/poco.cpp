// Poco: frames, whose text it does not check.
#include <Poco/Net/Context.h>
#include <Poco/Net/HTTPClientSession.h>
#include <Poco/Net/HTTPRequest.h>
#include <Poco/Net/HTTPResponse.h>
#include <Poco/Net/HTTPSClientSession.h>
#include <Poco/Net/WebSocket.h>
#include <Poco/Version.h>

#include <memory>
#include <vector>

#include "work.hpp"

namespace {

using namespace Poco::Net;

std::unique_ptr<HTTPClientSession> make_session(const Work& work, const Context::Ptr& tls) {
  const auto port = static_cast<Poco::UInt16>(std::stoi(work.port));
  if (work.tls) return std::make_unique<HTTPSClientSession>(work.host, port, tls);
  return std::make_unique<HTTPClientSession>(work.host, port);
}

WebSocket open(const Work& work, HTTPClientSession& session) {
  HTTPRequest request(HTTPRequest::HTTP_GET, work.path, HTTPMessage::HTTP_1_1);
  HTTPResponse response;
  return WebSocket(session, request, response);
}

}  // namespace

int main(int argc, char** argv) try {
  const Work work = parse(argc, argv);
  if (work.batches()) Meter::cannot();
  const std::string version = std::to_string(POCO_VERSION >> 24) + "." +
                              std::to_string(POCO_VERSION >> 16 & 0xFF) + "." +
                              std::to_string(POCO_VERSION >> 8 & 0xFF);
  Context::Ptr tls;
  if (work.tls) {
    initializeSSL();
    tls = new Context(Context::TLS_CLIENT_USE, "", "", work.ca, Context::VERIFY_RELAXED);
  }
  std::vector<char> block(std::max<std::size_t>(work.size, 125));
  int flags = 0;
  if (work.connects()) {
    const Meter meter;
    for (std::size_t i = 0; i < work.count; ++i) {
      const auto session = make_session(work, tls);
      WebSocket ws = open(work, *session);
      ws.shutdown();
      ws.receiveFrame(block.data(), static_cast<int>(block.size()), flags);
    }
    meter.report(work, "Poco", version, 0);
  }
  const auto session = make_session(work, tls);
  WebSocket ws = open(work, *session);
  ws.setNoDelay(true);
  std::size_t received = 0;
  const Meter meter;
  for (std::size_t i = 0; i < work.count; ++i) {
    if (work.sends())
      ws.sendFrame(work.message.data(), static_cast<int>(work.size),
                   work.is_text() ? WebSocket::FRAME_TEXT : WebSocket::FRAME_BINARY);
    if (work.receives()) {
      const int size = ws.receiveFrame(block.data(), static_cast<int>(block.size()), flags);
      if (size <= 0) break;
      received += static_cast<std::size_t>(size);
    }
  }
  meter.report(work, "Poco", version, received);
} catch (const Poco::Exception& error) {
  std::fprintf(stderr, "%s\n", error.displayText().c_str());
  return 1;
}
