/// What joins completion tokens of any kind to the one compiled core of the asynchronous client. Not for
/// users.
#pragma once

#include <asio/any_io_executor.hpp>
#include <asio/associated_allocator.hpp>
#include <asio/associated_cancellation_slot.hpp>
#include <asio/associated_executor.hpp>
#include <asio/bind_allocator.hpp>
#include <asio/dispatch.hpp>
#include <asio/error.hpp>
#include <asio/executor_work_guard.hpp>
#include <asio/post.hpp>
#include <asio/recycling_allocator.hpp>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <tuple>
#include <utility>

#include "cpwebsockets/error.hpp"
#include "cpwebsockets/message.hpp"
#include "cpwebsockets/options.hpp"

namespace cpwebsockets::detail {

class AsyncCore;
struct ConnectResult;

/// How an operation gives its result to its handler.
enum class Delivery : std::uint8_t {
  dispatch,  ///< at once, where its executor allows that
  post,      ///< later: the initiating function has not returned yet
  destroy,   ///< not at all: the execution context ends
};

/// An asynchronous operation as the core sees it: what it is to do, and its result.
struct AsyncOperation {
  /// What it is to do.
  enum class Kind : std::uint8_t {
    connect,
    send,
    begin,
    append,
    finish,
    ping,
    receive,
    receive_view,
    receive_part,
    close
  };
  using Deliver = void (*)(AsyncOperation*, const std::shared_ptr<AsyncCore>&, Delivery);

  AsyncOperation(Kind k, Deliver d) noexcept : kind(k), deliver(d) {}

  Kind kind;
  bool has_result = false;
  protocol::Opcode opcode = protocol::Opcode::binary;
  CloseCode code = CloseCode::normal_closure;
  Deliver deliver;  ///< also frees it
  AsyncOperation* next = nullptr;
  std::span<const std::byte> bytes;  ///< the caller's, up to the completion
  std::size_t taken = 0;             ///< of `bytes`
  std::error_code ec;
  MessageView view;
  MessagePart part{};
  std::optional<ByteBuffer> payload;
};

/// What a receiving operation gives without a message.
template <typename Piece>
Received<Piece> nothing_for(const std::error_code& ec) noexcept {
  using Nothing = typename Received<Piece>::Nothing;
  if (ec == asio::error::operation_aborted) return Nothing::stopped;
  return !ec || ec == Condition::ended ? Nothing::ended : Nothing::failed;
}

[[nodiscard]] std::shared_ptr<AsyncCore> make_async_core(const asio::any_io_executor& executor,
                                                         const Options& options);
[[nodiscard]] const asio::any_io_executor& executor_of(const AsyncCore& core) noexcept;
void start_connecting(const std::shared_ptr<AsyncCore>& core, std::string_view url,
                      AsyncOperation* operation);
void start(const std::shared_ptr<AsyncCore>& core, AsyncOperation* operation);
void cancel(const std::shared_ptr<AsyncCore>& core, AsyncOperation* operation, asio::cancellation_type type);

/// An operation with its handler, in memory of the handler's allocator. `Result` makes the arguments behind
/// the error_code: a tuple.
template <typename Handler, typename Result>
class HandlerOperation final : public AsyncOperation {
  using Allocator = asio::associated_allocator_t<Handler, asio::recycling_allocator<void>>;
  using Executor = asio::associated_executor_t<Handler, asio::any_io_executor>;
  using Memory = typename std::allocator_traits<Allocator>::template rebind_alloc<HandlerOperation>;

  // The handler with all its arguments.
  template <typename Arguments>
  struct Completion {
    Handler handler;
    std::error_code ec;
    Arguments arguments;
    void operator()() {
      std::apply([this](auto&&... argument) { std::move(handler)(ec, std::move(argument)...); }, arguments);
    }
  };

 public:
  template <typename H>
  static HandlerOperation* make(Kind what, H&& handler, const std::shared_ptr<AsyncCore>& core) {
    Memory memory(allocator_of(handler));
    HandlerOperation* const place = std::allocator_traits<Memory>::allocate(memory, 1);
    auto* const operation = new (place) HandlerOperation(what, std::forward<H>(handler), executor_of(*core));
    const auto slot = asio::get_associated_cancellation_slot(operation->handler_);
    if (slot.is_connected()) {
      auto assigned = slot;
      assigned.assign([weak = std::weak_ptr<AsyncCore>(core), operation](asio::cancellation_type type) {
        if (const auto alive = weak.lock()) cancel(alive, operation, type);
      });
    }
    return operation;
  }

 private:
  template <typename H>
  HandlerOperation(Kind what, H&& handler, const asio::any_io_executor& executor)
      : AsyncOperation(what, &HandlerOperation::deliver_to),
        handler_(std::forward<H>(handler)),
        work_(asio::get_associated_executor(handler_, executor)) {}

  template <typename H>
  static Allocator allocator_of(const H& handler) noexcept {
    return asio::get_associated_allocator(handler, asio::recycling_allocator<void>());
  }

  // The memory goes first, so that the handler's next operation finds it free.
  static void deliver_to(AsyncOperation* base, const std::shared_ptr<AsyncCore>& core, Delivery how) {
    auto* const self = static_cast<HandlerOperation*>(base);
    const Allocator allocator = allocator_of(self->handler_);
    if (how == Delivery::destroy) return destroy(self, allocator);
    auto slot = asio::get_associated_cancellation_slot(self->handler_);
    if (slot.is_connected()) slot.clear();
    auto arguments = Result()(*self, core);
    Completion<decltype(arguments)> completion{std::move(self->handler_), self->ec, std::move(arguments)};
    auto work = std::move(self->work_);
    destroy(self, allocator);
    if (how == Delivery::post) {
      asio::post(work.get_executor(), asio::bind_allocator(allocator, std::move(completion)));
    } else {
      asio::dispatch(work.get_executor(), asio::bind_allocator(allocator, std::move(completion)));
    }
  }

  static void destroy(HandlerOperation* self, const Allocator& allocator) {
    Memory memory(allocator);
    self->~HandlerOperation();
    std::allocator_traits<Memory>::deallocate(memory, self, 1);
  }

  Handler handler_;
  asio::executor_work_guard<Executor> work_;
};

/// Makes the arguments of a handler that gets the error_code alone.
struct NoResult {
  std::tuple<> operator()(AsyncOperation& /*operation*/, const std::shared_ptr<AsyncCore>& /*core*/) const {
    return {};
  }
};

/// Makes what a receiving handler gets.
struct ReceivedResult {
  std::tuple<Received<Message>> operator()(AsyncOperation& operation,
                                           const std::shared_ptr<AsyncCore>& /*core*/) const {
    if (!operation.has_result) return {nothing_for<Message>(operation.ec)};
    return {Received<Message>(Message(operation.view.is_text, std::move(*operation.payload)))};
  }
};

/// The same for a view.
struct ViewResult {
  std::tuple<Received<MessageView>> operator()(AsyncOperation& operation,
                                               const std::shared_ptr<AsyncCore>& /*core*/) const {
    if (!operation.has_result) return {nothing_for<MessageView>(operation.ec)};
    return {Received<MessageView>(operation.view)};
  }
};

/// The same for a part.
struct PartResult {
  std::tuple<Received<MessagePart>> operator()(AsyncOperation& operation,
                                               const std::shared_ptr<AsyncCore>& /*core*/) const {
    if (!operation.has_result) return {nothing_for<MessagePart>(operation.ec)};
    return {Received<MessagePart>(operation.part)};
  }
};

}  // namespace cpwebsockets::detail
