#pragma once
#include <stddef.h>
#include <stdint.h>
class Stream {
 public:
  void setTimeout(unsigned long ms) { timeout_ms = ms; }
  unsigned long timeout_ms = 1000;
};
class Client : public Stream {
 public:
  virtual int connect(const char* host, uint16_t port) = 0;
  virtual size_t write(const uint8_t* bytes, size_t size) = 0;
  virtual int available() = 0;
  virtual int read(uint8_t* into, size_t size) = 0;
  virtual void stop() = 0;
  virtual uint8_t connected() = 0;
};
