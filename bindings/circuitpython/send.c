// What a program sends: messages, whole or by parts, frames, pings, and the close.
#include "driver.h"
#include "exceptions.h"

enum { CPWS_SENDING_NOTHING, CPWS_SENDING_TEXT, CPWS_SENDING_BINARY };

enum {
  CPWS_OP_CONT = 0,
  CPWS_OP_TEXT = 1,
  CPWS_OP_BYTES = 2,
  CPWS_OP_CLOSE = 8,
  CPWS_OP_PING = 9,
  CPWS_OP_PONG = 10
};

static __attribute__((noreturn)) void cpws_raise_not_in_time(const cpws_websocket_t* self) {
  mp_raise_OSError(self->timeout == 0 ? CPWS_EAGAIN : CPWS_ETIMEDOUT);
  for (;;) {
  }
}

static const uint8_t* cpws_bytes_of(mp_obj_t object, size_t* size) {
  mp_buffer_info_t bytes;
  if (!mp_get_buffer(object, &bytes, MP_BUFFER_READ)) {
    cpws_raise(&mp_type_TypeError, "send() takes str, bytes, bytearray or memoryview");
  }
  *size = bytes.len;
  return bytes.buf;
}

// Waits for room until the time is up.
static void cpws_make_way(cpws_websocket_t* self, const cpws_deadline_t* deadline) {
  const cpws_progress_t progress = cpws_flush(self, deadline);
  if (progress == CPWS_ENDED) cpws_raise_end(self);
  if (progress == CPWS_LATER) cpws_raise_not_in_time(self);
}

static bool cpws_may_change(mp_obj_t object) {
  return !mp_obj_is_str(object) && mp_obj_get_type(object) != &mp_type_bytes;
}

// Takes a message, or a part of one, as a whole or not at all. What is not out in time goes out with the next
// calls; what does not fit the buffer stays where it is until then.
static void cpws_send_message(cpws_websocket_t* self, bool text, mp_obj_t object, bool more,
                              size_t frame_size) {
  cpws_engine_t* engine = cpws_engine_of(self);
  const cpws_deadline_t deadline = cpws_deadline(self->timeout);
  if (cpws_look(self, false) == CPWS_ENDED) cpws_raise_end(self);
  cpws_outgoing_t message = {.frame_size = frame_size, .text = text, .more = more};
  for (;;) {
    message.data = cpws_bytes_of(object, &message.size);
    self->borrowed_size = message.size;
    const cpws_result_t result = self->is_sending ? CPWS_WOULD_BLOCK : cpws_put(engine, &message);
    if (result == CPWS_ACCEPTED) break;
    if (result == CPWS_DEAD) cpws_raise(&mp_type_RuntimeError, "nothing can be sent after the close frame");
    if (result == CPWS_INVALID) {
      if (message.begun || cpws_frame_is_unfinished(engine))
        cpws_lose(self, "the message was not text to its end");
      cpws_raise(&mp_type_ValueError, "text must be UTF-8");
    }
    if (message.begun) {
      self->outgoing = message;
      self->sent_from = object;
      self->is_sending = true;
      self->is_borrowed = cpws_may_change(object);
      break;
    }
    cpws_make_way(self, &deadline);
  }
  if (cpws_flush(self, &deadline) == CPWS_ENDED) cpws_raise_end(self);
  if (!cpws_keep_rest(self)) cpws_raise_no_memory();
}

static mp_obj_t cpws_do_send(cpws_websocket_t* self, size_t n_args, const mp_obj_t* pos_args,
                             mp_map_t* kw_args) {
  enum { ARG_buf, ARG_more };
  const mp_arg_t allowed[] = {
      {MP_QSTR_buf, MP_ARG_REQUIRED | MP_ARG_OBJ, {.u_obj = MP_OBJ_NULL}},
      {MP_QSTR_more, MP_ARG_KW_ONLY | MP_ARG_BOOL, {.u_bool = false}},
  };
  mp_arg_val_t args[MP_ARRAY_SIZE(allowed)];
  mp_arg_parse_all(n_args, pos_args, kw_args, MP_ARRAY_SIZE(allowed), allowed, args);

  cpws_check_open(self);
  size_t size;
  const uint8_t* data = cpws_bytes_of(args[ARG_buf].u_obj, &size);
  const bool text = mp_obj_is_str(args[ARG_buf].u_obj);
  if (text && !cpws_is_utf8(data, size)) cpws_raise(&mp_type_ValueError, "text must be UTF-8");
  const uint8_t kind = text ? CPWS_SENDING_TEXT : CPWS_SENDING_BINARY;
  if (self->sending != CPWS_SENDING_NOTHING && self->sending != kind) {
    cpws_raise(&mp_type_TypeError, "the parts of a message are all str, or all binary");
  }
  cpws_send_message(self, text, args[ARG_buf].u_obj, args[ARG_more].u_bool, self->frame_size);
  self->sending = args[ARG_more].u_bool ? kind : CPWS_SENDING_NOTHING;
  return mp_const_none;
}

static mp_obj_t cpws_websocket_send(size_t n_args, const mp_obj_t* pos_args, mp_map_t* kw_args) {
  return cpws_use(cpws_do_send, n_args, pos_args, kw_args);
}
MP_DEFINE_CONST_FUN_OBJ_KW(cpws_send_obj, 1, cpws_websocket_send);

typedef enum { CPWS_PING, CPWS_PONG, CPWS_CLOSE } cpws_control_t;

static int32_t cpws_closing_limit(const cpws_websocket_t* self) {
  return self->timeout > 0 && self->timeout < CPWS_CLOSE_TIMEOUT ? self->timeout : CPWS_CLOSE_TIMEOUT;
}

static void cpws_send_control(cpws_websocket_t* self, cpws_control_t kind, const uint8_t* data, size_t size) {
  cpws_engine_t* engine = cpws_engine_of(self);
  const cpws_deadline_t deadline = cpws_deadline(self->timeout);
  if (cpws_look(self, false) == CPWS_ENDED) cpws_raise_end(self);
  for (;;) {
    cpws_result_t result;
    if (kind == CPWS_PING) {
      result = cpws_ping(engine, data, size);
    } else if (kind == CPWS_PONG) {
      result = cpws_pong(engine, data, size);
    } else {
      const bool has_code = size >= 2;
      const cpws_text_t reason = {has_code ? (const char*)data + 2 : "", has_code ? size - 2 : 0};
      result = cpws_close(engine, (uint16_t)(has_code ? data[0] << 8 | data[1] : 1005), reason);
    }
    if (result == CPWS_WOULD_BLOCK) {
      cpws_make_way(self, &deadline);
      continue;
    }
    if (result == CPWS_INVALID) cpws_raise(&mp_type_ValueError, "the payload cannot stand in such a frame");
    if (kind == CPWS_CLOSE) {
      self->closing_since = cpws_ticks();
      self->closing_limit = cpws_closing_limit(self);
    }
    if (cpws_flush(self, &deadline) == CPWS_ENDED) cpws_raise_end(self);
    return;
  }
}

static mp_obj_t cpws_do_ping(cpws_websocket_t* self, size_t n_args, const mp_obj_t* args, mp_map_t* kw_args) {
  (void)kw_args;
  cpws_check_open(self);
  size_t size = 0;
  const uint8_t* data = n_args > 0 ? cpws_bytes_of(args[0], &size) : NULL;
  if (size > 125) cpws_raise(&mp_type_ValueError, "a ping has at most 125 bytes");
  cpws_send_control(self, CPWS_PING, data, size);
  return mp_const_none;
}

static mp_obj_t cpws_websocket_ping(size_t n_args, const mp_obj_t* args) {
  return cpws_use(cpws_do_ping, n_args, args, NULL);
}
MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(cpws_ping_obj, 1, 2, cpws_websocket_ping);

static mp_obj_t cpws_do_write_frame(cpws_websocket_t* self, size_t n_args, const mp_obj_t* pos_args,
                                    mp_map_t* kw_args) {
  enum { ARG_opcode, ARG_data, ARG_fin };
  const mp_arg_t allowed[] = {
      {MP_QSTR_opcode, MP_ARG_REQUIRED | MP_ARG_INT, {.u_int = 0}},
      {MP_QSTR_data, MP_ARG_OBJ, {.u_obj = MP_OBJ_NULL}},
      {MP_QSTR_fin, MP_ARG_BOOL, {.u_bool = true}},
  };
  mp_arg_val_t args[MP_ARRAY_SIZE(allowed)];
  mp_arg_parse_all(n_args, pos_args, kw_args, MP_ARRAY_SIZE(allowed), allowed, args);

  cpws_check_open(self);
  size_t size = 0;
  const uint8_t* data =
      args[ARG_data].u_obj != MP_OBJ_NULL ? cpws_bytes_of(args[ARG_data].u_obj, &size) : NULL;
  const mp_int_t opcode = args[ARG_opcode].u_int;
  if (opcode == CPWS_OP_PING || opcode == CPWS_OP_PONG || opcode == CPWS_OP_CLOSE) {
    if (!args[ARG_fin].u_bool) cpws_raise(&mp_type_ValueError, "a control frame is one frame");
    cpws_send_control(self,
                      opcode == CPWS_OP_PING   ? CPWS_PING
                      : opcode == CPWS_OP_PONG ? CPWS_PONG
                                               : CPWS_CLOSE,
                      data, size);
    return mp_const_none;
  }
  if (opcode != CPWS_OP_CONT && opcode != CPWS_OP_TEXT && opcode != CPWS_OP_BYTES) {
    cpws_raise(&mp_type_ValueError, "the opcode is reserved");
  }
  if ((opcode == CPWS_OP_CONT) == (self->sending == CPWS_SENDING_NOTHING)) {
    cpws_raise(&mp_type_ValueError,
               "a message is begun by text or binary, and goes on with continuation frames");
  }
  const bool more = !args[ARG_fin].u_bool;
  const uint8_t kind = opcode == CPWS_OP_CONT   ? self->sending
                       : opcode == CPWS_OP_TEXT ? CPWS_SENDING_TEXT
                                                : CPWS_SENDING_BINARY;
  const mp_obj_t payload = args[ARG_data].u_obj != MP_OBJ_NULL ? args[ARG_data].u_obj : mp_const_empty_bytes;
  cpws_send_message(self, kind == CPWS_SENDING_TEXT, payload, more, SIZE_MAX);
  self->sending = more ? kind : CPWS_SENDING_NOTHING;
  return mp_const_none;
}

static mp_obj_t cpws_websocket_write_frame(size_t n_args, const mp_obj_t* pos_args, mp_map_t* kw_args) {
  return cpws_use(cpws_do_write_frame, n_args, pos_args, kw_args);
}
MP_DEFINE_CONST_FUN_OBJ_KW(cpws_write_frame_obj, 1, cpws_websocket_write_frame);

// The closing handshake, as far as it comes; messages that come meanwhile are dropped.
static void cpws_close_handshake(cpws_websocket_t* self, uint16_t code, cpws_text_t reason) {
  cpws_engine_t* engine = cpws_engine_of(self);
  self->timeout = cpws_closing_limit(self);  // for what follows, too: it is the last call that waits
  const cpws_deadline_t deadline = cpws_deadline(self->timeout);
  cpws_poll(engine, cpws_ticks());
  while (cpws_close(engine, code, reason) == CPWS_WOULD_BLOCK) {
    if (cpws_flush(self, &deadline) != CPWS_DONE) break;
  }
  cpws_progress_t progress;
  do {
    self->has_part = false;
    self->data = NULL;
    progress = cpws_next_part(self, &deadline, NULL);
  } while (progress == CPWS_DONE);
  if (progress == CPWS_LATER) cpws_lose(self, "the peer did not finish the closing handshake in time");
}

static CPWS_CATCHES void cpws_close_whatever_happens(cpws_websocket_t* self, uint16_t code,
                                                     cpws_text_t reason) {
  nlr_buf_t nlr;
  if (nlr_push(&nlr) == 0) {
    cpws_close_handshake(self, code, reason);
    nlr_pop();
  } else {
    cpws_lose(self, "the closing handshake was interrupted");
    nlr_raise(MP_OBJ_FROM_PTR(nlr.ret_val));
  }
}

static mp_obj_t cpws_do_close(cpws_websocket_t* self, size_t n_args, const mp_obj_t* pos_args,
                              mp_map_t* kw_args) {
  enum { ARG_code, ARG_reason };
  const mp_arg_t allowed[] = {
      {MP_QSTR_code, MP_ARG_INT, {.u_int = 1000}},
      {MP_QSTR_reason, MP_ARG_OBJ, {.u_obj = MP_OBJ_NULL}},
  };
  mp_arg_val_t args[MP_ARRAY_SIZE(allowed)];
  mp_arg_parse_all(n_args, pos_args, kw_args, MP_ARRAY_SIZE(allowed), allowed, args);

  const cpws_text_t none = {"", 0};
  const cpws_text_t reason = args[ARG_reason].u_obj != MP_OBJ_NULL
                                 ? cpws_text_of(args[ARG_reason].u_obj, "a reason is a str")
                                 : none;
  const mp_int_t code = args[ARG_code].u_int;
  const char* error = cpws_check_close(code < 0 || code > 0xFFFF ? 0 : (uint32_t)code, reason);
  if (error != NULL) cpws_raise(&mp_type_ValueError, error);
  if (cpws_stream_is_open(&self->stream)) cpws_close_whatever_happens(self, (uint16_t)code, reason);
  return mp_const_none;
}

static mp_obj_t cpws_websocket_close(size_t n_args, const mp_obj_t* pos_args, mp_map_t* kw_args) {
  return cpws_use(cpws_do_close, n_args, pos_args, kw_args);
}
MP_DEFINE_CONST_FUN_OBJ_KW(cpws_close_obj, 1, cpws_websocket_close);

static mp_obj_t cpws_do_exit(cpws_websocket_t* self, size_t n_args, const mp_obj_t* args, mp_map_t* kw_args) {
  (void)n_args;
  (void)args;
  (void)kw_args;
  const cpws_text_t none = {"", 0};
  if (cpws_stream_is_open(&self->stream)) cpws_close_whatever_happens(self, 1000, none);
  return mp_const_none;
}

static mp_obj_t cpws_websocket_exit(size_t n_args, const mp_obj_t* args) {
  return cpws_use(cpws_do_exit, n_args, args, NULL);
}
MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(cpws_exit_obj, 1, 4, cpws_websocket_exit);
