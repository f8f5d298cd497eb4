#include "stream.h"

enum {
  CPWS_UNKNOWN_LIMIT = -1,
  CPWS_SHORTEST_WAIT = 20,  // that AT commands can be told: 0 waits without end
};

static bool cpws_means_nothing_yet(mp_int_t number) {
  // EAGAIN, ETIMEDOUT (Linux's and newlib's), EINPROGRESS (both).
  return number == CPWS_EAGAIN || number == CPWS_ETIMEDOUT || number == 115 || number == 116 || number == 119;
}

static bool cpws_means_end(mp_int_t number) {
  return number == CPWS_ENOTCONN || number == 128;  // of a closed connection on Espressif's chips
}

static mp_obj_t cpws_new_view(void) {
  // One that lives on the heap: a socket written in Python may keep it.
  mp_obj_array_t* view = m_new_obj(mp_obj_array_t);
  memset(view, 0, sizeof *view);
#ifdef CPWS_NATMOD
  view->base.type = MP_OBJ_TO_PTR(mp_load_global(MP_QSTR_memoryview));
#else
  view->base.type = &mp_type_memoryview;
#endif
  view->typecode = 'B' | MP_OBJ_ARRAY_TYPECODE_FLAG_RW;
  return MP_OBJ_FROM_PTR(view);
}

// --- Which kind of socket it is ---

static bool cpws_is_method(mp_obj_t object, qstr name) {
  mp_obj_t found[2];
  mp_load_method_maybe(object, name, found);
  return found[0] != MP_OBJ_NULL && found[1] != MP_OBJ_NULL;
}

bool cpws_is_atcontrol(mp_obj_t object) {
  return cpws_has(object, MP_QSTR_set_interface) ||
         (cpws_has(object, MP_QSTR_readline) && !cpws_has(object, MP_QSTR_recv_into) &&
          !cpws_has(object, MP_QSTR_readinto));  // which MicroPython's own have
}

bool cpws_is_failure(mp_obj_t object, mp_obj_t exception) {
  // adafruit_espatcontrol has an exception of its own, which nobody can name without importing it.
  return cpws_is_error(exception) ||
         (cpws_is_atcontrol(object) && cpws_is_exception(exception, &mp_type_Exception) &&
          !cpws_is_exception(exception, &mp_type_ValueError));
}

static void cpws_recognise(cpws_stream_t* stream, mp_obj_t socket) {
  mp_obj_t found[2];
  stream->inner = cpws_find(socket, MP_QSTR__socket, found) ? found[0] : socket;
  if (cpws_is_atcontrol(socket)) {
    stream->hardware = CPWS_ATCONTROL;
  } else if (cpws_is_method(stream->inner, MP_QSTR__connected)) {
    stream->hardware = CPWS_AIRLIFT;
  } else if (cpws_has(socket, MP_QSTR__connected)) {
    stream->hardware = CPWS_WIZNET;
  }
}

void cpws_stream_init(cpws_stream_t* stream, mp_obj_t socket) {
  memset(stream, 0, sizeof *stream);
  stream->limit = CPWS_UNKNOWN_LIMIT;
#ifndef CIRCUITPY  // whose TLS streams return errors as counts
  const mp_stream_p_t* protocol = MP_OBJ_TYPE_GET_SLOT_OR_NULL(mp_obj_get_type(socket), protocol);
  if (protocol != NULL && protocol->read != NULL && protocol->write != NULL) {
    stream->protocol = protocol;
    stream->socket = socket;
    return;
  }
#endif
  const bool reads =
      cpws_find(socket, MP_QSTR_recv_into, stream->read) || cpws_find(socket, MP_QSTR_readinto, stream->read);
  if (!reads) stream->reads_by_recv = cpws_find(socket, MP_QSTR_recv, stream->read);
  const bool writes =
      cpws_find(socket, MP_QSTR_send, stream->write) || cpws_find(socket, MP_QSTR_write, stream->write);
  if ((!reads && !stream->reads_by_recv) || !writes) {
    cpws_raise(&mp_type_TypeError, "a socket has recv_into() or recv(), and send()");
  }
  stream->read[2] = stream->write[2] = cpws_new_view();
  cpws_recognise(stream, socket);
  stream->socket = socket;
}

// --- Its end ---

CPWS_CATCHES void cpws_close_socket(mp_obj_t socket) {
  nlr_buf_t nlr;
  if (nlr_push(&nlr) == 0) {
    if (cpws_is_atcontrol(socket)) {  // which would read on until its time-out
      const mp_obj_t short_wait = cpws_seconds(CPWS_SHORTEST_WAIT);
      cpws_call(socket, MP_QSTR_settimeout, 1, &short_wait);
    }
    cpws_call(socket, MP_QSTR_close, 0, NULL);
    nlr_pop();
  } else if (!cpws_is_error(MP_OBJ_FROM_PTR(nlr.ret_val))) {
    nlr_raise(MP_OBJ_FROM_PTR(nlr.ret_val));
  }
}

void cpws_stream_close(cpws_stream_t* stream) {
  if (!cpws_stream_is_open(stream)) return;
  const mp_obj_t socket = stream->socket;
  stream->socket = stream->poller = stream->inner = MP_OBJ_NULL;
  memset(stream->read, 0, sizeof stream->read);
  memset(stream->write, 0, sizeof stream->write);
  cpws_close_socket(socket);
}

static mp_int_t cpws_fail(cpws_stream_t* stream, mp_obj_t failure) {
  stream->failure = failure;
  return CPWS_FAILED;
}

// --- Waiting ---

// By methods, waiting is the socket's own.
static void cpws_set_limit(cpws_stream_t* stream, bool reads, int32_t limit) {
  if (stream->protocol != NULL) limit = 0;
  // While AirLift waits it does not notice the end.
  if (stream->hardware == CPWS_AIRLIFT) limit = 0;
  // The chip has to tell that it has sent what it took: less than a second may be too short for that.
  if (stream->hardware == CPWS_WIZNET && !reads && limit < 1000) limit = 1000;
  if (stream->hardware == CPWS_ATCONTROL && limit < CPWS_SHORTEST_WAIT) limit = CPWS_SHORTEST_WAIT;
  if (limit == stream->limit) return;
  stream->limit = limit;
  mp_obj_t argument = cpws_seconds((uint32_t)limit);
  if (stream->protocol == NULL && cpws_has(stream->socket, MP_QSTR_settimeout)) {
    cpws_call(stream->socket, MP_QSTR_settimeout, 1, &argument);
  } else if (cpws_has(stream->socket, MP_QSTR_setblocking)) {
    argument = mp_obj_new_bool(limit != 0);
    cpws_call(stream->socket, MP_QSTR_setblocking, 1, &argument);
  }
}

// True if what select.poll() waits for came within `limit` milliseconds.
static bool cpws_wait_for(cpws_stream_t* stream, uint16_t event, int32_t limit) {
  if (stream->poller == MP_OBJ_NULL) {
    stream->poller = cpws_call(cpws_import(MP_QSTR_select), MP_QSTR_poll, 0, NULL);
    stream->polled = 0;
  }
  if (stream->polled != event) {
    const mp_obj_t arguments[2] = {stream->socket, MP_OBJ_NEW_SMALL_INT(event)};
    cpws_call(stream->poller, MP_QSTR_register, 2, arguments);
    stream->polled = event;
  }
  const mp_obj_t milliseconds = MP_OBJ_NEW_SMALL_INT(limit);
  return mp_obj_is_true(cpws_call(stream->poller, MP_QSTR_poll, 1, &milliseconds));
}

// --- Moving bytes ---

static mp_int_t cpws_call_protocol(cpws_stream_t* stream, bool reads, uint8_t* data, size_t size) {
  int error = 0;
  // In parentheses, as some firmware has macros of these names.
  const mp_uint_t count = reads ? (stream->protocol->read)(stream->socket, data, size, &error)
                                : (stream->protocol->write)(stream->socket, data, size, &error);
  if (count == MP_STREAM_ERROR) {
    if (cpws_means_nothing_yet(error)) return CPWS_NOTHING_YET;
    if (reads && cpws_means_end(error)) return 0;
    return cpws_fail(stream, cpws_os_error(error));
  }
  return count > size ? cpws_fail(stream, mp_obj_new_int_from_uint(-count)) : (mp_int_t)count;
}

static mp_obj_t cpws_call_method(cpws_stream_t* stream, bool reads, uint8_t* data, size_t size) {
  if (reads && stream->reads_by_recv) {
    stream->read[2] = MP_OBJ_NEW_SMALL_INT(size);
    return mp_call_method_n_kw(1, 0, stream->read);
  }
  if (stream->hardware == CPWS_ATCONTROL) {
    const mp_obj_t bytes = mp_obj_new_bytes(data, size);
    const mp_obj_t method[3] = {stream->write[0], stream->write[1], bytes};
    mp_call_method_n_kw(1, 0, method);
    return MP_OBJ_NEW_SMALL_INT(size);
  }
  mp_obj_array_t* view = MP_OBJ_TO_PTR(stream->write[2]);
  view->items = data;
  view->len = size;
  return mp_call_method_n_kw(1, 0, reads ? stream->read : stream->write);
}

// What the socket's answer means.
static mp_int_t cpws_count(cpws_stream_t* stream, bool reads, mp_obj_t result, uint8_t* data, size_t size) {
  if (result == mp_const_none) return CPWS_NOTHING_YET;
  mp_int_t count;
  if (reads && stream->reads_by_recv) {
    mp_buffer_info_t bytes;
    mp_get_buffer_raise(result, &bytes, MP_BUFFER_READ);
    count = (mp_int_t)bytes.len;
    if (bytes.len <= size) memcpy(data, bytes.buf, bytes.len);
  } else {
    count = mp_obj_get_int(result);
  }
  if (count == 0 && reads) {
    if (stream->hardware == CPWS_ATCONTROL) return CPWS_NOTHING_YET;
    if (stream->hardware == CPWS_AIRLIFT &&
        mp_obj_is_true(cpws_call(stream->inner, MP_QSTR__connected, 0, NULL)))
      return CPWS_NOTHING_YET;
  }
  // A negative error of TLS, reported as a count.
  return count < 0 || (mp_uint_t)count > size ? cpws_fail(stream, MP_OBJ_NEW_SMALL_INT(-count)) : count;
}

// What the socket's exception means; it goes on if that is not for us to say.
static mp_int_t cpws_judge(cpws_stream_t* stream, bool reads, mp_obj_t exception) {
  if (!cpws_is_failure(stream->socket, exception)) nlr_raise(exception);
  const mp_int_t number = cpws_errno_of(exception);
  if (cpws_means_nothing_yet(number)) return CPWS_NOTHING_YET;
  if (reads && cpws_means_end(number)) return 0;
  if (number == 0 && cpws_begins(exception, "timed out")) return CPWS_NOTHING_YET;
  if (stream->hardware == CPWS_WIZNET && !reads && cpws_begins(exception, "Unable to write") &&
      mp_obj_is_true(mp_load_attr(stream->socket, MP_QSTR__connected)))
    return CPWS_NOTHING_YET;
  return cpws_fail(stream, exception);
}

static CPWS_CATCHES mp_int_t cpws_try_once(cpws_stream_t* stream, bool reads, uint8_t* data, size_t size,
                                           int32_t limit) {
  if (stream->protocol != NULL) {
    cpws_set_limit(stream, reads, limit);
    return cpws_call_protocol(stream, reads, data, size);
  }
  nlr_buf_t nlr;
  if (nlr_push(&nlr) == 0) {
    cpws_set_limit(stream, reads, limit);
    const mp_obj_t result = cpws_call_method(stream, reads, data, size);
    const mp_int_t count = cpws_count(stream, reads, result, data, size);
    nlr_pop();
    return count;
  }
  return cpws_judge(stream, reads, MP_OBJ_FROM_PTR(nlr.ret_val));
}

static mp_int_t cpws_move(cpws_stream_t* stream, bool reads, uint8_t* data, size_t size, int32_t limit) {
  const mp_int_t count = cpws_try_once(stream, reads, data, size, limit);
  if (count != CPWS_NOTHING_YET || limit == 0 || stream->protocol == NULL) return count;
  if (!cpws_wait_for(stream, reads ? MP_STREAM_POLL_RD : MP_STREAM_POLL_WR, limit)) return count;
  return cpws_try_once(stream, reads, data, size, limit);
}

mp_int_t cpws_stream_read(cpws_stream_t* stream, uint8_t* data, size_t size, int32_t limit) {
  return cpws_move(stream, true, data, size, limit);
}

mp_int_t cpws_stream_write(cpws_stream_t* stream, const uint8_t* data, size_t size, int32_t limit) {
  return cpws_move(stream, false, (uint8_t*)data, size, limit);
}
