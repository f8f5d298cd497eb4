#include "runtime.h"

#ifdef CPWS_NATMOD

// A native .mpy reaches the clock through Python's functions.
static mp_obj_t cpws_call_time(qstr name, size_t n_args, const mp_obj_t* args) {
  return mp_call_function_n_kw(mp_load_attr(cpws_import(MP_QSTR_time), name), n_args, 0, args);
}

uint32_t cpws_clock;       // in milliseconds, on from the last time that somebody asked
uint32_t cpws_last_ticks;  // time.ticks_ms(), of which small boards have 30 bits

uint32_t cpws_ticks(void) {
  const uint32_t ticks = (uint32_t)mp_obj_get_int(cpws_call_time(MP_QSTR_ticks_ms, 0, NULL));
  cpws_clock += (ticks - cpws_last_ticks) & 0x3FFFFFFF;
  cpws_last_ticks = ticks;
  return cpws_clock;
}

void cpws_sleep_a_little(void) {
  const mp_obj_t one = MP_OBJ_NEW_SMALL_INT(1);
  cpws_call_time(MP_QSTR_sleep_ms, 1, &one);
}

bool cpws_is_exception(mp_obj_t exception, const mp_obj_type_t* type) {
  return mp_binary_op(MP_BINARY_OP_EXCEPTION_MATCH, exception, MP_OBJ_FROM_PTR(type)) == mp_const_true;
}

#define CPWS_OSERROR ((const mp_obj_type_t*)MP_OBJ_TO_PTR(mp_load_global(MP_QSTR_OSError)))

#else

#include "py/mphal.h"

uint32_t cpws_ticks(void) {
  return (uint32_t)mp_hal_ticks_ms();
}

void cpws_sleep_a_little(void) {
  mp_hal_delay_ms(1);
}

bool cpws_is_exception(mp_obj_t exception, const mp_obj_type_t* type) {
  return mp_obj_is_subclass_fast(MP_OBJ_FROM_PTR(mp_obj_get_type(exception)), MP_OBJ_FROM_PTR(type));
}

#define CPWS_OSERROR (&mp_type_OSError)

#endif

mp_obj_t cpws_import(qstr name) {
  return mp_import_name(name, mp_const_none, MP_OBJ_NEW_SMALL_INT(0));
}

bool cpws_find(mp_obj_t object, qstr name, mp_obj_t* method) {
  mp_load_method_maybe(object, name, method);
  return method[0] != MP_OBJ_NULL;
}

bool cpws_has(mp_obj_t object, qstr name) {
  mp_obj_t found[2];
  return cpws_find(object, name, found);
}

mp_obj_t cpws_call(mp_obj_t object, qstr name, size_t count, const mp_obj_t* arguments) {
  mp_obj_t method[2 + 4];
  mp_load_method(object, name, method);
  for (size_t i = 0; i < count; ++i) method[2 + i] = arguments[i];
  return mp_call_method_n_kw(count, 0, method);
}

void cpws_random(uint8_t* data, size_t size) {
  mp_obj_t method[3];
  mp_load_method(cpws_import(MP_QSTR_os), MP_QSTR_urandom, method);
  method[2] = MP_OBJ_NEW_SMALL_INT(size);
  mp_buffer_info_t bytes;
  mp_get_buffer_raise(mp_call_method_n_kw(1, 0, method), &bytes, MP_BUFFER_READ);
  if (bytes.len < size) cpws_raise(&mp_type_RuntimeError, "os.urandom() gave too few bytes");
  memcpy(data, bytes.buf, size);
}

// By the interpreter's arithmetic: small chips have no instructions for floats, and a native .mpy no library
// for them.

int32_t cpws_milliseconds(mp_obj_t seconds) {
  if (seconds == mp_const_none) return -1;
  const mp_obj_t number =
      mp_binary_op(MP_BINARY_OP_ADD, seconds, MP_OBJ_NEW_SMALL_INT(0));  // TypeError for others
  mp_obj_t milliseconds = mp_binary_op(MP_BINARY_OP_MULTIPLY, number, MP_OBJ_NEW_SMALL_INT(1000));
  milliseconds = mp_call_function_n_kw(MP_OBJ_FROM_PTR(&mp_type_int), 1, 0, &milliseconds);
  const bool is_small = mp_obj_is_small_int(milliseconds);
  const mp_int_t value = is_small ? MP_OBJ_SMALL_INT_VALUE(milliseconds) : -1;
  if (value < 0 || value >= 1000000000) {
    cpws_raise(&mp_type_ValueError, "a timeout is None or 0 and more, in seconds");
  }
  return (int32_t)value;
}

static mp_obj_t cpws_divided(uint32_t number, mp_int_t by) {
  return mp_binary_op(MP_BINARY_OP_TRUE_DIVIDE, mp_obj_new_int_from_uint(number), MP_OBJ_NEW_SMALL_INT(by));
}

mp_obj_t cpws_seconds(uint32_t milliseconds) {
  // Whole seconds, the usual case, take no memory.
  if (milliseconds % 1000 == 0) return MP_OBJ_NEW_SMALL_INT(milliseconds / 1000);
  return cpws_divided(milliseconds, 1000);
}

mp_obj_t cpws_seconds_of_microseconds(uint32_t microseconds) {
  return cpws_divided(microseconds, 1000000);
}

mp_obj_t cpws_adopt(bool text, uint8_t* data, size_t size) {
  // Made by hand, as the interpreter's functions would hash all of it. A hash of 0 is one that is not known
  // yet.
  mp_obj_str_t* object = m_new_obj(mp_obj_str_t);
  object->base.type = text ? &mp_type_str : &mp_type_bytes;
  object->hash = 0;
  object->len = size;
  object->data = data;
  data[size] = 0;
  return MP_OBJ_FROM_PTR(object);
}

mp_obj_t cpws_str(const char* text) {
  return mp_obj_new_str(text, strlen(text));
}

void cpws_raise(const mp_obj_type_t* type, const char* text) {
  mp_obj_t message = cpws_str(text);
  nlr_raise(mp_call_function_n_kw(MP_OBJ_FROM_PTR(type), 1, 0, &message));
}

bool cpws_is_error(mp_obj_t exception) {
  return cpws_is_exception(exception, CPWS_OSERROR) || cpws_is_exception(exception, &mp_type_RuntimeError);
}

mp_obj_t cpws_os_error(mp_int_t number) {
  const mp_obj_t argument = MP_OBJ_NEW_SMALL_INT(number);
  return mp_call_function_n_kw(MP_OBJ_FROM_PTR(CPWS_OSERROR), 1, 0, &argument);
}

static mp_obj_t cpws_first_arg(mp_obj_t exception) {
  size_t count;
  mp_obj_t* args;
  mp_obj_get_array(mp_load_attr(exception, MP_QSTR_args), &count, &args);
  return count > 0 ? args[0] : mp_const_none;
}

mp_obj_t cpws_as_os_error(mp_obj_t exception) {
  if (cpws_is_exception(exception, CPWS_OSERROR)) return exception;
  const mp_obj_t text = cpws_first_arg(exception);
  return mp_call_function_n_kw(MP_OBJ_FROM_PTR(CPWS_OSERROR), 1, 0, &text);
}

mp_int_t cpws_errno_of(mp_obj_t exception) {
  const mp_obj_t number = cpws_first_arg(exception);
  return mp_obj_is_small_int(number) ? MP_OBJ_SMALL_INT_VALUE(number) : 0;
}

bool cpws_begins(mp_obj_t exception, const char* text) {
  const mp_obj_t message = cpws_first_arg(exception);
  if (!mp_obj_is_str(message)) return false;
  size_t size;
  const char* data = mp_obj_str_get_data(message, &size);
  return size >= strlen(text) && memcmp(data, text, strlen(text)) == 0;
}

void cpws_raise_no_memory(void) {
  static const char text[] = "no memory for a message of that size";
#ifdef CPWS_NATMOD
  cpws_raise(MP_OBJ_TO_PTR(mp_load_global(MP_QSTR_MemoryError)), text);
#else
  cpws_raise(&mp_type_MemoryError, text);
#endif
}
