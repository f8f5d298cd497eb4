// websocketpp, on Boost.Asio, without its logs.
#include <optional>
#include <websocketpp/client.hpp>
#include <websocketpp/config/asio_client.hpp>

#include "work.hpp"

namespace {

struct Quiet : websocketpp::config::asio_client {
  static const websocketpp::log::level elog_level = websocketpp::log::elevel::none;
  static const websocketpp::log::level alog_level = websocketpp::log::alevel::none;
  static const size_t max_message_size = 64U << 20;
};
struct QuietTls : websocketpp::config::asio_tls_client {
  static const websocketpp::log::level elog_level = websocketpp::log::elevel::none;
  static const websocketpp::log::level alog_level = websocketpp::log::alevel::none;
  static const size_t max_message_size = 64U << 20;
};

template <typename Config>
class Program {
 public:
  explicit Program(Work work) : work_(std::move(work)) {
    client_.init_asio();
    client_.set_tcp_post_init_handler([](auto) {});
    client_.set_open_handler([this](websocketpp::connection_hdl connection) { on_open(connection); });
    client_.set_close_handler([this](auto) { on_close(); });
    client_.set_fail_handler([](auto) { std::exit(1); });
    client_.set_message_handler([this](websocketpp::connection_hdl connection, auto message) {
      received_ += message->get_payload().size();
      if (++messages_ == work_.count) finish();
      if (work_.echoes()) send(connection);
    });
    if constexpr (std::is_same_v<Config, QuietTls>) {
      namespace ssl = websocketpp::lib::asio::ssl;
      context_ = std::make_shared<ssl::context>(ssl::context::tls_client);
      context_->load_verify_file(work_.ca);
      context_->set_verify_mode(ssl::verify_peer);
      client_.set_tls_init_handler([this](auto) { return context_; });
    }
  }

  void run() {
    if (work_.connects()) meter_.emplace();
    connect();
    client_.run();
  }

 private:
  void connect() {
    websocketpp::lib::error_code ec;
    const auto connection = client_.get_connection(work_.url, ec);
    if (ec) std::exit(1);
    client_.connect(connection);
  }

  void on_open(websocketpp::connection_hdl connection) {
    if (work_.connects()) {
      client_.close(connection, websocketpp::close::status::normal, "");
      return;
    }
    meter_.emplace();
    if (work_.echoes()) send(connection);
    if (work_.sends() && !work_.echoes()) send_some(connection);
  }

  void on_close() {
    if (!work_.connects()) std::exit(1);
    if (++messages_ == work_.count) finish();
    connect();
  }

  // Its queue has no bound: no more than a little is put there at a time.
  void send_some(websocketpp::connection_hdl connection) {
    constexpr std::size_t most_waiting = 256U << 10;
    const auto pointer = client_.get_con_from_hdl(connection);
    while (messages_ < work_.count && pointer->get_buffered_amount() < most_waiting) {
      ++messages_;
      send(connection);
    }
    if (messages_ == work_.count && pointer->get_buffered_amount() == 0) finish();
    client_.get_io_service().post([this, connection] { send_some(connection); });
  }

  void send(websocketpp::connection_hdl connection) {
    client_.send(connection, work_.message.data(), work_.message.size(),
                 work_.is_text() ? websocketpp::frame::opcode::text : websocketpp::frame::opcode::binary);
  }

  [[noreturn]] void finish() {
    const std::string version = std::to_string(websocketpp::major_version) + "." +
                                std::to_string(websocketpp::minor_version) + "." +
                                std::to_string(websocketpp::patch_version);
    meter_->report(work_, "websocketpp", version, received_);
  }

  const Work work_;
  websocketpp::client<Config> client_;
  websocketpp::lib::shared_ptr<websocketpp::lib::asio::ssl::context> context_;
  std::optional<Meter> meter_;
  std::size_t messages_ = 0;
  std::size_t received_ = 0;
};

}  // namespace

int main(int argc, char** argv) try {
  Work work = parse(argc, argv);
  if (work.batches()) Meter::cannot();
  if (work.tls) {
    Program<QuietTls>(std::move(work)).run();
  } else {
    Program<Quiet>(std::move(work)).run();
  }
} catch (const std::exception& error) {
  std::fprintf(stderr, "%s\n", error.what());
  return 1;
}
