#include "websocket.h"

#include "driver.h"
#include "exceptions.h"

cpws_text_t cpws_text_of(mp_obj_t object, const char* error) {
  if (!mp_obj_is_str(object)) cpws_raise(&mp_type_TypeError, error);
  cpws_text_t text;
  text.data = mp_obj_str_get_data(object, &text.size);
  return text;
}

cpws_options_t cpws_options(mp_obj_t timeout, mp_obj_t max_size, mp_int_t buffer_size, mp_obj_t keepalive) {
  cpws_options_t options;
  options.timeout = cpws_milliseconds(timeout);
  options.handshake_timeout = options.timeout > 0 ? options.timeout : 10000;
  const bool is_short = options.timeout > 0 && options.timeout < CPWS_CLOSE_TIMEOUT;
  options.close_timeout = is_short ? options.timeout : CPWS_CLOSE_TIMEOUT;
  options.max_size = UINT64_MAX;
  if (max_size != mp_const_none) {
    const mp_int_t size = mp_obj_get_int(max_size);
    if (size < 0) cpws_raise(&mp_type_ValueError, "max_size is None or 0 and more");
    options.max_size = (uint64_t)size;
  }
  if (buffer_size < CPWS_SMALLEST_BUFFER) cpws_raise(&mp_type_ValueError, "buffer_size is at least 1024");
  options.buffer_size = buffer_size;
  options.keepalive = keepalive == mp_const_none ? 0 : cpws_milliseconds(keepalive);
  return options;
}

cpws_websocket_t* cpws_websocket_new(const mp_obj_type_t* type, const cpws_options_t* options) {
  const size_t size = sizeof(cpws_websocket_t) + cpws_engine_size();
  cpws_websocket_t* self = (cpws_websocket_t*)mp_obj_malloc_helper(size, type);
  memset((uint8_t*)self + sizeof self->base, 0, size - sizeof self->base);
  self->close_reason = self->subprotocol = mp_const_none;
  self->timeout = options->timeout;
  self->buffer = m_new(uint8_t, options->buffer_size);

  uint8_t seed[CPWS_SEED_SIZE];
  cpws_random(seed, sizeof seed);
  const cpws_settings_t settings = {
      .buffer = self->buffer,
      .buffer_size = (size_t)options->buffer_size,
      .max_message_size = options->max_size,
      .handshake_timeout = options->handshake_timeout,
      .close_timeout = options->close_timeout,
      .keepalive = options->keepalive,
      .seed = seed,
      .now = cpws_ticks(),
  };
  cpws_init(cpws_engine_of(self), &settings);
  return self;
}

// --- The opening handshake ---

static bool cpws_is_ascii(const char* data, size_t size) {
  for (size_t i = 0; i < size; ++i) {
    if ((uint8_t)data[i] >= 0x80) return false;
  }
  return true;
}

// A header's text as str: in lower case if it is a name; what is not ASCII becomes '?'.
static mp_obj_t cpws_header_text(cpws_text_t text, bool is_name) {
  if (!is_name && cpws_is_ascii(text.data, text.size)) return mp_obj_new_str(text.data, text.size);
  uint8_t* data = m_new(uint8_t, text.size + 1);
  for (size_t i = 0; i < text.size; ++i) {
    const char c = text.data[i];
    data[i] = (uint8_t)c >= 0x80 ? '?' : (uint8_t)(is_name && c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c);
  }
  return cpws_adopt(true, data, text.size);
}

static __attribute__((noreturn)) void cpws_raise_refused(const cpws_event_t* refused) {
  const mp_obj_t body = mp_obj_new_bytes(refused->bytes, refused->size);
  const mp_obj_t headers = mp_obj_new_dict(0);
  cpws_text_t rest = refused->headers;
  for (cpws_header_t field; cpws_next_header(&rest, &field);) {
    mp_obj_dict_store(headers, cpws_header_text(field.name, true), cpws_header_text(field.value, false));
  }
  char message[] = "handshake refused: HTTP ... (expected 101)";
  char* digits = message + sizeof "handshake refused: HTTP " - 1;
  digits[0] = (char)('0' + refused->status / 100);
  digits[1] = (char)('0' + refused->status / 10 % 10);
  digits[2] = (char)('0' + refused->status % 10);
  cpws_raise_handshake_error(message, refused->status, headers, body);
}

void cpws_websocket_request(cpws_websocket_t* self, const cpws_url_t* url, const cpws_request_t* request) {
  const char* error = cpws_open(cpws_engine_of(self), url, request);
  if (error != NULL) cpws_raise(&mp_type_ValueError, error);
}

void cpws_websocket_handshake(cpws_websocket_t* self, const mp_obj_t* subprotocols) {
  cpws_engine_t* engine = cpws_engine_of(self);
  cpws_restart_clock(engine, cpws_ticks());
  const cpws_deadline_t forever = cpws_deadline(-1);  // the core has the time-out
  cpws_event_t event;
  switch (cpws_next_of_handshake(self, &forever, &event)) {
    case CPWS_OPENED:
      if (event.subprotocol >= 0) self->subprotocol = subprotocols[event.subprotocol];
      return;
    case CPWS_REFUSED:
      cpws_raise_refused(&event);
    default:
      break;
  }
  cpws_end_t end;
  cpws_end(engine, &end);
  if (end.failure == NULL) end.failure = "the connection ended during the opening handshake";
  cpws_raise_handshake_error(end.failure, 0, mp_const_none, mp_const_empty_bytes);
}

// --- For programs ---

mp_obj_t cpws_websocket_make_new(const mp_obj_type_t* type, size_t n_args, size_t n_kw,
                                 const mp_obj_t* all_args) {
  enum { ARG_sock, ARG_timeout, ARG_max_size, ARG_buffer_size, ARG_keepalive };
  const mp_arg_t allowed[] = {
      {MP_QSTR_sock, MP_ARG_REQUIRED | MP_ARG_OBJ, {.u_obj = MP_OBJ_NULL}},
      {MP_QSTR_timeout, MP_ARG_KW_ONLY | MP_ARG_OBJ, {.u_obj = mp_const_none}},
      {MP_QSTR_max_size, MP_ARG_KW_ONLY | MP_ARG_OBJ, {.u_obj = mp_const_none}},
      {MP_QSTR_buffer_size, MP_ARG_KW_ONLY | MP_ARG_INT, {.u_int = CPWS_BUFFER_SIZE}},
      {MP_QSTR_keepalive, MP_ARG_KW_ONLY | MP_ARG_OBJ, {.u_obj = mp_const_none}},
  };
  mp_arg_val_t args[MP_ARRAY_SIZE(allowed)];
  mp_arg_parse_all_kw_array(n_args, n_kw, all_args, MP_ARRAY_SIZE(allowed), allowed, args);
  const cpws_options_t options = cpws_options(args[ARG_timeout].u_obj, args[ARG_max_size].u_obj,
                                              args[ARG_buffer_size].u_int, args[ARG_keepalive].u_obj);
  cpws_websocket_t* self = cpws_websocket_new(type, &options);
  cpws_stream_init(&self->stream, args[ARG_sock].u_obj);
  cpws_assume_open(cpws_engine_of(self), type == CPWS_TYPE(WebsocketClient));
  return MP_OBJ_FROM_PTR(self);
}

static mp_obj_t cpws_latency_of(cpws_websocket_t* self) {
  uint32_t microseconds;
  if (!cpws_round_trip(cpws_engine_of(self), &microseconds)) return mp_const_none;
  return cpws_seconds_of_microseconds(microseconds);
}

void cpws_websocket_attr(mp_obj_t self_in, qstr name, mp_obj_t* dest) {
  cpws_websocket_t* self = MP_OBJ_TO_PTR(self_in);
  if (dest[0] != MP_OBJ_NULL) return;  // none can be set
  if (name == MP_QSTR_open) {
    dest[0] = mp_obj_new_bool(cpws_stream_is_open(&self->stream));
  } else if (name == MP_QSTR_close_code) {
    dest[0] = self->close_code == 0 ? mp_const_none : MP_OBJ_NEW_SMALL_INT(self->close_code);
  } else if (name == MP_QSTR_close_reason) {
    dest[0] = self->close_reason == mp_const_none ? MP_OBJ_NEW_QSTR(MP_QSTR_) : self->close_reason;
  } else if (name == MP_QSTR_subprotocol) {
    dest[0] = self->subprotocol;
  } else if (name == MP_QSTR_latency) {
    dest[0] = cpws_latency_of(self);
  } else if (name == MP_QSTR_more) {
    dest[0] = mp_obj_new_bool(self->more);
  } else if (name == MP_QSTR_is_text) {
    dest[0] = mp_obj_new_bool(self->is_text);
  } else {
    dest[1] = MP_OBJ_SENTINEL;  // a method
  }
}

static mp_obj_t cpws_websocket_settimeout(mp_obj_t self_in, mp_obj_t timeout) {
  cpws_websocket_t* self = MP_OBJ_TO_PTR(self_in);
  self->timeout = cpws_milliseconds(timeout);
  return mp_const_none;
}
MP_DEFINE_CONST_FUN_OBJ_2(cpws_settimeout_obj, cpws_websocket_settimeout);

static mp_obj_t cpws_websocket_enter(mp_obj_t self) {
  return self;
}
MP_DEFINE_CONST_FUN_OBJ_1(cpws_enter_obj, cpws_websocket_enter);
