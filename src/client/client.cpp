#include "cpwebsockets/client.hpp"

#include "client_core.hpp"

namespace cpwebsockets {
namespace {

using protocol::Opcode;

std::span<const std::byte> bytes_of(std::string_view text) noexcept {
  return std::as_bytes(std::span(text));
}

// For a client that never was connected, or was moved from.
void not_connected(std::error_code& ec) noexcept {
  ec = std::make_error_code(std::errc::not_connected);
}

}  // namespace

Client::Client() noexcept = default;
Client::Client(std::unique_ptr<ClientCore> core) noexcept : core_(std::move(core)) {}
Client::Client(Client&&) noexcept = default;
Client& Client::operator=(Client&&) noexcept = default;
Client::~Client() = default;

void Client::send(std::string_view text, const Wait& wait, std::error_code& ec) {
  if (!core_) return not_connected(ec);
  core_->send(Opcode::text, bytes_of(text), wait, ec);
}

void Client::send(Binary binary, const Wait& wait, std::error_code& ec) {
  if (!core_) return not_connected(ec);
  core_->send(Opcode::binary, binary.bytes(), wait, ec);
}

MessageWriter Client::begin(bool is_text, const Wait& wait, std::error_code& ec) {
  if (!core_) not_connected(ec);
  const bool begun = core_ && core_->begin_message(is_text ? Opcode::text : Opcode::binary, wait, ec);
  return {core_.get(), begun};
}

MessageWriter Client::begin_text(const Wait& wait, std::error_code& ec) {
  return begin(true, wait, ec);
}
MessageWriter Client::begin_binary(const Wait& wait, std::error_code& ec) {
  return begin(false, wait, ec);
}

Batch Client::batch() noexcept {
  return Batch(core_ && core_->cork() ? core_.get() : nullptr);
}

Received<Message> Client::receive(const Wait& wait, std::error_code& ec) {
  if (core_) return core_->receive(wait, ec);
  not_connected(ec);
  return Received<Message>::Nothing::ended;
}

Received<MessageView> Client::receive_view(const Wait& wait, std::error_code& ec) {
  if (core_) return core_->receive_view(wait, ec);
  not_connected(ec);
  return Received<MessageView>::Nothing::ended;
}

Received<MessagePart> Client::receive_part(const Wait& wait, std::error_code& ec) {
  if (core_) return core_->receive_part(wait, ec);
  not_connected(ec);
  return Received<MessagePart>::Nothing::ended;
}

void Client::ping(std::string_view payload, const Wait& wait, std::error_code& ec) {
  if (!core_) return not_connected(ec);
  core_->ping(bytes_of(payload), wait, ec);
}

void Client::close(AnyCloseCode code, std::string_view reason, const Wait& wait, std::error_code& ec) {
  ec.clear();
  if (core_) core_->close(code, reason, wait, ec);
}

void Client::start_close(AnyCloseCode code, std::string_view reason, const Wait& wait, std::error_code& ec) {
  ec.clear();
  if (core_) core_->start_close(code, reason, wait, ec);
}

bool Client::is_open() const noexcept {
  return core_ && core_->is_open();
}
std::string Client::subprotocol() const {
  return core_ ? core_->subprotocol() : std::string();
}
std::string Client::extensions() const {
  return core_ ? core_->extensions() : std::string();
}
CloseInfo Client::close_info() const noexcept {
  return core_ ? core_->close_info() : CloseInfo{};
}
std::chrono::microseconds Client::round_trip() const noexcept {
  return core_ ? core_->round_trip() : std::chrono::microseconds{0};
}
transport::Handle Client::native_handle() const noexcept {
  return core_ ? core_->native_handle() : transport::no_handle;
}

Failure Client::failure() const {
  return core_ ? core_->failure() : Failure{};
}

Failure Client::failure(std::error_code ec) const {
  if (core_) return core_->explain(ec);
  Failure failure;
  failure.code = ec;
  failure.sentence = ec == std::errc::not_connected ? "not connected" : ec.message();
  return failure;
}

// --- MessageWriter, Batch ---

void MessageWriter::append(Binary piece, const Wait& wait, std::error_code& ec) {
  taken_ = 0;
  if (!active_) return not_connected(ec);
  taken_ = core_->append(piece.bytes(), wait, ec);
}

void MessageWriter::append(std::string_view piece, const Wait& wait, std::error_code& ec) {
  append(Binary(bytes_of(piece)), wait, ec);
}

void MessageWriter::finish(const Wait& wait, std::error_code& ec) {
  if (!active_) return not_connected(ec);
  active_ = !core_->finish(wait, ec);
}

Failure MessageWriter::explain(std::error_code ec) const {
  return core_ != nullptr ? core_->explain(ec) : Client().failure(ec);
}

MessageWriter::~MessageWriter() {
  if (!active_) return;
  core_->abandon_message();
}

Batch::~Batch() {
  if (core_ != nullptr) core_->uncork();
}

}  // namespace cpwebsockets
