/// The byte stream under a connection: sockets of CircuitPython and MicroPython, and any object that has
/// their methods.
#pragma once

#include "runtime.h"

typedef struct {
  mp_obj_t socket;                // MP_OBJ_NULL when closed
  const mp_stream_p_t* protocol;  // MicroPython's way, from C to C; NULL: by methods
  mp_obj_t read[3], write[3];     // bound methods, and a memoryview that both are given
  mp_obj_t poller;                // for `protocol`, when there is something to wait for
  int32_t limit;                  // set on the socket
  uint16_t polled;                // the event that the poller waits for
  bool reads_by_recv;             // there is recv() only
  mp_int_t failure;               // number of the error that ended the stream
} cpws_stream_t;

enum { CPWS_NOTHING_YET = -1, CPWS_FAILED = -2 };

/// TypeError if `socket` has no methods to read and write.
void cpws_stream_init(cpws_stream_t* stream, mp_obj_t socket);

static inline bool cpws_stream_is_open(const cpws_stream_t* stream) {
  return stream->socket != MP_OBJ_NULL;
}

/// Closes the socket; doing it twice does nothing.
void cpws_stream_close(cpws_stream_t* stream);

/// Bytes that were moved, 0 at the end of the stream (read) or if the socket takes none (write),
/// CPWS_NOTHING_YET if none could be within `limit` milliseconds (-1: no limit), or CPWS_FAILED: the socket
/// is closed, and `failure` says why. What is no OSError, such as KeyboardInterrupt, comes through.
mp_int_t cpws_stream_read(cpws_stream_t* stream, uint8_t* data, size_t size, int32_t limit);
mp_int_t cpws_stream_write(cpws_stream_t* stream, const uint8_t* data, size_t size, int32_t limit);
