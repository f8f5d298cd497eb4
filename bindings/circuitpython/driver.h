/// Moves bytes between a websocket's core and its stream, with time and the end of the connection.
#pragma once

#include "websocket.h"

/// A wait in milliseconds; -1: without end.
typedef struct {
  uint32_t begin;
  int32_t limit;
} cpws_deadline_t;

enum {
  CPWS_CLOSE_TIMEOUT = 5000,    // for the server's close frame, and again for its end of stream
  CPWS_DISCARD_TIMEOUT = 1000,  // for the end of stream of a server that broke the protocol
  CPWS_SEND_TIMEOUT = 30000,    // for a server that takes no byte
};

cpws_deadline_t cpws_deadline(int32_t limit);
/// For what may go on without waiting: it must end some time.
bool cpws_is_over(const cpws_deadline_t* deadline);

typedef enum {
  CPWS_LATER,
  CPWS_DONE,
  CPWS_ENDED,
  CPWS_NEEDS_ROOM,  // to read payload straight to where it belongs
} cpws_progress_t;

/// Where payload may be read to. `takes_all`: it wants the rest of the frame, and can be made larger for
/// that.
typedef struct {
  uint8_t* data;
  size_t room;
  bool takes_all;
} cpws_payload_t;

/// Sends what waits, control frames come and go meanwhile. DONE: all of it. LATER: the time is up, and the
/// rest goes out with the next call. ENDED: so has the connection. An exception of the socket's that is not
/// about it, such as KeyboardInterrupt, ends the connection, as nobody knows what was sent.
cpws_progress_t cpws_flush(cpws_websocket_t* self, const cpws_deadline_t* deadline);
cpws_progress_t cpws_look(cpws_websocket_t* self, bool at_once);
/// Copies what is left of a message that the program may change. False: there was no memory, and the
/// connection is lost.
bool cpws_keep_rest(cpws_websocket_t* self);
/// Bytes that were taken and that the socket has not.
size_t cpws_pending(cpws_websocket_t* self);

/// DONE: `part` is there, and what it views stays until it is taken; it may be in `payload`. LATER: nothing
/// came in time, and nothing is lost. ENDED: see cpws_raise_end(). NEEDS_ROOM: if `payload` takes all, and
/// the frame has more.
cpws_progress_t cpws_next_part(cpws_websocket_t* self, const cpws_deadline_t* deadline,
                               const cpws_payload_t* payload);

/// Once through the opening handshake, as cpws_next_part() with its events.
cpws_event_kind_t cpws_next_of_handshake(cpws_websocket_t* self, const cpws_deadline_t* deadline,
                                         cpws_event_t* event);

/// Ends a connection that cannot go on: the socket is closed.
void cpws_lose(cpws_websocket_t* self, const char* why);
/// Ends it with a close frame of 1009, for what is too large here. ProtocolError tells it if `is_violation`.
void cpws_refuse_size(cpws_websocket_t* self, const char* why, bool is_violation);

/// Raises ConnectionClosed or ProtocolError: how it ended.
__attribute__((noreturn)) void cpws_raise_end(cpws_websocket_t* self);
static inline void cpws_check_open(cpws_websocket_t* self) {
  if (!cpws_stream_is_open(&self->stream)) cpws_raise_end(self);
}
