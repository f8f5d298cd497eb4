/// connect(), and the functions around it.
#pragma once

#include "runtime.h"

extern const mp_obj_fun_builtin_var_t cpws_connect_obj;
extern const mp_obj_fun_builtin_fixed_t cpws_urlparse_obj;

/// A tuple of 4 with the names protocol, hostname, port, path: see module.c and natmod.c.
mp_obj_t cpws_new_uri(const mp_obj_t* items);
