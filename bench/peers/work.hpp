/// What every C++ program of the comparison shares: PROGRAM URL WORK COUNT SIZE [CA].
///   receive, receive-text   COUNT messages that the server sends without waiting
///   echo                    COUNT round trips
///   send, send-text         COUNT messages, one call each
///   batch                   the same, by what the library has for many small messages
///   connect                 COUNT connections, each opened and closed
/// Prints one line of JSON: the time and the CPU time of the work, without opening and closing but for
/// connect. C++17, as some of the libraries are not C++20.
#pragma once

#include <sys/resource.h>

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

struct Work {
  std::string url;  // with the path that tells the server what to do
  bool tls = false;
  std::string host;
  std::string port;
  std::string path;
  std::string kind;
  std::size_t count = 0;
  std::size_t size = 0;
  std::string ca;       // a file, for wss://
  std::string message;  // SIZE bytes to send

  [[nodiscard]] bool connects() const { return kind == "connect"; }
  [[nodiscard]] bool echoes() const { return kind == "echo"; }
  [[nodiscard]] bool batches() const { return kind == "batch"; }
  [[nodiscard]] bool is_text() const { return kind.find("-text") != std::string::npos; }
  [[nodiscard]] bool floods() const { return kind.rfind("receive", 0) == 0; }
  [[nodiscard]] bool receives() const { return floods() || echoes(); }
  [[nodiscard]] bool sends() const { return kind.rfind("send", 0) == 0 || batches() || echoes(); }
};

inline Work parse(int argc, char** argv) {
  if (argc < 5) {
    std::fprintf(stderr, "%s URL WORK COUNT SIZE [CA]\n", argv[0]);
    std::exit(2);
  }
  Work work;
  work.kind = argv[2];
  work.count = std::strtoull(argv[3], nullptr, 10);
  work.size = std::strtoull(argv[4], nullptr, 10);
  if (argc > 5) work.ca = argv[5];
  const std::string_view url = argv[1];
  const std::size_t host = url.find("://") + 3;
  const std::size_t colon = url.find(':', host);
  work.tls = url.substr(0, 4) == "wss:";
  work.host = url.substr(host, colon - host);
  work.port = url.substr(colon + 1);
  const std::string size = argv[4];
  if (work.floods()) {
    work.path = "/flood/" + std::string(argv[3]) + "/" + size + (work.is_text() ? "/text" : "/binary");
  } else {
    work.path = work.echoes() || work.connects() ? "/echo/" + size : "/sink";
  }
  work.url = std::string(url) + work.path;
  work.message.assign(work.size, 'm');
  return work;
}

/// Measures from its making to report().
class Meter {
 public:
  Meter() : began_(std::chrono::steady_clock::now()), cpu_(cpu_seconds()) {}

  /// Ends the program. `received`: bytes of payload, which must be what `work` asked for.
  [[noreturn]] void report(const Work& work, const char* peer, const std::string& version,
                           std::size_t received) const {
    const double cpu = cpu_seconds() - cpu_;
    const std::chrono::duration<double> time = std::chrono::steady_clock::now() - began_;
    const std::size_t wanted = work.receives() ? work.count * work.size : 0;
    if (received != wanted) {
      std::fprintf(stderr, "%s: %zu bytes came, not %zu\n", peer, received, wanted);
      std::exit(1);
    }
    std::printf("{\"peer\": \"%s\", \"version\": \"%s\", \"seconds\": %.9f, \"cpu\": %.9f}\n", peer,
                version.c_str(), time.count(), cpu);
    std::fflush(stdout);
    std::_Exit(0);
  }
  /// The library cannot do this.
  [[noreturn]] static void cannot() { std::exit(3); }

 private:
  static double cpu_seconds() {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    const auto seconds = [](const timeval& time) {
      return static_cast<double>(time.tv_sec) + 1e-6 * static_cast<double>(time.tv_usec);
    };
    return seconds(usage.ru_utime) + seconds(usage.ru_stime);
  }

  std::chrono::steady_clock::time_point began_;
  double cpu_;
};
