#include "websocket.h"

#include "driver.h"
#include "exceptions.h"

cpws_text_t cpws_text_of(mp_obj_t object, const char* error) {
  if (!mp_obj_is_str(object)) cpws_raise(&mp_type_TypeError, error);
  cpws_text_t text;
  text.data = mp_obj_str_get_data(object, &text.size);
  return text;
}

cpws_options_t cpws_options(const mp_arg_val_t* args) {
  cpws_options_t options;
  options.timeout = cpws_milliseconds(args[CPWS_ARG_TIMEOUT].u_obj);
  options.handshake_timeout = options.timeout > 0 ? options.timeout : 10000;
  options.max_size = UINT64_MAX;
  const mp_obj_t max_size = args[CPWS_ARG_MAX_SIZE].u_obj;
  if (max_size != mp_const_none) {
    const mp_int_t size = mp_obj_get_int(max_size);
    if (size < 0) cpws_raise(&mp_type_ValueError, "max_size is None or 0 and more");
    options.max_size = (uint64_t)size;
  }
  options.buffer_size = args[CPWS_ARG_BUFFER_SIZE].u_int;
  if (options.buffer_size < CPWS_SMALLEST_BUFFER)
    cpws_raise(&mp_type_ValueError, "buffer_size is at least 1024");
  const mp_int_t frame_size = args[CPWS_ARG_FRAME_SIZE].u_int;
  if (frame_size < 1) cpws_raise(&mp_type_ValueError, "frame_size is at least 1");
  options.frame_size = (size_t)frame_size;
  const mp_obj_t keepalive = args[CPWS_ARG_KEEPALIVE].u_obj;
  options.keepalive = keepalive == mp_const_none ? 0 : cpws_milliseconds(keepalive);
  return options;
}

cpws_websocket_t* cpws_websocket_new(const mp_obj_type_t* type, const cpws_options_t* options) {
  const size_t size = sizeof(cpws_websocket_t) + cpws_engine_size();
  cpws_websocket_t* self = (cpws_websocket_t*)mp_obj_malloc_helper(size, type);
  memset((uint8_t*)self + sizeof self->base, 0, size - sizeof self->base);
  self->close_reason = self->subprotocol = mp_const_none;
  self->timeout = options->timeout;
  self->frame_size = options->frame_size;
  self->last_read = cpws_ticks();
  self->buffer = m_new(uint8_t, options->buffer_size);

  uint8_t seed[CPWS_SEED_SIZE];
  cpws_random(seed, sizeof seed);
  const cpws_settings_t settings = {
      .buffer = self->buffer,
      .buffer_size = (size_t)options->buffer_size,
      .max_message_size = options->max_size,
      .handshake_timeout = options->handshake_timeout,
      .close_timeout = CPWS_CLOSE_TIMEOUT,
      .keepalive = options->keepalive,
      .seed = seed,
      .now = self->last_read,
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
  const mp_arg_t allowed[] = {{MP_QSTR_sock, MP_ARG_REQUIRED | MP_ARG_OBJ, {.u_obj = MP_OBJ_NULL}},
                              CPWS_OPTIONS};
  mp_arg_val_t args[MP_ARRAY_SIZE(allowed)];
  mp_arg_parse_all_kw_array(n_args, n_kw, all_args, MP_ARRAY_SIZE(allowed), allowed, args);
  const cpws_options_t options = cpws_options(args + 1);
  cpws_websocket_t* self = cpws_websocket_new(type, &options);
  cpws_stream_init(&self->stream, args[0].u_obj);
  cpws_assume_open(cpws_engine_of(self), type == CPWS_TYPE(WebsocketClient));
  return MP_OBJ_FROM_PTR(self);
}

static bool cpws_is_websocket(mp_obj_t object) {
  const mp_obj_type_t* type = mp_obj_get_type(object);
  return type == CPWS_TYPE(Websocket) || type == CPWS_TYPE(WebsocketClient);
}

// CircuitPython hands methods the instance of a class that was derived in Python, MicroPython the object of
// ours inside. Before that class has called super().__init__() there is something else inside.
static __attribute__((noinline)) cpws_websocket_t* cpws_websocket_of(mp_obj_t object) {
  if (!cpws_is_websocket(object)) {
    object = mp_obj_cast_to_native_base(object, MP_OBJ_FROM_PTR(CPWS_TYPE(Websocket)));
    if (object == MP_OBJ_NULL || !cpws_is_websocket(object))
      cpws_raise(&mp_type_TypeError, "call super().__init__() first");
  }
  return MP_OBJ_TO_PTR(object);
}

CPWS_CATCHES mp_obj_t cpws_use(cpws_method_t method, size_t n_args, const mp_obj_t* args, mp_map_t* kw_args) {
  cpws_websocket_t* self = cpws_websocket_of(args[0]);
  if (self->is_busy) cpws_raise(&mp_type_RuntimeError, "another call is using this connection");
  self->is_busy = true;
  nlr_buf_t nlr;
  if (nlr_push(&nlr) == 0) {
    const mp_obj_t result = method(self, n_args - 1, args + 1, kw_args);
    nlr_pop();
    self->is_busy = false;
    return result;
  }
  cpws_keep_rest(self);
  self->is_busy = false;
  nlr_raise(MP_OBJ_FROM_PTR(nlr.ret_val));
}

static mp_obj_t cpws_latency_of(cpws_websocket_t* self) {
  uint32_t microseconds;
  if (!cpws_round_trip(cpws_engine_of(self), &microseconds)) return mp_const_none;
  return cpws_seconds_of_microseconds(microseconds);
}

void cpws_websocket_attr(mp_obj_t self_in, qstr name, mp_obj_t* dest) {
  cpws_websocket_t* self = cpws_websocket_of(self_in);
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
  } else if (name == MP_QSTR_pending_bytes) {
    dest[0] = mp_obj_new_int_from_uint(cpws_pending(self));
  } else if (name == MP_QSTR_more) {
    dest[0] = mp_obj_new_bool(self->more);
  } else if (name == MP_QSTR_is_text) {
    dest[0] = mp_obj_new_bool(self->is_text);
  } else {
    dest[1] = MP_OBJ_SENTINEL;  // a method
  }
}

static mp_obj_t cpws_settimeout(cpws_websocket_t* self, size_t n_args, const mp_obj_t* args,
                                mp_map_t* kw_args) {
  (void)n_args;
  (void)kw_args;
  self->timeout = cpws_milliseconds(args[0]);
  return mp_const_none;
}

static mp_obj_t cpws_websocket_settimeout(mp_obj_t self, mp_obj_t timeout) {
  const mp_obj_t args[2] = {self, timeout};
  return cpws_use(cpws_settimeout, 2, args, NULL);
}
MP_DEFINE_CONST_FUN_OBJ_2(cpws_settimeout_obj, cpws_websocket_settimeout);

static mp_obj_t cpws_websocket_enter(mp_obj_t self) {
  return self;
}
MP_DEFINE_CONST_FUN_OBJ_1(cpws_enter_obj, cpws_websocket_enter);
