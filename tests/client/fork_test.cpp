// What a child process must not share.
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>

#include "session/random_pool.hpp"

namespace test {
namespace {

using namespace cpwebsockets;

TEST(RandomPool, gives_each_byte_once_and_none_of_them_again_after_a_fork) {
  RandomPool pool;
  std::array<std::byte, 64> ours{};
  ASSERT_TRUE(pool.fill(ours));
  int pipe_ends[2];
  ASSERT_EQ(::pipe(pipe_ends), 0);
  const pid_t child = ::fork();
  std::array<std::byte, 64> bytes{};
  if (child == 0) {
    const bool filled = pool.fill(bytes);
    const bool written =
        ::write(pipe_ends[1], bytes.data(), bytes.size()) == static_cast<ssize_t>(bytes.size());
    ::_exit(filled && written ? 0 : 1);
  }
  ASSERT_TRUE(pool.fill(ours));
  ASSERT_EQ(::read(pipe_ends[0], bytes.data(), bytes.size()), static_cast<ssize_t>(bytes.size()));
  int status = 1;
  ::waitpid(child, &status, 0);
  EXPECT_EQ(status, 0);
  EXPECT_NE(ours, bytes);
  std::array<std::byte, 5000> larger_than_the_pool{};
  EXPECT_TRUE(pool.fill(larger_than_the_pool));
  const std::array<std::byte, 64> zeros{};
  EXPECT_FALSE(std::equal(zeros.begin(), zeros.end(), larger_than_the_pool.end() - 64));
}

}  // namespace
}  // namespace test
