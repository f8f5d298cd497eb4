#pragma once
#include <stddef.h>
#include <stdint.h>
extern "C" unsigned long millis(void);
extern "C" void delay(unsigned long ms);
struct SerialPort {
  void begin(unsigned long baud);
  size_t println();
  size_t println(const char* text);
  size_t write(const uint8_t* bytes, size_t size);
};
extern SerialPort Serial;
