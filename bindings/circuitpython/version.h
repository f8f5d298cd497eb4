/// The version of the module: `cpwebsockets.__version__`.
#pragma once

#define CPWS_VERSION "0.1.0"
