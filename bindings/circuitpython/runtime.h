/// What the glue uses of the interpreter: the same names whether it is built into a firmware (CircuitPython,
/// MicroPython) or is a native .mpy (CPWS_NATMOD), which reaches the interpreter through a table only.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#ifdef CPWS_NATMOD
#include "py/dynruntime.h"
#else
#include "py/objexcept.h"
#include "py/objstr.h"
#include "py/runtime.h"
#endif
#include "py/objarray.h"
#include "py/stream.h"

#ifdef CPWS_NATMOD
#if MICROPY_NLR_SETJMP  // as on the ESP32, S2 and S3: the table's function does not come back a second time
#undef nlr_push
#define nlr_push(buffer) \
  (mp_fun_table.nlr_push(buffer), ((int (*)(jmp_buf))mp_fun_table.setjmp_)((buffer)->jmpbuf))
#else
#define nlr_push(buffer) (mp_fun_table.nlr_push(buffer))
#endif
#define nlr_pop() (mp_fun_table.nlr_pop())
#define mp_call_method_n_kw(n_args, n_kw, args) (mp_fun_table.call_method_n_kw((n_args), (n_kw), (args)))
typedef mp_obj_full_type_t cpws_type_t;  // filled in when the .mpy is imported
#else
typedef const mp_obj_type_t cpws_type_t;
#ifndef nlr_push  // a function in assembly: nothing tells the compiler that it returns twice, as setjmp()
                  // does
unsigned int nlr_push(nlr_buf_t* buffer) __attribute__((returns_twice));
#endif
#endif

/// A function that catches exceptions: nlr_push() returns twice, and the compiler must not mix what is on its
/// stack with a caller's, such as a loop's counter.
#define CPWS_CATCHES __attribute__((noinline))

/// The object of a type that module.c or natmod.c defines.
#define CPWS_TYPE(name) ((const mp_obj_type_t*)&cpws_type_##name)

extern cpws_type_t cpws_type_Websocket;
extern cpws_type_t cpws_type_WebsocketClient;

enum { CPWS_EAGAIN = 11, CPWS_ECONNRESET = 104, CPWS_ENOTCONN = 107, CPWS_ETIMEDOUT = 110 };

/// Milliseconds of a clock that wraps around.
uint32_t cpws_ticks(void);
/// Lets the board do its other work for a millisecond; KeyboardInterrupt comes through.
void cpws_sleep_a_little(void);
/// Unpredictable bytes; raises what os.urandom() raises.
void cpws_random(uint8_t* data, size_t size);

/// Seconds, int or float, to milliseconds; None: -1. ValueError out of 0 to 1,000,000, TypeError for what is
/// no number.
int32_t cpws_milliseconds(mp_obj_t seconds);
/// The other way round.
mp_obj_t cpws_seconds(uint32_t milliseconds);
mp_obj_t cpws_seconds_of_microseconds(uint32_t microseconds);

/// A str or bytes object that takes over `data`: `size` bytes and a zero byte, from the interpreter's heap.
mp_obj_t cpws_adopt(bool text, uint8_t* data, size_t size);
/// A str of a sentence.
mp_obj_t cpws_str(const char* text);

/// Module `name`, imported.
mp_obj_t cpws_import(qstr name);
/// object.name, as a method to call: false if there is none.
bool cpws_find(mp_obj_t object, qstr name, mp_obj_t* method);
bool cpws_has(mp_obj_t object, qstr name);
/// object.name(arguments...), at most four of them.
mp_obj_t cpws_call(mp_obj_t object, qstr name, size_t count, const mp_obj_t* arguments);

/// Raises `type` with a sentence.
__attribute__((noreturn)) void cpws_raise(const mp_obj_type_t* type, const char* text);
__attribute__((noreturn)) void cpws_raise_no_memory(void);
/// True for an OSError and a RuntimeError: what sockets raise when they fail.
bool cpws_is_error(mp_obj_t exception);
/// isinstance(exception, type)
bool cpws_is_exception(mp_obj_t exception, const mp_obj_type_t* type);
/// OSError(number)
mp_obj_t cpws_os_error(mp_int_t number);
/// The exception if it is an OSError, and else an OSError with its text.
mp_obj_t cpws_as_os_error(mp_obj_t exception);
/// The first of an exception's args, if it is a small int; 0: there is none.
mp_int_t cpws_errno_of(mp_obj_t exception);
/// True if the first of an exception's args is a str that begins with `text`.
bool cpws_begins(mp_obj_t exception, const char* text);
