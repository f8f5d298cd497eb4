/// cpwebsockets for Arduino: the client for devices, and a Pipe over Arduino's Client.
#pragma once

#include "cpwebsockets/arduino/client_pipe.hpp"
#include "cpwebsockets/device/client.hpp"
