#include "talk.hpp"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <iostream>
#include <thread>

#include "frame_trace.hpp"
#include "printable.hpp"

namespace cpws {
namespace {

constexpr int exit_clean = 0;
constexpr int exit_not_connected = 2;
constexpr int exit_not_clean = 3;
constexpr std::size_t longest_line = 64U << 20;  // bytes: beyond that stdin is not lines

// Lines from a descriptor, without blocking past the moment when the connection ends.
class LineReader {
 public:
  LineReader(int input, int wake) noexcept : input_(input), wake_(wake) {}

  // False at the end of input, or when woken.
  bool next(std::string& line) {
    for (;;) {
      if (const std::size_t end = pending_.find('\n', scanned_); end != std::string::npos) {
        line.assign(pending_, 0, end);
        pending_.erase(0, end + 1);
        scanned_ = 0;
        return true;
      }
      scanned_ = pending_.size();
      if (!fill()) {
        line.swap(pending_);
        pending_.clear();
        scanned_ = 0;
        return !line.empty() && !woken_;
      }
    }
  }

 private:
  bool fill() {
    pollfd entries[] = {{input_, POLLIN, 0}, {wake_, POLLIN, 0}};
    while (::poll(entries, 2, -1) < 0) {
      if (errno != EINTR) return false;
    }
    woken_ = entries[1].revents != 0;
    if (woken_ || pending_.size() > longest_line) return false;
    char block[4096];
    const ssize_t size = ::read(input_, block, sizeof block);
    if (size > 0) pending_.append(block, static_cast<std::size_t>(size));
    return size > 0;
  }

  int input_;
  int wake_;
  std::string pending_;
  std::size_t scanned_ = 0;
  bool woken_ = false;
};

int wake_on_signal = -1;  // a signal handler reaches nothing but globals

void on_signal(int) {
  const std::uint64_t one = 1;
  [[maybe_unused]] const ssize_t written = ::write(wake_on_signal, &one, sizeof one);
}

using Clock = std::chrono::steady_clock;

void print_messages(cpwebsockets::Client& ws, bool interactive,
                    std::atomic<Clock::time_point>& last_message) {
  std::error_code ec;
  while (const auto message = ws.receive_view(ec)) {
    last_message = Clock::now();
    if (interactive) {
      std::printf("< %s\n", printable(message->text(), message->is_text).c_str());
    } else {
      std::fwrite(message->bytes.data(), 1, message->bytes.size(), stdout);
      std::fputc('\n', stdout);
    }
    std::fflush(stdout);
  }
}

// Waits until no message has come for `limit`, or woken. A server may answer our close frame before the
// message in front of it, and the reply would be lost.
void await_replies(const std::atomic<Clock::time_point>& last_message, Clock::duration limit, int wake) {
  const Clock::time_point begin = Clock::now();
  for (;;) {
    const auto left = std::max(begin, last_message.load()) + limit - Clock::now();
    if (left <= Clock::duration::zero()) return;
    const auto milliseconds = std::chrono::ceil<std::chrono::milliseconds>(left).count();
    pollfd entry{wake, POLLIN, 0};
    if (::poll(&entry, 1, static_cast<int>(std::min<decltype(milliseconds)>(milliseconds, 60'000))) > 0)
      return;
  }
}

int report_end(const cpwebsockets::CloseInfo& info, bool interactive) {
  if (info.clean()) {
    if (interactive || info.code() != 1000) {
      std::cerr << "closed: " << info.code() << (info.reason.empty() ? "" : " ")
                << printable(info.reason, true) << '\n';
    }
    return exit_clean;
  }
  std::cerr << "cpws: " << info.failure.sentence << '\n';
  return exit_not_clean;
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
  std::error_code ec;
  cpwebsockets::Client ws = cpwebsockets::connect(wanted.url, options, ec);
  if (ec) {
    const cpwebsockets::Failure failure = ws.close_info().failure;
    std::cerr << "cpws: " << failure.sentence << '\n';
    if (wanted.verbose && !failure.refusal.body.empty())
      std::cerr << printable(failure.refusal.body, false) << '\n';
    return exit_not_connected;
  }
  const bool interactive = ::isatty(STDIN_FILENO) != 0 && ::isatty(STDOUT_FILENO) != 0;
  if (interactive) std::cerr << "connected: type a line to send it, Ctrl-D to close\n";

  const int wake = ::eventfd(0, EFD_CLOEXEC);
  wake_on_signal = wake;
  std::signal(SIGINT, &on_signal);
  std::signal(SIGTERM, &on_signal);
  std::atomic<Clock::time_point> last_message{Clock::time_point::min()};
  std::thread receiver([&] {
    print_messages(ws, interactive, last_message);
    on_signal(0);  // the connection has ended: stop reading lines
  });

  LineReader lines(STDIN_FILENO, wake);
  for (std::string line; !ec && lines.next(line);) {
    if (wanted.binary) {
      ws.send(std::as_bytes(std::span(line)), ec);
    } else {
      ws.send(std::string_view(line), ec);
    }
    if (ec == cpwebsockets::protocol::Error::invalid_utf8) {
      std::cerr << "cpws: not sent: " << ec.message() << " (use --binary)\n";
      ec.clear();
    }
  }
  if (!interactive && !ec) {
    await_replies(last_message,
                  std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(wanted.linger)),
                  wake);
  }
  // The receiver goes on printing until the server has answered the close frame.
  ws.start_close(1000, {}, {}, ec);
  receiver.join();
  ::close(wake);
  return report_end(ws.close_info(), interactive);
}

}  // namespace cpws
