/// The byte stream under a connection: sockets of CircuitPython and MicroPython, those of network hardware
/// that are written in Python, and any object that has their methods.
#pragma once

#include "runtime.h"

/// What a socket shows when the stream is made decides how its answers are understood.
typedef enum {
  CPWS_USUAL,
  CPWS_AIRLIFT,    // adafruit_esp32spi: 0 bytes may be the end or nothing yet, it is asked which
  CPWS_WIZNET,     // adafruit_wiznet5k: a send that is over in time raises what a lost connection does
  CPWS_ATCONTROL,  // adafruit_espatcontrol: no bytes are nothing yet, and send() tells no count
} cpws_hardware_t;

typedef struct {
  mp_obj_t socket;                // MP_OBJ_NULL when closed
  const mp_stream_p_t* protocol;  // MicroPython's way, from C to C; NULL: by methods
  mp_obj_t read[3], write[3];     // bound methods, and a memoryview that both are given
  mp_obj_t poller;                // for `protocol`, when there is something to wait for
  mp_obj_t inner;                 // the socket below TLS that the hardware does, or `socket`
  mp_obj_t failure;               // the exception, or the number, that ended the stream
  int32_t limit;                  // set on the socket
  uint16_t polled;                // the event that the poller waits for
  uint8_t hardware;
  bool reads_by_recv;  // there is recv() only
} cpws_stream_t;

enum { CPWS_NOTHING_YET = -1, CPWS_FAILED = -2 };

/// TypeError if `socket` has no methods to read and write.
void cpws_stream_init(cpws_stream_t* stream, mp_obj_t socket);

static inline bool cpws_stream_is_open(const cpws_stream_t* stream) {
  return stream->socket != MP_OBJ_NULL;
}

/// Closes the socket; doing it twice does nothing.
void cpws_stream_close(cpws_stream_t* stream);
/// True for a socket of adafruit_espatcontrol, and for its pool.
bool cpws_is_atcontrol(mp_obj_t object);
/// True for what this socket or pool raises when it fails. KeyboardInterrupt is nothing of that.
bool cpws_is_failure(mp_obj_t object, mp_obj_t exception);
/// Closes any socket. A close that fails has closed it as well.
void cpws_close_socket(mp_obj_t socket);

/// Bytes that were moved, 0 at the end of the stream (read) or if the socket takes none (write),
/// CPWS_NOTHING_YET if none could be within `limit` milliseconds, or CPWS_FAILED: `failure` says why. What is
/// neither an OSError nor a RuntimeError, such as KeyboardInterrupt, comes through.
mp_int_t cpws_stream_read(cpws_stream_t* stream, uint8_t* data, size_t size, int32_t limit);
mp_int_t cpws_stream_write(cpws_stream_t* stream, const uint8_t* data, size_t size, int32_t limit);
