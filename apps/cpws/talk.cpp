#include "talk.hpp"

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <cpwebsockets/transport/wait.hpp>
#include <cstdio>
#include <iostream>
#include <thread>

#include "frame_trace.hpp"
#include "hints.hpp"
#include "input.hpp"
#include "interrupts.hpp"
#include "line_reader.hpp"
#include "printable.hpp"
#include "standard_streams.hpp"
#include "transport/wake_up.hpp"

namespace cpws {
namespace {

// In this order of importance: the first that applies.
enum Exit : int {
  exit_clean = 0,
  exit_not_connected = 2,
  exit_output_failed = 6,
  exit_not_clean = 3,
  exit_not_sent = 5,
  exit_other_code = 4,
};

using Clock = cpwebsockets::transport::Clock;
using cpwebsockets::CloseCode;
using cpwebsockets::transport::WakeUp;

// Messages to stdout, a line each, until the end of the connection.
class Printer {
 public:
  Printer(bool interactive, bool escapes) noexcept : interactive_(interactive), escapes_(escapes) {}

  // Ends when the connection has ended, or the output has failed: then the rest is not asked for.
  void run(cpwebsockets::Client& ws) {
    std::error_code ec;
    while (const auto message = ws.receive_view(ec)) {
      last_message_ = Clock::now();
      if (failed_ || print(*message)) continue;
      failed_ = true;
      std::cerr << "cpws: cannot write messages: " << std::generic_category().message(errno) << '\n';
      ws.start_close(ec);
    }
  }
  [[nodiscard]] bool failed() const noexcept { return failed_; }
  [[nodiscard]] Clock::time_point last_message() const noexcept { return last_message_; }

 private:
  // What comes from a server must not drive a terminal.
  bool print(const cpwebsockets::MessageView& message) const {
    if (interactive_) std::fputs("< ", stdout);
    if (escapes_) {
      std::fputs(printable(message.text(), message.is_text).c_str(), stdout);
    } else {
      std::fwrite(message.bytes.data(), 1, message.bytes.size(), stdout);
    }
    std::fputc('\n', stdout);
    return std::fflush(stdout) == 0 && std::ferror(stdout) == 0;
  }

  bool interactive_;
  bool escapes_;
  std::atomic<bool> failed_{false};
  std::atomic<Clock::time_point> last_message_{Clock::time_point::min()};
};

// Waits until no message has come for `limit`, or woken. Without that, the close frame could overtake the
// replies: a server may answer it at once, and drop what it still had to send.
void await_replies(const Printer& printer, std::chrono::milliseconds limit, const WakeUp& wake) {
  const auto at_most = std::min<std::chrono::milliseconds>(limit, std::chrono::years(100));
  const Clock::time_point begin = Clock::now();
  for (;;) {
    const Clock::time_point end = std::max(begin, printer.last_message()) + at_most;
    if (Clock::now() >= end) return;
    const auto ec = wait_for(wake.handle(), cpwebsockets::transport::Ready::read, {end, {}});
    if (ec != std::errc::timed_out) return;
  }
}

// Sends lines until there are no more. False if one of them was not sent.
bool send_lines(cpwebsockets::Client& ws, Input& input, bool binary, const std::stop_token& stop) {
  LineReader lines(input);
  bool all_sent = true;
  std::string line;
  for (LineReader::Result result; (result = lines.next(line)) != LineReader::Result::end;) {
    if (result == LineReader::Result::too_long) {
      std::cerr << "cpws: not sent: a line is longer than " << lines.limit() << " bytes"
                << (lines.limit() < LineReader::longest_line ? ", and terminals cut it: use a pipe" : "")
                << '\n';
      all_sent = false;
      continue;
    }
    std::error_code ec;
    binary ? ws.send_binary(line, stop, ec) : ws.send(line, stop, ec);
    if (!ec) continue;
    all_sent = false;
    const bool is_text_error = ec == cpwebsockets::ClientError::text_not_utf8;
    std::cerr << "cpws: not sent: " << ec.message() << (is_text_error ? " (use --binary)" : "") << '\n';
    if (!is_text_error) return false;
  }
  if (input.error()) std::cerr << "cpws: cannot read lines: " << input.error().message() << '\n';
  return all_sent && !input.error();
}

void report_end(const cpwebsockets::Client& ws, bool interactive) {
  const cpwebsockets::CloseInfo info = ws.close_info();
  if (!info.clean()) {
    const cpwebsockets::Failure failure = ws.failure();
    std::cerr << "cpws: " << printable(failure.sentence, true) << hint_for(failure) << '\n';
  } else if (interactive || info.code() != CloseCode::normal_closure) {
    std::cerr << "closed: " << to_integer(info.code()) << (info.reason.empty() ? "" : " ")
              << printable(info.reason, true) << '\n';
  }
}

int refused(const cpwebsockets::Failure& failure, bool verbose) {
  std::cerr << "cpws: " << printable(failure.sentence, true) << hint_for(failure) << '\n';
  if (verbose && !failure.refusal.body.empty()) std::cerr << printable(failure.refusal.body, false) << '\n';
  return exit_not_connected;
}

bool is_usual(CloseCode code) noexcept {
  return code == CloseCode::normal_closure || code == CloseCode::going_away ||
         code == CloseCode::no_status_received;
}

}  // namespace

int talk(const TalkOptions& wanted) {
  cpwebsockets::Options options = wanted.options;
  FrameTrace trace;
  if (wanted.verbose) {
    options.wire_tap = [&trace](cpwebsockets::Direction direction, std::span<const std::byte> bytes) {
      trace.add(direction, bytes);
    };
  }
  const WakeUp wake;
  const Interrupts interrupts(wake);
  std::error_code ec;
  cpwebsockets::Client ws = cpwebsockets::connect(wanted.url, options, interrupts.token(), ec);
  if (ec) return refused(ws.failure(), wanted.verbose);

  const bool writes_to_terminal = stdout_is_terminal();
  const bool interactive = stdin_is_terminal() && writes_to_terminal;
  if (interactive)
    std::cerr << "connected: type a line to send it, " << Input::keys_that_end_it << " to close\n";

  Printer printer(interactive, writes_to_terminal);
  std::thread receiver([&] {
    printer.run(ws);
    wake.signal();  // the connection has ended: stop reading lines
  });
  Input input(wake);
  const bool all_sent = send_lines(ws, input, wanted.binary, interrupts.token());
  if (!interactive && !interrupts.token().stop_requested()) {
    await_replies(printer, wanted.linger, wake);
  }
  // The receiver goes on printing until the server has answered the close frame.
  ws.start_close(ec);
  receiver.join();

  const cpwebsockets::CloseInfo info = ws.close_info();
  report_end(ws, interactive);
  if (printer.failed()) return exit_output_failed;
  if (!info.clean()) return exit_not_clean;
  if (!all_sent) return exit_not_sent;
  return is_usual(info.code()) ? exit_clean : exit_other_code;
}

}  // namespace cpws
