#include "hints.hpp"

#include <cpwebsockets/transport/tls_error.hpp>

#include "printable.hpp"

namespace cpws {
namespace {

using cpwebsockets::protocol::Error;
using cpwebsockets::transport::TlsError;

bool is_about_trust(const std::error_code& code) {
  const std::string words = code.message();
  return words.find("issuer certificate") != std::string::npos ||
         words.find("self-signed") != std::string::npos;
}

}  // namespace

std::string hint_for(const cpwebsockets::Failure& failure) {
  if (failure.code == Error::message_too_big) return " (--max-message takes larger ones)";
  if (failure.code == Error::handshake_timeout || failure.code == std::errc::timed_out)
    return " (--timeout waits longer)";
  if (failure.code == Error::subprotocol_not_offered) return " (--subprotocol offers it)";
  if (failure.code == Error::extension_not_offered) return " (--compress offers permessage-deflate)";
  if (failure.refusal.status == 401) return " (--header 'Authorization: ...' sends credentials)";
  if (failure.code == Error::not_http) return " (is it a wss:// port?)";
  if (failure.code == Error::keepalive_timeout) return " (--ping-interval waits longer)";
  if (failure.code == TlsError::protocol &&
      failure.sentence.find("wrong version number") != std::string::npos)
    return " (is it a ws:// port?)";
  if (failure.code.category() == cpwebsockets::transport::tls_category() && is_about_trust(failure.code))
    return " (--cacert names a file of CAs to trust)";
  const std::string_view location = failure.refusal.header("Location");
  if (failure.refusal.status / 100 == 3 && !location.empty())
    return " (it moved to " + printable(location, false) + ")";
  return {};
}

}  // namespace cpws
