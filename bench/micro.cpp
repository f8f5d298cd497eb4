// Time of the primitives: masking, UTF-8, frame headers. Google Benchmark's own flags apply.
#include <benchmark/benchmark.h>

#include <cpwebsockets/protocol/frame.hpp>
#include <cpwebsockets/protocol/mask.hpp>
#include <cpwebsockets/protocol/utf8.hpp>
#include <cstring>
#include <string>
#include <vector>

namespace {

using namespace cpwebsockets::protocol;

constexpr MaskingKey key{std::byte{1}, std::byte{2}, std::byte{3}, std::byte{4}};

void copy(benchmark::State& state) {
  std::vector<std::byte> from(static_cast<std::size_t>(state.range(0)));
  std::vector<std::byte> to(from.size());
  for (auto _ : state) {
    std::memcpy(to.data(), from.data(), from.size());
    benchmark::DoNotOptimize(to.data());
    benchmark::ClobberMemory();
  }
  state.SetBytesProcessed(state.iterations() * state.range(0));
}

void mask_while_copying(benchmark::State& state) {
  std::vector<std::byte> from(static_cast<std::size_t>(state.range(0)));
  std::vector<std::byte> to(from.size());
  for (auto _ : state) {
    mask(from, to.data(), key);
    benchmark::DoNotOptimize(to.data());
    benchmark::ClobberMemory();
  }
  state.SetBytesProcessed(state.iterations() * state.range(0));
}

void utf8_mixed(benchmark::State& state) {
  std::string text;
  while (text.size() < static_cast<std::size_t>(state.range(0))) text += "mixed größe €uro 😀 ";
  for (auto _ : state) benchmark::DoNotOptimize(is_valid_utf8(std::as_bytes(std::span(text))));
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(text.size()));
}

void utf8_ascii(benchmark::State& state) {
  const std::string text(static_cast<std::size_t>(state.range(0)), 'a');
  for (auto _ : state) benchmark::DoNotOptimize(is_valid_utf8(std::as_bytes(std::span(text))));
  state.SetBytesProcessed(state.iterations() * state.range(0));
}

void parse_header(benchmark::State& state) {
  const std::byte bytes[14] = {std::byte{0x82}, std::byte{16}};
  FrameHeader header;
  for (auto _ : state) benchmark::DoNotOptimize(parse_frame_header(bytes, {}, header));
}

BENCHMARK(copy)->Arg(16)->Arg(1024)->Arg(16384)->Arg(1 << 20);
BENCHMARK(mask_while_copying)->Arg(16)->Arg(1024)->Arg(16384)->Arg(1 << 20);
BENCHMARK(utf8_mixed)->Arg(16)->Arg(1024)->Arg(16384)->Arg(1 << 20);
BENCHMARK(utf8_ascii)->Arg(16)->Arg(1024)->Arg(16384)->Arg(1 << 20);
BENCHMARK(parse_header);

}  // namespace
