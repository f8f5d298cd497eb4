// What a program receives: messages, whole or by parts, and frames.
#include "driver.h"
#include "exceptions.h"

static void cpws_drop_data(cpws_websocket_t* self) {
  self->data = NULL;
  self->capacity = self->have = self->given = 0;
  self->is_whole = false;
}

// Room for `needed` bytes: a message of one frame is allocated once. With more fragments to come it grows by
// halves, as many small ones must not be moved each time.
static void cpws_make_room(cpws_websocket_t* self, uint64_t needed) {
  if (self->data != NULL && needed <= self->capacity) return;
  const uint64_t grown = (uint64_t)self->capacity + self->capacity / 2;
  for (const uint64_t* size = needed < grown ? &grown : &needed;; size = &needed) {
    uint8_t* data = NULL;
    if (*size < SIZE_MAX / 2) {
      data = m_renew_maybe(uint8_t, self->data, self->data == NULL ? 0 : self->capacity + 1,
                           (size_t)*size + 1, true);
    }
    if (data != NULL) {
      self->data = data;
      self->capacity = (size_t)*size;
      return;
    }
    if (size == &needed) {
      cpws_refuse_size(self, "no memory for a message", false);
      cpws_raise_no_memory();
    }
  }
}

// The part goes into the message; it may be there already.
static void cpws_collect(cpws_websocket_t* self) {
  cpws_make_room(self,
                 (uint64_t)self->have + self->part.size + cpws_frame_payload_left(cpws_engine_of(self)));
  if (self->part.size > 0 && self->part.bytes != self->data + self->have) {
    memcpy(self->data + self->have, self->part.bytes, self->part.size);
  }
  self->have += self->part.size;
  self->has_part = false;
  self->is_whole = self->part.last;
}

static mp_obj_t cpws_give_data(cpws_websocket_t* self, bool text) {
  uint8_t* data = self->data;
  const size_t size = self->have - self->given;
  if (self->given > 0) memmove(data, data + self->given, size);  // recv_into() had the beginning
  if (size < self->capacity) {
    data = m_renew_maybe(uint8_t, data, self->capacity + 1, size + 1, false);
    if (data == NULL) data = self->data;
  }
  const mp_obj_t message = cpws_adopt(text, data, size);
  cpws_drop_data(self);
  return message;
}

// A whole small message, straight from the buffer.
static mp_obj_t cpws_give_part(cpws_websocket_t* self, bool text) {
  const size_t size = self->part.size;
  uint8_t* data = m_new(uint8_t, size + 1);
  if (size > 0) memcpy(data, self->part.bytes, size);
  const mp_obj_t message = cpws_adopt(text, data, size);
  self->has_part = false;
  return message;
}

// The next part; its payload goes straight into the message.
static cpws_progress_t cpws_next_part_into_data(cpws_websocket_t* self, const cpws_deadline_t* deadline) {
  for (;;) {
    const bool has_data = self->data != NULL;
    const cpws_payload_t payload = {has_data ? self->data + self->have : NULL,
                                    has_data ? self->capacity - self->have : 0, true};
    const cpws_progress_t progress = cpws_next_part(self, deadline, &payload);
    if (progress != CPWS_NEEDS_ROOM) return progress;
    cpws_make_room(self, self->have + cpws_payload_outstanding(cpws_engine_of(self)));
  }
}

// The message, MP_OBJ_NULL if none came in time, or MP_OBJ_SENTINEL at the end.
static mp_obj_t cpws_receive(cpws_websocket_t* self) {
  if (!cpws_stream_is_open(&self->stream)) return MP_OBJ_SENTINEL;
  const cpws_deadline_t deadline = cpws_deadline(self->timeout);
  while (!self->is_whole) {  // or it is, when there was no memory for the object of it
    const cpws_progress_t progress = cpws_next_part_into_data(self, &deadline);
    if (progress == CPWS_ENDED) return MP_OBJ_SENTINEL;
    if (progress == CPWS_LATER) return MP_OBJ_NULL;
    if (self->part.last && self->data == NULL) return cpws_give_part(self, self->part.text);
    cpws_collect(self);
    if (!self->is_whole && cpws_is_over(&deadline)) return MP_OBJ_NULL;
  }
  return cpws_give_data(self, self->part.text);
}

static mp_obj_t cpws_not_yet(const cpws_websocket_t* self) {
  if (self->timeout != 0) mp_raise_OSError(CPWS_ETIMEDOUT);
  return mp_const_none;
}

static mp_obj_t cpws_do_recv(cpws_websocket_t* self, size_t n_args, const mp_obj_t* args, mp_map_t* kw_args) {
  (void)n_args;
  (void)args;
  (void)kw_args;
  const mp_obj_t message = cpws_receive(self);
  if (message == MP_OBJ_SENTINEL) cpws_raise_end(self);
  return message == MP_OBJ_NULL ? cpws_not_yet(self) : message;
}

static mp_obj_t cpws_websocket_recv(mp_obj_t self) {
  return cpws_use(cpws_do_recv, 1, &self, NULL);
}
MP_DEFINE_CONST_FUN_OBJ_1(cpws_recv_obj, cpws_websocket_recv);

static mp_obj_t cpws_do_next(cpws_websocket_t* self, size_t n_args, const mp_obj_t* args, mp_map_t* kw_args) {
  (void)n_args;
  (void)args;
  (void)kw_args;
  const mp_obj_t message = cpws_receive(self);
  if (message != MP_OBJ_SENTINEL) return message == MP_OBJ_NULL ? cpws_not_yet(self) : message;
  const bool is_normal = self->close_code == 1000 || self->close_code == 1001 || self->close_code == 1005;
  if (!is_normal || self->by == CPWS_BY_NETWORK) cpws_raise_end(self);
  return MP_OBJ_STOP_ITERATION;
}

mp_obj_t cpws_websocket_iternext(mp_obj_t self) {
  return cpws_use(cpws_do_next, 1, &self, NULL);
}

static size_t cpws_give_into(cpws_websocket_t* self, mp_buffer_info_t* to) {
  // A recv() that timed out has collected the beginning.
  const size_t left = self->have - self->given;
  const size_t count = left < to->len ? left : to->len;
  memcpy(to->buf, self->data + self->given, count);
  self->given += count;
  if (self->given == self->have) cpws_drop_data(self);
  return count;
}

static mp_obj_t cpws_do_recv_into(cpws_websocket_t* self, size_t n_args, const mp_obj_t* args,
                                  mp_map_t* kw_args) {
  (void)n_args;
  (void)kw_args;
  mp_buffer_info_t to;
  mp_get_buffer_raise(args[0], &to, MP_BUFFER_WRITE);
  cpws_check_open(self);
  if (to.len == 0) cpws_raise(&mp_type_ValueError, "the buffer has no room");
  if (self->have > self->given || self->is_whole) {
    self->is_text = self->part.text;
    const bool is_whole = self->is_whole;
    const size_t count = cpws_give_into(self, &to);
    self->more = !is_whole || self->data != NULL;
    return MP_OBJ_NEW_SMALL_INT(count);
  }
  cpws_drop_data(self);
  const cpws_deadline_t deadline = cpws_deadline(self->timeout);
  const cpws_payload_t payload = {to.buf, to.len, false};
  for (;;) {
    const cpws_progress_t progress = cpws_next_part(self, &deadline, &payload);
    if (progress == CPWS_ENDED) cpws_raise_end(self);
    if (progress == CPWS_LATER) return cpws_not_yet(self);
    cpws_event_t* part = &self->part;
    const size_t count = part->size < to.len ? part->size : to.len;
    if (count > 0 && part->bytes != to.buf) memcpy(to.buf, part->bytes, count);
    part->bytes += count;
    part->size -= count;
    self->has_part = part->size > 0;
    self->is_text = part->text;
    self->more = self->has_part || !part->last;
    if (count > 0 || !self->more) return MP_OBJ_NEW_SMALL_INT(count);
    if (cpws_is_over(&deadline)) return cpws_not_yet(self);
  }
}

static mp_obj_t cpws_websocket_recv_into(mp_obj_t self, mp_obj_t buffer) {
  const mp_obj_t args[2] = {self, buffer};
  return cpws_use(cpws_do_recv_into, 2, args, NULL);
}
MP_DEFINE_CONST_FUN_OBJ_2(cpws_recv_into_obj, cpws_websocket_recv_into);

static void cpws_check_frame_size(cpws_websocket_t* self, uint64_t size, mp_int_t limit) {
  if (limit < 0 || size <= (uint64_t)limit) return;
  cpws_refuse_size(self, "a frame is larger than the limit", true);
  cpws_raise_end(self);
}

static mp_obj_t cpws_do_read_frame(cpws_websocket_t* self, size_t n_args, const mp_obj_t* args,
                                   mp_map_t* kw_args) {
  (void)kw_args;
  mp_int_t limit = -1;
  if (n_args > 0 && args[0] != mp_const_none) {
    limit = mp_obj_get_int(args[0]);
    if (limit < 0) cpws_raise(&mp_type_ValueError, "max_size is None or 0 and more");
  }
  cpws_check_open(self);
  const cpws_deadline_t deadline = cpws_deadline(self->timeout);
  for (bool is_ended = self->is_whole; !is_ended; is_ended = self->part.frame_ends) {
    // Not straight into the message before the frame's size was checked.
    const bool is_begun = self->data != NULL;
    const cpws_progress_t progress =
        is_begun ? cpws_next_part_into_data(self, &deadline) : cpws_next_part(self, &deadline, NULL);
    if (progress == CPWS_ENDED) cpws_raise_end(self);
    if (progress == CPWS_LATER) cpws_raise(CPWS_TYPE(NoDataException), "no whole frame has come yet");
    if (!is_begun) {
      cpws_check_frame_size(self, self->part.size + cpws_frame_payload_left(cpws_engine_of(self)), limit);
      self->frame_opcode = !self->part.first ? 0 : self->part.text ? 1 : 2;
    }
    cpws_collect(self);
  }
  mp_obj_t items[3] = {mp_obj_new_bool(self->part.last), MP_OBJ_NEW_SMALL_INT(self->frame_opcode),
                       mp_const_none};
  const mp_obj_t frame = mp_obj_new_tuple(3, items);
  ((mp_obj_tuple_t*)MP_OBJ_TO_PTR(frame))->items[2] = cpws_give_data(self, false);
  return frame;
}

static mp_obj_t cpws_websocket_read_frame(size_t n_args, const mp_obj_t* args) {
  return cpws_use(cpws_do_read_frame, n_args, args, NULL);
}
MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(cpws_read_frame_obj, 1, 2, cpws_websocket_read_frame);
