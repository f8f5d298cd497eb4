// Where a native .mpy begins. MicroPython's linkers before 1.26 put a jump in front of the code; later ones
// leave it out if mpy_init is at the beginning of its section, before the sections have their places. So it
// stands alone in a file that is linked first, and is where both look for it.
#include "entry.h"

mp_obj_t mpy_init(mp_obj_fun_bc_t* self, size_t n_args, size_t n_kw, mp_obj_t* args) {
  MP_DYNRUNTIME_INIT_ENTRY(void) n_args;
  (void)n_kw;
  (void)args;
  cpws_define_module();
  MP_DYNRUNTIME_INIT_EXIT
}
