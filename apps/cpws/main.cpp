// cpws: talk to a WebSocket server, pipe through it, trace it; `cpws serve` is an echo server.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <functional>
#include <iostream>
#include <string>
#include <utility>
#include <vector>

#include "echo_server.hpp"
#include "standard_streams.hpp"
#include "talk.hpp"

namespace {

constexpr const char* footer =
    "SECONDS may have a fraction; 'none' is no limit.\n\n"
    "Exit codes:\n"
    "  0    the connection was closed cleanly, with code 1000, 1001 or none\n"
    "  1    wrong usage\n"
    "  2    no connection: URL, name, TCP, TLS or handshake failed\n"
    "  3    the connection ended without a clean closing handshake\n"
    "  4    the server closed with another code\n"
    "  5    a line was not sent, or stdin cannot be read\n"
    "  6    stdout cannot be written to\n"
    "  130  a second Ctrl-C\n";

// "Name: value" to its two parts.
std::pair<std::string, std::string> split_header(const std::string& text) {
  const std::size_t colon = text.find(':');
  if (colon == std::string::npos)
    throw CLI::ValidationError("--header", "expects 'Name: value', got '" + text + "'");
  const std::size_t value = text.find_first_not_of(" \t", colon + 1);
  return {text.substr(0, colon), value == std::string::npos ? std::string() : text.substr(value)};
}

// A time in seconds, at least `least`, or 'none' for no limit.
void add_time(CLI::App& app, const std::string& names, double least, const std::string& description,
              std::function<void(std::chrono::milliseconds)> set) {
  app.add_option_function<std::string>(
         names,
         [names, least, set = std::move(set)](const std::string& text) {
           double seconds = 0;
           if (text == "none") {
             set(cpwebsockets::no_limit);
           } else if (CLI::detail::lexical_cast(text, seconds) && seconds >= least) {
             set(*cpwebsockets::Wait(std::chrono::duration<double>(seconds)).timeout);
           } else {
             throw CLI::ValidationError(names, "expects seconds from " + CLI::detail::to_string(least) +
                                                   " on, or 'none' for no limit, got '" + text + "'");
           }
         },
         description)
      ->type_name("SECONDS");
}

void add_talk_options(CLI::App& app, cpws::TalkOptions& talk, std::vector<std::string>& headers,
                      bool& compress) {
  app.add_option("url", talk.url, "ws:// or wss:// URL to connect to");
  app.add_flag("-b,--binary", talk.binary, "Send lines as binary messages");
  app.add_option("-H,--header", headers, "Add a header 'Name: value' to the request")
      ->type_name("'NAME: VALUE'")
      ->allow_extra_args(false);
  app.add_option("-s,--subprotocol", talk.options.subprotocols,
                 "Offer a subprotocol; repeat in order of preference")
      ->type_name("NAME")
      ->allow_extra_args(false);
  app.add_option("-o,--origin", talk.options.origin, "Send an Origin header")->type_name("ORIGIN");
  app.add_option("--cacert", talk.options.tls.ca_file,
                 "Trust the CAs of this PEM file instead of the system's")
      ->type_name("FILE");
  app.add_option("--cert", talk.options.tls.certificate_file, "Client certificate, PEM")->type_name("FILE");
  app.add_option("--key", talk.options.tls.key_file, "Key of the client certificate, PEM")->type_name("FILE");
  app.add_option("--pin", talk.options.tls.pinned_spki_sha256,
                 "Accept only this key: base64 SHA-256 of its SPKI")
      ->type_name("HASH")
      ->allow_extra_args(false);
  app.add_option(
         "--key-log", talk.options.tls.key_log_file,
         "Append the TLS secrets to this file, for Wireshark: whoever has the file can read everything")
      ->type_name("FILE")
      ->envname("SSLKEYLOGFILE");
  app.add_flag("--insecure", talk.options.tls.insecure_skip_verification,
               "Do not verify the server's certificate: anyone may read and change everything");
  app.add_flag("-z,--compress", compress, "Offer permessage-deflate");
  add_time(app, "-w,--wait", 0,
           "At the end of piped input, close after so long without a message (default 2)",
           [&talk](auto limit) { talk.linger = limit; });
  add_time(app, "--timeout", 0.001,
           "Give up connecting, the handshake or sending after so long (default 10, for sending 30)",
           [&talk](auto limit) {
             talk.options.connect_timeout = talk.options.handshake_timeout = talk.options.send_timeout =
                 limit;
           });
  add_time(app, "--ping-interval", 0.001,
           "Ping a server that is silent for so long, and give it up after as long again (default 20)",
           [&talk](auto limit) { talk.options.ping_interval = talk.options.pong_timeout = limit; });
  app.add_option("--max-message", talk.options.max_message_size, "Largest message to take, in bytes")
      ->capture_default_str();
  app.add_flag("-v,--verbose", talk.verbose, "Show the handshake and every frame on stderr");
}

void add_serve_options(CLI::App& serve, cpws::ServeOptions& options) {
  serve.add_option("--host", options.host, "Address to listen on")
      ->type_name("ADDRESS")
      ->capture_default_str();
  serve.add_option("--port", options.port, "Port for ws://; 0 takes a free one")->capture_default_str();
  serve.add_option("--tls-port", options.tls_port, "Port for wss:// as well; 0 takes a free one");
  serve.add_option("--cert", options.certificate_file, "Certificate chain for wss://, PEM")
      ->type_name("FILE");
  serve.add_option("--key", options.key_file, "Its key, PEM")->type_name("FILE");
  serve.add_option("-s,--subprotocol", options.subprotocols, "Subprotocol to accept; repeat for more")
      ->type_name("NAME")
      ->allow_extra_args(false);
  serve.add_flag("-z,--compress", options.compress, "Accept permessage-deflate");
  serve.add_option("--max-connections", options.max_connections, "Further ones wait")->capture_default_str();
}

}  // namespace

int main(int argc, char** argv) {
  cpws::prepare_standard_streams();
  CLI::App app{
      "Talk to a WebSocket server: lines from stdin become messages, messages become lines on stdout."};
  app.footer(footer);
  app.set_version_flag("-V,--version", "cpws " CPWS_VERSION);
  cpws::TalkOptions talk;
  std::vector<std::string> headers;
  bool compress = false;
  add_talk_options(app, talk, headers, compress);

  cpws::ServeOptions serve_options;
  CLI::App* const serve = app.add_subcommand("serve", "Run an echo server");
  add_serve_options(*serve, serve_options);
  serve->footer("Ctrl-C or SIGTERM closes its connections with code 1001 and ends it.");

  try {
    app.name(argv[0]);
    std::vector<std::string> arguments = cpws::arguments_of(argc, argv);
    std::reverse(arguments.begin(), arguments.end());  // as CLI11 takes them
    app.parse(std::move(arguments));
    for (const std::string& header : headers) talk.options.headers.push_back(split_header(header));
    if (!serve->parsed() && talk.url.empty()) throw CLI::RequiredError("url");
    if (serve->parsed() && serve_options.tls_port && serve_options.certificate_file.empty()) {
      throw CLI::RequiredError("--tls-port needs --cert and --key");
    }
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 1;
  }
  if (compress) talk.options.compression.emplace();
  return serve->parsed() ? cpws::serve(serve_options) : cpws::talk(talk);
}
