#include "driver.h"

#include "exceptions.h"

enum {
  CPWS_LONGEST_WAIT = 1000,  // of one call of the socket's: whole seconds take no memory
  CPWS_SHORT_WAIT = 20,      // for bytes to read while others wait to be sent
  CPWS_LOOK_AGAIN = 100,     // after which a call that only sends looks at what has come
  CPWS_AT_ONCE = 50,         // what a call that does not wait may take, whatever comes
  CPWS_SHORTEST_LAST_WAIT = 100,
};

cpws_deadline_t cpws_deadline(int32_t limit) {
  const cpws_deadline_t deadline = {limit < 0 ? 0 : cpws_ticks(), limit};
  return deadline;
}

static int32_t cpws_left_at(const cpws_deadline_t* deadline, uint32_t now) {
  if (deadline->limit <= 0) return deadline->limit;
  const uint32_t passed = now - deadline->begin;
  return passed >= (uint32_t)deadline->limit ? 0 : deadline->limit - (int32_t)passed;
}

static int32_t cpws_left(const cpws_deadline_t* deadline) {
  return deadline->limit <= 0 ? deadline->limit : cpws_left_at(deadline, cpws_ticks());
}

bool cpws_is_over(const cpws_deadline_t* deadline) {
  if (deadline->limit < 0) return false;
  const uint32_t limit = deadline->limit == 0 ? CPWS_AT_ONCE : (uint32_t)deadline->limit;
  return cpws_ticks() - deadline->begin >= limit;
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
static CPWS_CATCHES mp_obj_t cpws_safe_str(const char* text, size_t size) {
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

static void cpws_drop_output(cpws_websocket_t* self) {
  self->is_sending = self->is_borrowed = false;
  self->sent_from = MP_OBJ_NULL;
}

static void cpws_shut_stream(cpws_websocket_t* self) {
  cpws_drop_output(self);
  cpws_stream_close(&self->stream);
}

void cpws_lose(cpws_websocket_t* self, const char* why) {
  cpws_note_failure(self, why, CPWS_BY_NETWORK);
  cpws_shut_stream(self);
}

// "the socket failed: " and what its exception says; or only the beginning, if there is no memory for it.
static CPWS_CATCHES void cpws_lose_by_failure(cpws_websocket_t* self) {
  static const char reset[] = "Connection reset by peer";
  static const char failed[] = "the socket failed: ";
  const mp_obj_t failure = self->stream.failure;
  if (!mp_obj_is_small_int(failure) && cpws_errno_of(failure) == CPWS_ECONNRESET) {
    cpws_lose(self, reset);
    return;
  }
  const bool is_first = self->close_code == 0;
  cpws_note_failure(self, failed, CPWS_BY_NETWORK);
  nlr_buf_t nlr;
  if (is_first && nlr_push(&nlr) == 0) {
    const mp_obj_t text = mp_call_function_n_kw(MP_OBJ_FROM_PTR(&mp_type_str), 1, 0, &failure);
    self->close_reason = mp_binary_op(MP_BINARY_OP_ADD, self->close_reason, text);
    nlr_pop();
  }
  cpws_shut_stream(self);
}

// Reads on until the server has ended the stream, which it does first (RFC 6455 §7.1.1).
static void cpws_discard(cpws_websocket_t* self, int32_t limit) {
  const cpws_deadline_t deadline = cpws_deadline(limit);
  unsigned fruitless = 0;
  for (;;) {
    const int32_t left = cpws_left(&deadline);
    size_t size;
    uint8_t* space = cpws_receive_space(cpws_engine_of(self), &size);
    const mp_int_t count =
        size == 0 ? 0 : cpws_stream_read(&self->stream, space, size, cpws_sooner(left, CPWS_LONGEST_WAIT));
    if (count == 0 || count == CPWS_FAILED || left == 0) return;
    if (count < 0) cpws_rest(&fruitless);
  }
}

static void cpws_send_close(cpws_websocket_t* self, uint16_t code, const cpws_deadline_t* deadline) {
  const cpws_text_t no_reason = {"", 0};
  while (cpws_close(cpws_engine_of(self), code, no_reason) == CPWS_WOULD_BLOCK) {
    if (cpws_flush(self, deadline) != CPWS_DONE) return;
  }
}

// Sends a close frame if there is a code, and the rest, within `limit`, waits for the server's end of stream,
// and closes, whatever happens meanwhile.
static CPWS_CATCHES void cpws_shut(cpws_websocket_t* self, uint16_t code, int32_t limit, int32_t wait) {
  self->is_ending = true;
  nlr_buf_t nlr;
  if (nlr_push(&nlr) == 0) {
    const cpws_deadline_t deadline = cpws_deadline(limit);
    if (code != 0) cpws_send_close(self, code, &deadline);
    if (cpws_flush(self, &deadline) == CPWS_DONE && wait > 0) cpws_discard(self, wait);
    nlr_pop();
    cpws_shut_stream(self);
  } else {
    cpws_shut_stream(self);
    nlr_raise(MP_OBJ_FROM_PTR(nlr.ret_val));
  }
}

// How long the server may take to end the stream: in a call that may not wait, as in a loop of asyncio, a
// moment only.
static int32_t cpws_last_wait(const cpws_websocket_t* self) {
  if (self->timeout < 0 || self->timeout > CPWS_CLOSE_TIMEOUT) return CPWS_CLOSE_TIMEOUT;
  return self->timeout > CPWS_SHORTEST_LAST_WAIT ? self->timeout : CPWS_SHORTEST_LAST_WAIT;
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
  // Hardware that does not tell the end of the stream need not be asked for it.
  end.awaits_eof = end.awaits_eof && self->stream.hardware != CPWS_ATCONTROL;
  if (end.is_violation) {
    cpws_shut(self, 0, CPWS_CLOSE_TIMEOUT, CPWS_DISCARD_TIMEOUT);
  } else {
    const int32_t limit = cpws_last_wait(self);
    cpws_shut(self, 0, limit, end.awaits_eof ? limit : 0);
  }
}

void cpws_refuse_size(cpws_websocket_t* self, const char* why, bool is_violation) {
  cpws_note_failure(self, why, CPWS_BY_US);
  self->is_violation = is_violation;
  self->told = 1009;
  self->has_part = self->is_whole = false;
  self->data = NULL;
  self->capacity = self->have = self->given = 0;
  cpws_shut(self, 1009, CPWS_CLOSE_TIMEOUT, CPWS_DISCARD_TIMEOUT);
}

void cpws_raise_end(cpws_websocket_t* self) {
  if (self->is_violation) {
    cpws_raise_closed(CPWS_TYPE(ProtocolError), self->told, self->close_reason, "us");
  }
  static const char names[][8] = {"network", "us", "peer", "network"};
  cpws_raise_closed(CPWS_TYPE(ConnectionClosed), self->close_code, self->close_reason, names[self->by]);
}

// --- Bytes out and in ---

static CPWS_CATCHES mp_int_t cpws_write_some(cpws_websocket_t* self, const uint8_t* data, size_t size,
                                             int32_t limit) {
  nlr_buf_t nlr;
  if (nlr_push(&nlr) == 0) {
    const mp_int_t count = cpws_stream_write(&self->stream, data, size, limit);
    nlr_pop();
    return count;
  }
  cpws_note_failure(self, "a frame could not be sent to its end", CPWS_BY_US);
  cpws_shut_stream(self);
  nlr_raise(MP_OBJ_FROM_PTR(nlr.ret_val));
}

static void cpws_end_of_stream(cpws_websocket_t* self) {
  self->has_eof = true;
  cpws_received_eof(cpws_engine_of(self));
}

// Looks at what has come, without waiting, if that is due or `at_once`: control frames are answered, and data
// stays in the buffer. ENDED: so has the connection.
cpws_progress_t cpws_look(cpws_websocket_t* self, bool at_once) {
  cpws_engine_t* engine = cpws_engine_of(self);
  const uint32_t now = cpws_ticks();
  if (self->is_ending || (!at_once && now - self->last_read < CPWS_LOOK_AGAIN)) return CPWS_DONE;
  self->last_read = now;
  size_t size = 0;
  // A part that was not taken yet stands in the buffer.
  uint8_t* space = self->has_part || self->has_eof ? NULL : cpws_receive_space(engine, &size);
  if (size > 0) {
    const mp_int_t count = cpws_stream_read(&self->stream, space, size, 0);
    if (count == CPWS_FAILED) {
      cpws_lose_by_failure(self);
      return CPWS_ENDED;
    }
    if (count == 0) cpws_end_of_stream(self);
    if (count > 0) cpws_received(engine, (size_t)count);
  }
  cpws_poll(engine, now);
  if (!cpws_answer_control_frames(engine)) return CPWS_DONE;
  cpws_finish(self);
  return CPWS_ENDED;
}

static cpws_progress_t cpws_write_failed(cpws_websocket_t* self) {
  const mp_obj_t failure = self->stream.failure;
  cpws_drop_output(self);
  cpws_send_failed(cpws_engine_of(self));
  if (cpws_look(self, true) == CPWS_ENDED) return CPWS_ENDED;  // a close frame tells more
  self->stream.failure = failure;
  cpws_lose_by_failure(self);
  return CPWS_ENDED;
}

// Puts more of what is to be sent into the buffer.
static void cpws_refill(cpws_websocket_t* self) {
  if (!self->is_sending) return;
  if (self->is_borrowed) {
    mp_buffer_info_t bytes;
    mp_get_buffer_raise(self->sent_from, &bytes, MP_BUFFER_READ);
    if (bytes.len != self->borrowed_size) {  // a socket or a callback in Python can change it meanwhile
      cpws_lose(self, "a message was changed while it was sent");
      return;
    }
    self->outgoing.data = (const uint8_t*)bytes.buf + (bytes.len - self->outgoing.size);
  }
  const cpws_result_t result = cpws_put(cpws_engine_of(self), &self->outgoing);
  if (result == CPWS_INVALID) cpws_lose(self, "the message was not text to its end");
  if (result != CPWS_WOULD_BLOCK) cpws_drop_output(self);
}

size_t cpws_pending(cpws_websocket_t* self) {
  size_t size;
  cpws_to_send(cpws_engine_of(self), &size);
  if (!cpws_stream_is_open(&self->stream)) return 0;
  return self->is_sending ? size + self->outgoing.size : size;
}

bool cpws_keep_rest(cpws_websocket_t* self) {
  if (!self->is_borrowed) return true;
  const size_t size = self->outgoing.size;
  uint8_t* copy = m_renew_maybe(uint8_t, NULL, 0, size + 1, true);
  if (copy == NULL) {
    cpws_lose(self, "no memory for the rest of a message");
    return false;
  }
  memcpy(copy, self->outgoing.data, size);
  self->outgoing.data = copy;
  self->sent_from = MP_OBJ_FROM_PTR(copy);  // for the garbage collector
  self->is_borrowed = false;
  return true;
}

// False when the server takes no byte for too long.
static bool cpws_is_patient(cpws_websocket_t* self) {
  const uint32_t now = cpws_ticks();
  if (!self->is_stuck) self->stuck_since = now;
  self->is_stuck = true;
  return now - self->stuck_since < CPWS_SEND_TIMEOUT;
}

cpws_progress_t cpws_flush(cpws_websocket_t* self, const cpws_deadline_t* deadline) {
  unsigned fruitless = 0;
  for (;;) {
    cpws_refill(self);
    if (!cpws_stream_is_open(&self->stream)) return CPWS_ENDED;
    size_t size;
    const uint8_t* data = cpws_to_send(cpws_engine_of(self), &size);
    if (size == 0) return CPWS_DONE;
    const int32_t left = cpws_left(deadline);
    const mp_int_t count = cpws_write_some(self, data, size, cpws_sooner(left, CPWS_LONGEST_WAIT));
    if (count == CPWS_FAILED) return cpws_write_failed(self);
    if (count > 0) {
      cpws_sent(cpws_engine_of(self), (size_t)count);
      self->is_stuck = false;
      fruitless = 0;
      if (cpws_pending(self) == 0) return CPWS_DONE;
      if (!cpws_is_over(deadline)) continue;
      return CPWS_LATER;
    }
    if (!cpws_is_patient(self)) {
      cpws_lose(self, "a frame could not be sent to its end");
      return CPWS_ENDED;
    }
    if (left == 0) return CPWS_LATER;
    if (cpws_look(self, false) == CPWS_ENDED) return CPWS_ENDED;
    cpws_rest(&fruitless);
  }
}

// Reads once. LATER: nothing was there within `limit`.
static cpws_progress_t cpws_fill(cpws_websocket_t* self, int32_t limit, const cpws_payload_t* payload) {
  cpws_engine_t* engine = cpws_engine_of(self);
  const uint64_t outstanding = payload->takes_all || payload->room > 0 ? cpws_payload_outstanding(engine) : 0;
  if (payload->takes_all && outstanding > payload->room) return CPWS_NEEDS_ROOM;
  uint8_t* space = payload->data;
  size_t size = payload->room;
  if (outstanding == 0) {
    space = cpws_receive_space(engine, &size);
    if (size == 0) return CPWS_LATER;  // a reply waits for room
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
    cpws_end_of_stream(self);
  } else if (outstanding == 0) {
    cpws_received(engine, (size_t)count);
  } else {
    cpws_received_payload(engine, space, (size_t)count);
  }
  return CPWS_DONE;
}

// Works towards the next event: DONE, and `event` tells it. ENDED: the stream has failed, or the event is the
// end. What waits to be sent goes out before every wait, as far as the socket takes it.
static cpws_progress_t cpws_next_event(cpws_websocket_t* self, const cpws_deadline_t* deadline,
                                       cpws_event_t* event, const cpws_payload_t* payload) {
  unsigned fruitless = 0;
  bool has_read = false;
  for (;;) {
    if (!cpws_stream_is_open(&self->stream)) return CPWS_ENDED;
    const uint32_t now = cpws_ticks();
    int32_t due = cpws_poll(cpws_engine_of(self), now);
    if (self->closing_limit > 0) {
      const cpws_deadline_t closing = {self->closing_since, self->closing_limit};
      const int32_t left = cpws_left_at(&closing, now);
      if (left == 0) {
        cpws_lose(self, "the peer did not finish the closing handshake in time");
        return CPWS_ENDED;
      }
      due = cpws_sooner(due, left);
    }
    event->kind = cpws_next(cpws_engine_of(self), event);
    if (event->kind == CPWS_CLOSED) return CPWS_ENDED;
    if (event->kind != CPWS_NOTHING && event->kind != CPWS_PART) return CPWS_DONE;
    const bool has_output = cpws_pending(self) > 0;
    const cpws_deadline_t at_once = {now, 0};
    const cpws_progress_t sent = has_output ? cpws_flush(self, &at_once) : CPWS_DONE;
    if (event->kind == CPWS_PART) return CPWS_DONE;
    if (sent == CPWS_ENDED) return CPWS_ENDED;
    if (has_output && sent == CPWS_DONE) continue;  // replies may have waited for the room
    if (has_read && cpws_is_over(deadline)) return CPWS_LATER;
    const int32_t left = cpws_left_at(deadline, now);
    const int32_t longest = sent == CPWS_LATER ? CPWS_SHORT_WAIT : CPWS_LONGEST_WAIT;
    self->last_read = now;
    const cpws_progress_t read = cpws_fill(self, cpws_sooner(cpws_sooner(left, due), longest), payload);
    if (read == CPWS_ENDED || read == CPWS_NEEDS_ROOM) return read;
    if (read == CPWS_DONE) {
      fruitless = 0;
      has_read = true;
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
