#include "driver.h"

#include "exceptions.h"

cpws_deadline_t cpws_deadline(int32_t limit) {
  // A limit of none, or of no time at all, needs no clock.
  const cpws_deadline_t deadline = {limit > 0 ? cpws_ticks() : 0, limit};
  return deadline;
}

int32_t cpws_left(const cpws_deadline_t* deadline) {
  if (deadline->limit <= 0) return deadline->limit;
  const uint32_t passed = cpws_ticks() - deadline->begin;
  return passed >= (uint32_t)deadline->limit ? 0 : deadline->limit - (int32_t)passed;
}

// The shorter of two waits.
static int32_t cpws_sooner(int32_t a, int32_t b) {
  return a < 0 ? b : b < 0 || a < b ? a : b;
}

// After a call that moved nothing: sockets of some boards do not wait by themselves.
static void cpws_rest(unsigned* fruitless) {
  if (++*fruitless > 3) cpws_sleep_a_little();
}

// --- The end ---

// A str, or an empty one if there is no memory for it: the end of a connection must not fail.
static mp_obj_t cpws_safe_str(const char* text, size_t size) {
  nlr_buf_t nlr;
  if (nlr_push(&nlr) == 0) {
    const mp_obj_t str = mp_obj_new_str(text, size);
    nlr_pop();
    return str;
  }
  return MP_OBJ_NEW_QSTR(MP_QSTR_);
}

static void cpws_note_end(cpws_websocket_t* self, int code, const char* reason, size_t size, cpws_by_t by) {
  if (self->close_code != 0) return;
  self->close_code = (uint16_t)code;
  self->close_reason = cpws_safe_str(reason, size);
  self->by = (uint8_t)by;
}

static void cpws_note_failure(cpws_websocket_t* self, const char* why, cpws_by_t by) {
  cpws_note_end(self, 1006, why, strlen(why), by);
}

void cpws_lose(cpws_websocket_t* self, const char* why) {
  cpws_note_failure(self, why, CPWS_BY_NETWORK);
  cpws_stream_close(&self->stream);
}

static void cpws_lose_by_failure(cpws_websocket_t* self) {
  if (self->stream.failure == CPWS_ECONNRESET) {
    cpws_lose(self, "Connection reset by peer");
    return;
  }
  char text[48] = "the socket failed with error ";
  char digits[12];
  size_t size = strlen(text), count = 0;
  mp_uint_t number = (mp_uint_t)self->stream.failure;
  if (self->stream.failure < 0) {
    text[size++] = '-';
    number = -number;
  }
  do digits[count++] = (char)('0' + number % 10);
  while ((number /= 10) != 0 && count < sizeof digits);
  while (count > 0) text[size++] = digits[--count];
  text[size] = 0;
  cpws_lose(self, text);
}

// Reads on until the server has ended the stream, which it does first (RFC 6455 §7.1.1).
static void cpws_discard(cpws_websocket_t* self, int32_t limit) {
  const cpws_deadline_t deadline = cpws_deadline(limit);
  unsigned fruitless = 0;
  for (;;) {
    const int32_t left = cpws_left(&deadline);
    size_t size;
    uint8_t* space = cpws_receive_space(cpws_engine_of(self), &size);
    const mp_int_t count = cpws_stream_read(&self->stream, space, size, left);
    if (count == 0 || count == CPWS_FAILED || (count < 0 && left == 0)) return;
    if (count < 0) cpws_rest(&fruitless);
  }
}

static void cpws_send_close(cpws_websocket_t* self, uint16_t code, const cpws_deadline_t* deadline) {
  const cpws_text_t no_reason = {"", 0};
  while (cpws_close(cpws_engine_of(self), code, no_reason) == CPWS_WOULD_BLOCK) {
    if (cpws_flush(self, deadline) != CPWS_DONE) return;
  }
}

// Sends a close frame if there is a code, and the rest, waits for the server's end of stream, and closes,
// whatever happens meanwhile.
static void cpws_shut(cpws_websocket_t* self, uint16_t code, int32_t wait) {
  nlr_buf_t nlr;
  if (nlr_push(&nlr) == 0) {
    const cpws_deadline_t deadline = cpws_deadline(CPWS_CLOSE_TIMEOUT);
    if (code != 0) cpws_send_close(self, code, &deadline);
    if (cpws_flush(self, &deadline) == CPWS_DONE && wait > 0) cpws_discard(self, wait);
    nlr_pop();
    cpws_stream_close(&self->stream);
  } else {
    cpws_stream_close(&self->stream);
    nlr_raise(MP_OBJ_FROM_PTR(nlr.ret_val));
  }
}

// The core says that it is over.
static void cpws_finish(cpws_websocket_t* self) {
  cpws_end_t end;
  cpws_end(cpws_engine_of(self), &end);
  if (end.received != 0 && end.failure == NULL) {
    cpws_note_end(self, end.received, end.reason.data, end.reason.size, end.by);
  } else {
    cpws_note_failure(self, end.failure != NULL ? end.failure : "",
                      end.is_violation ? CPWS_BY_US : CPWS_BY_NETWORK);
  }
  self->is_violation = end.is_violation;
  self->told = end.violation_code;
  cpws_shut(self, 0, end.awaits_eof ? CPWS_CLOSE_TIMEOUT : end.is_violation ? CPWS_DISCARD_TIMEOUT : 0);
}

void cpws_refuse_size(cpws_websocket_t* self, const char* why, bool is_violation) {
  cpws_note_failure(self, why, CPWS_BY_US);
  self->is_violation = is_violation;
  self->told = 1009;
  self->has_part = false;
  self->data = NULL;
  cpws_shut(self, 1009, CPWS_DISCARD_TIMEOUT);
}

void cpws_raise_end(cpws_websocket_t* self) {
  if (self->is_violation) {
    self->is_violation = false;
    cpws_raise_closed(CPWS_TYPE(ProtocolError), self->told, self->close_reason, "us");
  }
  static const char names[][8] = {"network", "us", "peer", "network"};
  cpws_raise_closed(CPWS_TYPE(ConnectionClosed), self->close_code, self->close_reason, names[self->by]);
}

// --- Bytes out and in ---

static mp_int_t cpws_write_some(cpws_websocket_t* self, const uint8_t* data, size_t size, int32_t limit) {
  nlr_buf_t nlr;
  if (nlr_push(&nlr) == 0) {
    const mp_int_t count = cpws_stream_write(&self->stream, data, size, limit);
    nlr_pop();
    return count;
  }
  cpws_note_failure(self, "a frame could not be sent to its end", CPWS_BY_US);
  cpws_stream_close(&self->stream);
  nlr_raise(MP_OBJ_FROM_PTR(nlr.ret_val));
}

cpws_progress_t cpws_flush(cpws_websocket_t* self, const cpws_deadline_t* deadline) {
  unsigned fruitless = 0;
  for (;;) {
    size_t size;
    const uint8_t* data = cpws_to_send(cpws_engine_of(self), &size);
    if (size == 0) return CPWS_DONE;
    if (!cpws_stream_is_open(&self->stream)) return CPWS_ENDED;
    const int32_t left = cpws_left(deadline);
    const mp_int_t count = cpws_write_some(self, data, size, left);
    if (count == CPWS_FAILED) {
      cpws_lose_by_failure(self);
      return CPWS_ENDED;
    }
    if (count > 0) {
      cpws_sent(cpws_engine_of(self), (size_t)count);
      fruitless = 0;
    } else if (left == 0) {
      return CPWS_LATER;
    } else {
      cpws_rest(&fruitless);
    }
  }
}

// Reads once. LATER: the time is up.
static cpws_progress_t cpws_fill(cpws_websocket_t* self, int32_t limit, const cpws_payload_t* payload) {
  cpws_engine_t* engine = cpws_engine_of(self);
  const uint64_t outstanding = payload->takes_all || payload->room > 0 ? cpws_payload_outstanding(engine) : 0;
  if (payload->takes_all && outstanding > payload->room) return CPWS_NEEDS_ROOM;
  uint8_t* space = payload->data;
  size_t size = payload->room;
  if (outstanding == 0) {
    space = cpws_receive_space(engine, &size);
  } else if (outstanding < size) {
    size = (size_t)outstanding;
  }
  const mp_int_t count = cpws_stream_read(&self->stream, space, size, limit);
  if (count == CPWS_NOTHING_YET) return CPWS_LATER;
  if (count == CPWS_FAILED) {
    cpws_lose_by_failure(self);
    return CPWS_ENDED;
  }
  if (count == 0) {
    cpws_received_eof(engine);
  } else if (outstanding == 0) {
    cpws_received(engine, (size_t)count);
  } else {
    cpws_received_payload(engine, space, (size_t)count);
  }
  return CPWS_DONE;
}

// Pongs go out before a wait, and, if that takes none, before a part is handed on. A server that takes no
// byte is given up in the end, also when the program waits without end.
static cpws_progress_t cpws_send_replies(cpws_websocket_t* self, const cpws_deadline_t* deadline,
                                         bool at_once) {
  size_t size;
  cpws_to_send(cpws_engine_of(self), &size);
  if (size == 0) return CPWS_DONE;
  const int32_t left = at_once ? 0 : cpws_left(deadline);
  const bool is_bounded = left >= 0 && left < CPWS_SEND_TIMEOUT;
  const cpws_deadline_t bounded = cpws_deadline(is_bounded ? left : CPWS_SEND_TIMEOUT);
  const cpws_progress_t sent = cpws_flush(self, &bounded);
  if (sent != CPWS_LATER || is_bounded) return sent;
  cpws_lose(self, "a frame could not be sent to its end");
  return CPWS_ENDED;
}

// Works towards the next event: DONE, and `event` tells it. ENDED: the stream has failed, or the event is the
// end.
static cpws_progress_t cpws_next_event(cpws_websocket_t* self, const cpws_deadline_t* deadline,
                                       cpws_event_t* event, const cpws_payload_t* payload) {
  unsigned fruitless = 0;
  for (;;) {
    if (!cpws_stream_is_open(&self->stream)) return CPWS_ENDED;
    const int32_t due = cpws_poll(cpws_engine_of(self), cpws_ticks());
    event->kind = cpws_next(cpws_engine_of(self), event);
    if (event->kind == CPWS_CLOSED) return CPWS_ENDED;
    if (event->kind != CPWS_NOTHING && event->kind != CPWS_PART) return CPWS_DONE;
    const cpws_progress_t sent = cpws_send_replies(self, deadline, event->kind == CPWS_PART);
    if (event->kind == CPWS_PART) return CPWS_DONE;
    if (sent == CPWS_ENDED) return CPWS_ENDED;
    // A reply that has to wait does not keep the server's bytes waiting.
    const int32_t left = sent == CPWS_LATER ? 0 : cpws_left(deadline);
    const cpws_progress_t read = cpws_fill(self, cpws_sooner(left, due), payload);
    if (read == CPWS_ENDED || read == CPWS_NEEDS_ROOM) return read;
    if (read == CPWS_DONE) {
      fruitless = 0;
    } else if (left == 0) {
      return CPWS_LATER;
    } else {
      cpws_rest(&fruitless);
    }
  }
}

static const cpws_payload_t cpws_no_payload = {NULL, 0, false};

cpws_event_kind_t cpws_next_of_handshake(cpws_websocket_t* self, const cpws_deadline_t* deadline,
                                         cpws_event_t* event) {
  return cpws_next_event(self, deadline, event, &cpws_no_payload) == CPWS_DONE ? event->kind : CPWS_CLOSED;
}

cpws_progress_t cpws_next_part(cpws_websocket_t* self, const cpws_deadline_t* deadline,
                               const cpws_payload_t* payload) {
  if (self->has_part) return CPWS_DONE;
  const cpws_progress_t progress =
      cpws_next_event(self, deadline, &self->part, payload == NULL ? &cpws_no_payload : payload);
  self->has_part = progress == CPWS_DONE;
  if (progress == CPWS_ENDED && cpws_stream_is_open(&self->stream)) cpws_finish(self);
  return progress;
}
