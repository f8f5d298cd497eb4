#include "stream.h"

enum { CPWS_UNKNOWN_LIMIT = -3, CPWS_NO_LIMIT = -1 };

static bool cpws_means_nothing_yet(mp_int_t number) {
  // EAGAIN, ETIMEDOUT (Linux's and newlib's), EINPROGRESS (both); 0: a time-out without a number.
  return number == 0 || number == CPWS_EAGAIN || number == CPWS_ETIMEDOUT || number == 115 || number == 116 ||
         number == 119;
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

static bool cpws_find(mp_obj_t object, qstr name, mp_obj_t* method) {
  mp_load_method_maybe(object, name, method);
  return method[0] != MP_OBJ_NULL;
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
  stream->socket = socket;
}

void cpws_stream_close(cpws_stream_t* stream) {
  if (!cpws_stream_is_open(stream)) return;
  mp_obj_t method[2];
  mp_load_method(stream->socket, MP_QSTR_close, method);
  stream->socket = stream->poller = MP_OBJ_NULL;
  memset(stream->read, 0, sizeof stream->read);
  memset(stream->write, 0, sizeof stream->write);
  mp_call_method_n_kw(0, 0, method);
}

// Waiting without end is the socket's own; so is, by methods, waiting for a while.
static void cpws_set_limit(cpws_stream_t* stream, int32_t limit) {
  if (stream->protocol != NULL && limit != CPWS_NO_LIMIT) limit = 0;
  if (limit == stream->limit) return;
  mp_obj_t method[3];
  if (stream->protocol == NULL && cpws_find(stream->socket, MP_QSTR_settimeout, method)) {
    method[2] = limit == CPWS_NO_LIMIT ? mp_const_none : cpws_seconds((uint32_t)limit);
  } else if (cpws_find(stream->socket, MP_QSTR_setblocking, method)) {
    method[2] = mp_obj_new_bool(limit != 0);
  } else {
    stream->limit = limit;
    return;
  }
  mp_call_method_n_kw(1, 0, method);
  stream->limit = limit;
}

// True if what select.poll() waits for came within `limit` milliseconds.
static bool cpws_wait_for(cpws_stream_t* stream, uint16_t event, int32_t limit) {
  mp_obj_t method[4];
  if (stream->poller == MP_OBJ_NULL) {
    mp_load_method(cpws_import(MP_QSTR_select), MP_QSTR_poll, method);
    stream->poller = mp_call_method_n_kw(0, 0, method);
    stream->polled = 0;
  }
  if (stream->polled != event) {
    mp_load_method(stream->poller, MP_QSTR_register, method);
    method[2] = stream->socket;
    method[3] = MP_OBJ_NEW_SMALL_INT(event);
    mp_call_method_n_kw(2, 0, method);
    stream->polled = event;
  }
  mp_load_method(stream->poller, MP_QSTR_poll, method);
  method[2] = MP_OBJ_NEW_SMALL_INT(limit);
  return mp_obj_is_true(mp_call_method_n_kw(1, 0, method));
}

static mp_int_t cpws_fail(cpws_stream_t* stream, mp_int_t number) {
  stream->failure = number;
  cpws_stream_close(stream);
  return CPWS_FAILED;
}

static mp_int_t cpws_judge(cpws_stream_t* stream, bool reads, mp_int_t number) {
  if (cpws_means_nothing_yet(number)) return CPWS_NOTHING_YET;
  return reads && cpws_means_end(number) ? 0 : cpws_fail(stream, number);
}

static mp_int_t cpws_call_protocol(cpws_stream_t* stream, bool reads, uint8_t* data, size_t size) {
  int error = 0;
  // In parentheses, as some firmware has macros of these names.
  const mp_uint_t count = reads ? (stream->protocol->read)(stream->socket, data, size, &error)
                                : (stream->protocol->write)(stream->socket, data, size, &error);
  if (count == MP_STREAM_ERROR) return cpws_judge(stream, reads, error);
  return count > size ? cpws_fail(stream, -(mp_int_t)count) : (mp_int_t)count;
}

static mp_obj_t cpws_call_method(cpws_stream_t* stream, bool reads, uint8_t* data, size_t size) {
  if (reads && stream->reads_by_recv) {
    stream->read[2] = MP_OBJ_NEW_SMALL_INT(size);
    return mp_call_method_n_kw(1, 0, stream->read);
  }
  mp_obj_array_t* view = MP_OBJ_TO_PTR(stream->write[2]);
  view->items = data;
  view->len = size;
  return mp_call_method_n_kw(1, 0, reads ? stream->read : stream->write);
}

static mp_int_t cpws_count_of(cpws_stream_t* stream, bool reads, mp_obj_t result, uint8_t* data,
                              size_t size) {
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
  // A negative error of TLS, reported as a count.
  return count < 0 || (mp_uint_t)count > size ? cpws_fail(stream, -count) : count;
}

static mp_int_t cpws_try_once(cpws_stream_t* stream, bool reads, uint8_t* data, size_t size, int32_t limit) {
  cpws_set_limit(stream, limit);
  if (stream->protocol != NULL) return cpws_call_protocol(stream, reads, data, size);
  nlr_buf_t nlr;
  if (nlr_push(&nlr) == 0) {
    mp_obj_t result = cpws_call_method(stream, reads, data, size);
    nlr_pop();
    return cpws_count_of(stream, reads, result, data, size);
  }
  const mp_int_t number = cpws_errno_of(MP_OBJ_FROM_PTR(nlr.ret_val));
  if (number < 0) nlr_raise(MP_OBJ_FROM_PTR(nlr.ret_val));
  return cpws_judge(stream, reads, number);
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
